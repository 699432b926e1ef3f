"""The conferences that calls meet in: who waits, who hears whom, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.phone.exchange.dialled import Dialled
from ivr.phone.people import Answered
from ivr.phone.told import Kind
from ivr.phone.verbs import Conference

ENOUGH = 2
"""How many make a conference."""


@dataclass(slots=True)
class Room:
    """One conference: those inside, in the order in which they came in."""

    name: str
    inside: list[Dialled] = field(default_factory=list)
    joined: tuple[Dialled, ...] = ()
    """Those who hear each other, if they do."""

    @property
    def is_ready(self) -> bool:
        """Whether there are people inside who should hear each other and do not yet."""
        begins = any(conference(call).begins for call in self.inside)
        return len(self.inside) >= ENOUGH and begins and tuple(self.inside) != self.joined

    def join(self) -> datetime:
        """Let all inside hear each other, from the moment of the last to come in."""
        at = max(call.now for call in self.inside)
        self.joined = tuple(self.inside)
        for call in self.inside:
            call.catch_up(at)
            for other in self.inside:
                if other is not call:
                    call.going.tell(Kind.BRIDGES, "", 0, other.order.to)
        return at

    def end(self) -> None:
        """Let them talk for as long as the briefest does, who then rings off."""
        first = min(self.joined, key=talks)
        until = first.now + timedelta(seconds=talks(first))
        for call in self.joined:
            call.catch_up(until)
        ends = conference(first).ends
        first.ring_off()
        self.tidy(first, ends=ends)

    def tidy(self, gone: Dialled, *, ends: bool) -> None:
        """Note that ``gone`` has left; where that ``ends`` the conference all the others leave."""
        self.inside.remove(gone)
        self.joined = ()
        others = list(self.inside) if ends else []
        for other in others:
            self.inside.remove(other)
            other.catch_up(gone.now)
            other.leave()


def conference(call: Dialled) -> Conference:
    """The conference that ``call`` waits in."""
    waiting = call.side.waiting
    assert waiting is not None  # noqa: S101 - who is inside a room waits there
    assert waiting.dial.conference is not None  # noqa: S101 - and only a conference is a room
    return waiting.dial.conference


def talks(call: Dialled) -> float:
    """For how many seconds whoever is on ``call`` will talk."""
    waiting = call.side.waiting
    limit = min(waiting.dial.time_limit, call.order.time_limit) if waiting else 0
    return min(call.fate.talks if isinstance(call.fate, Answered) else 0.0, limit)
