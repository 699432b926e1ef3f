"""Finds rows that do not do what they seem to: for areas that are gone, never reached, unused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from ivr.checking.finding import ERROR, WARNING, Finding
from ivr.checking.ground import Ground, Run
from ivr.routing import AREA_TYPES, Geography, Route, Table

FINE = AREA_TYPES[:4]
"""Kinds of area of which new ones appear between two releases of the directory."""

MOST = 50
"""Findings of one kind; by then one cause lies behind them all."""


def of_rows(ground: Ground, runs: Sequence[Run], geography: Geography) -> Iterator[Finding]:
    """What is found in single rows, or between the rows for one area."""
    gone = {route.row for route in _unknown(ground)}
    yield from _gone(ground, gone)
    yield from _uncovered(ground)
    yield from _idle(ground, runs, gone)
    yield from _nobodys(ground.table)
    yield from _holidays(ground, geography)


def _unknown(ground: Ground) -> Iterator[Route]:
    """The rows, still to come or valid, whose area lies nowhere in the directory."""
    known = [{patch.areas[at] for patch in ground.patches} for at in range(len(AREA_TYPES))]
    for route in ground.table.routes:
        at = AREA_TYPES.index(route.area_type)
        if route.valid_to >= ground.first and route.area not in known[at]:
            yield route


def _gone(ground: Ground, gone: set[int]) -> Iterator[Finding]:
    areas: defaultdict[tuple[str, str], list[Route]] = defaultdict(list)
    for route in ground.table.routes:
        if route.row in gone:
            areas[route.area_type, route.area].append(route)
    for (kind, area), routes in list(areas.items())[:MOST]:
        later = min(route.valid_from for route in routes) > ground.last
        weight = WARNING if later or kind in FINE else ERROR
        trouble = "is not in the directory yet" if later else "no longer exists, or is too new"
        yield Finding(
            kind="unknown_area",
            weight=weight,
            title=f"{kind} {area} {trouble}: nobody is put through by it",
            mend="put the area that followed it in its place, or build a newer directory",
            rows=tuple(route.row for route in routes),
            service=routes[0].service,
        )


def _uncovered(ground: Ground) -> Iterator[Finding]:
    """Days between two rows for one area and audience that neither covers."""
    alike: defaultdict[tuple[str, str, str], list[Route]] = defaultdict(list)
    for route in ground.table.routes:
        alike[route.area_type, route.area, route.audience].append(route)
    found = [pair for routes in alike.values() for pair in _gaps(routes, ground.first)]
    for before, after in found[:MOST]:
        first, last = before.valid_to + timedelta(days=1), after.valid_from - timedelta(days=1)
        days = f"{first:%-d %B %Y}" + (f" to {last:%-d %B %Y}" if last > first else "")
        yield Finding(
            kind="uncovered_days",
            weight=WARNING,
            title=f"neither row for {before.area_type} {before.area} covers {days}",
            mend="valid_to is the last day itself: let the next row begin on the day after",
            rows=(before.row, after.row),
            service=after.service,
        )


def _gaps(routes: Sequence[Route], today: date) -> Iterator[tuple[Route, Route]]:
    ordered = sorted(routes, key=lambda route: route.valid_from)
    for before, after in pairwise(ordered):
        days = (after.valid_from - before.valid_to).days
        if days > 1 and after.valid_from > today:
            yield before, after


def _idle(ground: Ground, runs: Sequence[Run], gone: set[int]) -> Iterator[Finding]:
    """Valid rows that decide for nobody, since finer ones or others for an age always do."""
    used = {route.row for run in runs for route in run.routes.values() if route}
    known = used | gone
    idle: defaultdict[str, list[int]] = defaultdict(list)
    for route in ground.table.routes:
        valid = route.valid_from <= ground.last and route.valid_to >= ground.first
        if valid and route.row not in known:
            idle[route.service].append(route.row)
    for service, rows in list(idle.items())[:MOST]:
        yield Finding(
            kind="idle_rows",
            weight=WARNING,
            title=f"{len(rows)} row{'s' * (len(rows) > 1)} for {service} decide for nobody",
            mend="finer rows take every postcode of theirs: take these away, or the finer ones",
            rows=tuple(rows),
            service=service,
        )


def _nobodys(table: Table) -> Iterator[Finding]:
    """Services that no caller can reach."""
    for service in sorted(table.services.keys() - table.reached):
        yield Finding(
            kind="nobodys_service",
            weight=WARNING,
            title=f"nobody is put through to {service}",
            mend="give it a row in routes.csv, or take it out of services.csv",
            service=service,
        )


def _holidays(ground: Ground, geography: Geography) -> Iterator[Finding]:
    """Divisions whose list of bank holidays ends before the days looked at do."""
    if not any(row.bank_holiday for rows in ground.table.hours.values() for row in rows):
        return
    for division, days in geography.holidays.items():
        if max(days, default=date.min) < ground.last:
            yield Finding(
                kind="holidays_end",
                weight=WARNING,
                title=f"no bank holiday of {division} is known so far ahead",
                mend="add the coming years' to bank_holidays.csv",
            )
