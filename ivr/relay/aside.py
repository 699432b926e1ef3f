"""Keeps what the store will not have in files on this machine's disk, sealed, for a person to see.

Nothing is thrown away: once the fault is mended, what is here is handed over again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from ivr import events
from ivr.events import Event
from ivr.sealing import Seal


class Aside:
    """The events set aside in ``folder``, one file for each batch they came from."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self._folder = folder
        self._seal = seal

    def put(self, batch: str, content: Sequence[Event]) -> None:
        """Keep ``content``, on disk for good once this returns. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._folder, prefix=".aside-", delete=False) as fresh:
            fresh.write(self._seal.seal(events.write(content)))
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(fresh.name).replace(self._folder / f"{batch}.sealed")
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def files(self) -> list[Path]:
        """The files there are."""
        return sorted(self._folder.glob("*.sealed"))

    def read(self, files: Iterable[Path]) -> Iterator[tuple[Path, list[Event]]]:
        """What is in ``files``. Raises SealError where the keys of today do not open one."""
        for file in files:
            yield file, events.read(self._seal.open(file.read_bytes()))
