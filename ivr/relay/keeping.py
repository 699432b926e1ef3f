"""The loop that hands over, one pass after another, whatever becomes of Redis or the disk.

That Redis has gone is said once, and once that it is back and how far behind we are. Whatever else
goes wrong ends no pass but that one, and its message, which may quote a promise, is never told.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from threading import Event

import structlog
from redis.exceptions import RedisError

from ivr.relay.handing import Handed, Relay

PAUSE = 0.25
"""Seconds between two passes."""
LONGEST_PAUSE = 5.0
"""Seconds between two passes, at most, while something is away."""
LATE = 120
"""Seconds after which an event that still waits is somebody's concern."""
PASSES = 240
"""Passes, about a minute's, after which it is said again that events wait too long."""

AWAY = {"redis": "redis is away", "outbox": "outbox is away", "relay": "a pass went wrong"}
BACK = {"redis": "redis is back", "outbox": "outbox is back", "relay": "passes go well again"}

log = structlog.get_logger("ivr.relay")


def keep_handing(
    relay: Relay,
    stopping: Event,
    chance: Callable[[], float] = random.random,
    count: Callable[[Handed], None] = lambda _: None,
    alive: Callable[[], None] = lambda: None,
) -> None:
    """One pass after another until ``stopping``, with longer pauses while something is away.

    ``chance`` (from 0 to 1) spreads those, so that several relays do not all come back at once;
    ``count`` is given what each pass did, and ``alive`` is called before each.
    """
    told = _Told(relay)
    while not stopping.is_set():
        try:
            alive()
            count(relay.turn())
            told.well()
            pause = PAUSE
        except Exception as wrong:  # noqa: BLE001 - whatever it is, the next pass may go well
            told.wrong(wrong)
            pause = min(PAUSE * 2.0**told.failures, LONGEST_PAUSE) * (1 + chance()) / 2
        stopping.wait(pause)


class _Told:
    """What has been said of how ``relay`` is doing, so that it is said once."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._away = ""
        self._passes = 0
        self.failures = 0
        """Passes that failed since the last that did not."""

    def well(self) -> None:
        """A pass was made: say so after one that was not, and now and then if events wait long.

        Raises sqlite3.Error or OSError where the outbox cannot be read after all.
        """
        self._passes += 1
        if not self._away and self._passes % PASSES:
            return
        behind = self._relay.behind()
        if self._away:
            log.info(BACK[self._away], **behind)
            self._away, self.failures = "", 0
        if behind["oldest_seconds"] > LATE:
            log.warning("the store is behind", mend="see docs/when-redis-is-down.md", **behind)

    def wrong(self, wrong: Exception) -> None:
        """A pass failed: say so, unless the last did too for want of the same."""
        self.failures += 1
        away = _whose(wrong)
        if away != self._away:
            self._away = away
            # The kind and not the message, which is not ours to vouch for.
            log.warning(AWAY[away], error=type(wrong).__name__)


def _whose(wrong: Exception) -> str:
    """What a fault is of, one of :data:`AWAY`."""
    if isinstance(wrong, RedisError):
        return "redis"
    return "outbox" if isinstance(wrong, sqlite3.Error | OSError) else "relay"
