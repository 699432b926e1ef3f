"""Keeps the versions of the routing table, and who imported, approved and published which.

Nothing is ever changed but the result of the newest check: a version's files, an approval and a
publication are written once. What may be done is decided by :mod:`ivr.tables`, in the transaction
that does it, and the audit tells of it in that same transaction: a table is not live without.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from ivr import routing, tables
from ivr.store import version_rows as rows
from ivr.store.audit import write_down
from ivr.store.database import Database
from ivr.store.operators import versions
from ivr.tables import INSTALLED, CheckSummary, Files, Publication, TablesError, Version

MOST_READY = 16
"""How many versions every host keeps at hand, so that what is published next is there already."""


class Versions:
    """The versions of a store, reached as ``Store.versions``.

    Everything raises SQLAlchemy's errors for a database that cannot be used, and what changes a
    version TablesError, in one clear line, where it may not be changed so. ``terminal`` is whose
    shell it is done in, where nothing but that proves who does it; "" in the console.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(  # noqa: PLR0913 - all that is kept of an import
        self, files: Files, by: str, note: str, based_on: str, at: datetime, *, terminal: str = ""
    ) -> Version:
        """The version that ``files`` say, imported if it was not before; else as it was.

        ``based_on`` is the version it was made from, "" if there is none. Raises
        :class:`ivr.routing.TableError` for files that are no table.
        """
        id_ = routing.read(files).version
        with self._database.writing() as connection:
            if rows.one(connection, self._database, id_) is None:
                row = {"id": id_, "imported_at": at, "imported_by": rows.name(by)}
                row |= {"note": rows.words(note), "based_on": based_on}
                connection.execute(insert(versions).values(row))
                rows.keep_files(connection, id_, files)
                if by != INSTALLED:  # which nobody did
                    told = {"note": row["note"], "based_on": based_on}
                    _audit(connection, (by, "imported", id_), at, told, terminal)
            return self._known(connection, id_)

    def install(self, files: Files, at: datetime) -> Version | None:
        """Import and publish the table that this installation starts with; None if none need be.

        It needs no check and no person, for it is served already. Once a person has published
        anything it never happens again. Raises as :meth:`add` does.
        """
        newest = self.newest()
        if newest and (not newest.installed or newest.version == routing.read(files).version):
            return None
        version = self.add(files, INSTALLED, "what this installation started with", "", at)
        with self._database.writing() as connection:
            if rows.newest(connection) != newest:  # somebody else was quicker
                return None
            publication = Publication(version.id, at, INSTALLED, "installed")
            rows.note_publication(connection, publication)
            return self._known(connection, version.id)

    def get(self, id: str) -> Version | None:  # noqa: A002 - what it is
        """The version with this id, if there is one."""
        with self._database.reading() as connection:
            return rows.one(connection, self._database, id)

    def beginning(self, begins: str) -> list[Version]:
        """Those whose id begins so, two at most: a person gives no more of it than they must."""
        if not begins.isalnum():
            return []
        wanted = select(versions).where(versions.c.id.startswith(begins)).limit(2)
        with self._database.reading() as connection:
            return rows.several(connection, self._database, wanted)

    def all(self, most: int = 100) -> list[Version]:
        """The newest ``most`` versions, the newest import first."""
        newest = select(versions).order_by(versions.c.imported_at.desc(), versions.c.id)
        with self._database.reading() as connection:
            return rows.several(connection, self._database, newest.limit(most))

    def live(self) -> Version | None:
        """The version that was published last; None before there is any."""
        with self._database.reading() as connection:
            return self._live(connection)

    def newest(self) -> Publication | None:
        """The publication that made the live version live; None before there is any."""
        with self._database.reading() as connection:
            return rows.newest(connection)

    def ready(self) -> list[str]:
        """The ids of the versions that may be published next, the newest import first."""
        may_be = versions.c.checked["ok"].as_boolean()
        newest = select(versions.c.id).where(may_be).order_by(versions.c.imported_at.desc())
        with self._database.reading() as connection:
            return list(connection.scalars(newest.limit(MOST_READY)))

    def checked(self, id: str, summary: CheckSummary | Mapping[str, object]) -> Version:  # noqa: A002 - what it is
        """Write down what the newest check of a version found, as it is or as JSON has it."""
        found = summary if isinstance(summary, CheckSummary) else CheckSummary.read(summary)
        with self._database.writing() as connection:
            self._known(connection, id)
            changed = update(versions).where(versions.c.id == id).values(checked=found.told())
            connection.execute(changed)
            return self._known(connection, id)

    def approve(self, id: str, by: str, at: datetime, *, terminal: str = "") -> Version:  # noqa: A002 - what it is
        """Write down that ``by`` approves of a version; twice is once, best where it is proved."""
        with self._database.writing() as connection:
            version = self._known(connection, id)
            tables.may_approve(version, by)
            if not tables.has_approved(version, by, terminal=terminal):
                rows.note_approval(connection, self._database, id, (rows.name(by), at, terminal))
                _audit(connection, (by, "approved", id), at, {}, terminal)
            return self._known(connection, id)

    def publish(  # noqa: PLR0913 - all of it is said each time
        self,
        id: str,  # noqa: A002 - what it is
        by: str,
        why: str,
        at: datetime,
        *,
        two_people: bool,
        although: int | None = None,
        seen: str | None = None,
        terminal: str = "",
    ) -> Publication:
        """Make a version live, if it may be (:func:`ivr.tables.may_publish`).

        ``although`` is how many postcodes lose their service by it as far as ``by`` knows
        (:func:`ivr.tables.must_know`), and ``seen`` what they saw to be live; None: neither said.
        """
        with self._database.writing() as connection:
            before = self._live(connection)
            version = self._known(connection, id)
            tables.must_see(before.id if before else "", seen)
            tables.may_publish(version, at, two_people=two_people)
            lost = tables.must_know(version, before, although)
            told = f"{lost}" if lost else ""
            done = Publication(id, at, rows.name(by), rows.words(why), although=told)
            self._publish(connection, done, before, terminal)
        return done

    def roll_back(
        self, by: str, why: str, at: datetime, *, seen: str | None = None, terminal: str = ""
    ) -> Publication:
        """Make the version live that was so before the live one; its check and approvals stand."""
        with self._database.writing() as connection:
            before = self._live(connection)
            tables.must_see(before.id if before else "", seen)
            returned = tables.before(rows.published(connection))
            done = Publication(returned, at, rows.name(by), rows.words(why), rolled_back=True)
            self._publish(connection, done, before, terminal)
        return done

    def publications(self, most: int = 1000) -> list[Publication]:
        """The newest ``most`` publications, the newest first."""
        with self._database.reading() as connection:
            return rows.published(connection)[: -most - 1 : -1]

    def _live(self, connection: Connection) -> Version | None:
        newest = rows.newest(connection)
        return rows.one(connection, self._database, newest.version) if newest else None

    def _publish(
        self, connection: Connection, done: Publication, before: Version | None, terminal: str
    ) -> None:
        """Write down a publication, here and in the audit: both, or neither."""
        rows.note_publication(connection, done)
        told = {"why": done.why, "before": before.id if before else ""}
        told |= {"although": done.although} if done.although else {}
        what = "rolled back" if done.rolled_back else "published"
        _audit(connection, (done.by, what, done.version), done.at, told, terminal)

    def _known(self, connection: Connection, id_: str) -> Version:
        version = rows.one(connection, self._database, id_)
        if version is None:
            raise TablesError(f"there is no version {id_}")
        return version


def _audit(
    connection: Connection,
    done: tuple[str, str, str],
    at: datetime,
    told: Mapping[str, object],
    terminal: str,
) -> None:
    """Write down in the audit that somebody did something with a version, and in whose shell."""
    who, what, version = done
    detail = {**told, "terminal": terminal} if terminal else told
    write_down(connection, (who, f"table: {what}", version, detail), at)
