"""Reads a call's events: each once, sorted into turns and states, and by the steps they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.events import OVER, STATUS, TURN, Event

OFFERING = frozenset(("connect", "adviser", "fallback", "last_resort"))
"""The steps that put a caller through to somebody; all but ``connect`` ring at once."""

ENDINGS = frozenset(("booked", "last_words", "ended"))
"""The steps after which the line has nothing more to do for the caller."""


def text(event: Event | None, name: str) -> str:
    """The fact ``name`` of ``event``; "" if there is none."""
    value = event.facts.get(name) if event else None
    return value if isinstance(value, str) else ""


def count(event: Event | None, name: str) -> int | None:
    """The fact ``name`` of ``event``; None if there is none."""
    value = event.facts.get(name) if event else None
    return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """The call comes to a step, and leaves it again at the next turn."""

    turn: int
    step: str
    """The step it came to, told by either turn; "" if both were lost."""
    rings: bool
    """Whether a telephone rings here."""
    came: Event | None
    """The turn that led here, unless it was lost."""
    left: Event | None
    """The turn that answered the step, unless there was none or it was lost."""
    last: bool
    """Whether no later turn is known."""

    @property
    def at(self) -> datetime | None:
        """When, if that turn was not lost."""
        return self.came.at if self.came else None

    def either(self, name: str) -> str:
        """A fact that both turns tell alike."""
        return text(self.came, name) or text(self.left, name)


@dataclass(frozen=True, slots=True)
class Told:
    """One call's events, sorted."""

    call: str
    turns: Mapping[int, Event]
    """The turns that were not lost, first to last."""
    legs: tuple[Event, ...]
    """What Twilio told of the telephones that were rung, earliest first."""
    over: Event | None
    """What told first that the call was over; a webhook's word goes before the list's."""
    listed: tuple[Event, ...] = ()
    """What Twilio's list of calls tells of the call, where our log had lacked it."""

    @property
    def began(self) -> datetime | None:
        """When the call was picked up."""
        if 0 in self.turns:
            return self.turns[0].at
        return next((e.at for e in self.listed if text(e, "status") not in OVER), None)

    @property
    def ended(self) -> datetime | None:
        """When the call was over; Twilio's whole second may have begun before its last turn."""
        turns = (turn.at for turn in self.turns.values() if text(turn, "status") not in OVER)
        return max([self.over.at, *turns]) if self.over else None

    @property
    def rests_on_list(self) -> bool:
        """Whether its beginning or its end is known from Twilio's list alone."""
        return (self.began is not None and 0 not in self.turns) or self.over in self.listed

    @property
    def missing(self) -> list[int]:
        """The turns that must have been, for there were later ones."""
        return [turn for turn in range(max(self.turns, default=0) + 1) if turn not in self.turns]

    def arrivals(self) -> list[Arrival]:
        """Every step the call came to. An answer heard after the caller had gone leads nowhere."""
        last = max(self.turns, default=-1)
        final = self.turns.get(last)
        gone = text(final, "status") in OVER and text(final, "reached") not in ENDINGS
        return [self._arrival(turn, last) for turn in range(last + (not gone))]

    def _arrival(self, turn: int, last: int) -> Arrival:
        came, left = self.turns.get(turn), self.turns.get(turn + 1)
        step = text(came, "reached") or text(left, "step")
        announced = step == "connect" and text(left, "heard") != "leg" and not count(came, "ring")
        return Arrival(turn, step, step in OFFERING and not announced, came, left, turn == last)


def listen(events: Iterable[Event]) -> Told:
    """The events, sorted. Raises ValueError unless they are of one call."""
    once = _once(events)
    calls = {event.call for event in once}
    if len(calls) != 1:
        raise ValueError(f"a record is folded from the events of one call, not of {len(calls)}")
    turns = {turn: event for event in once if event.kind == TURN if (turn := _turn(event)) >= 0}
    states = [event for event in once if event.kind == STATUS]
    own = [event for event in states if not text(event, "leg")]
    heard = [event for event in own if not event.facts.get("recovered")]
    listed = [event for event in own if event.facts.get("recovered")]
    return Told(
        calls.pop(),
        dict(sorted(turns.items())),
        tuple(event for event in states if text(event, "leg")),
        next((event for event in (*heard, *listed) if text(event, "status") in OVER), None),
        tuple(listed),
    )


def _once(events: Iterable[Event]) -> list[Event]:
    """Each event once, earliest first; of two tellings of the same, the one heard first."""
    once: dict[str, Event] = {}
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        first = once.setdefault(event.id, event)
        if first is not event and first.at == event.at:  # no matter in which order they came here
            once[event.id] = min(
                first, event, key=lambda either: repr(sorted(either.facts.items()))
            )
    return list(once.values())


def _turn(event: Event) -> int:
    turn = count(event, "turn")
    return -1 if turn is None else turn
