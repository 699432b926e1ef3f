"""What the cells of a workbook say, written as the cells of CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from ivr.routing import Mistake, TableError

Value: TypeAlias = float | str | bool | date | time | timedelta
"""What the reader of workbooks finds in a cell; a datetime is a date, and an int a float."""

DATES = ("valid_from", "valid_to", "date")
"""Columns that hold dates."""

TIMES = ("from", "to")
"""Columns that hold times of day."""

EXACT = 10**15
"""Whole numbers up to this are kept to their last digit by a spreadsheet."""

TEXT = "text: format the column as text, then type it again"


def csv_of(file: str, rows: Sequence[Sequence[Value]]) -> bytes:
    """The file that a sheet stands for; raises TableError for what a spreadsheet has changed."""
    if file.endswith(".toml"):
        lines = (str(row[0]) if row else "" for row in rows)
        return "\n".join(lines).encode()
    header = [str(cell).strip() for cell in rows[0]] if rows else []
    mistakes: list[Mistake] = []
    told = [
        [
            _cell(value, Mistake(file, "", TEXT, number, column), mistakes)
            for column, value in zip(header, row, strict=False)
        ]
        for number, row in enumerate(rows, 1)
    ]
    if mistakes:
        raise TableError(tuple(mistakes[:50]))
    return as_csv(told)


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV, an empty one as an empty line, so that every row keeps its number."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        if any(row):
            writer.writerow(row)
        else:
            text.write("\n")
    return text.getvalue().encode()


def _cell(value: Value, at: Mistake, mistakes: list[Mistake]) -> str:
    """What a cell says; what it can no longer say is noted, with where it is."""
    if isinstance(value, str):
        return value
    told = _told(value, at.column)
    if told is None:
        trouble = f"a spreadsheet has turned it into {_shown(value)}"
        mistakes.append(Mistake(at.file, trouble, at.allowed, at.row, at.column))
    return told or ""


def _told(value: Value, column: str) -> str | None:
    """A value in text; None where it cannot be what was typed."""
    if isinstance(value, date):
        midnight = not isinstance(value, datetime) or value.time() == time()
        return f"{value:%Y-%m-%d}" if column in DATES and midnight else None
    if isinstance(value, time):
        return f"{value:%H:%M}" if column in TIMES else None
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}" if column in TIMES else None
    number = float(value)
    exact = not isinstance(value, bool) and number.is_integer() and abs(number) < EXACT
    return str(int(number)) if exact else None


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return f"the date {value:%Y-%m-%d}"
    return f"the time {value}" if isinstance(value, time | timedelta) else f"the number {value}"
