"""The ground a check covers: who is put through where, on each run of days that are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from ivr.call import AUDIENCES
from ivr.hours import LONDON
from ivr.routing import Route, Table
from ivr.routing.patches import Cell, Patch, Places, Rows, patches, turns

ALL = frozenset(AUDIENCES)


Decided = dict[tuple[int, str], Route | None]
"""The row that decides, by the patch's number and the audience."""


@dataclass(frozen=True, slots=True)
class Run:
    """Days on which the same rows are valid."""

    first: date
    last: date
    """Itself included."""
    routes: Decided


class Ground:
    """A table, a directory, and the days that are looked at."""

    def __init__(
        self,
        table: Table,
        directory: Places,
        cells: Sequence[tuple[str, int, int, str]],
        days: tuple[date, date],
    ) -> None:
        self.table = table
        self.directory = directory
        self.first, self.last = days
        self.rows = Rows(table)
        self.patches: Sequence[Patch] = patches([table], cells, directory)

    def runs(self, progress: Callable[[float], None]) -> list[Run]:
        """The runs of days from the first to the last."""
        turning = turns([self.table], self.first, self.last)
        days = [self.first, *turning]
        ends = [day - timedelta(days=1) for day in turning] + [self.last]
        routes = self._decided(range(len(self.patches)), self.first)
        runs = [Run(self.first, ends[0], routes)]
        for number, (first, last) in enumerate(zip(days, ends, strict=True)):
            if number:
                routes = routes | self.turned(turning[first], first)
                runs.append(Run(first, last, routes))
            progress((number + 1) / len(days))
        return runs

    def turned(self, areas: Iterable[tuple[str, str]], day: date) -> Decided:
        """The row that decides on ``day`` for every patch that the rows for ``areas`` are for."""
        numbers = {number for area in areas for number in self._named[area]}
        return self._decided(numbers, day)

    def _decided(self, numbers: Iterable[int], day: date) -> Decided:
        return {
            (number, audience): self.rows.decides(self.patches[number].areas, audience, day)
            for number in numbers
            for audience in AUDIENCES
        }

    @cached_property
    def _named(self) -> Mapping[tuple[str, str], list[int]]:
        """The patches that rows for an area are for."""
        named: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for number, patch in enumerate(self.patches):
            for area in patch.named:
                named[area].append(number)
        return named

    def cells(self, numbers: Iterable[int]) -> list[Cell]:
        """The cells of the patches with these numbers."""
        return [cell for number in numbers for cell in self.patches[number].cells]

    def told_cells(self, numbers: Iterable[int]) -> list[Cell]:
        """Those of them that are told of: with postcodes in use, or in Northern Ireland."""
        return [cell for cell in self.cells(numbers) if cell.postcodes or not cell.place]

    @cached_property
    def postcodes(self) -> int:
        """How many postcodes in use there are."""
        return sum(cell.postcodes for patch in self.patches for cell in patch.cells)


def whom(audiences: Iterable[str]) -> str:
    """For whom, in words; "" if for everybody."""
    found = set(audiences)
    return "" if found >= ALL else " for under-18s" if "under_18" in found else " for adults"


def midnight(day: date) -> datetime:
    """The instant at which ``day`` begins in London, in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)
