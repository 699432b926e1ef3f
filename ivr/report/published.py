"""Reads and writes NHS England's monthly file, "Access to crisis care via NHS 111 - Mental Health".

It is read strictly: a file that is not to the letter what has been published is refused whole,
with what is wrong by row and column.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from ivr.report.contracts import Contract, unfit
from ivr.report.items import ITEMS
from ivr.report.month import Month
from ivr.report.row import COLUMNS, MISSING, Row

VALUE = r"0|[1-9][0-9]{0,11}"
MOST = 100_000
"""Rows, far more than any month has."""


class PublishedError(Exception):
    """A file is not what NHS England publishes; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class Published:
    """One month as it was published."""

    month: Month
    rows: tuple[Row, ...]
    """As they stand: the eleven items of a contract together, and in order."""

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """The contracts by their codes, in the file's order."""
        return MappingProxyType({row.contract.contract_code: row.contract for row in self.rows})

    def figures(self, contract: str) -> Mapping[str, int | None]:
        """The eleven items of ``contract`` by their ids; None where "-" stands.

        Raises KeyError for a contract that is not in the file.
        """
        found = {e.item.id: e.value for e in self.rows if e.contract.contract_code == contract}
        if not found:
            raise KeyError(contract)
        return MappingProxyType(found)


def read(path: Path) -> Published:
    """The month published in the file ``path``. Raises :class:`PublishedError` and OSError."""
    return parse(path.read_bytes())


def parse(content: bytes) -> Published:
    """The month published in ``content``. Raises :class:`PublishedError`."""
    rows = _cells(content)
    month = _month(rows[0])
    known: set[str] = set()
    found: list[Row] = []
    for begins in range(0, len(rows), len(ITEMS)):
        found += _contract(month, begins + 2, rows[begins : begins + len(ITEMS)])
        contract = found[-1].contract.contract_code
        if contract in known:
            raise _wrong(begins + 2, "CONTRACT_CODE", contract, "each contract's rows together")
        known.add(contract)
    return Published(month, tuple(found))


def write(rows: Iterable[Row]) -> bytes:
    """``rows`` as they are published: :func:`parse` reads them again."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.cells() for row in rows)
    return text.getvalue().encode()


def _cells(content: bytes) -> list[list[str]]:
    """The rows under the header, each of as many cells."""
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        header, *rows = list(islice(csv.reader(text, strict=True), MOST)) or [[]]
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise PublishedError("this is no CSV in UTF-8") from wrong
    if tuple(header) != COLUMNS:
        raise PublishedError(f"row 1: the columns must be {','.join(COLUMNS)}")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(COLUMNS):
            raise PublishedError(f"row {number}: {len(row)} cells, not {len(COLUMNS)}")
    if not rows:
        raise PublishedError("row 2: there is none; a month's figures are expected")
    return rows


def _month(cells: Sequence[str]) -> Month:
    """The month that the first row is of."""
    try:
        month = Month.parse(cells[0][:7])
    except ValueError:
        raise _wrong(2, COLUMNS[0], cells[0], "the first day of a month") from None
    return month


def _contract(month: Month, number: int, rows: Sequence[Sequence[str]]) -> Iterator[Row]:
    """The eleven rows of one contract, the first of which is row ``number``."""
    contract = Contract(*rows[0][2:9])
    for column, cell, allowed in unfit(contract):
        raise _wrong(number, column.upper(), cell, allowed)
    for place, item in enumerate(ITEMS.values()):
        if place == len(rows):
            raise PublishedError(f"row {number + place}: missing; {item.id} is expected")
        *told, value = rows[place]
        *same, _ = Row(month, contract, item, None).cells()
        for column, cell, expected in zip(COLUMNS[:-1], told, same, strict=True):
            if cell != expected:
                raise _wrong(number + place, column, cell, expected)
        yield Row(month, contract, item, _value(number + place, value))


def _value(number: int, cell: str) -> int | None:
    if cell == MISSING:
        return None
    if not re.fullmatch(VALUE, cell):
        raise _wrong(number, COLUMNS[-1], cell, "a whole number, or - where it is missing")
    return int(cell)


def _wrong(number: int, column: str, cell: str, allowed: str) -> PublishedError:
    return PublishedError(f"row {number}, column {column}: {cell!r}; expected: {allowed}")
