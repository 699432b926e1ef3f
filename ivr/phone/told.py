"""What happened on one call, in order, with the second each thing began, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.phone.verbs import Fault


class Kind(StrEnum):
    """The kinds of thing that can happen on a call."""

    SAYS = "says"
    PLAYS = "plays"
    PAUSES = "pauses"
    KEYS = "keys"
    WORDS = "words"
    SILENCE = "silence"
    LEAVES = "leaves"
    RINGS = "rings"
    ANSWERS = "answers"
    BRIDGES = "bridges"
    LEG_ENDS = "leg ends"
    POSTS = "posts"
    FAULT = "fault"


class Verdict(StrEnum):
    """How a call ended, as seen by the caller."""

    REACHED = "reached"
    """Put through to a person, or to a service's own queue."""
    LAST_RESORT = "last resort"
    """Heard the number to ring, and 999, to the end."""
    ENDED = "ended"
    """The line had the last word and rang off: a call back was promised, for one."""
    HUNG_UP = "hung up"
    """The caller's own doing."""
    DROPPED = "dropped"
    """Left with nothing: cut off, or with a machine."""
    LOOPED = "looped"
    """Sent round through more documents than any call needs."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when (seconds from the start), what, and for how many seconds.

    ``side`` is "" for the caller's side of the call, and else the number that was rung.
    ``language`` is that of what is said, such as cy-GB, where the line tells it.
    """

    second: float
    kind: Kind
    what: str = ""
    seconds: float = 0.0
    side: str = ""
    language: str = ""


@dataclass(slots=True)
class Told:
    """One call, told from its first second; it is filled in while the call goes on."""

    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    """All that Twilio's debugger would have shown; a good line leaves this empty."""
    verdict: Verdict = Verdict.DROPPED
    why: str = ""
    reached: str = ""
    """The number of the person or queue the caller was put through to."""
    machine: str = ""
    """The number at which the caller was left with an answering machine."""
    seconds: float = 0.0
    documents: int = 0

    @property
    def safe(self) -> bool:
        """Whether the line did right by the caller, whatever the caller did."""
        return self.verdict not in (Verdict.DROPPED, Verdict.LOOPED)

    @property
    def first_ring(self) -> float | None:
        """Seconds until a service's telephone first rang; None if none ever did."""
        return next((event.second for event in self.events if event.kind is Kind.RINGS), None)

    @property
    def rung(self) -> list[str]:
        """The numbers that rang, in order."""
        return [event.side for event in self.events if event.kind is Kind.RINGS]

    def said(self, side: str = "") -> str:
        """All the words that one side heard, in order."""
        return _words(self.events, side)

    def last_words(self) -> str:
        """What the caller heard after last doing anything, and after the last ringing."""
        heard: list[Event] = []
        for event in reversed(self.events):
            if event.kind in _TURNS:
                break
            heard.append(event)
        return _words(reversed(heard))


_TURNS = {Kind.KEYS, Kind.WORDS, Kind.SILENCE, Kind.RINGS, Kind.ANSWERS, Kind.LEG_ENDS}

_999 = re.compile(r"\b9\W*9\W*9\b|\bnine nine nine\b|\bnaw naw naw\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d(?:[\s,.-]*\d){9}")


def _words(events: Iterable[Event], side: str = "") -> str:
    return " ".join(e.what for e in events if e.kind is Kind.SAYS and e.side == side)


def is_last_resort(words: str) -> bool:
    """Whether ``words`` tell a caller both a telephone number to ring and 999."""
    return bool(_999.search(words) and _NUMBER.search(words))
