"""Reads a table's sheet: a UTF-8 CSV file with a header row, as a spreadsheet saves it.

Whatever else stands in its place (another spreadsheet's separators, another encoding, a workbook,
a file a thousand times too long) is refused in words that say what to do about it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ivr.routing.cells import CellError
from ivr.routing.mistakes import Mistake, Mistakes

LARGEST = 5_000_000
"""The most bytes in a file: a table with a row for every LSOA is a third of this."""

MOST_COLUMNS = 100

LONGEST_CELL = 1_000
"""The most characters in a cell."""

_UTF8 = 'a file saved as "CSV UTF-8 (comma delimited)"'
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]")
_FORMULA = ("=", "@", "+", "-")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file must look like."""

    file: str
    columns: tuple[str, ...]
    most: int
    """The most rows it may have, so that reading it takes a bounded time."""
    signed: tuple[str, ...] = ()
    """Columns whose cells may begin with a sign, as telephone numbers do."""

    def refused(self, trouble: str, allowed: str, row: int = 0) -> _Unreadable:
        """What to raise when the rest of the file is not worth reading."""
        return _Unreadable(Mistake(self.file, trouble, allowed, row))


class _Unreadable(Exception):  # noqa: N818 - it never leaves this module
    """A file that is no sheet, or no more of one after some row; its arguments are mistakes."""


class Row:
    """One row of a sheet: its cells by column, and its place in the file."""

    def __init__(
        self, file: str, number: int, cells: Mapping[str, str], mistakes: Mistakes
    ) -> None:
        self.number = number
        self.cells = cells
        self.sound = True
        """Whether no mistake has been found in it."""
        self.legible = True
        """Whether it is worth telling what more is wrong with it."""
        self._file = file
        self._mistakes = mistakes

    def need(self, column: str, meaning: Callable[[str], Value], wrong: Value) -> Value:
        """What a cell means; if it means nothing that is noted, and ``wrong`` stands in for it."""
        try:
            return meaning(self.cells[column])
        except CellError as error:
            trouble = error.trouble if self.cells[column] else "is empty"
            self.wrong(column, trouble, error.allowed)
            return wrong

    def may(self, column: str, meaning: Callable[[str], Value], empty: Value) -> Value:
        """What a cell means that may also be left empty."""
        return self.need(column, meaning, empty) if self.cells[column] else empty

    def wrong(self, column: str, trouble: str, allowed: str) -> None:
        """Notes that this row is not sound, and why."""
        self.sound = False
        if self.legible:
            self._mistakes.add(Mistake(self._file, trouble, allowed, self.number, column))


def read(sheet: Sheet, content: bytes, mistakes: Mistakes) -> list[Row]:
    """The rows of ``content`` that hold anything; what is wrong is added to ``mistakes``."""
    rows: list[Row] = []
    try:  # the rows before one that cannot be read are kept, for what is wrong with them
        rows.extend(_rows(sheet, content, mistakes))
    except _Unreadable as refused:
        mistakes.unreadable(sheet.file, refused.args)
    return rows


def _rows(sheet: Sheet, content: bytes, mistakes: Mistakes) -> Iterator[Row]:
    records = _records(sheet, _text(sheet, content))
    header = _header(sheet, next(records, (1, []))[1])
    for number, record in records:
        if number > sheet.most:
            raise sheet.refused("there are too many rows", f"at most {sheet.most}", number)
        if any(record):
            cells = dict.fromkeys(header, "") | dict(zip(header, record, strict=False))
            row = Row(sheet.file, number, cells, mistakes)
            _check_width(row, header, record)
            _check_cells(row, sheet.signed)
            row.legible = row.sound
            yield row


def _records(sheet: Sheet, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row's number, as a spreadsheet counts, and its cells with single blanks."""
    number = 0
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            yield number, [" ".join(cell.split()) for cell in record]
    except csv.Error as error:
        raise sheet.refused(
            f"this is not CSV ({error})",
            "quotes in pairs, and around any cell with a comma",
            number + 1,
        ) from None


# -- the file as a whole -------------------------------------------------------------------


def _text(sheet: Sheet, content: bytes) -> str:
    if len(content) > LARGEST:
        raise sheet.refused(f"the file is {len(content):,} bytes long", f"at most {LARGEST:,}")
    if content.startswith(b"PK"):
        raise sheet.refused("this is a workbook (.xlsx, .ods), not CSV", _UTF8)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise sheet.refused("the text is UTF-16", _UTF8)
    if b"\0" in content:
        raise sheet.refused("there are NUL bytes in it: UTF-16, or not text at all", _UTF8)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise sheet.refused("the text is not UTF-8; perhaps Latin-1", _UTF8, row) from None
    if not text.strip():
        raise sheet.refused("the file is empty", f"a header row: {','.join(sheet.columns)}")
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in text.partition("\n")[0]:
            raise sheet.refused(f"the cells are separated by {name}", f"commas: {_UTF8}", 1)
    return text


def _header(sheet: Sheet, header: Sequence[str]) -> Sequence[str]:
    allowed = ",".join(sheet.columns)
    if len(header) > MOST_COLUMNS:
        raise sheet.refused(f"there are {len(header):,} columns", allowed, 1)
    troubles = {name: f"{name[:80]!r} is unknown" for name in header if name not in sheet.columns}
    troubles |= {name: "is missing" for name in sheet.columns if name not in header}
    troubles |= {name: "is there twice" for name in header if header.count(name) > 1}
    if troubles:
        named = sorted(troubles.items())
        raise _Unreadable(
            *(Mistake(sheet.file, says, allowed, 1, name[:80]) for name, says in named)
        )
    return header


# -- one row -------------------------------------------------------------------------------


def _check_width(row: Row, header: Sequence[str], record: Sequence[str]) -> None:
    if len(record) < len(header):
        row.wrong(
            header[len(record)],
            f"the row stops after {len(record)} cells",
            "a cell for each column",
        )
    elif any(record[len(header) :]):
        row.wrong(header[-1], "there are more cells after it", "quotes around a cell with a comma")


def _check_cells(row: Row, signed: Sequence[str]) -> None:
    for column, cell in row.cells.items():
        if len(cell) > LONGEST_CELL:
            row.wrong(column, f"is {len(cell):,} characters long", f"at most {LONGEST_CELL:,}")
        elif _UNPRINTABLE.search(cell):
            row.wrong(column, "there is a character in it that cannot be seen", "plain text")
        elif cell.startswith(("=", "@") if column in signed else _FORMULA):
            row.wrong(column, f"{cell[:40]!r} would be a formula in a spreadsheet", "plain text")
