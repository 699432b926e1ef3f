"""Finds the places that no row of routes.csv is for, by nation, board or district."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from ivr.call import AUDIENCES
from ivr.checking.finding import GAP, WARNING, Finding
from ivr.checking.ground import ALL, Ground, Run, whom
from ivr.routing import Geography, Route
from ivr.routing.districts import where
from ivr.routing.patches import Cell, turns

AHEAD = 400
"""How many days after the checked ones are looked at for rows that end, once for each turn."""

TURNS = 100
"""How many of those days at most."""

KINDS = ("nation", "icb", "lad")
"""What a place without a service is told by: the widest that is wholly without."""


@dataclass(frozen=True, slots=True)
class Lack:
    """When and for whom a patch has no row."""

    days: tuple[tuple[date, date], ...]
    audiences: frozenset[str]


def without(ground: Ground, runs: Sequence[Run]) -> int:
    """How many postcodes in use no row is for, for somebody on some of the days."""
    numbers = {number for number, _ in _bare(runs)}
    return sum(cell.postcodes for cell in ground.cells(numbers))


def lacking(ground: Ground, runs: Sequence[Run]) -> Mapping[str, Mapping[str, int]]:
    """Those by audience and by first half of the postcode, for two tables to be compared."""
    found: dict[str, Counter[str]] = {audience: Counter() for audience in AUDIENCES}
    for number, audience in _bare(runs):
        for cell in ground.told_cells([number]):
            found[audience][cell.district] += cell.postcodes
    return found


def _bare(runs: Sequence[Run]) -> set[tuple[int, str]]:
    """The patches that no row is for on some of the days, each with the audience."""
    return {key for run in runs for key, route in run.routes.items() if route is None}


def unrouted(ground: Ground, runs: Sequence[Run], geography: Geography) -> Iterator[Finding]:
    """A finding for each area that has no service on some of the days."""
    lacking: defaultdict[Lack, list[int]] = defaultdict(list)
    for number in range(len(ground.patches)):
        lack = _lack(number, runs)
        if lack.days:
            lacking[lack].append(number)
    for lack, numbers in lacking.items():
        told = f"{whom(lack.audiences)}{_days(lack, ground)}"
        for area, cells in _areas(ground.told_cells(numbers), ground):
            yield _finding(area, cells, told, geography, ground)


def _lack(number: int, runs: Sequence[Run]) -> Lack:
    found = [
        (run, audience)
        for run in runs
        for audience in AUDIENCES
        if run.routes[number, audience] is None
    ]
    days = dict.fromkeys((run.first, run.last) for run, _ in found)
    return Lack(tuple(days), frozenset(audience for _, audience in found))


def _days(lack: Lack, ground: Ground) -> str:
    """When, in words; "" if on all the days that are looked at."""
    if (
        sum((last - first).days + 1 for first, last in lack.days)
        > (ground.last - ground.first).days
    ):
        return ""
    told = [
        f"{first:%-d %B}" if first == last else f"{first:%-d %B} to {last:%-d %B}"
        for first, last in lack.days
    ]
    return f" on {', '.join(told)}"


def _areas(
    cells: Iterable[Cell], ground: Ground
) -> Iterator[tuple[tuple[str, str], Sequence[Cell]]]:
    """``cells`` by the widest area that lies wholly among them, or their district."""
    left = list(cells)
    wholes = _sizes(ground.told_cells(range(len(ground.patches))), ground) if left else {}
    for kind in KINDS:
        parts: defaultdict[str, list[Cell]] = defaultdict(list)
        for cell in left:
            parts[_area(ground, cell, kind)].append(cell)
        whole = {
            area
            for area, part in parts.items()
            if area and (kind == KINDS[-1] or len(part) == wholes[kind, area])
        }
        for area in sorted(whole):
            yield (kind, area), parts[area]
        left = [cell for area, part in parts.items() if area not in whole for cell in part]
    if left:
        yield ("", ""), left


def _sizes(cells: Iterable[Cell], ground: Ground) -> Mapping[tuple[str, str], int]:
    """How many cells each area has."""
    sizes: Counter[tuple[str, str]] = Counter()
    for number, count in Counter(cell.place for cell in cells).items():
        place = ground.directory.place(number)
        for kind in KINDS:
            sizes[kind, str(getattr(place, kind))] += count
    return sizes


def _area(ground: Ground, cell: Cell, kind: str) -> str:
    return str(getattr(ground.directory.place(cell.place), kind))


def _finding(
    area: tuple[str, str], cells: Sequence[Cell], told: str, geography: Geography, ground: Ground
) -> Finding:
    place = where(cells, geography.post_towns)
    kind, name = area
    called = f", {geography.areas[name]}" if name in geography.areas else ""
    form = f"{kind},{name}" if kind else f"district,{next(iter(place.districts))}"
    row = f"add a row to routes.csv, such as {form},any,<service>{'' if kind else _NO_AREA}"
    return Finding(
        kind="no_route" if kind else "no_area",
        weight=GAP,
        title=f"no service{told} in {f'{kind} {name}{called}: ' if kind else ''}{place}",
        postcodes=place.postcodes,
        examples=place.examples,
        mend=f"{row}; until then callers there ring {ground.table.line.fallback}",
        districts=place.districts,
    )


_NO_AREA = " (the directory knows no council district or board of theirs)"


def ending(ground: Ground, runs: Sequence[Run], geography: Geography) -> Iterator[Finding]:
    """A finding for each later day on which places lose their last row."""
    turning = turns([ground.table], ground.last, ground.last + timedelta(days=AHEAD))
    before = runs[-1].routes
    for day, areas in islice(turning.items(), TURNS):
        now = ground.turned(areas, day)
        lost = {key: had for key, route in now.items() if route is None and (had := before[key])}
        if lost:
            yield _ending(day, lost, ground, geography)
        before = before | now


def _ending(
    day: date, lost: Mapping[tuple[int, str], Route], ground: Ground, geography: Geography
) -> Finding:
    audiences = {audience for _, audience in lost}
    cells = ground.told_cells(sorted({number for number, _ in lost}))
    place = where(cells, geography.post_towns)
    return Finding(
        kind="ends",
        weight=WARNING,
        title=f"from {day:%-d %B %Y} no service{whom(audiences & ALL)} in {place}",
        postcodes=place.postcodes,
        examples=place.examples,
        mend="add the row that follows, or move valid_to",
        rows=tuple(sorted({route.row for route in lost.values()})),
        districts=place.districts,
    )
