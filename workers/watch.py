"""Watches over the line: ``python -m workers watch`` looks at everything every half minute.

It is a program of its own, one to a machine, and no job: what tells that Redis, the scheduler or a
worker is gone must not wait for them. That it is gone itself is told by ``/metrics``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event
from typing import Protocol

import structlog
from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer

EVERY = 30
"""Seconds between two looks: an alarm is to be told within a minute."""

SETTLING = 10
"""Seconds before the first look: until then what is being started is not there yet."""

log = structlog.get_logger("workers.watch")


class Watcher(Protocol):
    """What looks at everything."""

    def look(self, now: datetime) -> object:
        """Look at everything once, at ``now``."""


def keep_watching(watch: Watcher, stopping: Event, clock: Callable[[], datetime]) -> None:
    """Look again and again until ``stopping``, whatever one look came to."""
    stopping.wait(SETTLING)
    while not stopping.is_set():
        try:
            watch.look(clock())
        except Exception as wrong:  # noqa: BLE001 - the next look may well succeed
            log.error("watch failed", fault=type(wrong).__name__)  # noqa: TRY400 - of the kind alone
        stopping.wait(EVERY)


def working(connection: Redis, names: tuple[str, ...]) -> Mapping[str, int]:
    """How many workers take from each of the queues called ``names``.

    Raises redis.RedisError where Redis does not answer.
    """
    taken = [
        name
        for worker in Worker.all(connection, serializer=JSONSerializer)
        for name in worker.queue_names()
    ]
    return {name: taken.count(name) for name in names}
