"""What goes wrong between the line and the company, on order: by kind of request and its number."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from enum import Enum, auto


class Request(Enum):
    """The kinds of request that the line makes."""

    PLACE = auto()
    """Begin a call."""
    CHANGE = auto()
    """Send a call elsewhere, or end it."""
    READ = auto()
    LIST = auto()
    EVENTS = auto()
    """Read what was asked and answered on one call."""


class Trouble(Enum):
    """What may become of a request."""

    TOO_MANY = auto()
    """429: refused, for now. Nothing is done."""
    BROKEN = auto()
    """500. Nothing is done, though whoever asked cannot know."""
    BROKEN_AFTER = auto()
    """500, and yet it is done."""
    STALL = auto()
    """No answer for :data:`STALLS` seconds, and then it is broken off. Nothing is done."""
    STALL_AFTER = auto()
    """It is done; then as STALL."""
    LOSE_REPLY = auto()
    """It is done, and the connection is cut before a word of the reply."""
    CUT = auto()
    """The connection is cut at once. Nothing is done."""

    @property
    def done(self) -> bool:
        """Whether what was asked for is done all the same."""
        return self in (Trouble.BROKEN_AFTER, Trouble.STALL_AFTER, Trouble.LOSE_REPLY)


STALLS = 20.0
"""Seconds for which a request stalls."""


class Troubles:
    """The troubles that were ordered, and the count of requests by kind."""

    def __init__(self) -> None:
        self.ordered: dict[tuple[Request, int], Trouble] = {}
        self.always: dict[Request, Trouble] = {}
        self.count: Counter[Request] = Counter()
        self.over = threading.Event()
        """Set where those that stall are to stall no longer."""
        self.lock = threading.Lock()

    def order(
        self, trouble: Trouble, of: Request = Request.PLACE, at: Collection[int] = ()
    ) -> None:
        """Let the ``at``-th requests of this kind, counted from 1, meet with ``trouble``.

        With no ``at`` all do, until :meth:`end`.
        """
        with self.lock:
            self.ordered |= {(of, number): trouble for number in at}
            if not at:
                self.always[of] = trouble

    def end(self) -> None:
        """Let all go well from now on; whoever stalls is broken off."""
        with self.lock:
            self.ordered.clear()
            self.always.clear()
            self.over.set()
            self.over = threading.Event()

    def meets(self, request: Request) -> Trouble | None:
        """Count a request, and say what becomes of it."""
        with self.lock:
            self.count[request] += 1
            always = self.always.get(request)
            return self.ordered.get((request, self.count[request]), always)

    def stall(self) -> None:
        """Wait as long as a request stalls, or until troubles end."""
        self.over.wait(STALLS)
