"""Opens the database that a URL names: SQLite in a private file, or Postgres."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

PATIENCE = 30
"""Seconds to wait for another program that is writing; nobody is listening to the silence here."""

LOCK = 0x70726573732032
"""Which of Postgres's advisory locks is ours."""


class StoreError(Exception):
    """The store cannot be used as it is set up; the message is one clear line."""


def open_engine(url: str) -> Engine:
    """The engine for ``url``, ``sqlite:///FILE`` or ``postgresql://...``.

    An SQLite file is made if it is not there, for this user alone. Raises :class:`StoreError`.
    """
    where = _understood(url)
    if where.get_backend_name() == "sqlite":
        return _sqlite(where)
    patience = {"connect_timeout": PATIENCE}
    return create_engine(where, pool_pre_ping=True, hide_parameters=True, connect_args=patience)


def _understood(url: str) -> URL:
    """The URL with the driver we use. It may hold a password, so it is in no message."""
    try:
        where = make_url(url)
    except ArgumentError as wrong:
        raise StoreError("the store's address is no database URL") from wrong
    if where.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return where.set(drivername="postgresql+psycopg")
    if where.drivername == "sqlite" and where.database not in (None, "", ":memory:"):
        return where
    raise StoreError("the store is sqlite:///FILE or postgresql://USER@HOST/NAME")


def _sqlite(where: URL) -> Engine:
    file = Path(str(where.database))
    try:
        _make(file)
    except OSError as wrong:
        raise StoreError(f"{file} cannot be made: {wrong.strerror}") from wrong
    engine = create_engine(where, hide_parameters=True, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _make(file: Path) -> None:
    """Make an empty database for this user alone, whole under another name: the first one wins."""
    if file.exists():
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=".log-") as fresh:  # made with mode 0600
        with closing(sqlite3.connect(fresh.name, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # the file itself remembers it
        with suppress(FileExistsError):
            file.hardlink_to(fresh.name)


def _set_up(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where we say, and not before
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten
    connection.execute("PRAGMA synchronous = FULL")  # the outbox forgets what is kept here


def _begin(connection: Connection) -> None:
    """Begin, with the lock already in hand where something will be written."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def alone(connection: Connection) -> None:
    """Wait until no other program writes, and let none until this transaction ends.

    On SQLite a transaction that writes is alone already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
