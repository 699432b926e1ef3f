"""Chooses a caller for every way to a service that the table in force has.

That is one for every row, who keys a postcode there, and one each for the ways on which nobody is
asked where they are, or nobody can tell.
"""

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
from ivr.routing.table import ANY
from ivr.whereabouts import Whereabouts

TRIED = 40
"""Sectors in which a postcode is looked for whose keys lead to where the row does."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One caller, and the service that they should come to."""

    route: str
    """The way, as an operator knows it: "lad E07000008 (routes.csv row 31)", "the fallback"."""
    service: str
    key: str = ""
    """What they choose in the menu; "" for who hears none."""
    place: Place | None = None
    """Where they are; None for who is not asked, or cannot tell."""
    dialled: str = ""
    """The number they dial; "" is the line's own."""


def plan(
    table: Table, directory: Directory, geography: Geography, day: date
) -> tuple[list[Probe], list[str]]:
    """The probes of ``table`` on ``day``, and the rows that none is for; rows come last.

    A row has none that decides nowhere, since finer rows do, or whose postcodes no keys tell.
    """
    where = Whereabouts(directory, routing.compile(table, directory, day), geography)
    found: dict[tuple[int, bool], Probe] = {}
    for route, audience, cells in _decided(table, directory, day):
        if (route.row, audience == UNDER_18) not in found:
            place = _place(where, cells, audience)
            if place and place.cover.service(audience) == route.service:
                key, whose = table.line.mental_health_key, _named(route, young=place.young)
                found[route.row, place.young] = Probe(whose, route.service, key, place)
    probed = {row for row, _ in found}
    valid = [each for each in table.routes if each.valid_from <= day <= each.valid_to]
    without = [_named(each) for each in valid if each.row not in probed]
    return [*_placeless(table), *found.values()], without


def _placeless(table: Table) -> Iterator[Probe]:
    """The ways on which no postcode leads to the service."""
    line = table.line
    for number, service in sorted(table.own_numbers.items()):
        yield Probe(f"own number of {service}", service, dialled=number)
    yield Probe(f"the adviser (key {line.adviser_key})", line.adviser, line.adviser_key)
    yield Probe("the fallback", line.fallback, line.mental_health_key)


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


def _named(route: Route, *, young: bool = False) -> str:
    """The row; of one for all ages that decides somewhere for the young alone, that it is so."""
    apart = ", under 18" if young and route.audience == ANY else ""
    return f"{route.area_type} {route.area} (routes.csv row {route.row}){apart}"
