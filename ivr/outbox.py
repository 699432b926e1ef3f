"""Keeps what we have promised a caller safe on this machine's disk, before it is said aloud.

One row of an SQLite file per promise. :meth:`Outbox.accept` is true only once the row is on disk,
and never raises for trouble with the disk: a promise that cannot be kept is simply not made. No
telephone number is ever logged from here. Nothing here waits longer than :data:`PATIENCE`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic

import structlog

PATIENCE = 0.25
"""Seconds to wait for another program that is writing: a caller is listening to the silence."""
TRUSTED = 1.0
"""Seconds for which the last answer to "could a promise be kept?" still holds."""

TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE promise (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, service TEXT NOT NULL, number TEXT NOT NULL,
    asked TEXT NOT NULL -- ISO 8601 in UTC
) WITHOUT ROWID;
CREATE TABLE trial (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL);
INSERT INTO trial VALUES (1, 0);
"""
# "ON CONFLICT (id)" and not "OR IGNORE", which would also pass over a row that breaks a rule.
KEEP = "INSERT INTO promise VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
TRY = "UPDATE trial SET count = count + 1"

log = structlog.get_logger()


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


class Outbox:
    """The promises kept in the file at ``path``; safe to share between threads and programs."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        self._path = path
        self._clock = clock
        self._threads = threading.local()
        self._tried = float("-inf")
        self._well = False

    def ready(self) -> bool:
        """Whether a promise could be kept now: a small row was written a second ago or less."""
        if self._clock() - self._tried >= TRUSTED:
            self._write(TRY)
        return self._well

    def accept(self, promise: Promise) -> bool:
        """Whether ``promise`` is now on disk, for good. The same id twice is kept once.

        Raises ValueError if ``promise.asked`` has no time zone.
        """
        if promise.asked.tzinfo is None:
            raise ValueError("a promise says in which time zone it was asked for")
        asked = promise.asked.astimezone(UTC).isoformat()
        return self._write(KEEP, promise.id, promise.kind, promise.service, promise.number, asked)

    def waiting(self) -> list[Promise]:
        """Every promise not yet handed on, oldest first. Raises sqlite3.Error or OSError."""
        rows = self._connection().execute("SELECT * FROM promise ORDER BY asked, id")
        return [
            Promise(id_, kind, service, number, datetime.fromisoformat(asked))
            for id_, kind, service, number, asked in rows
        ]

    def standing(self) -> tuple[int, datetime | None]:
        """How many promises wait and when the oldest was asked for, with nobody's number read.

        Raises sqlite3.Error or OSError.
        """
        row = self._connection().execute("SELECT count(*), min(asked) FROM promise").fetchone()
        return row[0], datetime.fromisoformat(row[1]) if row[1] else None

    def close(self) -> None:
        """Let go of the file in this thread; whatever is asked next opens it again."""
        self._threads.held = None

    def _write(self, statement: str, *values: str) -> bool:
        """Whether ``statement`` was carried out and is on disk."""
        try:
            self._connection().execute(statement, values)
        except (sqlite3.Error, OSError) as wrong:
            self.close()
            self._well = False
            # The kind and not the message, which is not ours to vouch for.
            kind = getattr(wrong, "sqlite_errorname", type(wrong).__name__)
            log.critical("outbox cannot be written", error=kind)
        else:
            self._well = True
        self._tried = self._clock()
        return self._well

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection to the file that is at the path now.

        A file that was moved or deleted is not written to any longer: nobody would find it.
        """
        held: _Held | None = getattr(self._threads, "held", None)
        if held is None or held.file != _identity(self._path):
            connection = _open(self._path)
            held = self._threads.held = _Held(connection, _identity(self._path))
        return held.connection


@dataclass(frozen=True, slots=True)
class _Held:
    """A connection and the file it is to, closed once its thread or its outbox is gone."""

    connection: sqlite3.Connection
    file: tuple[int, int] | None

    def __del__(self) -> None:
        self.connection.close()


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        _make(path)
    # Each thread has its own, but the last to let go of it may be another.
    connection = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")  # each commit waits until it is on the disk
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _make(path: Path) -> None:
    """Make an empty outbox that only this user can read, in a folder that only this user can.

    It is made whole under another name: of two programs that make it at once, the first wins.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".outbox-") as fresh:  # made with mode 0600
        with closing(sqlite3.connect(fresh.name, isolation_level=None)) as connection:
            connection.executescript(TABLES)
        os.fsync(fresh.fileno())
        with suppress(FileExistsError):
            os.link(fresh.name, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the file's name too must outlive a power cut
    finally:
        os.close(folder)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
