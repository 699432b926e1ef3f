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


CHORES = (Chore("look_after_outbox", every=60),)


def keep(where: Queue, stopping: Event, clock: Callable[[], float]) -> None:
    """Queue what falls due, from the first moment on, until ``stopping``."""
    done = dict.fromkeys(CHORES, 0)
    reached = True
    while not stopping.is_set():
        now = int(clock())
        try:
            for chore in CHORES:
                turn = now // chore.every
                if turn > done[chore]:
                    put(where, chore.job, f"{chore.job}-{turn * chore.every}")
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
            stopping.wait(min(chore.every - clock() % chore.every for chore in CHORES))
