"""Says which services cover how many postcodes of each area, by one table on one day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from ivr.call import ADULT, UNDER_18
from ivr.directory import Directory, Place
from ivr.directory.census import census
from ivr.routing import Table
from ivr.routing.patches import Patch, Rows, patches

NORTHERN_IRELAND = "Northern Ireland"
"""Its postcodes are not known one by one: each of its sectors counts as one."""


class Pair(NamedTuple):
    """The codes of the services of adults and of those under 18; "" where no route leads to one."""

    adult: str
    under_18: str


Named = Callable[[Place], str]
"""What an area is known by, such as :func:`district`."""

Covering = Mapping[str, Counter[Pair]]
"""How many live postcodes of each area have which services."""

Moves = Mapping[str, Counter[tuple[Pair, Pair]]]
"""How many live postcodes of each area move from which services to which."""


def district(place: Place) -> str:
    """A place's council district; its nation where it has none, or "" if that is not known."""
    return place.lad or place.nation


def covering(table: Table, directory: Directory, day: date, named: Named = district) -> Covering:
    """What ``table`` says of every live postcode on ``day``, by area."""
    rows = Rows(table)
    found: defaultdict[str, Counter[Pair]] = defaultdict(Counter)
    for patch in _patches((table,), directory):
        pair = _pair(rows, patch, day)
        for area, count in _areas(patch, directory, named):
            found[area][pair] += count
    return found


def moves(
    tables: tuple[Table, Table], directory: Directory, day: date, named: Named = district
) -> Moves:
    """The live postcodes whose services on ``day`` differ between two tables, by area."""
    before, after = map(Rows, tables)
    found: defaultdict[str, Counter[tuple[Pair, Pair]]] = defaultdict(Counter)
    for patch in _patches(tables, directory):
        change = _pair(before, patch, day), _pair(after, patch, day)
        if change[0] != change[1]:
            for area, count in _areas(patch, directory, named):
                found[area][change] += count
    return found


def _patches(tables: Sequence[Table], directory: Directory) -> Sequence[Patch]:
    return patches(tables, census(directory), directory)


def _pair(rows: Rows, patch: Patch, day: date) -> Pair:
    deciding = (rows.decides(patch.areas, audience, day) for audience in (ADULT, UNDER_18))
    return Pair(*(route.service if route else "" for route in deciding))


def _areas(patch: Patch, directory: Directory, named: Named) -> Iterator[tuple[str, int]]:
    """The areas of a patch, each with how many of its postcodes are in use."""
    for cell in patch.cells:
        place = directory.place(cell.place)
        count = 1 if place.nation == NORTHERN_IRELAND else cell.postcodes
        if count:
            yield named(place), count
