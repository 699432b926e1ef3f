"""How a version of the routing table, its approvals and its publications lie in their rows."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select

from ivr.routing import FILES
from ivr.store.database import Database
from ivr.store.operators import approvals, publications, version_files, versions
from ivr.tables import Approval, CheckSummary, Files, Publication, Version, state

LONGEST_NAME = 120
LONGEST_WORDS = 2_000
"""The most characters kept of a note or a reason."""

PUBLISHED = (
    publications.c.version,
    publications.c.at,
    publications.c.by,
    publications.c.why,
    publications.c.rolled_back,
    publications.c.although,
)


class StoredFiles(Mapping[str, bytes]):
    """The files of a version, fetched from the store when the first is asked for."""

    def __init__(self, database: Database, version: str) -> None:
        self._database = database
        self._version = version
        self._fetched: Files | None = None

    def __getitem__(self, name: str) -> bytes:
        """The content of the file called ``name``."""
        return self._files()[name]

    def __iter__(self) -> Iterator[str]:
        """The names of the files."""
        return iter(FILES)

    def __len__(self) -> int:
        """How many there are."""
        return len(FILES)

    def _files(self) -> Files:
        if self._fetched is None:
            columns = (version_files.c.name, version_files.c.content)
            wanted = select(*columns).where(version_files.c.version == self._version)
            with self._database.reading() as connection:
                found = connection.execute(wanted).all()
            self._fetched = {name: zlib.decompress(content) for name, content in found}
        return self._fetched


def name(by: str) -> str:
    """Who did something, as it is kept."""
    return words(by)[:LONGEST_NAME]


def words(said: str) -> str:
    """What a person wrote, as it is kept: no database has a place for NUL."""
    return said.replace("\0", "").strip()[:LONGEST_WORDS]


def keep_files(connection: Connection, version: str, files: Files) -> None:
    """Keep the files of a version that is new."""
    kept = [
        {"version": version, "name": each, "content": zlib.compress(bytes(files[each]))}
        for each in FILES
    ]
    connection.execute(insert(version_files), kept)


def one(connection: Connection, database: Database, version: str) -> Version | None:
    """The version with this id, if there is one."""
    wanted = select(versions).where(versions.c.id == version)
    return next(iter(several(connection, database, wanted)), None)


def several(connection: Connection, database: Database, wanted: Select[Any]) -> list[Version]:
    """The versions that ``wanted`` selects, in its order."""
    found = connection.execute(wanted).mappings().all()
    if not found:
        return []
    approved: defaultdict[str, tuple[Approval, ...]] = defaultdict(tuple)
    columns = (approvals.c.version, approvals.c.by, approvals.c.at, approvals.c.terminal)
    ids = [row["id"] for row in found]
    theirs = select(*columns).where(approvals.c.version.in_(ids)).order_by(approvals.c.at)
    for version, *approval in connection.execute(theirs):
        approved[version] += (Approval(*approval),)
    everything = published(connection)
    return [
        _version(row, StoredFiles(database, row["id"]), approved[row["id"]], everything)
        for row in found
    ]


def published(connection: Connection) -> list[Publication]:
    """Every publication there was, in order."""
    rows = connection.execute(select(*PUBLISHED).order_by(publications.c.position))
    return [Publication(*row) for row in rows]


def newest(connection: Connection) -> Publication | None:
    """The last publication, if there was any."""
    last = select(*PUBLISHED).order_by(publications.c.position.desc()).limit(1)
    row = connection.execute(last).first()
    return Publication(*row) if row else None


def note_approval(
    connection: Connection, database: Database, version: str, approval: tuple[str, datetime, str]
) -> None:
    """Write down that somebody approves, when and in whose shell, in the place of what was."""
    by, at, terminal = approval
    row = database.insert(approvals).values(version=version, by=by, at=at, terminal=terminal)
    told = {"at": at, "terminal": terminal}
    keys = ["version", "by"]
    connection.execute(row.on_conflict_do_update(index_elements=keys, set_=told))


def note_publication(connection: Connection, publication: Publication) -> None:
    """Write down a publication."""
    row = {column.name: getattr(publication, column.name) for column in PUBLISHED}
    connection.execute(insert(publications).values(row))


def _version(
    row: RowMapping, files: Files, approved: tuple[Approval, ...], everything: list[Publication]
) -> Version:
    check = CheckSummary.read(row["checked"]) if row["checked"] else None
    own = tuple(each for each in everything if each.version == row["id"])
    live = bool(everything) and everything[-1].version == row["id"]
    return Version(
        id=row["id"],
        imported_at=row["imported_at"],
        imported_by=row["imported_by"],
        note=row["note"],
        files=files,
        based_on=row["based_on"],
        check=check,
        approvals=approved,
        publications=own,
        state=state(check, approved, published=bool(own), live=live),
    )
