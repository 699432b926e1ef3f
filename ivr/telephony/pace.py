"""Spaces calls out, because an account may begin only so many a second.

Twilio queues what is above that and rings it late, when nobody expects it any longer. One program
places all calls of a line (:mod:`workers.callbacks`), so the pace is its own; where two hosts run
it, each is given its share in CALLS_PER_SECOND.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep


class Pace:
    """At most ``per_second`` calls a second, evenly spaced."""

    def __init__(
        self,
        per_second: int,
        clock: Callable[[], float] = monotonic,
        wait: Callable[[float], None] = sleep,
    ) -> None:
        self._gap = 1 / per_second
        self._clock = clock
        self._wait = wait
        self._next = float("-inf")

    def keep(self) -> None:
        """Wait until a call may begin, and count it."""
        early = self._next - self._clock()
        if early > 0:
            self._wait(early)
        self._next = max(self._next, self._clock()) + self._gap
