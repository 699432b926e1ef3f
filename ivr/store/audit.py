"""Keeps the audit: one entry after another, none of which is ever changed or taken out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select

from ivr.audit import Entry, Head, entry
from ivr.store.database import Database
from ivr.store.operators import audit

LONGEST = {"who": 120, "what": 80, "about": 160}
"""Characters of each that are kept."""

AT_A_TIME = 500
"""How many are read at once."""


class Audit:
    """The audit of a store, reached as ``Store.audit``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, who: str, what: str, about: str, detail: Mapping[str, object], at: datetime
    ) -> Entry:
        """Write down for good that ``who`` did ``what`` ``about`` something; the entry it made.

        ``detail`` is what JSON can hold.
        """
        with self._database.writing() as connection:
            return write_down(connection, (who, what, about, detail), at)

    def head(self) -> Head:
        """The newest entry's place and hash."""
        with self._database.reading() as connection:
            return _head(connection)

    def newest(self, most: int = 100, before: int | None = None) -> list[Entry]:
        """At most so many entries, newest first; those ``before`` a position, if one is given."""
        wanted = select(audit).order_by(audit.c.position.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(audit.c.position < before)
        with self._database.reading() as connection:
            return [_entry(row) for row in connection.execute(wanted).mappings()]

    def every(self) -> Iterator[Entry]:
        """Every entry, oldest first, some hundreds read at a time."""
        last = -1
        while True:
            wanted = select(audit).where(audit.c.position > last).order_by(audit.c.position)
            with self._database.reading() as connection:
                rows = connection.execute(wanted.limit(AT_A_TIME)).mappings().all()
            yield from map(_entry, rows)
            if len(rows) < AT_A_TIME:
                return
            last = rows[-1]["position"]


def write_down(
    connection: Connection, done: tuple[str, str, str, Mapping[str, object]], at: datetime
) -> Entry:
    """The entry for who did what about something, and the detail, as JSON can hold it.

    It is written in the transaction of what it tells of: either both are kept, or neither.
    """
    who, what, about, detail = done
    plain = json.loads(json.dumps(detail, allow_nan=False, default=str))
    said = (_cut("who", who), _cut("what", what), _cut("about", about), plain)
    made = entry(_head(connection), at, said)
    connection.execute(insert(audit).values(_row(made)))
    return made


def _cut(what: str, text: str) -> str:
    """``text``, no longer than is kept; without NUL, which Postgres takes nowhere."""
    return text.replace("\0", "")[: LONGEST[what]]


def _head(connection: Connection) -> Head:
    newest = select(audit.c.position, audit.c.hash).order_by(audit.c.position.desc()).limit(1)
    row = connection.execute(newest).first()
    return Head(row.position, row.hash) if row else Head()


def _row(made: Entry) -> dict[str, object]:
    return {name: getattr(made, name) for name in Entry.__slots__}


def _entry(row: RowMapping) -> Entry:
    return Entry(**row)
