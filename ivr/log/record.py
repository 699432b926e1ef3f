"""What is known of one call: a value that never changes, and never holds a guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A caller comes into a service's queue: its announcement begins, or its telephone rings."""

    turn: int
    step: str
    """``connect``, ``adviser``, ``fallback``, or ``last_resort`` where ours had failed."""
    service: str
    """The code of the service offered; "" where it was lost, or rang by role, not by name."""
    at: datetime | None
    """When; None if the turn that began it was lost."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One number that was rung."""

    turn: int
    step: str
    """The role in which it rang, as in :class:`Offer`."""
    ring: int | None
    """Which number of the step's chain it was, from 1."""
    service: str
    """Whose telephone it was, by the leg's own events; "" if not known."""
    began: datetime | None
    """When Twilio was told to ring it."""
    over: datetime | None
    """When the line heard that it was over; None too if the caller rang off first."""
    came_to: str
    """How it ended, in Twilio's words; "" if not known."""
    picked_up: datetime | None
    """When somebody or something answered it."""
    taken: bool | None
    """Whether the caller was put through: by a 1 pressed, or at once where that is the rule."""
    exact: bool = True
    """False where ``picked_up`` is the end less the whole seconds that the leg lasted."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What is known of one call.

    None and "" stand for what has not happened, or is not known: ``lacks`` tells which.
    """

    call: str
    via: str = ""
    """``menu`` or ``own_number``: which of the line's numbers was dialled."""
    language: str = ""
    table: str = ""
    caller: str | None = None
    """The caller's keyed pseudonym; "" for a withheld number, None if not known or forgotten."""
    area: str = ""
    """The letters of the postcode area the caller was in at last; "" if not known or forgotten."""
    began: datetime | None = None
    ended: datetime | None = None
    steps: tuple[str, ...] = ()
    """The step reached at each turn, from 0; "" where it was lost."""
    questions: int | None = None
    wrong_area: int | None = None
    """How often the caller pressed 9 for "wrong area"."""
    offers: tuple[Offer, ...] = ()
    legs: tuple[Leg, ...] = ()
    abandoned: datetime | None = None
    """When the caller rang off before anybody took the call."""
    abandoned_at: str = ""
    """The step they rang off at."""
    lacks: tuple[str, ...] = ()
    """What is missing, in words; () for a record that is whole."""
    recovered: bool = False
    """Whether its beginning or its end is known from Twilio's list of calls alone."""

    @property
    def complete(self) -> bool:
        """Whether nothing is known to be missing."""
        return not self.lacks

    @property
    def offered(self) -> Offer | None:
        """The first offer: where the wait in a queue begins."""
        known = bool(self.offers) and "" not in self.steps[: self.offers[0].turn]
        return self.offers[0] if known else None

    @property
    def rang(self) -> datetime | None:
        """When the first telephone rang."""
        known = bool(self.legs) and "" not in self.steps[: self.legs[0].turn]
        return self.legs[0].began if known else None

    @property
    def answer(self) -> Leg | None:
        """The leg that the caller was put through to."""
        return next((leg for leg in self.legs if leg.taken), None)

    def reached(self, step: str) -> bool | None:
        """Whether the call came to ``step``; None where that is not known."""
        if step in self.steps:
            return True
        return None if self.questions is None else False
