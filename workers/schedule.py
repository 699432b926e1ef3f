"""Queues each chore when it falls due, on the minute, for the workers to do.

RQ's own ``rq cron`` is not used: as of 3.0 it can only queue pickles, without tries to spare. Two
schedulers may run: a chore's id has the time it fell due in it, so the second finds it queued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event

import structlog
from redis.exceptions import RedisError
from rq import Queue

from ivr.relay.queue import put

NAME = "schedule"
"""What the program is called among those that give signs of life."""
AGAIN = 5
"""Seconds after which a queue that could not be reached is tried again."""

log = structlog.get_logger("workers.schedule")


@dataclass(frozen=True, slots=True)
class Chore:
    """A job that comes round every so many seconds, counted from the epoch."""

    job: str
    every: int
    after: int = 0
    """Seconds of its turn that pass first: for what has a better time of day than midnight."""
    queue: str = "chores"
    first: bool = False
    """Whether it goes before all that is in its queue."""

    def turn(self, now: int) -> int:
        """When it fell due last, in seconds from the epoch."""
        return (now - self.after) // self.every * self.every + self.after


MINUTE, HOUR = 60, 3600

CHORES = (
    Chore("look_after_outbox", every=MINUTE),
    # A call whose worker was killed is asked after from 30 seconds on (Rules.unsure): with a turn
    # of 30 more it is looked at within 60 seconds of a restart. So it waits behind no long chore:
    # it is done by who rings people back, without whom it would be in vain, and before any ring.
    # Not on the minute, when it is asked whether that queue is empty (workers.trials).
    Chore("reconcile", every=MINUTE // 2, after=MINUTE // 4, queue="callbacks", first=True),
    Chore("ask_for_test_calls", every=MINUTE),
    Chore("compare", every=HOUR, after=MINUTE // 2),
    # What is kept for a day is kept for no more than an hour longer.
    Chore("forget", every=HOUR, after=HOUR // 4),
)
"""Everything that comes round. Where a scheduler starts, it is all due once."""


class Turns:
    """Which turns have been queued, in the queues that ``where`` tells by name."""

    def __init__(self, where: Callable[[str], Queue], chores: Iterable[Chore]) -> None:
        self._where = where
        self._done = dict.fromkeys(chores, 0)
        self._queued = dict.fromkeys(self._done, "")

    def queue(self, now: int) -> None:
        """Queue what has fallen due by ``now``, once. Raises redis.RedisError.

        A clock that was set back begins another turn. While nobody does a chore it waits in its
        queue once, and not once for each turn.
        """
        for chore, done in self._done.items():
            turn = chore.turn(now)
            if turn != done:
                self._put(chore, f"{chore.job}-{turn}")
                self._done[chore] = turn

    def _put(self, chore: Chore, id_: str) -> None:
        where, before = self._where(chore.queue), self._queued[chore]
        if not before or where.get_job_position(before) is None:
            put(where, chore.job, id_, first=chore.first)
            self._queued[chore] = id_


def keep(where: Callable[[str], Queue], stopping: Event, clock: Callable[[], float]) -> None:
    """Queue what falls due, from the first moment on, until ``stopping``."""
    turns = Turns(where, CHORES)
    reached = True
    while not stopping.is_set():
        try:
            turns.queue(int(clock()))
        except RedisError as wrong:
            if reached:
                log.warning("redis cannot be reached", error=type(wrong).__name__)
            reached = False
            stopping.wait(AGAIN)
        else:
            if not reached:
                log.info("redis is reached again")
            reached = True
            stopping.wait(min(chore.turn(int(clock())) + chore.every for chore in CHORES) - clock())
