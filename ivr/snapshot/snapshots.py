"""Keeps the newest good directory and table in memory, and every older table still in use.

A caller never waits for files to settle: what has changed is read by another thread, checked whole,
and only then put in the place of what was there. Only where nobody has rung for a while is a table
that was published meanwhile read at once, some milliseconds long, so that the first caller is not
served the one before. A call that began with an older table finds it again by its version, in this
process or another.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from ivr.directory import Directory
from ivr.routing import Table
from ivr.routing.read import NO_HOLIDAYS
from ivr.settings import Settings
from ivr.snapshot.files import Outside, Watched
from ivr.snapshot.kept import Kept
from ivr.snapshot.kinds import DirectoryFile, TableFiles
from ivr.snapshot.published import Published

EVERY = 0.25
"""Seconds between looks at the files, while there are calls: what is rolled back is gone in one."""

DIRECTORY = "directory.p2d"
"""The compiled directory, in the configuration folder."""

ROUTING = "routing"
"""The folder of the routing table, in the configuration folder."""

REMEMBERED = 8
"""How many tables are kept in memory."""


class NothingToServe(Exception):  # noqa: N818 - it names what there is, as StopIteration does
    """There is no directory or no table, nor ever was a good one: only the last resort is left."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A directory and a table that are served together. Each is equal only to itself."""

    directory: Directory
    table: Table


class Snapshots:
    """What one process serves.

    ``holidays`` are each division's bank holidays, for the table's opening hours. That nothing
    good is to be had raises nothing here: the web layer must answer callers even so, and what is
    mended is found at the next look.
    """

    def __init__(
        self,
        settings: Settings,
        holidays: Mapping[str, frozenset[date]] = NO_HOLIDAYS,
        outside: Outside | None = None,
    ) -> None:
        self._outside = outside or Outside()
        kept = Kept(settings.state_dir)
        published = Published(settings.state_dir)
        self._files = TableFiles(settings.config_dir / ROUTING, kept, published, holidays)
        self._table = Watched(self._files, self._outside)
        directory = DirectoryFile(settings.config_dir / DIRECTORY, kept)
        self._directory = Watched(directory, self._outside)
        self._current: Snapshot | None = None
        self._known: Mapping[str, Snapshot] = {}
        self._looking = threading.Lock()
        self._changing = threading.Lock()
        self._swap()
        self._next_look = self._outside.clock() + EVERY

    def current(self) -> Snapshot:
        """The newest good directory and table; raises NothingToServe if there are none."""
        if self._outside.clock() >= self._next_look and self._looking.acquire(blocking=False):
            self._look_again()
        if self._current is None:
            lacking = self._table if self._table.good is None else self._directory
            raise NothingToServe(lacking.why or "the files are changing just now")
        return self._current

    @property
    def table(self) -> Table | None:
        """The newest good table, whether or not there is a directory to serve it with."""
        return self._table.good

    def refused(self) -> Mapping[str, str]:
        """Why the newest table or directory is not the one that is served, a line a reason.

        By what an operator calls it; only those that are refused are there.
        """
        table = self._table.why or self._files.refusal()
        found = {TableFiles.name: table, DirectoryFile.name: self._directory.why}
        return {name: why for name, why in found.items() if why}

    def version(self, version: str) -> Snapshot:
        """The table of that ``version``, or the newest if it is nowhere to be found.

        Raises NothingToServe if there is none at all.
        """
        newest = self.current()
        if version == newest.table.version:
            return newest
        return self._known.get(version) or self._recalled(version, newest.directory) or newest

    def _look_again(self) -> None:
        """Has the files looked at by another thread, while calls go on."""
        now = self._outside.clock()
        idle = now >= self._next_look + EVERY
        self._next_look = now + EVERY
        if idle:  # what another thread finds would come too late for this call
            with suppress(Exception):  # that thread meets the fault too; no call may end on it
                self._table.look(at_once=True)
                self._swap()
        try:
            self._outside.begin(self._look)
        except RuntimeError:  # no thread is to be had just now; no call may end on that
            self._looking.release()

    def _look(self) -> None:
        try:
            self._directory.look()
            self._table.look()
            self._swap()
        finally:
            self._looking.release()

    def _swap(self) -> None:
        """Puts the newest directory and table in the place of what was served, if both are good."""
        directory, table, served = self._directory.good, self._table.good, self._current
        if directory is None or table is None:
            return
        if served is None or served.directory is not directory or served.table is not table:
            self._current = self._remembered(Snapshot(directory, table))

    def _recalled(self, version: str, directory: Directory) -> Snapshot | None:
        """An older table as it was kept on disk, with the directory of today."""
        table = self._files.version(version)
        return self._remembered(Snapshot(directory, table)) if table else None

    def _remembered(self, snapshot: Snapshot) -> Snapshot:
        with self._changing:
            version = snapshot.table.version
            others = [(name, old) for name, old in self._known.items() if name != version]
            self._known = dict([*others, (version, snapshot)][-REMEMBERED:])
        return snapshot
