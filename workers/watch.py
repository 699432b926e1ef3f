"""Watches over the line: ``python -m workers watch`` looks at everything four times a minute.

It is a program of its own, one to a machine, and no job: what tells that Redis, the scheduler or a
worker is gone must not wait for them. That it is gone itself is told by ``/metrics``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event
from typing import Protocol

import structlog

EVERY = 15
"""Seconds from one look to the next: what breaks is to be told within a minute, and is to stand
for up to half of one before it is told (``workers.beating``, ``ivr.alarms``)."""

SETTLING = 10
"""Seconds before the first look: until then what is being started is not there yet."""

log = structlog.get_logger("workers.watch")


class Watcher(Protocol):
    """What looks at everything."""

    def look(self, now: datetime) -> object:
        """Look at everything once, at ``now``."""


def keep_watching(watch: Watcher, stopping: Event, clock: Callable[[], datetime]) -> None:
    """Look again and again until ``stopping``, whatever a look came to and however long it took."""
    stopping.wait(SETTLING)
    while not stopping.is_set():
        began = clock()
        try:
            watch.look(began)
        except Exception as wrong:  # noqa: BLE001 - the next look may well succeed
            log.error("watch failed", fault=type(wrong).__name__)  # noqa: TRY400 - of the kind alone
        took = (clock() - began).total_seconds()
        stopping.wait(EVERY - min(max(took, 0), EVERY))
