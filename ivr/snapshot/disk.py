"""Writes small files whole and finds them again: what the folders of state are made with."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from ivr.snapshot.files import read_file

VERSION = re.compile(r"[0-9a-f]{12}")
"""What a table or a directory is known by."""


def make_private(*folders: Path) -> None:
    """Makes folders that only this user can look into, for other things are kept beside."""
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write(path: Path, content: bytes) -> None:
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


def text(path: Path) -> str:
    """What a short file says; "" if it cannot be read."""
    return (read_file(path) or b"").decode("ascii", "replace").strip()


def all_but(most: int, folder: Path) -> list[Path]:
    """What lies in ``folder`` beyond its ``most`` newest, but for the file that names the last."""
    with suppress(OSError):
        found = [path for path in folder.iterdir() if VERSION.fullmatch(path.stem)]
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)[:-most]
    return []
