"""A sign of life in Redis from whoever works a queue, so that it is known within a minute who died.

RQ's own would not do: it is given between two jobs, and counts for two minutes. What is judged is
whether a program is there; a job that hangs in it is ended by RQ itself (``relay.queue.LONGEST``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError

EVERY = 10
"""Seconds between two signs."""
AGAIN = 1
"""Seconds after which one that Redis did not take is given again."""
ALIVE = 25
"""Seconds for which a sign counts: two were missed then."""
KEPT = 3600
"""Seconds after which Redis forgets the dead."""


@contextmanager
def beating(connection: Redis, name: str, clock: Callable[[], float]) -> Iterator[None]:
    """Give signs, the first at once, that who works the queue ``name`` is alive.

    The others come from a thread of their own, so that no long job stands in their way. ``clock``
    tells seconds from the epoch. Whoever ends in good order is taken off at once.
    """
    who, stopping = uuid4().hex, threading.Event()

    def beat_once() -> float:
        """Give one; seconds until the next."""
        return EVERY if beat(connection, name, who, clock()) else AGAIN

    def keep_beating(pause: float) -> None:
        while not stopping.wait(pause):
            pause = beat_once()

    beats = threading.Thread(target=keep_beating, args=(beat_once(),), daemon=True)
    beats.start()
    try:
        yield
    finally:
        stopping.set()
        beats.join()
        with suppress(RedisError):
            connection.zrem(_key(name), who)


def beat(connection: Redis, name: str, who: str, now: float) -> bool:
    """Say that ``who``, who works the queue ``name``, is alive ``now``; whether Redis heard it."""
    try:
        with connection.pipeline() as told:
            told.zadd(_key(name), {who: now})
            told.zremrangebyscore(_key(name), "-inf", now - KEPT)
            told.expire(_key(name), KEPT)
            told.execute()
    except RedisError:
        return False
    return True


def alive(connection: Redis, names: Sequence[str], now: float) -> Mapping[str, int]:
    """How many are alive ``now`` who work each of the queues called ``names``.

    A sign from a time to come counts no longer than any other: a clock may be set back. Raises
    redis.RedisError where Redis does not answer.
    """
    with connection.pipeline() as asked:
        for name in names:
            asked.zcount(_key(name), now - ALIVE, now + ALIVE)
        return dict(zip(names, asked.execute(), strict=True))


def _key(name: str) -> str:
    return f"alive:{name}"
