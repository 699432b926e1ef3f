"""Queues each chore when it falls due, on the minute, for the workers to do.

RQ's own ``rq cron`` is not used: as of 3.0 it can only queue pickles, without tries to spare. Two
schedulers may run: a chore's id has the time it fell due in it, so the second finds it queued.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import structlog
from redis.exceptions import RedisError
from rq import Queue

from ivr.relay.queue import put

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

    def turn(self, now: int) -> int:
        """When it fell due last, in seconds from the epoch."""
        return (now - self.after) // self.every * self.every + self.after


MINUTE, HOUR, DAY = 60, 3600, 24 * 3600

CHORES = (
    Chore("look_after_outbox", every=MINUTE),
    # A call whose worker was killed is asked after from 30 seconds on (Rules.unsure): with a turn
    # of 30 more it is looked at within 60 seconds of a restart.
    Chore("reconcile", every=MINUTE // 2),
    Chore("compare", every=HOUR, after=MINUTE // 2),
    Chore("forget", every=DAY, after=4 * HOUR),
)
"""Everything that comes round. Where a scheduler starts, it is all due once."""


def keep(where: Queue, stopping: Event, clock: Callable[[], float]) -> None:
    """Queue what falls due, from the first moment on, until ``stopping``."""
    done = dict.fromkeys(CHORES, 0)
    reached = True
    while not stopping.is_set():
        now = int(clock())
        try:
            for chore in CHORES:
                turn = chore.turn(now)
                if turn > done[chore]:
                    put(where, chore.job, f"{chore.job}-{turn}")
                    done[chore] = turn
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
