"""Keeps the call log: a batch that the relay laid out in Redis goes into the store, whole.

The job may run twice, and at once with itself, for the store keeps each event once; nothing is
answered before the store has it. A failed job leaves nothing of an event behind in Redis, though
the faults of databases like to quote the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from rq.timeouts import BaseTimeoutException

from ivr.events import CALLBACK, Event
from ivr.relay import Shelf
from ivr.sealing import SealError
from ivr.settings import Settings
from workers import means
from workers.asking import ask_to_look

CALL = attrgetter("call")


class Keeper(Protocol):
    """What keeps events for good: the store."""

    def keep(self, events: Sequence[Event]) -> int:
        """Keep those that are new, all or none; how many those were."""


class NotKeptError(means.NotDoneError):
    """A batch could not be kept now; the relay hands it over again. Tells the kind of fault."""


def make_ready(settings: Settings) -> None:
    """Bring the store's tables up to date. Raises whatever a store that cannot be reached does."""
    from ivr.store import migrate  # noqa: PLC0415 - the chores' worker needs no database

    migrate(settings.store_url)


def keep_batch(batch: str) -> None:
    """Keep ``batch`` in the store, and then answer that it is kept.

    Raises NotKeptError if it cannot be: the store is away, or has none of it.
    """
    redis = means.redis()
    for callback in keep(batch, Shelf(redis, means.seal()), means.store()):
        ask_to_look(redis, callback, f"b-{batch}")


def keep(batch: str, shelf: Shelf, store: Keeper) -> list[str]:
    """Keep ``batch``, which lies on ``shelf``, in ``store``: the callbacks it has tidings of.

    Raises NotKeptError.
    """
    try:
        events = shelf.take(batch)
    except (SealError, ValueError) as wrong:
        # Not refused: keys or versions differ between here and the relay, and that can be mended.
        raise NotKeptError(f"cannot be read: {type(wrong).__name__}") from None
    if events is None:  # it was kept before, or Redis has lost it, as the relay will notice
        return []
    shelf.answer(batch, [event.id for event in _refused(store, events)])
    told = (str(event.facts.get("callback")) for event in events if event.kind == CALLBACK)
    return sorted(set(told))


def _refused(store: Keeper, events: Sequence[Event]) -> list[Event]:
    """Keep ``events``; those that the store will not have. Raises NotKeptError if it has none.

    Call by call, so that one call does not stand in the way of the others. A refusal counts only
    from a store that is well: one that after it takes, once more, what it took before.
    """
    fault = _fault(store, events)
    if not fault:
        return []
    calls = [list(own) for _, own in groupby(sorted(events, key=CALL), key=CALL)]
    faulty = [own for own in calls if _fault(store, own)]
    had = [own for own in calls if own not in faulty]
    faulty = [own for own in faulty if _fault(store, own)] if had else faulty
    if not had or _fault(store, had[-1]):
        raise NotKeptError(f"the store is away, or has none of it: {fault}")
    return [event for own in faulty for event in own]


def _fault(store: Keeper, events: Sequence[Event]) -> str:
    """Keep ``events``; the kind of fault, and nothing of its message, if they were not."""
    try:
        store.keep(events)
    except BaseTimeoutException:  # the job has run for too long, and ends here
        raise
    except Exception as wrong:  # noqa: BLE001 - whatever it is, it must not quote a row in Redis
        return type(wrong).__name__
    return ""
