"""Makes the folder in which the line's programs count together, anew each time the line starts.

It is in memory where there is such a place: a count costs no write to a disk, and a disk that is
full cannot touch it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, for this user alone


LOCK = "line.lock"
"""Held while a line runs, so that what a killed one left behind is known for what it is."""


@contextmanager
def folder(state_dir: Path, memory: Path = MEMORY) -> Iterator[Path | None]:
    """An empty folder to count in, until the line ends; None where none can be made.

    Folders that lines left behind when they were killed are cleared away first.
    """
    ours = f"press-two-{os.getuid()}-"
    name = hashlib.sha256(os.fsencode(state_dir.absolute())).hexdigest()[:12]
    for left in memory.glob(f"{ours}*"):
        _clear_away(left)
    for place in (memory / f"{ours}{name}", state_dir / "metrics"):
        lock = _claimed(place)
        if lock is not None:
            break
    else:
        yield None
        return
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def _claimed(place: Path) -> int | None:
    """The lock of ``place``, now an empty folder of ours; None if it cannot be one."""
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        if not _is_ours(place):
            return None
        place.chmod(0o700)
        for file in place.iterdir():
            file.unlink()
        return _locked(place / LOCK, os.O_CREAT)
    except OSError:
        return None


def _clear_away(left: Path) -> None:
    """Delete a folder that nobody holds any more."""
    with suppress(OSError):
        if _is_ours(left):
            lock = _locked(left / LOCK)
            shutil.rmtree(left)
            os.close(lock)


def _is_ours(place: Path) -> bool:
    """Whether this is a folder that this user made, and not one that another laid there."""
    found = place.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _locked(file: Path, flags: int = 0) -> int:
    """The lock in ``file``. Raises OSError if another line holds it, or if there is none."""
    lock = os.open(file, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock
