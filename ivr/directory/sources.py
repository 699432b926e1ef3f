"""Opens the files that postcodes come in: CSV, bare or gzipped, a folder of them, or a zip.

A folder or zip is searched to its depths, and what publishers put beside the postcodes (guides,
code lists, the same rows again by area) is passed over.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest, sha256
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from _typeshed import WriteableBuffer

Tick: TypeAlias = Callable[[int], object]
"""Told how many more bytes of a source have been read."""

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
LOCKED = 1
"""The flag of a zip's entry that is encrypted."""

BESIDE = re.compile(
    r"(^|/)(__macosx|\.[^/]*|docs?|documents?|metadata|user[ _]guides?|code[ _]?lists?)(/|$)"
    r"|column[_ ]headers|readme|licen[cs]e|names and codes",
    re.IGNORECASE,
)
"""Folders and files that hold documents and lists of codes, not postcodes."""

BY_AREA = re.compile(r"(.*/|)multi_csv/[^/]*", re.IGNORECASE)
"""ONSPD's second copy of its rows, one file for each postcode area."""


class SourceError(Exception):
    """A source that cannot be used; the message names file, row and reason."""


@dataclass(frozen=True, slots=True)
class Member:
    """One CSV file: a source by itself, or in a folder or a zip."""

    name: str
    """How it is told to people: the source's own name, and the way to it from there."""
    size: int
    """How many bytes ``opened`` will have told of when it has been read."""
    opened: Callable[[Tick], TextIO]
    """Opens it, unpacked."""
    alone: bool
    """Whether it was named by itself, and so must be a file of postcodes."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file or folder that was named, and what there is to read in it."""

    name: str
    sha256: str
    members: tuple[Member, ...]
    passed_over: int = 0
    """How many files are in it that were taken for documents, code lists or repeats."""


class _Readable(Protocol):
    """Whatever bytes can be read from."""

    def read(self, size: int = ..., /) -> bytes: ...
    def close(self) -> None: ...


class _Counted(io.RawIOBase):
    """A stream that tells how much of it has been read."""

    def __init__(self, stream: _Readable, tick: Tick) -> None:
        self._stream = stream
        self._tick = tick

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        got = self._stream.read(len(view))
        view[: len(got)] = got
        self._tick(len(got))
        return len(got)

    def close(self) -> None:
        self._stream.close()
        super().close()


def found(path: Path) -> Source:
    """What there is to read at ``path``; raises :class:`SourceError` if it cannot be opened."""
    try:
        if path.is_dir():
            return _folder(path)
        with path.open("rb") as file:
            start = file.read(len(ZIP))
            file.seek(0)
            digest = file_digest(file, "sha256").hexdigest()
        if start == ZIP:
            return _zip(path, digest)
        packed = start.startswith(GZIP)
        member = Member(
            path.name, path.stat().st_size, partial(_file, path, packed=packed), alone=True
        )
        return Source(path.name, digest, (member,))
    except zipfile.BadZipFile:
        raise SourceError(f"{path.name}: a zip that is cut short or damaged") from None
    except OSError as mistake:
        raise SourceError(f"{path.name}: {mistake.strerror or mistake}") from None


def _file(path: Path, tick: Tick, *, packed: bool) -> TextIO:
    return _text(_Counted(path.open("rb"), tick), packed=packed)


def _entry(path: Path, name: str, tick: Tick) -> TextIO:
    with zipfile.ZipFile(path) as archive:
        entry = archive.open(name)  # which stays readable until it is closed itself
    return _text(_Counted(entry, tick), packed=_is_packed(name))


def _is_packed(name: str) -> bool:
    return name.lower().endswith(".gz")


def _text(counted: _Counted, *, packed: bool) -> TextIO:
    """The text of a file, which may be gzipped; closed, it closes all that it is read through.

    Every postcode and code is ASCII; Latin-1 lets the names beside them be in any encoding.
    """
    stream = io.BufferedReader(counted)
    if packed:
        return io.TextIOWrapper(_Gunzipped(stream), encoding="latin-1", newline="")
    return io.TextIOWrapper(stream, encoding="latin-1", newline="")


class _Gunzipped(gzip.GzipFile):
    """A gzipped stream that, when it is closed, closes what it reads from."""

    def __init__(self, packed: io.BufferedReader[_Counted]) -> None:
        self._packed = packed
        super().__init__(fileobj=packed)

    def close(self) -> None:
        super().close()
        self._packed.close()


def _folder(path: Path) -> Source:
    files = {each.relative_to(path).as_posix(): each for each in path.rglob("*") if each.is_file()}
    names = _of_postcodes(files)
    digest = sha256()
    for name in names:
        with files[name].open("rb") as file:
            digest.update(f"{name}\n{file_digest(file, 'sha256').hexdigest()}\n".encode())
    shown = path.resolve().name
    members = tuple(
        Member(
            f"{shown}/{name}",
            files[name].stat().st_size,
            partial(_file, files[name], packed=_is_packed(name)),
            alone=False,
        )
        for name in names
    )
    return Source(shown, digest.hexdigest(), members, len(files) - len(names))


def _zip(path: Path, digest: str) -> Source:
    with zipfile.ZipFile(path) as archive:
        entries = {each.filename: each for each in archive.infolist() if not each.is_dir()}
    names = _of_postcodes(entries)
    if any(entries[name].flag_bits & LOCKED for name in names):
        raise SourceError(f"{path.name}: the zip is locked with a password; unpack it first")
    members = tuple(
        Member(
            f"{path.name}/{name}", entries[name].file_size, partial(_entry, path, name), alone=False
        )
        for name in names
    )
    return Source(path.name, digest, members, len(entries) - len(names))


def _of_postcodes(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that may be files of postcodes, in order."""
    tables = sorted(
        name
        for name in names
        if name.lower().endswith((".csv", ".csv.gz")) and not BESIDE.search(name)
    )
    whole = {name.rpartition("/")[0] for name in tables}
    return [
        name
        for name in tables
        if not ((split := BY_AREA.fullmatch(name)) and split[1].rstrip("/") in whole)
    ]
