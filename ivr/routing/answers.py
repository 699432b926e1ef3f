"""Says which services cover a place, by one table on one day, at once however large the table.

The finest area with a route that is valid on the day wins (a postcode before its district, that
before its LSOA, ... before its nation), and at one fineness a route for the audience asked about
before one for all. A place without a route is the fallback's.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Protocol

from ivr.call import ADULT, UNDER_18, Cover
from ivr.routing.table import ANY, AREA_TYPES, Route, Table

_LETTERED = AREA_TYPES[:3]
"""The areas finer than any place of the directory: they are told by a postcode's letters alone."""

NO_ROUTE = "fallback: no route"
"""What is told in the place of a row, where none decides."""

_WHOLE = re.compile(r"[A-Z]{1,3}(?:\d[A-Z\d]?)?\d[A-Z]{2}")


class Places(Protocol):
    """What is needed of a directory."""

    def place(self, number: int) -> object:
        """The areas of one place: its ``lsoa``, ``lad``, ``sub_icb``, ``icb`` and ``nation``."""


class Answers:
    """A table compiled against a directory, for one day."""

    def __init__(self, table: Table, directory: Places, day: date) -> None:
        self.table = table
        self.day = day
        self._directory = directory
        self._routes: dict[str, dict[str, dict[str, Route]]] = {kind: {} for kind in AREA_TYPES}
        for route in table.routes:
            if route.valid_from <= day <= route.valid_to:
                self._routes[route.area_type].setdefault(route.area, {})[route.audience] = route
        self.by_letters = any(self._routes[kind] for kind in _LETTERED)
        """Whether any route is finer than an LSOA, so that a postcode says more than its place."""
        self._places: dict[int, tuple[str, str]] = {}
        self._covers: dict[tuple[str, str, str], Cover] = {}

    def cover(self, place: int, postcode: str = "") -> Cover:
        """The services that cover ``place``, a place's number in the directory.

        ``postcode`` ("CB12AB", or its first half "CB1", or "" if it is not known) gives the cover
        its postcode area, and is looked up in the routes for postcodes, sectors and districts.
        """
        pair = self._places.get(place)
        if pair is None:
            pair = self._places[place] = self._pair(place, "")
        if postcode and self.by_letters:
            pair = self._pair(place, postcode)
        key = (*pair, _area(postcode))
        cover = self._covers.get(key)
        if cover is None:
            cover = self._covers[key] = Cover(*key)
        return cover

    def rule(self, place: int, audience: str, postcode: str = "") -> str:
        """Which row decides for ``audience``, for an operator: its area, and where it stands."""
        route = self._route(place, audience, postcode)
        if route is None:
            return NO_ROUTE
        return f"{route.area_type} {route.area} (routes.csv row {route.row})"

    def _pair(self, place: int, postcode: str) -> tuple[str, str]:
        routes = (self._route(place, audience, postcode) for audience in (ADULT, UNDER_18))
        adult, under_18 = (route.service if route else self.table.line.fallback for route in routes)
        return adult, under_18

    def _route(self, place: int, audience: str, postcode: str) -> Route | None:
        areas = self._directory.place(place)
        lettered = zip(_LETTERED, _letters(postcode), strict=True) if self.by_letters else ()
        named = ((kind, getattr(areas, kind)) for kind in AREA_TYPES[3:])
        for kind, area in (*lettered, *named):
            found = self._routes[kind].get(area)
            route = found and (found.get(audience) or found.get(ANY))
            if route:
                return route
        return None


def compile(table: Table, directory: Places, day: date) -> Answers:  # noqa: A001 - a table is compiled; the builtin is of no use here
    """``table``'s answers for the places of ``directory`` on ``day``; a new day needs new ones."""
    return Answers(table, directory, day)


def _letters(postcode: str) -> tuple[str, str, str]:
    """A postcode's postcode, sector and district; a first half is a district alone."""
    if _WHOLE.fullmatch(postcode):
        outward, inward = postcode[:-3], postcode[-3:]
        return postcode, f"{outward} {inward[0]}", outward
    return "", "", postcode


def _area(postcode: str) -> str:
    """The one or two letters a postcode begins with; "" for GIR 0AA, which has no area."""
    letters = postcode[:2] if postcode[1:2].isalpha() else postcode[:1]
    return "" if postcode[2:3].isalpha() and len(letters) > 1 else letters
