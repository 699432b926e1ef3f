"""A place in memory-backed storage where one program keeps its counts, for any other to read.

Prometheus' own way, a file for each process id that ever was, would grow with every program that
dies, so there is a numbered slot for each program that runs *at once*: whoever comes takes the
lowest that is free, and counts on from what its last holder left.

The files are written to through memory, and there a full disk is no error but the end of the
program, with its callers. So they are filled to their whole size before they are used, and never
grow: how much can come into them is bounded by :mod:`ivr.metrics.labels`.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from prometheus_client.mmap_dict import MmapedDict

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names the folder; it is prometheus-client's own."""

SIZES: Mapping[str, int] = {"counter": 1024 * 1024, "histogram": 512 * 1024}
"""Bytes of the file of each kind of metric that programs share."""

MOST = 64
"""Slots: more programs than one machine runs."""


class NoSlotError(Exception):
    """There is no room to count in."""


class Slot:
    """One slot in ``folder``, held until this program ends. Raises NoSlotError or OSError."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._number, self._lock = _claim(folder)
        self._holder = os.getpid()
        try:
            for kind, size in SIZES.items():
                _fill(folder / f"{kind}_{self._number}.db", size)
        except BaseException:
            self.let_go()
            raise

    def name(self) -> str:
        """What the files are called by. Raises NoSlotError in a child, which would spoil them."""
        if os.getpid() != self._holder:
            raise NoSlotError("the slot is held by the program that this one was forked from")
        return str(self._number)

    def let_go(self) -> None:
        """Leave the slot to another."""
        os.close(self._lock)


def _claim(folder: Path) -> tuple[int, int]:
    """The number of a free slot, and its lock, which the system lets go of when we end."""
    for number in range(MOST):
        lock = os.open(folder / f"{number}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # another program's, or a file system that has no locks
            os.close(lock)
        else:
            return number, lock
    raise NoSlotError("every slot is taken")


def _fill(path: Path, size: int) -> None:
    """Make sure that ``path`` is a sound file of ``size`` bytes, every one of them really there."""
    if not _sound(path, size):
        with NamedTemporaryFile(dir=path.parent, prefix=".fresh-", delete=False) as fresh:
            try:
                fresh.write(bytes(size))
                fresh.flush()
                os.fsync(fresh.fileno())
                Path(fresh.name).replace(path)
            except BaseException:
                Path(fresh.name).unlink(missing_ok=True)
                raise


def _sound(path: Path, size: int) -> bool:
    with suppress(OSError, ValueError, RuntimeError, struct.error, IndexError):
        if path.stat().st_size == size:
            list(MmapedDict.read_all_values_from_file(str(path)))  # type: ignore[no-untyped-call]
            return True
    return False
