"""Keeps what the store will not have in files on this machine's disk, sealed, for a person to see.

Nothing is thrown away before its time: once the fault is mended, what is here is handed over
again. What tells of a caller is kept no longer here than in the store, though it is sealed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from ivr import events
from ivr.events import Event
from ivr.sealing import Seal, SealError

EVERY = timedelta(hours=1)
"""Time from one forgetting to the next."""
AHEAD = 2 * EVERY
"""What would be too old so soon is forgotten now: the next time may come late."""


@dataclass(frozen=True, slots=True)
class Days:
    """For how many days what lies aside is kept: as :class:`ivr.store.Retention` has it."""

    events: int = 35
    pseudonyms: int = 4
    areas: int = 1


class Aside:
    """The events set aside in ``folder``, one file for each batch they came from."""

    def __init__(self, folder: Path, seal: Seal, days: Days | None = None) -> None:
        self._folder = folder
        self._seal = seal
        self._days = days or Days()

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

    def forget(self, now: datetime) -> int:
        """Forget what may be kept no longer at ``now``; of how many events something was.

        First of each where its caller was, then who, and at last the event. A file that none of
        our keys opens goes when all in it would. Raises OSError.
        """
        count = 0
        for file in self.files():
            try:
                ((_, told),) = self.read([file])
            except (SealError, ValueError):  # nobody can tell what is in it
                told = None
            except FileNotFoundError:  # put back in this moment
                continue
            if told is None:
                _unlink(file, before=now + AHEAD - timedelta(days=self._days.events))
            else:
                count += self._keep_less(file, told, now)
        for begun in self._folder.glob(".aside-*"):
            _unlink(begun, before=now - EVERY)
        return count

    def _keep_less(self, file: Path, told: Sequence[Event], now: datetime) -> int:
        """Put what is still to be kept of ``told`` in the place of ``file``."""
        left = [each for each in (self._less(event, now) for event in told) if each]
        same = sum(each in told for each in left)
        if not left:
            file.unlink(missing_ok=True)
        elif same < len(told):
            self.put(file.stem, left)
        return len(told) - same

    def _less(self, event: Event, now: datetime) -> Event | None:
        """The event less what of it is too old; None if all is."""
        age = now + AHEAD - event.at
        if age > timedelta(days=self._days.events):
            return None
        limits = {"caller": self._days.pseudonyms, "area": self._days.areas}
        old = {name for name, days in limits.items() if age > timedelta(days=days)}
        kept = {name: value for name, value in event.facts.items() if name not in old}
        return replace(event, facts=kept)


def _unlink(file: Path, *, before: datetime) -> None:
    """Delete ``file`` if it was last written ``before`` this."""
    with suppress(FileNotFoundError):
        if datetime.fromtimestamp(file.stat().st_mtime, UTC) < before:
            file.unlink()
