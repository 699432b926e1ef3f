"""Merges what all the sources say of each postcode; the earlier source is believed first.

A postcode takes eight bytes: the number of what is said of it, since the same is said of many.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from ivr.directory.layouts import AREAS, POSTCODE, bare
from ivr.directory.said import Said, said
from ivr.directory.sources import SourceError
from ivr.directory.units import UNITS, in_northern_ireland

if TYPE_CHECKING:
    from collections.abc import Callable

    from ivr.directory.layouts import Layout
    from ivr.directory.sheets import Sheet

UNIT_AT = {unit: at for at, unit in enumerate(UNITS)}
NO_SECTOR = array("L", [0]) * len(UNITS)

ISLANDS = {"JE": "Jersey", "GY": "Guernsey", "IM": "Isle of Man"}
"""The postcode areas outside the United Kingdom; each is all of its island and nothing else."""


FIELDS = ("postcode", "ended", "status", *AREAS)


@dataclass(slots=True)
class Tally:
    """What became of the rows of one file."""

    name: str
    new: int = 0
    """Postcodes that no earlier row had told of."""
    known: int = 0
    """Rows that told more, or the same, of a postcode already known."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Why rows were left out, and how many."""
    examples: dict[str, str] = field(default_factory=dict)
    """One row that was left out for each reason."""

    @property
    def read(self) -> int:
        """How many rows there were."""
        return self.kept + self.skipped.total()

    @property
    def kept(self) -> int:
        """How many rows were of use."""
        return self.new + self.known

    def skip(self, why: str, example: str) -> None:
        """Counts a row that was left out."""
        self.skipped[why] += 1
        self.examples.setdefault(why, example)


class Gathering:
    """What has been said so far of every postcode."""

    def __init__(self) -> None:
        self.said: list[Said] = [Said()]
        """Whatever has been said of any postcode, once each; the first is of none."""
        self.sectors: dict[str, array[int]] = {}
        """Sector ("CB12") -> for each of its 400 units, which of ``said``; 0 for no postcode."""
        self._numbers: dict[Said, int] = {}
        self._merged: dict[tuple[int, int], int] = {}

    def add(self, sheet: Sheet) -> Tally:
        """Takes in every row of a sheet of postcodes; raises SourceError at a bad one."""
        tally = Tally(sheet.name)
        pick = _picker(sheet.layout)
        entered: dict[tuple[object, ...], int] = {}
        for row, cells in sheet.rows:
            written, ended, *rest = pick(cells)
            postcode = bare(written)
            at = UNIT_AT.get(postcode[-2:])
            units = self.sectors.get(postcode[:-2]) or self._new_sector(postcode)
            if at is None or units is None:
                tally.skip(_why_not(postcode), f"{postcode or 'blank'}, row {row}")
                continue
            island = ISLANDS.get(postcode[:2], "")
            key = (island, not ended.strip(), *rest)
            number = entered.get(key)
            if number is None:
                number = entered[key] = self._number(_said(sheet, row, cells, island))
            earlier = units[at]
            units[at] = self._both(earlier, number) if earlier else number
            tally.known += earlier > 0
            tally.new += earlier == 0
        return tally

    def uses(self) -> Counter[int]:
        """How many postcodes there are of which each number of ``said`` is said."""
        uses: Counter[int] = Counter()
        for units in self.sectors.values():
            uses.update(units)
        del uses[0]
        return uses

    def _new_sector(self, postcode: str) -> array[int] | None:
        """The units of a postcode's sector, none known as yet; None if it can be none of ours."""
        if _why_not(postcode):
            return None
        return self.sectors.setdefault(postcode[:-2], NO_SECTOR[:])

    def _number(self, what: Said) -> int:
        """Which of ``said`` it is, added to them if it was not there."""
        number = self._numbers.setdefault(what, len(self.said))
        if number == len(self.said):
            self.said.append(what)
        return number

    def _both(self, earlier: int, later: int) -> int:
        """What ``earlier`` says and, where it says nothing, ``later``."""
        pair = earlier, later
        if pair not in self._merged:
            self._merged[pair] = self._number(self.said[earlier].or_else(self.said[later]))
        return self._merged[pair]


def _picker(layout: Layout) -> Callable[[list[str]], tuple[str, ...]]:
    """Picks the cells that matter out of a row, in the order of FIELDS; blank where it has none."""
    pick = itemgetter(*(layout.columns.get(name, -1) for name in FIELDS))

    def picked(cells: list[str]) -> tuple[str, ...]:
        cells.append("")
        found: tuple[str, ...] = pick(cells)
        return found

    return picked


def _said(sheet: Sheet, row: int, cells: list[str], island: str) -> Said:
    try:
        what = said(sheet.layout, cells)
    except ValueError as mistake:
        raise SourceError(f"{sheet.name}, row {row}, {mistake}") from None
    return what._replace(nation=island or what.nation)


def _why_not(postcode: str) -> str:
    """Why a postcode cannot be kept; "" if it can."""
    if not postcode:
        return "no postcode in the row"
    if not POSTCODE.fullmatch(postcode):
        return "not a postcode"
    if in_northern_ireland(postcode[:-3]):
        return "in Northern Ireland, which is known by rule"
    if postcode[-2:] not in UNIT_AT:
        return "ends in a letter that no unit has (C, I, K, M, O or V)"
    return ""
