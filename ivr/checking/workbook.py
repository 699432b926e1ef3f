"""Reads a table from one workbook (.xlsx): a sheet each for services, routes and hours.

A sheet ``line`` may hold line.toml, a line of it in each cell of its first column. A workbook is a
zip of XML from a stranger: nothing is given to the reader of workbooks before all of it has been
measured, and every cell of it is known to lie within a table's bounds.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from python_calamine import CalamineError, CalamineWorkbook

from ivr.checking.values import csv_of
from ivr.routing import Mistake, TableError

INFLATED = 32_000_000
"""The most bytes that a workbook's parts may hold together."""

PARTS = 200
"""The most parts a workbook may have."""

COLUMNS = "Z"
ROWS = 60_001
"""How far a sheet may reach; no table is larger."""

SHEETS = MappingProxyType(
    {
        "services": "services.csv",
        "routes": "routes.csv",
        "hours": "hours.csv",
        "line": "line.toml",
    }
)
"""What a workbook's sheets are called, and the files they stand for."""

_TAG = re.compile(rb"<(?:\w+:)?(?:row|c)[\s/>]")
_ADDRESS = re.compile(
    rb"""<(?:\w+:)?(?:row|c)\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Z]{0,3})([0-9]{1,7})["']"""
)
_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Z]+)([0-9]+)["'][^<>]*>\s*<(?:\w+:)?f[\s/>]"""
)
_ELEMENT = re.compile(rb"<(?:\w+:)?(?:sheet|Relationship)\s[^<>]*>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*["']([^"']*)["']""")
_SAVE = "a workbook as Excel or LibreOffice saves it (.xlsx), without a password"


def read(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files that the sheets of the workbook stand for; raises TableError."""
    parts = _parts(name, content)
    if "xl/workbook.xml" not in parts:
        raise _refused(name, "this is a zip, but no workbook", _SAVE)
    for part, text in parts.items():
        if b"sheetData" in text:
            _measure(name, part, text)
    _refuse_formulas(parts)
    yield from _sheets(name, _packed(parts))


def _refused(name: str, trouble: str, allowed: str, row: int = 0, column: str = "") -> TableError:
    return TableError((Mistake(name[:80], trouble, allowed, row, column),))


def _parts(name: str, content: bytes) -> Mapping[str, bytes]:
    """Every part that matters, inflated and measured."""
    left = INFLATED
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            members = file.infolist()
            if len(members) > PARTS or sum(each.file_size for each in members) > INFLATED:
                raise _too_large(name)
            for member in members:
                with file.open(member) as part:
                    parts[member.filename] = part.read(left + 1)
                left -= len(parts[member.filename])
                if left < 0:
                    raise _too_large(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:  # fmt: skip  # noqa: E501
        if isinstance(error, TableError):
            raise
        raise _refused(name, f"the workbook is damaged ({str(error)[:80]})", _SAVE) from None
    return parts


def _too_large(name: str) -> TableError:
    most = f"at most {PARTS} parts of {INFLATED:,} bytes together"
    return _refused(name, "the workbook is far larger inside than a table can be", most)


def _measure(name: str, part: str, text: bytes) -> None:
    """Refuses a sheet with a cell out of bounds: its reader makes room for all that lie before."""
    found = _ADDRESS.findall(text)
    columns, rows = ({each[at] for each in found} for at in (0, 1))
    if len(found) != len(_TAG.findall(text)) or b"<!DOCTYPE" in text:
        raise _refused(name, f"{part} is not as a spreadsheet writes it", _SAVE)
    if max(map(len, columns), default=0) > 1 or max(map(int, rows), default=0) > ROWS:
        allowed = f"at most the columns A to {COLUMNS} and {ROWS:,} rows"
        raise _refused(name, f"{part} reaches further than a table can", allowed)


def _refuse_formulas(parts: Mapping[str, bytes]) -> None:
    """Refuses a formula in a sheet of the table: what it shows may be old, or another's."""
    targets = dict(_pairs(parts.get("xl/_rels/workbook.xml.rels", b""), "Id", "Target"))
    for title, number in _pairs(parts["xl/workbook.xml"], "name", "r:id"):
        target = targets.get(number, "").removeprefix("/xl/")
        formula = _FORMULA.search(parts.get(f"xl/{target}", b""))
        if formula and _called(title) in SHEETS:
            column, row = formula[1].decode(), int(formula[2])
            allowed = "the value itself: paste as values"
            raise _refused(SHEETS[_called(title)], "there is a formula", allowed, row, column)


def _pairs(text: bytes, name: str, value: str) -> Iterator[tuple[str, str]]:
    """Two attributes of each element of a list in XML."""
    for element in _ELEMENT.findall(text):
        found = {key.decode(): each.decode("latin-1") for key, each in _ATTRIBUTE.findall(element)}
        if name in found and value in found:
            yield found[name], found[value]


def _packed(parts: Mapping[str, bytes]) -> io.BytesIO:
    """The workbook anew, of nothing but what was measured."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    packed.seek(0)
    return packed


def _sheets(name: str, file: io.BytesIO) -> Iterator[tuple[str, bytes]]:
    try:
        book = CalamineWorkbook.from_filelike(file)
        known = {_called(sheet): sheet for sheet in book.sheet_names if _called(sheet) in SHEETS}
        tables = {
            sheet: book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            for sheet, title in known.items()
        }
    except (CalamineError, ValueError, OSError) as error:
        raise _refused(name, f"the workbook is damaged ({str(error)[:80]})", _SAVE) from None
    if not known:
        allowed = f"sheets called {', '.join(SHEETS)}"
        raise _refused(name, "none of its sheets is a table's", allowed)
    for sheet, rows in tables.items():
        yield SHEETS[sheet], csv_of(SHEETS[sheet], rows)


def _called(sheet: str) -> str:
    """A sheet's name, however it is written: "Routes", "routes.csv"."""
    return sheet.strip().lower().removesuffix(".csv").removesuffix(".toml")
