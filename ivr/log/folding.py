"""Folds a call's events into its record, and says what is missing from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ivr.events import Event
from ivr.log.legs import leg
from ivr.log.record import CallRecord, Leg, Offer
from ivr.log.told import ENDINGS, OFFERING, Arrival, Told, count, listen, text

QUESTIONS = frozenset(
    (
        "welcome",
        "nearby",
        "place",
        "which",
        "confirm",
        "town",
        "age",
        "unanswered",
        "callback",
        "number",
    )
)
"""The steps that ask a caller something; the announcement at ``connect`` asks nothing."""

LONGEST_STEP = timedelta(seconds=120)
"""No question lasts longer: 40 s of words, 8 of waiting, and the 60 of speech Twilio listens to."""

AT_ONCE = timedelta(seconds=5)
"""A ring that ended this shortly before the call did was ended by the caller's ringing off."""

END = "when the call ended"
LATER = "what came after the last turn known"
TAKEN = "whether the last ring was taken"


def fold(events: Iterable[Event]) -> CallRecord:
    """The record of the one call that ``events`` are of.

    Neither their order nor their repetition makes a difference. Raises ValueError for none, or
    for those of several calls.
    """
    told = listen(events)
    arrivals = told.arrivals()
    legs = tuple(leg(arrival, told.legs) for arrival in arrivals if arrival.rings)
    lost = list(_lost_turns(told, arrivals, legs))
    lacks = (*lost, *_lost_states(told, arrivals, legs))
    closed = bool(told.ended or (arrivals and arrivals[-1].step in ENDINGS))
    counted = closed and not lost
    abandoned = None if LATER in lost else _abandoned(arrivals, legs)
    return CallRecord(
        told.call,
        via=_via(told, arrivals),
        language=_language(told, sure=counted),
        table=_first(told, "table"),
        caller=_caller(told),
        area=arrivals[-1].either("area") if counted else "",
        began=told.began,
        ended=told.ended,
        steps=tuple(arrival.step for arrival in arrivals),
        questions=sum(each.step in QUESTIONS for each in arrivals) if counted else None,
        wrong_area=sum(map(_wrong_area, told.turns.values())) if counted else None,
        offers=tuple(_offers(arrivals)),
        legs=legs,
        abandoned=told.ended if abandoned else None,
        abandoned_at=abandoned.step if abandoned and told.ended else "",
        lacks=lacks,
        recovered=told.rests_on_list,
    )


def _lost_turns(told: Told, arrivals: list[Arrival], legs: tuple[Leg, ...]) -> Iterator[str]:
    """The turns that were lost: those before a later one, and those of which something tells."""
    yield from (f"turn {turn}" for turn in told.missing)
    if not arrivals or any((count(each, "turn") or 0) > arrivals[-1].turn for each in told.legs):
        yield LATER
    elif told.ended and arrivals[-1].step not in ENDINGS and not arrivals[-1].left:
        rung = legs[-1] if arrivals[-1].rings else None
        if rung is None and told.ended - _latest(told) > LONGEST_STEP:
            yield LATER
        if rung and rung.taken is False and told.ended - _latest(told) > AT_ONCE:
            yield LATER


def _latest(told: Told) -> datetime:
    """When the last was heard of the call before its end."""
    return max(event.at for event in (*told.turns.values(), *told.legs))


def _lost_states(told: Told, arrivals: list[Arrival], legs: tuple[Leg, ...]) -> Iterator[str]:
    """What Twilio must have told of the call or its rings, and was lost."""
    if told.ended is None:
        yield END
    elif arrivals and arrivals[-1].rings and legs[-1].taken is None:
        yield TAKEN
    for each in legs:
        if not each.service and each.came_to != "failed" and (each.over or told.ended):
            yield f"whose telephone rang at turn {each.turn}"
        if each.picked_up is None and (each.taken or each.came_to == "completed"):
            yield f"when it was answered at turn {each.turn}"
        if not each.exact:
            yield f"the exact moment of the answer at turn {each.turn}"


def _abandoned(arrivals: list[Arrival], legs: tuple[Leg, ...]) -> Arrival | None:
    """Where the caller is left if they ring off now, with nobody having taken the call."""
    if not arrivals or arrivals[-1].step in ENDINGS:
        return None
    unsure = arrivals[-1].rings and legs[-1].taken is not False
    return None if unsure else arrivals[-1]


def _offers(arrivals: list[Arrival]) -> Iterator[Offer]:
    """Each coming into a queue; after a step that was lost it may be no new one, so is left."""
    before = "ringing"
    for each in arrivals:
        if each.step in OFFERING and before not in ("", each.step):
            by_name = each.step in ("connect", "adviser")
            service = each.either("service") if by_name else ""
            yield Offer(each.turn, each.step, service, each.at)
        before = each.step


def _wrong_area(turn: Event) -> bool:
    """Whether 9 was pressed: twice leads to the fallback, as another key does where all is shut."""
    if text(turn, "step") != "connect" or text(turn, "heard") != "keys":
        return False
    again = text(turn, "reached") == "fallback" and bool(count(turn, "tries"))
    return again or text(turn, "reached") == "town"


def _via(told: Told, arrivals: list[Arrival]) -> str:
    at_the_menu = any(arrival.step == "welcome" for arrival in arrivals)
    listed = next((via for event in told.listed if (via := text(event, "via"))), "")
    return _first(told, "via") or listed or ("menu" if at_the_menu else "")


def _language(told: Told, *, sure: bool) -> str:
    """The latest; it is settled once the call has left the menu."""
    last = max(told.turns, default=-1)
    settled = sure or text(told.turns.get(last), "reached") != "welcome"
    return text(told.turns.get(last), "language") if settled else ""


def _first(told: Told, name: str) -> str:
    """A fact that does not change in a call."""
    return next((value for turn in told.turns.values() if (value := text(turn, name))), "")


def _caller(told: Told) -> str | None:
    callers = (turn.facts.get("caller") for turn in told.turns.values())
    return next((caller for caller in callers if isinstance(caller, str)), None)
