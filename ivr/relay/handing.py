"""One pass over what the outbox holds: read the answers, forget, hand over, hand over again.

Promises go first, for somebody waits to be rung (:mod:`ivr.relay.promising`). The rest is events.

A batch is handed over again when Redis has lost it, and when nobody has answered for
:data:`UNANSWERED`, so that nothing hangs on RQ finding out that a worker died. Only so much is
handed over at a time: what the store cannot take stays on our own disk and not in Redis' memory.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from redis import Redis

from ivr.events import Event
from ivr.outbox import Outbox, Outstanding
from ivr.relay.aside import EVERY, Aside
from ivr.relay.promising import Promising
from ivr.relay.queue import put, queue
from ivr.relay.shelf import Seen, Shelf
from ivr.sealing import Seal

MOST = 500
"""Events in a batch: from about a hundred on, the store keeps them at its full speed."""
MOST_OUT = 100
"""Batches that wait for an answer at one time."""
MOST_QUEUED = 20
"""Jobs in RQ's queue above which nothing is added: the workers have enough to do."""
UNANSWERED = timedelta(seconds=60)
"""After this long without an answer a batch is handed over again."""
SETTLED = timedelta(seconds=2)
"""A batch that Redis lacks was lost if it was handed over longer ago than this."""
IN_VAIN = 240
"""Passes, about a minute's, after which it is said that what was forgotten is not erased yet."""
HANDINGS = 3
"""A batch handed over so often, while others were kept, is what is wrong, and is set aside."""
FORGET_FAILED = 3600
"""Seconds for which Redis remembers a job that failed: it is queued again each minute."""

log = structlog.get_logger("ivr.relay")


@dataclass(frozen=True, slots=True)
class Handed:
    """What one pass did, in batches, and in promises."""

    new: int = 0
    again: int = 0
    kept: int = 0
    """The store has them, and the outbox has forgotten them."""
    aside: int = 0
    """The store will not have them, or some of what is in them."""
    promises: int = 0
    """Promises handed over, for the first time or again."""
    promises_kept: int = 0
    """The store has them, and the outbox has forgotten them."""


class Relay:
    """Takes promises and events from ``outbox`` to ``redis``.

    Events that the store will not have go ``aside``.
    """

    def __init__(
        self,
        outbox: Outbox,
        redis: Redis,
        seal: Seal,
        clock: Callable[[], datetime],
        aside: Aside,
    ) -> None:
        self._outbox = outbox
        self._promising = Promising(outbox, redis, seal, clock)
        self._shelf = Shelf(redis, seal)
        self._queue = queue("log", redis)
        self._clock = clock
        self._aside = aside
        self._last_kept: datetime | None = None
        self._forgot: datetime | None = None
        self._in_vain = 0

    def turn(self) -> Handed:
        """One pass. Raises redis.RedisError where Redis fails it; the next goes on from there.

        Redis is not asked anything while there is nothing to hand over and nothing is out.
        """
        self._forget()
        promises, promises_kept = self._promising.turn()
        out = self._outbox.outstanding()
        seen = self._shelf.look([each.id for each in out])
        answered, aside = self._settle(seen)
        left = [each for each in out if each.id not in answered]
        stuck = [each for each in left if self._is_stuck(each, seen[each.id])]
        self._give_up(stuck)
        left = [each for each in left if each not in stuck]
        due = [each for each in left if self._is_due(each, seen[each.id])]
        due += self._new(MOST_OUT - len(left))
        done = self._hand(due)
        new = sum(not each.times for each in done)
        again = len(done) - new
        return Handed(new, again, len(answered), aside + len(stuck), promises, promises_kept)

    def behind(self) -> Mapping[str, int]:
        """How many events wait, and for how many seconds the oldest has."""
        waiting, oldest = self._outbox.depth()
        waited = self._clock() - oldest if oldest else timedelta()
        return {"waiting": waiting, "oldest_seconds": round(waited.total_seconds())}

    def _forget(self) -> None:
        """Erase what may be on our disk no longer, whether Redis is there or not.

        A pass that fails at it is followed by those that do not try.
        """
        self._in_vain = 0 if self._outbox.sweep() else self._in_vain + 1
        if self._in_vain and self._in_vain % IN_VAIN == 0:
            mend = "end whatever has outbox.sqlite3 open that is no program of the line"
            log.warning("not erased", mend=mend)
        now = self._clock()
        if self._forgot is None or not timedelta() <= now - self._forgot < EVERY:
            self._forgot = now
            count = self._aside.forget(now)
            if count:
                log.warning("forgotten aside", events=count)

    def _settle(self, seen: Mapping[str, Seen]) -> tuple[set[str], int]:
        """Forget the batches that were answered: which, and from how many some is set aside.

        The answers are taken away only afterwards: killed between the two, we do it once more.
        """
        answers = {batch: each.refused for batch, each in seen.items() if each.refused is not None}
        refused = {batch: ids for batch, ids in answers.items() if ids}
        for batch, ids in refused.items():
            self._set_aside(batch, ids)
        if answers:
            self._last_kept = self._clock()
            self._outbox.forget(list(answers))
            self._shelf.clear(list(answers))
        return set(answers), len(refused)

    def _is_stuck(self, batch: Outstanding, seen: Seen) -> bool:
        """Whether it is this batch, and not Redis, the store or a worker, that is at fault."""
        if batch.handed is None or self._last_kept is None or not seen.there:
            return False
        others_were_kept = self._last_kept > batch.handed
        unanswered = self._clock() - batch.handed >= UNANSWERED
        return unanswered and others_were_kept and batch.times >= HANDINGS

    def _is_due(self, batch: Outstanding, seen: Seen) -> bool:
        """Whether to hand over ``batch``, perhaps again, or because the clock was set back."""
        if batch.handed is None:
            return True
        waited = self._clock() - batch.handed
        lost = not seen.there and waited >= SETTLED
        return lost or waited >= UNANSWERED or waited < timedelta()

    def _give_up(self, stuck: Sequence[Outstanding]) -> None:
        for each in stuck:
            self._set_aside(each.id)
        if stuck:
            self._outbox.forget([each.id for each in stuck])

    def _set_aside(self, batch: str, refused: Container[str] | None = None) -> None:
        """Keep on disk the events of ``batch`` that are among the ``refused``; all, if None."""
        content = [e for e in self._events(batch) if refused is None or e.id in refused]
        self._aside.put(batch, content)
        mend = "see docs/when-redis-is-down.md, then `ivr relay --again`"
        log.error("set aside", batch=batch, events=len(content), mend=mend)

    def _new(self, room: int) -> list[Outstanding]:
        """Put what is in no batch yet into at most ``room`` new ones."""
        made = takewhile(bool, (self._outbox.batch(MOST) for _ in range(room)))
        return [Outstanding(batch.id, None, 0) for batch in made if batch]

    def _hand(self, due: Sequence[Outstanding]) -> Sequence[Outstanding]:
        """Hand over as many of ``due`` as the queue has room for; killed anywhere, once more."""
        done = due[: max(0, MOST_QUEUED - len(self._queue))] if due else ()
        for each in done:
            self._shelf.lay(each.id, self._events(each.id))
            job = f"log-{each.id}-{each.times + 1}"
            put(self._queue, "keep_batch", job, each.id, forget=FORGET_FAILED)
            self._outbox.handed(each.id, self._clock())
        return done

    def _events(self, batch: str) -> Sequence[Event]:
        found = self._outbox.again(batch)
        return found.events if found else ()
