"""Hands promises over, one by one, and lets the outbox forget each once the store has it.

When each was last handed over is remembered in this program alone: handed over again after a
restart it does no harm, for the store knows it by its id. Nothing is ever set aside here. A
promise that the store will not have stays in the outbox, and stands in no other's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from redis import Redis

from ivr.outbox import Outbox, Promise
from ivr.relay.queue import put, queue
from ivr.relay.shelf import Parcels, Seen
from ivr.sealing import Seal

MOST_QUEUED = 100
"""Jobs in RQ's queue above which nothing is added: whoever rings people has enough to do."""
UNANSWERED = timedelta(seconds=30)
"""After this long without an answer a promise is handed over again: somebody waits to be rung."""
SETTLED = timedelta(seconds=2)
"""A promise that Redis lacks was lost if it was handed over longer ago than this."""
FORGET_FAILED = 3600
"""Seconds for which Redis remembers a job that failed: it is queued again each half minute."""


class Promising:
    """Takes promises from ``outbox`` to ``redis``, for whoever rings people back."""

    def __init__(
        self, outbox: Outbox, redis: Redis, seal: Seal, clock: Callable[[], datetime]
    ) -> None:
        self._outbox = outbox
        self._seal = seal
        self._parcels = Parcels(redis, seal)
        self._queue = queue("callbacks", redis)
        self._clock = clock
        self._handed: dict[str, tuple[datetime, int]] = {}

    def turn(self) -> tuple[int, int]:
        """One pass: how many were handed over, and how many were forgotten, for they are kept.

        Raises redis.RedisError where Redis fails it, and sqlite3.Error or OSError where the disk
        does; the next pass goes on from there. Redis is not asked anything while nothing waits.
        """
        waiting = {self._parcel(promise): promise for promise in self._outbox.waiting()}
        self._handed = {each: told for each, told in self._handed.items() if each in waiting}
        seen = self._parcels.look(list(waiting))
        kept = [each for each, found in seen.items() if found.refused is not None]
        self._forget(kept, waiting)
        due = [each for each in waiting if each not in kept and self._is_due(each, seen[each])]
        return self._hand(sorted(due, key=self._times), waiting), len(kept)

    def _parcel(self, promise: Promise) -> str:
        """What ``promise`` is called in Redis: its own id has the call's in it."""
        return self._seal.pseudonym(promise.id, "parcel")

    def _times(self, parcel: str) -> int:
        """How often it was handed over: what never was goes before what was in vain."""
        return self._handed[parcel][1] if parcel in self._handed else 0

    def _is_due(self, parcel: str, seen: Seen) -> bool:
        """Whether to hand it over, perhaps again, or because the clock was set back."""
        if parcel not in self._handed:
            return True
        waited = self._clock() - self._handed[parcel][0]
        lost = not seen.there and waited >= SETTLED
        return lost or waited >= UNANSWERED or waited < timedelta()

    def _forget(self, kept: Sequence[str], waiting: Mapping[str, Promise]) -> None:
        """The answers are taken away only afterwards: killed between the two, we do it again."""
        if kept:
            self._outbox.forget_promises([waiting[each].id for each in kept])
            self._parcels.clear(kept)

    def _hand(self, due: Sequence[str], waiting: Mapping[str, Promise]) -> int:
        """Hand over as many of ``due`` as the queue has room for; how many those were."""
        done = due[: max(0, MOST_QUEUED - len(self._queue))] if due else ()
        for each in done:
            self._parcels.lay(each, waiting[each])
            now = self._clock()
            job = f"promise-{each}-{int(now.timestamp() * 1000)}"
            put(self._queue, "keep_promise", job, each, forget=FORGET_FAILED)
            self._handed[each] = now, self._times(each) + 1
        return len(done)
