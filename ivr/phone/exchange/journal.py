"""What happened on the calls that were asked for: who was rung, what they heard, who was joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ivr.phone.told import Told


@dataclass(frozen=True, slots=True)
class Rung:
    """One telephone that rang."""

    at: datetime
    number: str
    shown: str
    """The number that it showed as ringing."""
    sid: str


@dataclass(frozen=True, slots=True)
class Joined:
    """People who could hear each other in one conference."""

    at: datetime
    room: str
    numbers: tuple[str, ...]
    """In the order in which they came in."""


@dataclass(slots=True)
class Journal:
    """All that happened, in order."""

    rung: list[Rung] = field(default_factory=list)
    joined: list[Joined] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    """What happened on each call, by its SID."""
    called: dict[str, str] = field(default_factory=dict)
    """The number of each call, by its SID."""

    @property
    def numbers(self) -> list[str]:
        """The numbers that were rung, in order; one that was rung twice is there twice."""
        return [rung.number for rung in self.rung]

    def calls(self, number: str) -> list[Told]:
        """What happened on each call to ``number``, in the order in which they were asked for."""
        return [self.told[sid] for sid, called in self.called.items() if called == number]

    def heard(self, number: str) -> str:
        """All the words that ``number`` ever heard, machine or not."""
        return " ".join(filter(None, (told.said(number) for told in self.calls(number))))
