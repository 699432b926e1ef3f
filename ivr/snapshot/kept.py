"""Keeps copies of what was good, so that a start with a broken folder can serve it.

Tables lie in ``tables/<version>/`` and directories in ``directories/<version>.p2d``, each beside
a file ``last`` that names the newest; lists of places lie in ``geography/``. The directory is
served from its copy here, for a file that is mapped into memory must not be cut short by whoever
replaces it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import NamedTemporaryFile

from ivr.routing import FILES
from ivr.snapshot.files import read_file

TABLES = 64
"""How many tables are kept: more than are published while the longest call lasts."""

DIRECTORIES = 2
"""How many directories are kept."""

_VERSION = re.compile(r"[0-9a-f]{12}")
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
            _make_private(self._folder, self._tables, folder)
            for name in FILES:
                _write(folder / name, files[name])
            _write(self._tables / _LAST, version.encode())
        except OSError:
            return False
        for old in _all_but(TABLES, self._tables):
            shutil.rmtree(old, ignore_errors=True)
        return True

    def table(self, version: str = "") -> Mapping[str, bytes]:
        """The files of one kept table, or of the newest; none if it is not kept."""
        version = version or _text(self._tables / _LAST)
        if not _VERSION.fullmatch(version):
            return {}
        files = {name: read_file(self._tables / version / name) for name in FILES}
        return {name: content for name, content in files.items() if content is not None}

    def keep_directory(self, version: str, content: bytes) -> mmap | None:
        """The copy of a good directory, mapped into memory; None if it cannot be kept."""
        path = self._directories / f"{version}.p2d"
        try:
            _make_private(self._folder, self._directories)
            if read_file(path) != content:
                _write(path, content)
            _write(self._directories / _LAST, version.encode())
        except OSError:
            return None
        for old in _all_but(DIRECTORIES, self._directories):
            with suppress(OSError):
                old.unlink()
        return _mapped(path)

    def directory(self) -> mmap | None:
        """The newest kept directory, mapped into memory; None if there is none."""
        return _mapped(self._directories / f"{_text(self._directories / _LAST)}.p2d")

    def keep_list(self, name: str, content: bytes) -> None:
        """Keeps a good list of places in the place of the one before, if it can be."""
        with suppress(OSError):
            _make_private(self._folder, self._lists)
            if self.listed(name) != content:
                _write(self._lists / name, content)

    def listed(self, name: str) -> bytes | None:
        """The list of places that was good last; None if none is kept."""
        return read_file(self._lists / name)


def _make_private(*folders: Path) -> None:
    """Makes folders that only this user can look into, for other things are kept beside."""
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write(path: Path, content: bytes) -> None:
    """Writes a file whole: whoever reads it finds the old or the new, even after a crash."""
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as fresh:
        try:
            fresh.write(content)
            fresh.flush()
            os.fsync(fresh.fileno())
            Path(fresh.name).replace(path)
        except OSError:
            Path(fresh.name).unlink(missing_ok=True)
            raise


def _mapped(path: Path) -> mmap | None:
    try:
        with path.open("rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ)
    except (OSError, ValueError):  # ValueError: it is empty
        return None


def _text(path: Path) -> str:
    return (read_file(path) or b"").decode("ascii", "replace").strip()


def _all_but(most: int, folder: Path) -> list[Path]:
    """What lies in ``folder`` beyond its ``most`` newest, but for the file that names the last."""
    with suppress(OSError):
        found = [path for path in folder.iterdir() if _VERSION.fullmatch(path.stem)]
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)[:-most]
    return []
