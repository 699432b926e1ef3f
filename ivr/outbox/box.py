"""The outbox as the rest of the line sees it.

Neither a promise nor an event that cannot be kept ever raises for trouble with the disk: such a
promise is not made, such an event is counted, and the call goes on. No telephone number is ever
logged from here. Nothing a caller waits for waits longer than :data:`~ivr.outbox.file.PATIENCE`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from math import inf
from pathlib import Path
from time import monotonic

import structlog

from ivr.events import PROBE, Event
from ivr.outbox.events import Batch, Events, Outstanding
from ivr.outbox.file import PATIENCE, File
from ivr.outbox.promises import Promise, Promises

TRUSTED = 1.0
"""Seconds for which the last answer to "could it be written?" still holds."""
SWEPT = 3600.0
"""Seconds for which an event may stand in the file's log after it was forgotten: to cut that short
after each batch would be one more write to the disk for each."""
SAID_AGAIN = 60.0
"""Seconds after which it is said again that events are being lost."""

log = structlog.get_logger()


class Outbox:
    """What is kept in the file at ``path``; safe to share between threads and programs."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._files = (File(path, "FULL"), File(path, "NORMAL"))
        self._promises, self._events = Promises(self._files[0]), Events(self._files[1])
        self._tried = self._failed = self._said = -inf
        self._sweep_at = -inf  # whoever was here before may have been killed
        self._well = False
        self._unlogged = 0

    @property
    def unlogged(self) -> int:
        """How many events could not be kept since this program began."""
        return self._unlogged

    def ready(self) -> bool:
        """Whether a promise could be kept now: a small row was written a second ago or less."""
        if self._clock() - self._tried >= TRUSTED:
            self._promised(self._promises.attempt)
        return self._well

    def accept(self, promise: Promise) -> bool:
        """Whether ``promise`` is now on disk, for good. The same id twice is kept once.

        Raises ValueError if ``promise.asked`` has no time zone.
        """
        if promise.asked.tzinfo is None:
            raise ValueError("a promise says in which time zone it was asked for")
        return self._promised(lambda: self._promises.keep(promise))

    def waiting(self) -> list[Promise]:
        """Every promise not yet handed on, oldest first. Raises sqlite3.Error or OSError."""
        return self._promises.waiting()

    def standing(self) -> tuple[int, datetime | None]:
        """How many promises wait and when the oldest was asked for, with nobody's number read.

        Raises sqlite3.Error or OSError.
        """
        return self._promises.standing()

    def forget_promises(self, ids: Iterable[str]) -> None:
        """Let go of these promises, for the store has them. Raises sqlite3.Error or OSError.

        Their numbers are erased from the disk as :meth:`sweep` says.
        """
        self._sweep_at = -inf
        self._promises.forget(ids)
        self.sweep()

    def note(self, event: Event, heard: datetime | None = None) -> bool:
        """Whether ``event`` is now kept, though this program be killed; never raises for a disk.

        It was ``heard`` of at its own time, unless that is given. The same id twice is kept once.
        After a failure nobody is waited for, for a second: one program that will not let go must
        not cost every caller a wait. A probe's is not kept.
        """
        if event.call.startswith(PROBE):
            return True
        patience = PATIENCE if self._clock() - self._failed >= TRUSTED else 0
        try:
            self._events.note(event, patience, heard)
        except (sqlite3.Error, OSError) as wrong:
            self._missed(wrong)
            return False
        return True

    def batch(self, most: int) -> Batch | None:
        """The oldest events that are in no batch, at most ``most``, as a new batch, if any.

        Its id and extent are on disk. Raises sqlite3.Error or OSError, as does all below.
        """
        return self._events.batch(most)

    def again(self, batch_id: str) -> Batch | None:
        """A batch made before, just as it was made; None if it is forgotten."""
        return self._events.again(batch_id)

    def outstanding(self) -> list[Outstanding]:
        """Every batch that is not yet forgotten, oldest first, handed over or not."""
        return self._events.outstanding()

    def handed(self, batch_id: str, at: datetime) -> None:
        """Write down that a batch was handed over ``at`` this time, once more."""
        self._events.handed(batch_id, at)

    def forget(self, batch_ids: Iterable[str]) -> None:
        """Let go of the events of these batches, for the store has them."""
        self._sweep_at = min(self._sweep_at, self._clock() + SWEPT)
        self._events.forget(batch_ids)

    def sweep(self) -> bool:
        """Cut the log short if something was forgotten that has stood in it for long enough.

        What is deleted still stands in the file's log until that is done: a promise's number is
        not to stand there at all, an event for :data:`SWEPT`. Whether nothing is overdue now; it
        may not be done while somebody reads, and is to be asked for again. Never raises for a disk.
        """
        if self._clock() < self._sweep_at:
            return True
        try:
            done = self._files[0].empty_log()
        except (sqlite3.Error, OSError):
            self._files[0].close()
            return False
        self._sweep_at = inf if done else self._sweep_at
        return done

    def depth(self) -> tuple[int, datetime | None]:
        """How many events the store is not known to have, and when the oldest was heard."""
        return self._events.depth()

    def close(self) -> None:
        """Let go of the file in this thread; whatever is asked next opens it again."""
        for file in self._files:
            file.close()

    def _promised(self, write: Callable[[], None]) -> bool:
        """Whether ``write`` was carried out and is on disk."""
        try:
            write()
        except (sqlite3.Error, OSError) as wrong:
            self._files[0].close()
            self._well = False
            log.critical("outbox cannot be written", error=_kind(wrong))
        else:
            self._well = True
        self._tried = self._clock()
        return self._well

    def _missed(self, wrong: Exception) -> None:
        """Count an event that is lost, and say so, but not for each of them."""
        self._files[1].close()
        self._failed = self._clock()
        self._unlogged += 1
        if self._failed - self._said >= SAID_AGAIN:
            self._said = self._failed
            log.critical("turns are not logged", error=_kind(wrong), unlogged=self._unlogged)


def _kind(wrong: Exception) -> str:
    """The kind of a fault and not its message, which is not ours to vouch for."""
    return getattr(wrong, "sqlite_errorname", type(wrong).__name__)
