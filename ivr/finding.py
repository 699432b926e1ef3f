"""The steps that find the service for where a caller is, by a ladder that nobody is stuck on.

A landline's own dialling code first, then the postcode by keys or voice, then the nearest town,
and at the top of the ladder the national line: twice unclear is enough for the next rung.
"""

from __future__ import annotations

from ivr.call import ADULT, UNDER_18, Ask, Call, Cover, Heard, Line, Option, Reply, line
from ivr.whereabouts import NOWHERE, Found
from ivr.world import CLEAR, World

AGAIN, TOWN, SPENT = 1, 2, 3
"""The rungs, in ``Call.tries``: ask once more, ask for a town, ask no more."""

NONE_OF_THESE = Option(Cover("", ""))
"""The last option where more fit than may be read out."""

YES_OR_NO = {"2": "no", "*": "unknown", "1": "yes"}
UNKNOWN = {"*": "unknown"}


def welcome(call: Call, world: World) -> Reply:
    """The way out to 999, then the menu; the second time, the menu alone."""
    keys = {meaning: key for key, meaning in _menu(world).items()}
    if call.tries and call.language == _first_language(world):
        return Ask((line("menu_again", **keys),), speech=True)
    return Ask((line("safety"), line("menu", **keys), *_other_languages(call, world)), speech=True)


def _first_language(world: World) -> str:
    return world.table.line.languages[0].code


def _menu(world: World) -> dict[str, str]:
    """What each key of the menu means; a crisis counts before anything else that is said."""
    of_the_line = world.table.line
    return {
        of_the_line.mental_health_key: "mental_health",
        of_the_line.adviser_key: "adviser",
    }


def _other_languages(call: Call, world: World) -> tuple[Line, ...]:
    """The other languages, each offered in its own; nobody is asked twice."""
    if call.language != _first_language(world):
        return ()
    keys = _language_keys(call, world)
    return tuple(Line("language", {"key": key}, code) for key, code in keys.items())


def _language_keys(call: Call, world: World) -> dict[str, str]:
    """The other languages that the line has words for, by their keys."""
    return {
        language.key: language.code
        for language in world.table.line.languages
        if language.key and language.code in world.catalogues and language.code != call.language
    }


def after_welcome(call: Call, heard: Heard, world: World) -> Call:
    """The menu's choice; another language or an unclear answer once, then straight to a person."""
    choice = world.chosen(call, heard, _menu(world))
    if choice == "adviser":
        return _ring_adviser(call, world)
    if choice == "mental_health":
        return _begin(call, world)
    language = _language_keys(call, world).get(world.pressed(call, heard), "")
    if not call.tries:
        return call.at("welcome", tries=AGAIN, language=language or call.language)
    # Whoever asks for their language the second time has waited for the menu long enough.
    return call.at("place", tries=0, language=language) if language else call.at("fallback", ring=1)


def _ring_adviser(call: Call, world: World) -> Call:
    adviser = world.table.line.adviser
    ring = world.open_number(adviser, after=0)
    return call.at("adviser", service=adviser, ring=ring) if ring else call.at("fallback", ring=1)


def _begin(call: Call, world: World) -> Call:
    """The first rung: the landline's own town, unless the caller has been kept long already."""
    hint = NOWHERE if call.tries else world.whereabouts.landline(world.caller)
    return call.at("nearby" if hint.options else "place", options=hint.options, tries=0)


def nearby(call: Call, world: World) -> Reply:
    """Whether the caller is where their landline is."""
    return Ask(call.options[0].says, speech=True)


def after_nearby(call: Call, heard: Heard, world: World) -> Call:
    """Yes settles it; anything else asks for the postcode."""
    if world.chosen(call, heard, YES_OR_NO) == "yes":
        return settle(call, call.options[0])
    return call.at("place", options=())


def place(call: Call, world: World) -> Reply:
    """The postcode, by keys or voice."""
    return Ask((line("place_again" if call.tries else "place"),), keys=0, speech=True, wait=5)


def after_place(call: Call, heard: Heard, world: World) -> Call:
    """The service, a question that tells services apart, or the next rung.

    Waiting means what pressing star means: that the postcode is not known.
    """
    if heard.kind == "silence" or world.chosen(call, heard, UNKNOWN):
        return call.at("town", tries=TOWN)
    return _narrow(call, _found(heard, world))


