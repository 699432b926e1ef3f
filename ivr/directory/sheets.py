"""Reads a file of postcodes row by row, checking it as it goes by.

One that is cut short, damaged or not what it seems is refused by name, row and reason. Rows are
counted from 1, header and all, as a spreadsheet counts them.
"""

from __future__ import annotations

import csv
import zipfile
import zlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from ivr.directory.layouts import ACCEPTED, POSTCODE, Layout, bare, recognised
from ivr.directory.sources import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ivr.directory.sources import Member, Tick

Row: TypeAlias = tuple[int, list[str]]
"""The number of a row, and its cells."""

BOM = "\ufeff".encode().decode("latin-1")
"""A byte order mark, as it looks in Latin-1."""

BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)
"""What the unpacking of a damaged file, or one packed in a way we cannot read, may raise."""

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of postcodes, or of LSOAs, opened."""

    name: str
    layout: Layout
    rows: Iterator[Row]
    """Its rows after the header, as wide as the layout says; read once. Raises SourceError."""


def opened(member: Member, tick: Tick) -> Sheet | None:
    """The sheet of a file; None if it stands among others and is plainly a list of codes.

    Raises :class:`SourceError` if it is empty, damaged or of no known layout.
    """
    rows = _rows(member, tick)
    first = next(rows, None)
    if first is None:
        raise SourceError(f"{member.name}: the file is empty")
    layout = recognised(first[1])
    if layout is None:
        second = next(rows, (0, []))[1]
        if member.alone or any(POSTCODE.fullmatch(bare(cell)) for cell in second):
            raise SourceError(f"{member.name}: unknown layout, {_start(first[1])}; {ACCEPTED}")
        return None
    rest = rows if layout.headed else chain([first], rows)
    return Sheet(member.name, layout, _of_width(len(layout.header), rest, member.name))


def _rows(member: Member, tick: Tick) -> Iterator[Row]:
    number = 0
    try:
        with member.opened(tick) as text:
            reader = csv.reader(_lines(text, member.name), strict=True)
            for row in reader:
                number = reader.line_num
                yield number, row
    except csv.Error as mistake:
        raise SourceError(f"{member.name}, row {reader.line_num}: {mistake}") from None
    except BROKEN as mistake:
        why = f"the file is cut short or damaged ({mistake}); download it again"
        raise SourceError(f"{member.name}, after row {number}: {why}") from None


def _lines(text: Iterable[str], name: str) -> Iterator[str]:
    for number, line in enumerate(text, 1):
        if "\0" in line:
            why = "a NUL byte: the file is damaged, or is not CSV in UTF-8 or Latin-1"
            raise SourceError(f"{name}, row {number}: {why}")
        yield line.removeprefix(BOM) if number == 1 else line


def _of_width(width: int, rows: Iterable[Row], name: str) -> Iterator[Row]:
    for number, row in rows:
        if len(row) == width:
            yield number, row
        elif any(cell.strip() for cell in row):
            raise SourceError(f"{name}, row {number}: {len(row)} columns instead of {width}")


def _start(header: list[str]) -> str:
    text = ",".join(header)
    return f"headed {text[:SHOWN] + '...' if len(text) > SHOWN else text!r}"
