"""The events of the call log, kept until the store has them.

They are handed over in batches. A batch's id and extent are on disk before anybody is told of it,
and it never changes, so that handing it over again does no harm: it is the same batch.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from ivr.events import Event, moment
from ivr.outbox.file import PATIENCE, File

NOTE = (
    "INSERT INTO event (id, call, kind, at, facts, heard) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO NOTHING"
)
# Rows beyond the last batch: those of batches that were forgotten are gone.
UNBATCHED = """
SELECT position, id, call, kind, at, facts FROM event
WHERE position > (SELECT coalesce(max(last), 0) FROM batch) ORDER BY position LIMIT ?
"""
AGAIN = """
SELECT event.id, call, kind, at, facts FROM event
JOIN batch ON position BETWEEN first AND last WHERE batch.id = ? ORDER BY position
"""
FORGET = """
DELETE FROM event WHERE position BETWEEN
    (SELECT first FROM batch WHERE id = ?1) AND (SELECT last FROM batch WHERE id = ?1)
"""

OLDEST = "SELECT coalesce(heard, at) FROM event ORDER BY position LIMIT 1"


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that are handed over together, under an id that tells nothing of them."""

    id: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A batch that the store is not yet known to have."""

    id: str
    handed: datetime | None
    """When it was last handed over; None if it never was."""
    times: int
    """How often it was handed over."""


class Events:
    """The events in a file whose commits outlive this program.

    Everything here raises sqlite3.Error or OSError where the disk is in trouble.
    """

    def __init__(self, file: File) -> None:
        self._file = file

    def note(self, event: Event, patience: float = PATIENCE, heard: datetime | None = None) -> None:
        """Keep ``event``, unless it is kept; wait ``patience`` seconds for others who write."""
        facts = json.dumps(dict(event.facts), separators=(",", ":"))
        came = moment(heard) if heard else None
        row = (event.id, event.call, event.kind, moment(event.at), facts, came)
        connection = self._file.connection()
        connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        connection.execute(NOTE, row)

    def batch(self, most: int) -> Batch | None:
        """The oldest events that are in no batch, at most ``most``, as a new batch, if any."""
        with self._file.transaction() as connection:
            rows = connection.execute(UNBATCHED, (most,)).fetchall()
            if not rows:
                return None
            batch = Batch(token_hex(16), tuple(_event(*row[1:]) for row in rows))
            extent = (batch.id, rows[0][0], rows[-1][0])
            connection.execute("INSERT INTO batch (id, first, last) VALUES (?, ?, ?)", extent)
        return batch

    def again(self, batch_id: str) -> Batch | None:
        """A batch made before, as it was made; None if it is forgotten."""
        rows = self._file.connection().execute(AGAIN, (batch_id,)).fetchall()
        return Batch(batch_id, tuple(_event(*row) for row in rows)) if rows else None

    def outstanding(self) -> list[Outstanding]:
        """Every batch not yet forgotten, oldest first."""
        rows = self._file.connection().execute("SELECT id, handed, times FROM batch ORDER BY last")
        return [
            Outstanding(id_, datetime.fromisoformat(handed) if handed else None, times)
            for id_, handed, times in rows
        ]

    def handed(self, batch_id: str, at: datetime) -> None:
        """Write down that a batch was handed over ``at`` this time, once more."""
        change = "UPDATE batch SET handed = ?, times = times + 1 WHERE id = ?"
        self._file.connection().execute(change, (moment(at), batch_id))

    def forget(self, batch_ids: Iterable[str]) -> None:
        """Let go of the events of these batches: the store has them."""
        with self._file.transaction() as connection:
            for batch_id in batch_ids:
                connection.execute(FORGET, (batch_id,))
                connection.execute("DELETE FROM batch WHERE id = ?", (batch_id,))
        self._file.fold()

    def depth(self) -> tuple[int, datetime | None]:
        """How many events the store is not known to have, and when the oldest was heard of."""
        connection = self._file.connection()
        (count,) = connection.execute("SELECT count(*) FROM event").fetchone()
        oldest = connection.execute(OLDEST).fetchone()
        return count, datetime.fromisoformat(oldest[0]) if oldest else None


def _event(id_: str, call: str, kind: str, at: str, facts: str) -> Event:
    try:
        return Event(id_, call, kind, datetime.fromisoformat(at), json.loads(facts))
    except ValueError as wrong:  # kept by a later version of the line, perhaps: not to be dropped
        raise sqlite3.DataError("a row is no event that this version of the line knows") from wrong
