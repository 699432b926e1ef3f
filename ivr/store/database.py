"""A database and the two ways to use it: to read, and to write while nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from ivr.store.opening import alone, open_engine

Insert = sqlite.Insert | postgresql.Insert


class Database:
    """The database at ``url``. Raises :class:`ivr.store.StoreError` for one that cannot be used."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._sqlite = self._engine.dialect.name == "sqlite"

    def insert(self, table: Table) -> Insert:
        """An insertion into ``table`` that can say what to do with a row that is there already."""
        return sqlite.insert(table) if self._sqlite else postgresql.insert(table)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, and nobody else writing: two who change one thing must not cross."""
        with (
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            alone(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for what changes nothing."""
        with self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database; whatever is asked next opens it again."""
        self._engine.dispose()