def _found(heard: Heard, world: World) -> Found:
    """Where the keys or words put the caller; a town's name is understood wherever it is said."""
    if heard.digits:
        return world.whereabouts.keyed(heard.digits)
    found = world.whereabouts.said(heard.speech)
    return found if found.options else world.whereabouts.town(heard.speech)


def _narrow(call: Call, found: Found) -> Call:
    if not found.options:
        return _next_rung(call)
    if len(found.options) > 1:
        more = (NONE_OF_THESE,) if found.more else ()
        return call.at("which", options=(*found.options, *more))
    only = found.options[0]
    return settle(call, only) if found.sure else call.at("confirm", options=(only,))


def _next_rung(call: Call) -> Call:
    """One rung up the ladder."""
    tries = call.tries + 1
    if tries >= SPENT:
        return call.at("fallback", options=(), ring=1)
    return call.at("place" if tries == AGAIN else "town", options=(), tries=tries)


def settle(call: Call, option: Option) -> Call:
    """The service that covers ``option``, or the one question of age where it depends on that."""
    if option.cover.by_age:
        return call.at("age", options=(option,))
    return _connect(call, option, ADULT)


def _connect(call: Call, option: Option, audience: str) -> Call:
    service = option.cover.service(audience)
    return call.at("connect", service=service, area=option.cover.area, options=(), ring=0)


def which(call: Call, world: World) -> Reply:
    """Which of the services that fit, in the letters of the caller's own postcode."""
    lines = [line("which")]
    for key, option in enumerate(call.options, start=1):
        if option == NONE_OF_THESE:
            lines.append(line("none_of_these", key=str(key)))
        else:
            lines += [*option.says, line("press", key=str(key))]
    return Ask(tuple(lines), speech=True, wait=5)


def after_which(call: Call, heard: Heard, world: World) -> Call:
    """The option chosen; none of them leads to the town, and what is not clear to the postcode.

    Either way two rungs are used up: after a second such question the national line is nearer.
    """
    option = _picked(call, heard, world)
    if option not in (None, NONE_OF_THESE):
        return settle(call, option)
    if call.tries:
        return call.at("fallback", options=(), ring=1)
    return call.at("town" if option else "place", options=(), tries=TOWN)


def _picked(call: Call, heard: Heard, world: World) -> Option | None:
    pressed = world.pressed(call, heard)
    if pressed:
        keys = {str(key): option for key, option in enumerate(call.options, start=1)}
        return keys.get(pressed)
    if world.meant(call, heard, "none"):
        return NONE_OF_THESE
    return _named(call, heard, world) if heard.confidence >= CLEAR else None


def _named(call: Call, heard: Heard, world: World) -> Option | None:
    """The option whose postcode or town was said."""
    named = {option.cover.adult for option in _found(heard, world).options}
    options = [option for option in call.options if option.cover.adult in named]
    return options[0] if len(options) == 1 else None


def confirm(call: Call, world: World) -> Reply:
    """Whether the place that was understood is right."""
    return Ask((*call.options[0].says, line("yes_or_no")), speech=True)


def after_confirm(call: Call, heard: Heard, world: World) -> Call:
    """Yes settles it; anything else goes up the ladder."""
    if world.chosen(call, heard, YES_OR_NO) == "yes":
        return settle(call, call.options[0])
    return _next_rung(call)


def town(call: Call, world: World) -> Reply:
    """The nearest town, by voice; a postcode keyed here is understood too."""
    return Ask((line("town"),), keys=0, speech=True)


def after_town(call: Call, heard: Heard, world: World) -> Call:
    """The town's service once confirmed; if it is not clear, the national line.

    A postcode is understood here too, but no question of several is asked so late in a call.
    """
    found = world.whereabouts.town(heard.speech)
    if not found.options:
        found = _found(heard, world)
    spent = call.at("town", tries=SPENT)
    return _narrow(spent, found if len(found.options) == 1 else NOWHERE)


def age(call: Call, world: World) -> Reply:
    """Whether the help is for someone under 18."""
    return Ask((line("age"),), speech=True)


def after_age(call: Call, heard: Heard, world: World) -> Call:
    """The young people's service for a yes, and the adults' for anything else."""
    young = world.chosen(call, heard, YES_OR_NO) == "yes"
    return _connect(call, call.options[0], UNDER_18 if young else ADULT)
