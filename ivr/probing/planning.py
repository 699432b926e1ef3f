"""Chooses one caller for every row of the table that is in force, who keys a postcode there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ivr import postcode, routing
from ivr.call import AUDIENCES, UNDER_18
from ivr.directory import Directory
from ivr.directory.census import census
from ivr.replay.places import Place
from ivr.routing import Geography, Route, Table
from ivr.routing.patches import Cell, Rows, patches
from ivr.whereabouts import Whereabouts

TRIED = 40
"""Sectors in which a postcode is looked for whose keys lead to where the row does."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One caller, and the service that they should come to."""

    route: str
    """The row, as an operator knows it: "lad E07000008 (routes.csv row 31)"."""
    service: str
    place: Place


def plan(
    table: Table, directory: Directory, geography: Geography, day: date
) -> tuple[list[Probe], list[str]]:
    """The probes of ``table`` on ``day``, and the rows that none is for.

    A row has none that decides nowhere, since finer rows do, or whose postcodes no keys tell.
    """
    where = Whereabouts(directory, routing.compile(table, directory, day), geography)
    found: dict[tuple[int, bool], Probe] = {}
    for route, audience, cells in _decided(table, directory, day):
        if (route.row, audience == UNDER_18) not in found:
            place = _place(where, cells, audience)
            if place and place.cover.service(audience) == route.service:
                found[route.row, place.young] = Probe(_named(route), route.service, place)
    probed = {row for row, _ in found}
    valid = [each for each in table.routes if each.valid_from <= day <= each.valid_to]
    return [*found.values()], [_named(each) for each in valid if each.row not in probed]


def _decided(
    table: Table, directory: Directory, day: date
) -> Iterator[tuple[Route, str, Sequence[Cell]]]:
    """Every patch of places for each audience, with the row that decides there."""
    rows = Rows(table)
    for patch in patches([table], census(directory), directory):
        for audience in AUDIENCES:
            route = rows.decides(patch.areas, audience, day)
            if route:
                yield route, audience, patch.cells


def _place(where: Whereabouts, cells: Sequence[Cell], audience: str) -> Place | None:
    """A place in ``cells`` that its postcode's keys lead to; None if none was found."""
    largest = sorted(cells, key=lambda cell: -cell.postcodes)[:TRIED]
    found = (_keyed(where, cell, audience) for cell in largest)
    return next((place for place in found if place), None)


def _keyed(where: Whereabouts, cell: Cell, audience: str) -> Place | None:
    code = cell.example if " " not in cell.example else cell.example.replace(" ", "") + "AA"
    entry = where.directory.find(code)
    if entry is None:
        return None
    keys, cover = postcode.keys(code), where.answers.cover(entry.place, code)
    asked = where.keyed(keys)
    if all(cover != option.cover for option in asked.options):
        return None
    young = cover.by_age and audience == UNDER_18
    return Place(keys, cover, young, plain=asked.sure and not cover.by_age)


def _named(route: Route) -> str:
    return f"{route.area_type} {route.area} (routes.csv row {route.row})"
