"""Watches files that a person may change under a running line, and reads them when they settle.

What is refused is told once and never tried again, whatever comes and goes in between: a line
that takes a table, drops it and takes it again serves no two callers alike.
"""

from __future__ import annotations

import hashlib
import stat
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import structlog

SETTLE = 0.2
"""Seconds for which nothing may change before files are read: copying a folder takes a moment."""

PATIENCE = 25
"""How often :data:`SETTLE` is waited before files that keep changing are left for later."""

LARGEST = 64_000_000
"""The most bytes read of a file; what is longer is neither a directory nor a table."""

Good = TypeVar("Good")
Made_co = TypeVar("Made_co", covariant=True)
Stamp = tuple[tuple[int, ...], ...]


def _told(what: str, lines: Sequence[str]) -> None:
    structlog.get_logger().error("alarm", what=what, lines=list(lines))


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="snapshot", daemon=True).start()


@dataclass(frozen=True, slots=True)
class Outside:
    """What is asked of the world outside; tests put other things in its place."""

    alarm: Callable[[str, Sequence[str]], None] = _told
    """Tells an operator: what happened, and the lines that say why."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, from any beginning."""
    wait: Callable[[float], None] = time.sleep
    begin: Callable[[Callable[[], None]], None] = _in_background
    """Does some work while its caller goes on; raises RuntimeError if it cannot just now."""


class FilesError(ValueError):
    """Files that cannot be used; the message says why, a line for each reason."""


class Kind(Protocol[Made_co]):
    """A kind of thing that is made of files."""

    @property
    def name(self) -> str:
        """What an operator calls it."""

    @property
    def paths(self) -> Sequence[Path]:
        """The files it is made of."""

    def settles(self, paths: Sequence[Path]) -> bool:
        """Whether these files may change one by one, so that they must be left to settle first."""

    def make(self, files: Mapping[str, bytes]) -> Made_co:
        """What the files hold; raises FilesError if they cannot be used."""

    def last(self) -> Made_co | None:
        """The one that was good last, as it was kept; None if none is."""


class Watched(Generic[Good]):
    """The newest good thing that was made of some files."""

    def __init__(self, kind: Kind[Good], outside: Outside) -> None:
        self.why = ""
        """Why the files as they are now are refused, a line for each reason; "" if they are not."""
        self._kind = kind
        self._outside = outside
        self._seen: Stamp = ()
        self._refused: dict[bytes, str] = {}
        self.good: Good | None = None
        self.look()
        if self.good is None:
            self._fall_back()

    def _fall_back(self) -> None:
        self.good = self._kind.last()
        found = "the last good one is used" if self.good else "there is no other to use"
        self._outside.alarm(f"the {self._kind.name} cannot be used; {found}", ())

    def look(self, *, at_once: bool = False) -> None:
        """Reads the files if they have changed, and keeps what is made of them if it is good.

        ``at_once`` leaves alone what would have to settle first: somebody is waiting.
        """
        paths = self._kind.paths
        stamp = _stamp(paths)
        settles = self.good is not None and self._kind.settles(paths)
        if stamp == self._seen or (at_once and settles):
            return
        seen = self._settled() if settles else stamp
        if seen is None:
            return
        files = _contents(paths)
        if _stamp(paths) == seen:  # or else they are changing still: the next look reads them
            self._seen = seen
            self._take(files)

    def _settled(self) -> Stamp | None:
        """The files' stamp once it has not changed for a while; None if patience ends first."""
        before = _stamp(self._kind.paths)
        for _ in range(PATIENCE):
            self._outside.wait(SETTLE)
            seen = _stamp(self._kind.paths)
            if seen == before:
                return seen
            before = seen
        return None

    def _take(self, files: Mapping[str, bytes]) -> None:
        digest = _digest(files)
        self.why = self._refused.get(digest, "")
        if self.why:
            return
        try:
            self.good = self._kind.make(files)
        except FilesError as refused:
            self.why = self._refused[digest] = str(refused)
            self._outside.alarm(f"the new {self._kind.name} is refused", self.why.splitlines())


def _digest(files: Mapping[str, bytes]) -> bytes:
    hashed = (name.encode() + hashlib.sha256(files[name]).digest() for name in sorted(files))
    return hashlib.sha256(b"".join(hashed)).digest()


def _stamp(paths: Sequence[Path]) -> Stamp:
    """What changes when any of the files does."""
    return tuple(_stamp_of(path) for path in paths)


def _stamp_of(path: Path) -> tuple[int, ...]:
    try:
        seen = path.stat()
    except OSError:
        return ()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def _contents(paths: Sequence[Path]) -> dict[str, bytes]:
    """The bytes of those files that can be read, by name."""
    files = {path.name: read_file(path) for path in paths}
    return {name: content for name, content in files.items() if content is not None}


def read_file(path: Path) -> bytes | None:
    """A file's first :data:`LARGEST` bytes; None if it cannot be read or is no plain file."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            return file.read(LARGEST)
    except OSError:
        return None
