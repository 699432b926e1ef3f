"""One call as a line of time: each turn, each telephone that rang, and the end.

It is told from the call's events, or from its record once they are forgotten. Nothing here tells
who rang, or from where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.console.telling import lasted, named
from ivr.events import STATUS, TURN, Event
from ivr.log import CallRecord, Leg
from ivr.routing import Service

STEPS: Mapping[str, str] = {
    "welcome": "the menu",
    "adviser": "the health adviser's telephone rings",
    "nearby": "asked whether they are near a landline's town",
    "place": "asked for the postcode",
    "which": "asked which of several places it is",
    "confirm": "asked whether the place is right",
    "town": "asked for the nearest town",
    "age": "asked whether it is for someone under 18",
    "connect": "put through to the service",
    "unanswered": "told that nobody could answer yet",
    "callback": "asked which number is to be rung",
    "number": "asked for another number",
    "booked": "promised to be rung back",
    "fallback": "put through to the line that is always open",
    "last_words": "told that nobody could answer, and which number to ring",
    "ended": "the end of the call",
    "last_resort": "put through by the last resort: something was wrong with the line",
}
"""What a caller hears at each step, in words for whoever reads of it."""

HEARD: Mapping[str, str] = {
    "keys": "keys were pressed",
    "words": "the caller spoke",
    "silence": "the caller said and pressed nothing",
    "leg": "the ringing ended",
}
UNPRESSED = frozenset({"connect", "callback", "number"})
"""The steps at which only keys are heard."""
RINGS: Mapping[str, str] = {
    "initiated": "is about to ring",
    "queued": "is about to ring",
    "ringing": "rings",
    "in-progress": "was picked up",
    "answered": "was picked up",
    "completed": "rang off, having been picked up",
    "busy": "was engaged",
    "no-answer": "was not answered",
    "failed": "could not be rung",
    "canceled": "was let go: the caller had rung off",
}
CALLS: Mapping[str, str] = {
    "completed": "The call ended",
    "busy": "The call ended: engaged",
    "no-answer": "The call ended before it was picked up",
    "failed": "The call failed",
    "canceled": "The caller rang off before the call was picked up",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    at: datetime | None
    """When; None where that was lost."""
    title: str
    detail: str = ""
    kind: str = TURN
    """``turn``, ``ring`` or ``end``."""


def of_events(events: Iterable[Event], services: Mapping[str, Service]) -> list[Entry]:
    """The line of time that ``events`` tell, earliest first."""
    ordered = sorted(events, key=lambda event: (event.at, event.id))
    return [_of_event(each, services) for each in ordered if each.kind in (TURN, STATUS)]


def _of_event(event: Event, services: Mapping[str, Service]) -> Entry:
    facts = {name: value for name, value in event.facts.items() if value not in (None, "")}
    if event.kind == TURN:
        return _turn(event.at, facts)
    if "leg" in facts:
        whose = named(str(facts.get("service", "")), services) or "A service"
        number = f", number {facts['ring']}" if facts.get("ring") else ""
        said = RINGS.get(str(facts["leg"]), str(facts["leg"]))
        return Entry(event.at, f"{whose}{number}: {said}", _for(facts), "ring")
    status = str(facts.get("status", ""))
    told = "Learned later from the telephone company's list" if facts.get("recovered") else ""
    detail = ". ".join(filter(None, (_for(facts), told)))
    return Entry(event.at, CALLS.get(status, f"The call is {status or 'going on'}"), detail, "end")


def _turn(at: datetime, facts: Mapping[str, object]) -> Entry:
    reached = step(str(facts.get("reached", "")))
    if facts.get("turn") == 0:
        return Entry(at, "The call was picked up", f"Then: {reached}")
    heard = _heard(str(facts.get("heard", "")), str(facts.get("step", "")))
    title = f"{_sentence(step(str(facts.get('step', ''))))}: {heard}"
    ring = f" (telephone {facts['ring']})" if facts.get("ring") else ""
    took = f". Answered in {facts['ms']} ms" if "ms" in facts else ""
    return Entry(at, title, f"Then: {reached}{ring}{took}")


def _heard(word: str, step: str) -> str:
    if word == "silence" and step in UNPRESSED:
        return "the caller pressed nothing"
    return HEARD.get(word, "answered")


def _for(facts: Mapping[str, object]) -> str:
    seconds = facts.get("seconds")
    if not isinstance(seconds, int) or not seconds:
        return ""
    return f"After {lasted(seconds)}, by the telephone company's count"


def step(word: str) -> str:
    """What a caller hears at the step ``word``."""
    return STEPS.get(word, word or "not known")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def of_record(record: CallRecord, services: Mapping[str, Service]) -> list[Entry]:
    """The line of time that a record still tells, by turn; of many things it does not say when."""
    told = list(_steps(record, services))
    if record.ended:
        told.append(Entry(record.ended, "The call ended", "", "end"))
    return told


def _steps(record: CallRecord, services: Mapping[str, Service]) -> Iterator[Entry]:
    offers = {offer.turn: offer for offer in record.offers}
    legs = {leg.turn: leg for leg in record.legs}
    for turn, word in enumerate(record.steps):
        offer, leg = offers.get(turn), legs.get(turn)
        at = record.began if turn == 0 else offer.at if offer else leg.began if leg else None
        whose = named(offer.service, services) if offer else ""
        yield Entry(at, _sentence(step(word)), whose)
        if leg:
            yield from _leg(leg, services)


def _leg(leg: Leg, services: Mapping[str, Service]) -> Iterator[Entry]:
    whose = named(leg.service, services) or "A service"
    number = f", number {leg.ring}" if leg.ring else ""
    if leg.picked_up:
        yield Entry(leg.picked_up, f"{whose}{number}: was picked up", "", "ring")
    if leg.came_to:
        said = RINGS.get(leg.came_to, leg.came_to)
        yield Entry(leg.over, f"{whose}{number}: {said}", "", "ring")


def since(entries: Sequence[Entry], began: datetime | None) -> list[tuple[Entry, str]]:
    """Each entry with how long after the call ``began`` it was; "" where that is not known."""
    return [
        (each, f"+{lasted((each.at - began).total_seconds())}" if each.at and began else "")
        for each in entries
    ]
