"""What lies in Redis between the relay and a worker: batches of events and single promises.

All of it is sealed, and so are the answers. Whoever can read Redis learns how many there are and
when, and no more. Whoever can write to it cannot have a batch or a promise forgotten or swapped,
since an answer has the id of what it answers sealed in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redis import Redis

from ivr import events
from ivr.events import Event
from ivr.outbox import Promise
from ivr.outbox.promises import read, write
from ivr.sealing import Seal, SealError

WEEK = 7 * 24 * 3600
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Seen:
    """What Redis has of one batch or promise."""

    there: bool
    """Whether it still lies there for a worker."""
    refused: tuple[str, ...] | None
    """The ids of those of its events that the store will not have; None while there is no answer.
    The store has all the others."""


class Answered:
    """What lies in ``redis``, each under an id that tells nothing, and the answers to it.

    Every method raises redis.RedisError where Redis fails it.
    """

    kind: str
    """What it is that lies there."""

    def __init__(self, redis: Redis, seal: Seal) -> None:
        self._redis = redis
        self._seal = seal

    def answer(self, id_: str, refused: Iterable[str] = ()) -> None:
        """Say that the store has ``id_``, but for the events it has ``refused``."""
        answer = self._sealed("kept", id_, json.dumps(list(refused)).encode())
        with self._redis.pipeline(transaction=True) as both:
            both.set(_answer(id_), answer, ex=DAY)
            both.delete(self._place(id_))
            both.execute()

    def look(self, ids: Sequence[str]) -> dict[str, Seen]:
        """What Redis has, at one moment, of each of ``ids``."""
        if not ids:
            return {}
        with self._redis.pipeline(transaction=True) as both:
            both.mget([_answer(each) for each in ids])
            for each in ids:
                both.exists(self._place(each))
            answers, *there = both.execute()
        return {
            id_: Seen(bool(lies), self._read(id_, answer))
            for id_, answer, lies in zip(ids, answers, there, strict=True)
        }

    def clear(self, ids: Sequence[str]) -> None:
        """Take away the answers to ``ids``, which nobody asks for any longer."""
        if ids:
            self._redis.unlink(*[_answer(each) for each in ids])

    def _lay(self, id_: str, content: bytes) -> None:
        """Lay ``content`` out for a worker, for a week."""
        self._redis.set(self._place(id_), self._sealed(self.kind, id_, content), ex=WEEK)

    def _take(self, id_: str) -> bytes | None:
        """What lies there; None if nothing does. Raises SealError if none of our keys opens it."""
        sealed = self._redis.get(self._place(id_))
        return self._opened(self.kind, id_, sealed) if isinstance(sealed, bytes) else None

    def _place(self, id_: str) -> str:
        return f"ivr:{self.kind}:{id_}"

    def _read(self, id_: str, answer: bytes | None) -> tuple[str, ...] | None:
        """The ids in ``answer``; None if there is none, or none that a worker of ours gave."""
        if answer is None:
            return None
        try:
            return tuple(json.loads(self._opened("kept", id_, answer)))
        except SealError:
            return None

    def _sealed(self, kind: str, id_: str, content: bytes) -> bytes:
        return self._seal.seal(_label(kind, id_) + content)

    def _opened(self, kind: str, id_: str, sealed: bytes) -> bytes:
        content = self._seal.open(sealed)
        label = _label(kind, id_)
        if not content.startswith(label):
            raise SealError("sealed as something else")
        return content.removeprefix(label)


class Shelf(Answered):
    """The batches of events."""

    kind = "batch"

    def lay(self, batch: str, content: Sequence[Event]) -> None:
        """Lay ``content`` out for a worker, for a week."""
        self._lay(batch, events.write(content))

    def take(self, batch: str) -> list[Event] | None:
        """The events of ``batch``; None if it does not lie there.

        Raises SealError if it was not sealed with the keys there are here.
        """
        content = self._take(batch)
        return None if content is None else events.read(content)


class Parcels(Answered):
    """The promises."""

    kind = "parcel"

    def lay(self, parcel: str, promise: Promise) -> None:
        """Lay ``promise`` out for a worker, for a week."""
        self._lay(parcel, write(promise))

    def take(self, parcel: str) -> Promise | None:
        """The promise in ``parcel``; None if it does not lie there.

        Raises SealError if it was not sealed with the keys there are here, and ValueError if it is
        none.
        """
        content = self._take(parcel)
        return None if content is None else read(content)


def _answer(id_: str) -> str:
    return f"ivr:kept:{id_}"


def _label(kind: str, id_: str) -> bytes:
    return f"{kind} {id_}\n".encode()
