"""Keeps copies of what was good, so that a start with a broken folder can serve it.

Tables lie in ``tables/<version>/`` and directories in ``directories/<version>.p2d``, each beside
a file ``last`` that names the newest; lists of places lie in ``geography/``. The directory is
served from its copy here, for a file that is mapped into memory must not be cut short by whoever
replaces it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path

from ivr.routing import FILES
from ivr.snapshot.disk import VERSION, all_but, make_private, text, write
from ivr.snapshot.files import read_file

TABLES = 64
"""How many tables are kept: more than are published while the longest call lasts."""

DIRECTORIES = 2
"""How many directories are kept."""

_LAST = "last"


class Kept:
    """The copies in one state folder. Where it cannot be written to, nothing is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables = folder / "tables"
        self._directories = folder / "directories"
        self._lists = folder / "geography"

    def keep_table(self, version: str, files: Mapping[str, bytes]) -> bool:
        """Whether the files of a good table are kept now, and known as the newest."""
        folder = self._tables / version
        try:
            make_private(self._folder, self._tables, folder)
            for name in FILES:
                write(folder / name, files[name])
            write(self._tables / _LAST, version.encode())
        except OSError:
            return False
        for old in all_but(TABLES, self._tables):
            shutil.rmtree(old, ignore_errors=True)
        return True

    def table(self, version: str = "") -> Mapping[str, bytes]:
        """The files of one kept table, or of the newest; none if it is not kept."""
        version = version or text(self._tables / _LAST)
        if not VERSION.fullmatch(version):
            return {}
        files = {name: read_file(self._tables / version / name) for name in FILES}
        return {name: content for name, content in files.items() if content is not None}

    def keep_directory(self, version: str, content: bytes) -> mmap | None:
        """The copy of a good directory, mapped into memory; None if it cannot be kept."""
        path = self._directories / f"{version}.p2d"
        try:
            make_private(self._folder, self._directories)
            if read_file(path) != content:
                write(path, content)
            write(self._directories / _LAST, version.encode())
        except OSError:
            return None
        for old in all_but(DIRECTORIES, self._directories):
            with suppress(OSError):
                old.unlink()
        return _mapped(path)

    def directory(self) -> mmap | None:
        """The newest kept directory, mapped into memory; None if there is none."""
        return _mapped(self._directories / f"{text(self._directories / _LAST)}.p2d")

    def keep_list(self, name: str, content: bytes) -> None:
        """Keeps a good list of places in the place of the one before, if it can be."""
        with suppress(OSError):
            make_private(self._folder, self._lists)
            if self.listed(name) != content:
                write(self._lists / name, content)

    def listed(self, name: str) -> bytes | None:
        """The list of places that was good last; None if none is kept."""
        return read_file(self._lists / name)


def _mapped(path: Path) -> mmap | None:
    try:
        with path.open("rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ)
    except (OSError, ValueError):  # ValueError: it is empty
        return None
