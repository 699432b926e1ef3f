"""Compares the store with what should be: RQ's own recovery took a quarter of an hour in a test.

Whatever callback is due is looked at again within half a minute, whether or not Redis still knows
of it; and what has been kept for long enough is forgotten.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from ivr.relay.queue import queue
from workers import means
from workers.asking import ask_to_look

NAME = "reconcile"
"""What the store knows the chore by; an alarm tells when it has not run."""

MOST_QUEUED = 200
"""Jobs in the queue above which nothing is added: whoever rings people has enough to do."""

TURN = 30
"""Seconds in which a callback is looked at once at most on this account: as often as it is due."""

log = structlog.get_logger("workers.reconcile")


def reconcile() -> None:
    """Ask for a look at every callback that is due. Raises NotDoneError or redis.RedisError."""
    redis, now = means.redis(), means.now()
    room = MOST_QUEUED - len(queue("callbacks", redis))
    with means.unquoted("callbacks that are due cannot be found"):
        store = means.store()
        due = store.callbacks.due(now, max(room, 0))
    for callback in due:
        ask_to_look(redis, callback, mark(now))
    with means.unquoted("it cannot be written down that this was done"):
        store.ran(NAME, now)
    if due:
        log.info("callbacks are due", count=len(due))


def mark(now: datetime) -> str:
    """What tells the looks that are asked for at this turn from those of every other."""
    return f"t-{int(now.timestamp()) // TURN}"


def forget() -> None:
    """Forget what has been kept for as long as the settings allow. Raises NotDoneError."""
    with means.unquoted("nothing could be forgotten"):
        forgotten = means.store().forget(means.now(), means.retention())
    log.info("forgotten", **{name: getattr(forgotten, name) for name in forgotten.__slots__})
