"""What a caller was told would be done after the call."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.outbox.file import File

# "ON CONFLICT (id)" and not "OR IGNORE", which would also pass over a row that breaks a rule.
KEEP = "INSERT INTO promise VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
FORGET = "DELETE FROM promise WHERE id = ?"
TRY = "UPDATE trial SET count = count + 1"


@dataclass(frozen=True, slots=True)
class Promise:
    """Something a caller was told would be done after the call.

    ``id`` is derived from the call, so that the same promise made twice is one promise. ``number``
    is in E.164. ``asked`` is when, with its time zone.
    """

    id: str
    kind: str
    service: str
    number: str = field(repr=False)
    asked: datetime


def write(promise: Promise) -> bytes:
    """``promise`` as JSON in UTF-8, for sealing: there is a telephone number in it."""
    asked = promise.asked.astimezone(UTC).isoformat()
    return json.dumps([promise.id, promise.kind, promise.service, promise.number, asked]).encode()


def read(content: bytes) -> Promise:
    """The promise that :func:`write` wrote. Raises ValueError for anything else."""
    try:
        *words, asked = json.loads(content)
        id_, kind, service, number = map(str, words)
        return Promise(id_, kind, service, number, datetime.fromisoformat(asked))
    except (TypeError, ValueError, RecursionError):
        raise ValueError("this is no promise") from None  # quoting none of it


class Promises:
    """The promises in a file whose every commit is on the disk.

    Everything here raises sqlite3.Error or OSError where the disk is in trouble.
    """

    def __init__(self, file: File) -> None:
        self._file = file

    def attempt(self) -> None:
        """Write a small row, as a promise would be."""
        self._file.connection().execute(TRY)

    def keep(self, promise: Promise) -> None:
        """Put ``promise`` on the disk, unless it is there."""
        asked = promise.asked.astimezone(UTC).isoformat()
        row = (promise.id, promise.kind, promise.service, promise.number, asked)
        self._file.connection().execute(KEEP, row)

    def waiting(self) -> list[Promise]:
        """Every promise not yet handed on, oldest first."""
        rows = self._file.connection().execute("SELECT * FROM promise ORDER BY asked, id")
        return [
            Promise(id_, kind, service, number, datetime.fromisoformat(asked))
            for id_, kind, service, number, asked in rows
        ]

    def forget(self, ids: Iterable[str]) -> None:
        """Let go of these promises: the store has them."""
        with self._file.transaction() as connection:
            connection.executemany(FORGET, [(each,) for each in ids])

    def standing(self) -> tuple[int, datetime | None]:
        """How many promises wait and when the oldest was asked for, with nobody's number read."""
        select = "SELECT count(*), min(asked) FROM promise"
        count, asked = self._file.connection().execute(select).fetchone()
        return count, datetime.fromisoformat(asked) if asked else None
