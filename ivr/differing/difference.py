"""Compares where two tables put callers through, from today on, for every postcode and audience."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from ivr.call import ADULT, AUDIENCES
from ivr.differing.services import Change, changes
from ivr.directory import Directory
from ivr.directory.census import census
from ivr.hours import LONDON
from ivr.routing import ANY, Geography, Table
from ivr.routing.districts import Where, where
from ivr.routing.patches import Cell, Patch, Rows, Turns, patches, turns

AHEAD = 3 * 366
"""Days from today on which the tables are compared."""

TURNS = 60
"""Days at most on which they are compared anew, since some row then begins or has ended."""

Way = tuple[str, str, date, "date | None"]
"""From one service to another, from a day on, and up to a day or for good."""

Numbers = tuple[set[int], set[int]]
"""Rows of the older table, and of the newer."""

Ways = Mapping[str, Sequence[tuple[Way, Numbers]]]
"""How some postcodes move, for each audience, and the rows that do it."""


@dataclass(frozen=True, slots=True)
class Move:
    """Postcodes that leave one service for another."""

    from_service: str
    to_service: str
    audience: str
    """``any``, or one of the audiences."""
    where: Where
    """The postcodes; none are counted where only old ones move, or Northern Ireland's."""
    rows: tuple[int, ...]
    """The rows of the newer routes.csv that decide there, and so did it."""
    rows_before: tuple[int, ...] = ()
    """The rows of the older one that decided there."""
    first: date = date.min
    """The day it begins; today's for what begins at once."""
    last: date | None = None
    """The last day of it; None if it stays so."""

    @property
    def postcodes(self) -> int:
        """How many postcodes in use move."""
        return self.where.postcodes

    @property
    def districts(self) -> Mapping[str, int]:
        """Of those, how many in each first half ("CB1"), the most first."""
        return self.where.districts

    @property
    def examples(self) -> tuple[str, ...]:
        """Some of them, as people write them."""
        return self.where.examples


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs, the largest move first."""

    before: str
    """The version of the older table."""
    after: str
    today: date
    """The day from which on they are compared."""
    moves: tuple[Move, ...]
    services: tuple[Change, ...]
    by_lad: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Of each council district where adults' postcodes move, how most that do move."""
    turns_left: int = 0
    """Days on which rows begin or end that were too many to compare."""
    postcodes: int = 0
    """How many postcodes in use move, each counted once however often it does, and for whom."""

    @property
    def empty(self) -> bool:
        """Whether no caller would notice anything."""
        return not self.moves and not any(change.noticed for change in self.services)


@dataclass(slots=True)
class _Gathered:
    """What is found of one way for one audience."""

    cells: list[Cell] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    rows_before: set[int] = field(default_factory=set)


def difference(
    before: Table, after: Table, directory: Directory, geography: Geography, now: datetime
) -> Difference:
    """What changes for callers from ``now`` on, an instant with its zone, with ``after``."""
    first = now.astimezone(LONDON).date()
    both, rows = (before, after), (Rows(before), Rows(after))
    found = patches(both, census(directory), directory)
    days = turns(both, first, first + timedelta(days=AHEAD))
    compared = dict(islice(days.items(), TURNS))
    moving = [
        (patch, ways)
        for patch in found
        if any((ways := _both(patch, rows, first, compared)).values())
    ]
    moves = sorted(
        _moves(moving, geography.post_towns),
        key=lambda move: (move.first, -move.postcodes, move.from_service, move.to_service),
    )
    return Difference(
        before=before.version,
        after=after.version,
        today=first,
        moves=tuple(moves),
        services=tuple(changes(before, after, first)),
        by_lad=_by_lad(found, rows, directory, first),
        turns_left=max(0, len(days) - TURNS),
        postcodes=sum(cell.postcodes for patch, _ in moving for cell in patch.cells),
    )


def _both(patch: Patch, tables: tuple[Rows, Rows], first: date, turning: Turns) -> Ways:
    """How a patch moves, for each audience."""
    days = _days(patch, first, turning)
    return {audience: tuple(_ways(patch, audience, tables, days)) for audience in AUDIENCES}


def _moves(moving: Iterable[tuple[Patch, Ways]], post_towns: Mapping[str, str]) -> Iterator[Move]:
    """Every move; one that is the same for both audiences is told once, as ``any``."""
    gathered: defaultdict[tuple[Way, str], _Gathered] = defaultdict(_Gathered)
    for patch, ways in moving:
        alike = len({tuple(way for way, _ in each) for each in ways.values()}) == 1
        for audience, each in ways.items():
            for way, rows in each:
                part = gathered[way, ANY if alike else audience]
                if not alike or audience == ADULT:
                    part.cells += patch.cells
                part.rows_before |= rows[0]
                part.rows |= rows[1]
    for (way, audience), part in gathered.items():
        yield _move(way, audience, part, post_towns)


def _days(patch: Patch, first: date, turning: Turns) -> list[date]:
    """The first day, and those on which a row for the patch begins or has ended."""
    named = patch.named
    return [first, *(day for day, areas in turning.items() if not areas.isdisjoint(named))]


def _ways(
    patch: Patch, audience: str, tables: tuple[Rows, Rows], days: Sequence[date]
) -> Iterator[tuple[Way, Numbers]]:
    """How a patch moves, run of days by run of days; days alike in a row are one."""
    ends = [day - timedelta(days=1) for day in days[1:]] + [None]
    last: tuple[str, str, date] | None = None
    rows: Numbers = (set(), set())
    until: date | None = None
    for day, end in zip(days, ends, strict=True):
        services = tuple(each.service(patch.areas, audience, day) for each in tables)
        if last and services != last[:2]:
            yield (*last, until), rows
            last = None
        if services[0] != services[1]:
            if last is None:
                last, rows = (services[0], services[1], day), (set(), set())
            for numbers, table in zip(rows, tables, strict=True):
                if route := table.decides(patch.areas, audience, day):
                    numbers.add(route.row)
        until = end
    if last:
        yield (*last, None), rows


def _move(way: Way, audience: str, part: _Gathered, post_towns: Mapping[str, str]) -> Move:
    came, goes, first, last = way
    return Move(
        from_service=came,
        to_service=goes,
        audience=audience,
        where=where(part.cells, post_towns),
        rows=tuple(sorted(part.rows)),
        rows_before=tuple(sorted(part.rows_before)),
        first=first,
        last=last,
    )


def _by_lad(
    found: Sequence[Patch], tables: tuple[Rows, Rows], directory: Directory, day: date
) -> dict[str, tuple[str, str]]:
    """Where most of a council district's postcodes went and go for adults, where that differs."""
    counts: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for patch in found:
        pair = (
            tables[0].service(patch.areas, ADULT, day),
            tables[1].service(patch.areas, ADULT, day),
        )
        for cell in patch.cells if pair[0] != pair[1] else ():
            counts[directory.place(cell.place).lad][pair] += cell.postcodes
    return {lad: max(ways, key=ways.__getitem__) for lad, ways in sorted(counts.items()) if lad}
