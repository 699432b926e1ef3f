"""What lies in Redis between the relay and a worker: batches, and answers to them, all sealed.

Whoever can read Redis learns how many events there are and when, and no more. Whoever can write
to it cannot have a batch forgotten or swapped, since an answer is sealed too, with its batch's id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redis import Redis

from ivr import events
from ivr.events import Event
from ivr.sealing import Seal, SealError

WEEK = 7 * 24 * 3600
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Seen:
    """What Redis has of one batch."""

    there: bool
    """Whether it still lies there for a worker."""
    refused: tuple[str, ...] | None
    """The ids of those of its events that the store will not have; None while there is no answer.
    The store has all the others."""


class Shelf:
    """The batches in ``redis``. Every method raises redis.RedisError where Redis fails it."""

    def __init__(self, redis: Redis, seal: Seal) -> None:
        self._redis = redis
        self._seal = seal

    def lay(self, batch: str, content: Sequence[Event]) -> None:
        """Lay ``content`` out for a worker, for a week."""
        sealed = self._sealed("batch", batch, events.write(content))
        self._redis.set(_batch(batch), sealed, ex=WEEK)

    def take(self, batch: str) -> list[Event] | None:
        """The events of ``batch``; None if it does not lie there.

        Raises SealError if it was not sealed with the keys there are here.
        """
        sealed = self._redis.get(_batch(batch))
        if not isinstance(sealed, bytes):
            return None
        return events.read(self._opened("batch", batch, sealed))

    def answer(self, batch: str, refused: Iterable[str] = ()) -> None:
        """Say that the store has ``batch``, but for the events it has ``refused``."""
        answer = self._sealed("kept", batch, json.dumps(list(refused)).encode())
        with self._redis.pipeline(transaction=True) as both:
            both.set(_answer(batch), answer, ex=DAY)
            both.delete(_batch(batch))
            both.execute()

    def look(self, batches: Sequence[str]) -> dict[str, Seen]:
        """What Redis has, at one moment, of each of ``batches``."""
        if not batches:
            return {}
        with self._redis.pipeline(transaction=True) as both:
            both.mget([_answer(each) for each in batches])
            for each in batches:
                both.exists(_batch(each))
            answers, *there = both.execute()
        return {
            batch: Seen(bool(lies), self._read(batch, answer))
            for batch, answer, lies in zip(batches, answers, there, strict=True)
        }

    def clear(self, batches: Sequence[str]) -> None:
        """Take away the answers to ``batches``, which nobody asks for any longer."""
        if batches:
            self._redis.unlink(*[_answer(each) for each in batches])

    def _read(self, batch: str, answer: bytes | None) -> tuple[str, ...] | None:
        """The ids in ``answer``; None if there is none, or none that a worker of ours gave."""
        if answer is None:
            return None
        try:
            return tuple(json.loads(self._opened("kept", batch, answer)))
        except SealError:
            return None

    def _sealed(self, kind: str, batch: str, content: bytes) -> bytes:
        return self._seal.seal(_label(kind, batch) + content)

    def _opened(self, kind: str, batch: str, sealed: bytes) -> bytes:
        content = self._seal.open(sealed)
        label = _label(kind, batch)
        if not content.startswith(label):
            raise SealError("sealed as something else")
        return content.removeprefix(label)


def _batch(batch: str) -> str:
    return f"ivr:batch:{batch}"


def _answer(batch: str) -> str:
    return f"ivr:kept:{batch}"


def _label(kind: str, batch: str) -> bytes:
    return f"{kind} {batch}\n".encode()
