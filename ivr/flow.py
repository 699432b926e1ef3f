"""The call as a table: every step, what it does, and every way on from it.

A step has two halves. *Arriving* says what is heard; *answered* says where the call goes next,
and silence is an answer. Both are pure. However a caller answers, and whatever fails to answer
them, :data:`TURNS` turns bring them to a person, to the fallback or to a promise kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ivr import finding, ringing
from ivr.call import Call, Heard, Reply
from ivr.world import World

TURNS = 14
"""The most turns any call takes to reach a person, the fallback or a kept promise."""

LAST_OFFER = TURNS - 4
"""The last turn, counted from 0, at which a callback may be offered and still be booked in time."""

Arrive = Callable[[Call, World], Reply]
Answer = Callable[[Call, Heard, World], Call]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its two halves, its exits, and what must be done before it may be spoken.

    A step without ``answered`` ends the call. ``does`` names a promise that is kept before the
    caller hears of it, and ``if_refused`` the step they reach instead if it could not be kept.
    """

    arrive: Arrive
    answered: Answer | None = None
    exits: tuple[str, ...] = ()
    does: str = ""
    if_refused: str = ""


STEPS: Mapping[str, Step] = {
    "welcome": Step(
        finding.welcome,
        finding.after_welcome,
        ("adviser", "nearby", "place", "welcome", "fallback"),
    ),
    "adviser": Step(ringing.adviser, ringing.after_adviser, ("adviser", "fallback", "ended")),
    "nearby": Step(finding.nearby, finding.after_nearby, ("connect", "age", "place")),
    "place": Step(
        finding.place,
        finding.after_place,
        ("which", "confirm", "age", "connect", "place", "town"),
    ),
    "which": Step(
        finding.which, finding.after_which, ("age", "connect", "place", "town", "fallback")
    ),
    "confirm": Step(
        finding.confirm, finding.after_confirm, ("age", "connect", "place", "town", "fallback")
    ),
    "town": Step(finding.town, finding.after_town, ("confirm", "age", "connect", "fallback")),
    "age": Step(finding.age, finding.after_age, ("connect",)),
    "connect": Step(
        ringing.connect,
        ringing.after_connect,
        ("connect", "town", "unanswered", "fallback", "ended"),
    ),
    "unanswered": Step(
        ringing.unanswered, ringing.after_unanswered, ("callback", "number", "fallback")
    ),
    "callback": Step(ringing.callback, ringing.after_callback, ("booked", "number", "fallback")),
    "number": Step(ringing.number, ringing.after_number, ("booked", "fallback")),
    "booked": Step(ringing.booked, does="book_callback", if_refused="fallback"),
    "fallback": Step(ringing.fallback, ringing.after_fallback, ("fallback", "last_words", "ended")),
    "last_words": Step(ringing.last_words),
    "ended": Step(ringing.ended),
}

ENDINGS = tuple(name for name, step in STEPS.items() if step.answered is None)
"""The steps that end a call."""


def pick_up(world: World) -> Call:
    """Where a new call begins: at the menu, or with the service whose own number was dialled."""
    call = Call(table=world.table.version, language=world.table.line.languages[0].code)
    return call.at("connect", service=world.local) if world.local else call


def arrive(call: Call, world: World) -> Reply:
    """What the caller hears on arriving at the call's step."""
    return STEPS[call.step].arrive(call, world)


def answer(call: Call, heard: Heard, world: World) -> Call:
    """Where the call goes, now that ``heard`` has answered its step.

    Raises ``LookupError`` if the step has no answer, as only a forged or stale URL asks for one.
    """
    answered = STEPS[call.step].answered
    if answered is None:
        raise LookupError(f"the step {call.step} ends a call")
    return _in_time(replace(answered(call, heard, world), turn=call.turn + 1))


def _in_time(call: Call) -> Call:
    """The call, or the fallback if it has gone on for so long that help must come first."""
    latest = LAST_OFFER if call.step == "unanswered" else TURNS - 2
    if call.turn <= latest or call.step in (*ENDINGS, "fallback"):
        return call
    return call.at("fallback", ring=1)


def refused(call: Call) -> Call:
    """Where the call goes when what its step must do first could not be done."""
    return call.at(STEPS[call.step].if_refused, ring=1)
