"""One sheet of a version as rows that can be searched, and the files with one row otherwise.

A version never changes: the files with a row changed are those of another, a candidate of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ivr.call import AUDIENCES
from ivr.checking.values import as_csv
from ivr.routing import ANY, AREA_TYPES
from ivr.routing.read import HOURS, ROUTES, SERVICES
from ivr.routing.sheet import Sheet
from ivr.routing.table import NATIONS
from ivr.tables import Files

SHEETS: Mapping[str, Sheet] = MappingProxyType(
    {"services": SERVICES, "routes": ROUTES, "hours": HOURS}
)
"""The sheets of a table, by what they are called in an address."""

PAGE = 50
"""Rows told at once."""

HEADER = 1
"""The row of the columns' names, as a spreadsheet counts."""

TIMES = ("from", "to")
"""The columns of a row of hours that are empty where the day is closed throughout."""

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "service": "Its code: small letters, digits and hyphens, such as mh009",
        "name": "As operators know it",
        "spoken_name": 'What callers hear after "Connecting you to": plain words, eight at most',
        "contract": "NHS England's code in its monthly figures, such as MH009; may be empty",
        "organisation": "The NHS code of who runs it, such as RT1; may be empty",
        "numbers": "In the order they ring: a number, the seconds it rings (5 to 60), then queue or"
        " person; the next after a semicolon. Such as +44 1632 960001 25 queue",
        "take_over": "The service that is rung when this one is closed or does not answer",
        "own_number": "A number on this line that leads straight to this service; may be empty",
        "area": "A postcode, sector or district (CB1 2AB, CB1 2, CB1), an ONS code, or a nation",
        "valid_from": "The first day, such as 2027-04-01; empty: from always",
        "valid_to": "The last day, itself included; empty: for good",
        "days": "Such as mon-fri, or sat,sun, or bank-holiday; empty where there is a date",
        "from": "When it opens, such as 08:00; empty where it is closed all that day",
        "to": "When it closes, such as 20:00 or 24:00; earlier than From: on the next day",
        "date": "One day that is unlike the others, such as 2026-12-25; empty where there are days",
        "note": "For operators' eyes; may be empty",
    }
)
"""What to write in each column."""

CHOICES: Mapping[str, Sequence[str]] = MappingProxyType(
    {"area_type": AREA_TYPES, "audience": (ANY, *AUDIENCES), "nation": NATIONS}
)
"""Columns in which only these words may stand."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet."""

    number: int
    """As a spreadsheet counts: that of the columns' names is 1."""
    cells: Mapping[str, str]

    def holds(self, words: str, names: Mapping[str, str]) -> bool:
        """Whether ``words`` stand in one of its cells, or in what that is called by ``names``."""
        wanted = words.casefold()
        cells = self.cells.values()
        return any(wanted in f"{cell}\n{names.get(cell, '')}".casefold() for cell in cells)


def named(files: Files) -> Mapping[str, str]:
    """The name of each service of a version, by its code."""
    return {each.cells["service"]: each.cells["name"] for each in lines(files[SERVICES.file])}


def lines(content: bytes) -> list[Line]:
    """The rows of a sheet of a version that hold anything, in their order."""
    header, *records = _records(content)
    return [
        Line(number, dict.fromkeys(header, "") | dict(zip(header, record, strict=False)))
        for number, record in enumerate(records, HEADER + 1)
        if any(record)
    ]


def line(content: bytes, number: int) -> Line | None:
    """The row with this number, if there is one."""
    return next((each for each in lines(content) if each.number == number), None)


def changed(files: Files, sheet: str, number: int, cells: Mapping[str, str]) -> Files:
    """``files`` with the row ``number`` of a sheet saying ``cells``; one more row where it is 0."""
    file = SHEETS[sheet].file
    records = _records(files[file])
    row = [" ".join(cells.get(column, "").split()) for column in records[0]]
    if number:
        records[number - HEADER] = row
    else:
        records.append(row)
    return {**files, file: as_csv(records)}


def without(files: Files, sheet: str, number: int) -> Files:
    """``files`` without the row ``number`` of a sheet."""
    file = SHEETS[sheet].file
    records = _records(files[file])
    del records[number - HEADER]
    return {**files, file: as_csv(records)}


def row_of(files: Files, sheet: str, number: int) -> int:
    """The number a row has in ``files``: its own, or the last one's where it is the new one, 0."""
    return number or len(_records(files[SHEETS[sheet].file]))


def choices(files: Files, sheet: str, column: str) -> Mapping[str, str]:
    """What may be chosen for a cell, each with how it is told; nothing where it is written."""
    if column in CHOICES:
        return {each: each for each in CHOICES[column]}
    if column != "take_over" and (column != "service" or sheet == "services"):
        return {}
    rows = [each.cells for each in lines(files[SERVICES.file])]
    services = {row["service"]: f"{row['service']} {row['name']}" for row in rows}
    nobody = {"": "Nobody"} if column == "take_over" else {}
    return nobody | dict(sorted(services.items()))


def is_closed(cells: Mapping[str, str]) -> bool:
    """Whether a row of hours says that its days are closed throughout."""
    says_when = cells.get("date") or cells.get("days")
    return bool(says_when) and not any(cells.get(each) for each in TIMES)


def told(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What differs between two rows, such as "numbers: old to new"."""
    columns = [each for each in after if before.get(each, "") != after[each]]
    said = (f"{each}: {before.get(each) or 'nothing'} to {after[each] or 'nothing'}" for each in columns)  # fmt: skip  # noqa: E501
    return ", ".join(said)


def _records(content: bytes) -> list[list[str]]:
    """Every record of a sheet, each cell with single blanks, as the table's reader takes it."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return [[" ".join(cell.split()) for cell in record] for record in csv.reader(text)]
