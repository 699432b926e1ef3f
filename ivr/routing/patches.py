"""Sorts all places into patches that no row of a table tells apart, and finds each patch's row.

What must be known of every postcode need then be asked once a patch: of a table whose rows are
for council districts there are some 360 patches, and of one with a row for every LSOA some 36,000.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from ivr.routing.table import ANY, AREA_TYPES, Route, Table

_PLAIN = AREA_TYPES[3:]
"""The kinds of area that a place of the directory says; a postcode's letters say the others."""

_SECTOR = re.compile(r"(.+)(\d)[A-Z]{2}")


class Cell(NamedTuple):
    """Postcodes of one sector that lie in one place."""

    sector: str
    """Such as "CB1 2"."""
    place: int
    """The place's number in the directory."""
    postcodes: int
    """How many are in use; 0 where all are terminated, and in Northern Ireland."""
    example: str
    """One of them, "CB12AB"; or the sector, where none can be told."""

    @property
    def district(self) -> str:
        """The first half of its postcodes."""
        return self.sector.partition(" ")[0]


class Found(Protocol):
    """What a directory knows of one postcode."""

    @property
    def place(self) -> int:
        """Its place."""

    @property
    def live(self) -> bool:
        """Whether it is in use."""


class Places(Protocol):
    """What is needed of a directory."""

    def place(self, number: int, /) -> object:
        """The areas of one place."""

    def find(self, postcode: str, /) -> Found | None:
        """What is known of a postcode, written "CB12AB"."""


@dataclass(frozen=True, slots=True)
class Patch:
    """Cells that the same rows are for."""

    areas: tuple[str, ...]
    """The area of each type, from fine to coarse; "" where no row is for it."""
    cells: Sequence[Cell]

    @property
    def named(self) -> list[tuple[str, str]]:
        """The areas that rows are for, with their types."""
        return [pair for pair in zip(AREA_TYPES, self.areas, strict=True) if pair[1]]


def patches(
    tables: Sequence[Table], cells: Iterable[tuple[str, int, int, str]], directory: Places
) -> list[Patch]:
    """The patches of ``cells`` that the rows of ``tables`` leave together."""
    named = {kind: set[str]() for kind in AREA_TYPES}
    for table in tables:
        for route in table.routes:
            named[route.area_type].add(route.area)
    alone = dict(_alone(named["postcode"], directory))
    sectors, districts = named["sector"], named["district"]
    found: defaultdict[tuple[str, ...], list[Cell]] = defaultdict(list)
    known: dict[int, tuple[str, ...]] = {}
    for cell in _without(alone, cells):
        areas = known.get(cell.place)
        if areas is None:
            areas = known[cell.place] = _plain(directory.place(cell.place), named)
        sector = cell.sector if cell.sector in sectors else ""
        district = cell.district if districts and cell.district in districts else ""
        postcode = cell.example if cell.example in alone else ""
        found[postcode, sector, district, *areas].append(cell)
    return [Patch(areas, cells) for areas, cells in found.items()]


def _plain(place: object, named: Mapping[str, set[str]]) -> tuple[str, ...]:
    return tuple([area if (area := getattr(place, kind)) in named[kind] else "" for kind in _PLAIN])


def _alone(postcodes: Iterable[str], directory: Places) -> Iterator[tuple[str, Cell]]:
    """A cell of its own for each postcode that a row names and the directory knows."""
    for postcode in postcodes:
        entry, parts = directory.find(postcode), _SECTOR.fullmatch(postcode)
        if entry and parts:
            sector = f"{parts[1]} {parts[2]}"
            yield postcode, Cell(sector, entry.place, int(entry.live), postcode)


def _without(
    alone: Mapping[str, Cell], cells: Iterable[tuple[str, int, int, str]]
) -> Iterator[Cell]:
    """Every cell, with those postcodes taken out of theirs that stand alone."""
    if not alone:
        yield from map(Cell._make, cells)
        return
    fewer = Counter(
        key for each in alone.values() for key in [(each.sector, each.place)] * each.postcodes
    )
    for each in cells:
        cell = Cell(*each)
        left = max(0, cell.postcodes - fewer[cell.sector, cell.place])
        example = cell.sector if cell.example in alone else cell.example
        if left or not cell.postcodes:
            yield Cell(cell.sector, cell.place, left, example)
    yield from alone.values()


class Rows:
    """A table's rows, by what they are for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rows: defaultdict[tuple[str, str, str], list[Route]] = defaultdict(list)
        for route in table.routes:
            self._rows[route.area_type, route.area, route.audience].append(route)

    def decides(self, areas: Sequence[str], audience: str, day: date) -> Route | None:
        """The row that decides for ``audience`` in a patch with these ``areas`` on ``day``."""
        for kind, area in zip(AREA_TYPES, areas, strict=True):
            if area:
                for whom in (audience, ANY):
                    for route in self._rows.get((kind, area, whom), ()):
                        if route.valid_from <= day <= route.valid_to:
                            return route
        return None

    def service(self, areas: Sequence[str], audience: str, day: date) -> str:
        """The service they lead to; the fallback where no row does."""
        route = self.decides(areas, audience, day)
        return route.service if route else self._table.line.fallback


Turns = Mapping[date, "set[tuple[str, str]]"]
"""Days on which rows begin or have ended, in order; the types and areas those rows are for."""


def turns(tables: Iterable[Table], first: date, last: date) -> Turns:
    """The turns after ``first``, up to ``last``."""
    found: defaultdict[date, set[tuple[str, str]]] = defaultdict(set)
    for table in tables:
        for route in table.routes:
            ended = route.valid_to + timedelta(days=1) if route.valid_to < last else first
            for day in (route.valid_from, ended):
                if first < day <= last:
                    found[day].add((route.area_type, route.area))
    return {day: found[day] for day in sorted(found)}
