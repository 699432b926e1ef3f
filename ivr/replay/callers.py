"""The callers of a replayed month, and whoever answers them: what each does, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from urllib.parse import parse_qs, urlsplit

from ivr.phone import Answered, Busy, CallerLeaves, Event, Kind, Moment, NoAnswer, Press, Silent
from ivr.phone.people import Doing, Fate
from ivr.replay.line import SECONDS
from ivr.replay.places import Place

HALF = 0.5
"""Of the second after a wait is over: so that no rounding makes it a second less."""

BETWEEN = 30
"""Seconds that certainly hold the words said between one ring and the next."""

ENGAGED = 300
"""Seconds after which a ring is broken off so that a wait does not end between two of them."""


class End(Enum):
    """What becomes of a caller."""

    ANSWERED = auto()
    ABANDONED = auto()
    UNANSWERED = auto()
    """Nobody can be reached, and the line has the last word."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One call that is to be rung."""

    sid: str
    began: datetime
    caller: str
    """The number the caller rings from, in E.164."""
    dialled: str
    """The number they dial: the line's, or a service's own."""
    place: Place | None
    """Where they are; None for those who dial a service's own number, and are not asked."""
    end: End
    wait: int = 0
    """Whole seconds from the first ring until they are answered, or ring off."""
    talk: int = 60
    """Seconds for which they talk once they are answered."""
    rings_off: bool = False
    """Whether it is the caller who ends that talk."""


class Visitor:
    """One caller and whoever is rung for them; their call's clock is kept here too."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._second = 0.0
        self._rang: float | None = None

    def now(self) -> datetime:
        """The time, by what has happened on this call."""
        return self._visit.began + timedelta(seconds=self._second)

    def hears(self, event: Event) -> None:
        """Keep the time: what is told last begins now, and ringing lasts as long as it lasts."""
        self._second = event.second + (0.0 if event.kind is Kind.RINGS else event.seconds)
        if event.kind is Kind.RINGS and self._rang is None:
            self._rang = event.second

    def answer(self, moment: Moment) -> Doing:
        """What the caller does at a prompt: they know where they are, and press what it takes."""
        asked = urlsplit(moment.gather.action)
        place, step = self._visit.place, asked.path.rpartition("/")[2]
        if step in ("unanswered", "callback"):
            return Press("1")
        if place is None or step == "connect":
            return Silent()
        if step == "which":
            return Press(_theirs(place, parse_qs(asked.query)["option"]))
        keys = {"welcome": "2", "place": f"{place.keys}#", "age": "1" if place.young else "2"}
        return Press(keys[step])

    def leg(self, number: str) -> Fate:  # noqa: ARG002 - there is one telephone for each service
        """What becomes of a ring, so that the caller waits as long as they do."""
        visit = self._visit
        if visit.end is End.UNANSWERED:
            return Busy()
        waited = self._second - (self._second if self._rang is None else self._rang)
        left = visit.wait + HALF - waited
        if left >= SECONDS:
            return NoAnswer() if left > SECONDS + BETWEEN else Busy(after=ENGAGED)
        if visit.end is End.ABANDONED:
            return CallerLeaves(after=left)
        return Answered(after=left, talks=visit.talk, caller_ends=visit.rings_off)


def _theirs(place: Place, options: list[str]) -> str:
    """The key of the option that leads where the caller is, as the addresses name it."""
    pairs = [tuple(option.split("~")[:2]) for option in options]
    return str(pairs.index((place.cover.adult, place.cover.under_18)) + 1)
