"""Reads the names of places and the bank holidays, once, at the start; no call waits on them.

A list that cannot be read is told, and the last good one takes its place, or else an empty one:
callers are then not offered their landline's town, or not understood when they say a town's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from ivr.routing import Geography, TableError, Town, read_holidays, read_post_areas, read_towns
from ivr.routing.geography import HOLIDAYS, POST_AREAS, TOWNS
from ivr.settings import Settings
from ivr.snapshot.files import FilesError, Outside, Watched
from ivr.snapshot.kept import Kept

GEOGRAPHY = "geography"
"""The folder of the lists, in the configuration folder."""

Listed = TypeVar("Listed")


def read_geography(settings: Settings, outside: Outside | None = None) -> Geography:
    """Every list, as good as it can be had; that one cannot be read raises nothing."""
    reading = _Reading(settings, outside or Outside())
    towns: tuple[Town, ...] = ()
    return Geography(
        reading.one(POST_AREAS.file, read_post_areas, {}),
        reading.one(TOWNS.file, read_towns, towns),
        reading.one(HOLIDAYS.file, read_holidays, {}),
        reading.refused,
    )


class _Reading:
    """The reading of one line's lists, and what is found wrong on the way."""

    def __init__(self, settings: Settings, outside: Outside) -> None:
        self.refused: dict[str, str] = {}
        self._folder = settings.config_dir / GEOGRAPHY
        self._kept = Kept(settings.state_dir)
        self._outside = outside

    def one(self, file: str, read: Callable[[bytes], Listed], empty: Listed) -> Listed:
        """The list in ``file``, or the last good one, or ``empty``."""
        watched = Watched(ListFile(self._folder / file, read, self._kept), self._outside)
        if watched.why:
            self.refused[file] = watched.why
        return empty if watched.good is None else watched.good


class ListFile(Generic[Listed]):
    """One list, in a file of its own; ``read`` makes it of bytes, and may raise TableError."""

    def __init__(self, path: Path, read: Callable[[bytes], Listed], kept: Kept) -> None:
        self.name = f"list {path.name}"
        self.paths: Sequence[Path] = [path]
        self._file = path
        self._read = read
        self._kept = kept

    def settles(self, paths: Sequence[Path]) -> bool:
        """It does, though it is looked at once alone."""
        return bool(paths)

    def make(self, files: Mapping[str, bytes]) -> Listed:
        """The list, once a copy of it is kept; raises FilesError."""
        if self._file.name not in files:
            raise FilesError(f"{self._file}: there is no such file, or it cannot be read")
        content = files[self._file.name]
        try:
            found = self._read(content)
        except TableError as error:
            raise FilesError(str(error)) from None
        self._kept.keep_list(self._file.name, content)
        return found

    def last(self) -> Listed | None:
        """The list that was good last."""
        content = self._kept.listed(self._file.name)
        try:
            return None if content is None else self._read(content)
        except TableError:
            return None
