"""What the page "Where does it go?" shows of an answer: the numbers in order, and the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr import postcode
from ivr.call import UNDER_18
from ivr.console import maps
from ivr.console.maps import Area, Boundaries, Covering, Picture
from ivr.console.maps.colouring import COLOURS
from ivr.directory import Directory
from ivr.explain import NOT_FOUND, Answer, Explainer
from ivr.whereabouts import LONGEST_OUTWARD

SHAPES = 60
"""The most districts looked at closely; where more fit, the whole map is shown."""

NAMED = 6
"""The most districts that the map is told by to whoever cannot see it."""

PLAIN = "map-plain"
"""The class of a district that no service in question covers."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One number, in its turn."""

    number: str
    service: str
    """The name of the service it belongs to."""
    seconds: int
    answered_by: str
    open: bool
    """Whether it is rung at the moment that is asked about."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a caller may answer, and where it leads."""

    says: str
    service: str
    rule: str
    """The row of the table that decides; "" where it leads to a question."""
    colour: str
    """The class it has on the map; "" if it is not there."""


def heading(explainer: Explainer, answer: Answer) -> str:
    """Where it leads, in a few words."""
    if answer["rule"] == NOT_FOUND:
        return "Not found"
    if answer["service"]:
        return explainer.table.services[answer["service"]].name
    return "The caller is asked" if answer["question"] else "The caller is asked for a postcode"


def ringing(explainer: Explainer, answer: Answer) -> Mapping[str, list[Rung]]:
    """What rings, by the name of each service that it may lead to."""
    services = explainer.table.services
    return {services[code].name: _rung(explainer, code) for code in _codes(answer)}


def _rung(explainer: Explainer, service: str) -> list[Rung]:
    """Every number of ``service``, then the fallback's; each once."""
    table = explainer.table
    codes = (service, table.line.fallback)
    found: dict[str, Rung] = {}
    for code, number in (each for service in codes for each in table.ringing(service)):
        answered_by = "a person, who presses 1" if number.person else "its queue"
        is_open = table.is_open(code, explainer.at)
        name = table.services[code].name
        here = Rung(number.value, name, number.seconds, answered_by, is_open)
        if number.value not in found or (is_open and not found[number.value].open):
            found[number.value] = here
    return list(found.values())


def choices(explainer: Explainer, answer: Answer) -> list[Choice]:
    """What the caller would be asked, option by option."""
    services = explainer.table.services
    colours = colours_of(answer)
    return [
        Choice(
            offer["says"],
            services[code].name if (code := offer["service"]) else "asked for the nearest town",
            offer["rule"],
            colours.get(code or "", ""),
        )
        for offer in answer["question"] or ()
    ]


def colours_of(answer: Answer) -> Mapping[str, str]:
    """The class on the map of each service that the answer may lead to."""
    return {code: f"map-{at % COLOURS + 1}" for at, code in enumerate(_codes(answer))}


def _codes(answer: Answer) -> list[str]:
    """The services that the answer may lead to, each once."""
    offered = [offer["service"] for offer in answer["question"] or ()]
    return list(dict.fromkeys(code for code in (answer["service"], *offered) if code))


def places(directory: Directory, text: str, reading: str) -> set[str]:
    """The districts in which a postcode lies that fits; none for words and telephone numbers."""
    whole = postcode.clean(text)
    if reading == "postcode" or (reading == "guess" and whole):
        found = set(_written(directory, whole)) if whole else set()
    elif reading == "keys" or (reading == "guess" and text.isascii() and text.isdigit()):
        found = set(_keyed(directory, text))
    else:
        found = set()
    return {maps.district(directory.place(place)) for place in found}


def _written(directory: Directory, whole: str) -> Collection[int]:
    entry = directory.find(whole)
    if entry:
        return [entry.place]
    outward, inward = postcode.split(whole)
    return directory.near(outward, inward[:1]) or directory.near(outward)


def _keyed(directory: Directory, keys: str) -> Iterator[int]:
    if len(keys) <= LONGEST_OUTWARD:
        yield from _around(directory, keys, "")
        return
    matches = directory.keyed(keys)
    yield from (match.place for match in matches)
    if not any(match.live for match in matches):
        yield from _around(directory, keys[:-3], keys[-3:-2])


def _around(directory: Directory, keys: str, digit: str) -> Iterator[int]:
    """The places of the first halves that ``keys`` stand for, or of one sector of each."""
    for outward in directory.keyed_outwards(keys):
        yield from directory.near(outward, digit) or directory.near(outward)


def drawn(
    explainer: Explainer,
    answer: Answer,
    marked: Collection[str],
    ground: tuple[Boundaries, Covering],
) -> Picture | None:
    """The districts of the services it may lead to, with those ``marked`` where it may be.

    None where there is neither.
    """
    boundaries, covering = ground
    colours = colours_of(answer)
    shapes = boundaries.districts.shapes
    areas = {}
    for code, shape in shapes.items():
        key = maps.by_key(code)
        service = _main(covering.get(key, Counter()), explainer.audience)
        areas[code] = _area(
            shape.name, colours.get(service, ""), _named(explainer, service), here=key in marked
        )
    looked_at = [code for code in areas if maps.by_key(code) in marked]
    looked_at = looked_at or [code for code, area in areas.items() if area.css != PLAIN]
    if not looked_at:
        return None
    boxes = [shapes[code].box for code in looked_at if len(looked_at) <= SHAPES]
    label = _label([areas[code].title for code in looked_at])
    return maps.picture(label, boundaries.districts, areas, boxes)


def _area(name: str, css: str, service: str, *, here: bool) -> Area:
    told = f" {maps.TOLD}" if here else ""
    return Area(f"{css or PLAIN}{told}", f"{name}: {service}")


def _main(counts: Counter[maps.Pair], audience: str) -> str:
    """The service of most of a district's postcodes."""
    found: Counter[str] = Counter()
    for pair, count in counts.items():
        found[pair.under_18 if audience == UNDER_18 else pair.adult] += count
    return next((service for service, _ in found.most_common(1)), "")


def _named(explainer: Explainer, service: str) -> str:
    known = explainer.table.services.get(service)
    return known.name if known else "no service"


def _label(titles: Sequence[str]) -> str:
    more = f" and {len(titles) - NAMED} more" if len(titles) > NAMED else ""
    return f"Map of {'; '.join(sorted(titles)[:NAMED])}{more}."
