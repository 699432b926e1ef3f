"""The outbox's SQLite file: made whole, for this user only, and found again if it was replaced.

Each thread has a connection of its own. The journal is a write-ahead log, so that a program that
is killed loses nothing it has written; whether a power cut may lose the last moments is decided by
whoever opens the file.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

PATIENCE = 0.25
"""Seconds to wait for another program that is writing: a caller is listening to the silence."""
LONGEST_LOG = 4_000
"""Pages of 4 KiB after which whoever writes must fold the log into the file, and wait for the
disk. While there is a relay it does not come to that: the relay folds it (:meth:`File.fold`)."""

VERSION = 2
TABLES = """
CREATE TABLE IF NOT EXISTS promise (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, service TEXT NOT NULL, number TEXT NOT NULL,
    asked TEXT NOT NULL -- ISO 8601 in UTC
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trial (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL);
INSERT OR IGNORE INTO trial VALUES (1, 0);
-- AUTOINCREMENT: a position is never given twice, even once its row is gone.
CREATE TABLE IF NOT EXISTS event (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, call TEXT NOT NULL,
    kind TEXT NOT NULL, at TEXT NOT NULL, facts TEXT NOT NULL -- a JSON object
);
-- A batch is the events from one position to another, so it never changes once it is made.
CREATE TABLE IF NOT EXISTS batch (
    id TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL UNIQUE,
    handed TEXT, times INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""
# When it was heard of, if not at its own time: a tiding may be on its way for long.
ADDED = {2: "ALTER TABLE event ADD COLUMN heard TEXT"}
"""What each version has added to the first's tables; programs of an earlier one go on as before."""


class File:
    """The file at ``path``, and how safe each commit to it is.

    ``synchronous`` FULL waits until it is on the disk; NORMAL until the system has it, which
    outlives us but not a power cut.
    """

    def __init__(self, path: Path, synchronous: Literal["FULL", "NORMAL"]) -> None:
        self._path = path
        self._synchronous = synchronous
        self._threads = threading.local()

    def connection(self) -> sqlite3.Connection:
        """This thread's connection to the file that is at the path now.

        A file that was moved or deleted is not written to any longer: nobody would find it.
        Raises sqlite3.Error or OSError.
        """
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None or self._threads.file != _identity(self._path):
            self.close()
            connection = _open(self._path, self._synchronous)
            self._threads.connection, self._threads.file = connection, _identity(self._path)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection, within one transaction that is the only one that writes.

        Raises sqlite3.Error or OSError, and then nothing of it was done.
        """
        connection = self.connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def fold(self) -> None:
        """Fold the log into the file as far as nobody is kept waiting by it."""
        self.connection().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def empty_log(self) -> bool:
        """Fold the whole log into the file and cut it short: nothing deleted is left in it.

        Whether it could be done at once: nobody is waited for. Nor is anybody kept waiting, for
        what takes time is done first, while others write; what is left is to cut it.
        """
        self.fold()
        connection = self.connection()
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
        return not busy

    def close(self) -> None:
        """Let go of the file in this thread; whatever is asked next opens it again."""
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        self._threads.connection = None
        if connection is not None:
            connection.close()


def _open(path: Path, synchronous: str) -> sqlite3.Connection:
    if not path.exists():
        _make(path)
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG}")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        if connection.execute("PRAGMA user_version").fetchone()[0] < VERSION:
            _lay_out(connection)  # made by an earlier version of the line
    except BaseException:
        connection.close()
        raise
    return connection


def _lay_out(connection: sqlite3.Connection) -> None:
    """Make what tables there are not; of two programs that do so at once, the second waits."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        for each in TABLES.split(";"):
            connection.execute(each)
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        for version, change in ADDED.items():
            if version > found:
                connection.execute(change)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except sqlite3.Error:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _make(path: Path) -> None:
    """Make an empty outbox that only this user can read, in a folder that only this user can.

    It is made whole under another name: of two programs that make it at once, the first wins.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".outbox-") as folder:
        fresh = Path(folder) / path.name
        fresh.touch(mode=0o600)
        with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            _lay_out(connection)
        _sync(fresh)
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    _sync(path.parent)  # the file's name too must outlive a power cut


def _sync(path: Path) -> None:
    """Wait until the file or folder at ``path`` is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
