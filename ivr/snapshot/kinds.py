"""How a table and a directory are made of their files, and found again as they were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from mmap import mmap
from pathlib import Path

from ivr.directory import Directory, DirectoryError
from ivr.routing import FILES, Table, TableError, read
from ivr.snapshot.files import FilesError
from ivr.snapshot.kept import Kept
from ivr.snapshot.published import Published


class TableFiles:
    """A routing table's four files: those that were published last, or until any are, a folder's.

    ``folder`` is the folder.
    """

    name = "routing table"

    def __init__(
        self,
        folder: Path,
        kept: Kept,
        published: Published,
        holidays: Mapping[str, frozenset[date]],
    ) -> None:
        self._own = [folder / file for file in FILES]
        self._kept = kept
        self._published = published
        self._holidays = holidays

    @property
    def paths(self) -> Sequence[Path]:
        """Where the four files lie now."""
        live = self._published.live()
        folder = self._published.folder(live)
        return [folder / file for file in FILES] if live else self._own

    def settles(self, paths: Sequence[Path]) -> bool:
        """Whether ``paths`` are those of the folder: what is published lies there whole."""
        return paths == self._own

    def refusal(self) -> str:
        """Why the version that was published last is not served here; "" if it is."""
        return self._published.refusal()

    def make(self, files: Mapping[str, bytes]) -> Table:
        """The table, once a copy of it is kept; raises FilesError."""
        try:
            table = read(files, self._holidays)
        except TableError as error:
            raise FilesError(str(error)) from None
        self._kept.keep_table(table.version, files)
        return table

    def last(self) -> Table | None:
        """The table that was good last."""
        return self._read(self._kept.table())

    def version(self, version: str) -> Table | None:
        """Another table, if it lies here and is what it says it is.

        It may be older than the one that is served, or be served by another machine already.
        """
        for files in (self._kept.table(version), self._published.files(version)):
            table = self._read(files)
            if table and table.version == version:
                return table
        return None

    def _read(self, files: Mapping[str, bytes]) -> Table | None:
        try:
            return read(files, self._holidays)
        except TableError:
            return None


class DirectoryFile:
    """A compiled directory."""

    name = "directory"

    def __init__(self, path: Path, kept: Kept) -> None:
        self.paths = [path]
        self._kept = kept

    def settles(self, paths: Sequence[Path]) -> bool:
        """It does: somebody may be copying it."""
        return bool(paths)

    def make(self, files: Mapping[str, bytes]) -> Directory:
        """The directory, mapped from a copy of it that is kept; raises FilesError.

        Where no copy can be kept it is held in this process's own memory.
        """
        path = self.paths[0]
        if path.name not in files:
            raise FilesError(f"{path}: there is no such file; build one with: ivr directory build")
        content = files[path.name]
        try:
            directory = Directory(content)
        except DirectoryError as error:
            raise FilesError(f"{path}: {error}") from None
        return _opened(self._kept.keep_directory(directory.version, content)) or directory

    def last(self) -> Directory | None:
        """The directory that was good last."""
        return _opened(self._kept.directory())


def _opened(copy: mmap | None) -> Directory | None:
    try:
        return Directory(copy) if copy else None
    except DirectoryError:
        return None
