"""Reads what callers call places: post towns, the towns they name, and the days banks close.

Lists beside the routing table, in ``config/geography``. They name and narrow; which service
covers a place is the table's business alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from ivr.routing import cells, sheet
from ivr.routing.cells import CellError
from ivr.routing.mistakes import Mistakes
from ivr.routing.sheet import Row, Sheet

POST_AREAS = Sheet("post_areas.csv", ("area", "post_town"), most=1_000)
TOWNS = Sheet(
    "towns.csv", ("town", "also", "postcode_areas", "within", "dialling_codes"), most=10_000
)
HOLIDAYS = Sheet("bank_holidays.csv", ("division", "date", "name"), most=10_000)
FILES = (POST_AREAS.file, TOWNS.file, HOLIDAYS.file)

DIVISIONS = ("England and Wales", "Scotland", "Northern Ireland")

_AREA = re.compile(r"[A-Z]{1,2}")
_WITHIN = re.compile(r"(E0[6-9]|E38|E54|W06|S12|N09)\d{6}")
_CODE = re.compile(r"0[12]\d{1,6}")


@dataclass(frozen=True, slots=True)
class Town:
    """A town, city or island as callers name it."""

    name: str
    """As it is told to a caller; no two towns have the same ("Newport, Shropshire")."""
    also: tuple[str, ...]
    """What else it is called ("Newport, Telford"); several may share such a name ("Newport")."""
    areas: tuple[str, ...]
    """The postcode areas it lies in, the weightiest first."""
    within: str
    """The ONS code of the LAD, sub-ICB or ICB that narrows those areas to it; "" if none does."""
    codes: tuple[str, ...]
    """The telephone dialling codes that point to it ("01223"), longest prefixes first."""


@dataclass(frozen=True, slots=True)
class Geography:
    """All three lists; empty where they could not be had, for no call waits on them."""

    post_towns: Mapping[str, str] = field(default_factory=dict)
    towns: tuple[Town, ...] = ()
    holidays: Mapping[str, frozenset[date]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    """Of lists that are not what their files now say, by file, why those were refused."""
    areas: Mapping[str, str] = field(default_factory=dict)
    """What council districts and boards are called, by their codes; only operators are told."""


def read(folder: Mapping[str, bytes]) -> Geography:
    """The lists whose files, by name, hold these bytes; raises TableError."""
    return Geography(
        read_post_areas(folder.get(POST_AREAS.file, b"")),
        read_towns(folder.get(TOWNS.file, b"")),
        read_holidays(folder.get(HOLIDAYS.file, b"")),
    )


@lru_cache(maxsize=1)
def read_post_areas(content: bytes) -> Mapping[str, str]:
    """Each postcode area ("CB") and what callers call it ("Cambridge"); raises TableError."""
    mistakes = Mistakes()
    towns: dict[str, str] = {}
    for row in sheet.read(POST_AREAS, content, mistakes):
        area = row.need("area", _area, "")
        if area in towns:
            row.wrong("area", f"{area} is there already", "each area once")
        towns[area] = row.need("post_town", cells.spoken, "")
    mistakes.settle()
    return MappingProxyType(towns)


@lru_cache(maxsize=1)
def read_towns(content: bytes) -> tuple[Town, ...]:
    """The towns callers may name, as they stand in the file; raises TableError.

    The order has a meaning: of towns that share a name, callers are asked about the first first.
    """
    mistakes = Mistakes()
    towns: dict[str, Town] = {}
    for row in sheet.read(TOWNS, content, mistakes):
        town = _town(row)
        if town.name in towns:
            row.wrong("town", f"{town.name} is there already", "each name once")
        towns[town.name] = town
    mistakes.settle()
    return tuple(towns.values())


def _town(row: Row) -> Town:
    return Town(
        name=row.need("town", cells.spoken, ""),
        also=row.may("also", _names, ()),
        areas=row.need("postcode_areas", _areas, ()),
        within=row.may("within", _within, ""),
        codes=row.may("dialling_codes", _codes, ()),
    )


@lru_cache(maxsize=1)
def read_holidays(content: bytes) -> Mapping[str, frozenset[date]]:
    """The bank holidays of each division; raises TableError."""
    mistakes = Mistakes()
    days: dict[str, set[date]] = {division: set() for division in DIVISIONS}
    for row in sheet.read(HOLIDAYS, content, mistakes):
        division = row.need("division", _division, DIVISIONS[0])
        days[division].add(row.need("date", cells.day, date.min))
    mistakes.settle()
    return MappingProxyType({division: frozenset(found) for division, found in days.items()})


# -- one cell ------------------------------------------------------------------------------


def _area(text: str) -> str:
    if not _AREA.fullmatch(text):
        raise CellError(f"{text!r} is not a postcode area", "one or two capital letters")
    return text


def _areas(text: str) -> tuple[str, ...]:
    return tuple(_area(part) for part in text.split(" "))


def _names(text: str) -> tuple[str, ...]:
    return tuple(cells.spoken(part.strip()) for part in text.split(";"))


def _within(text: str) -> str:
    if not _WITHIN.fullmatch(text):
        raise CellError(f"{text!r} is not an area", "a LAD's, sub-ICB's or ICB's ONS code")
    return text


def _codes(text: str) -> tuple[str, ...]:
    codes = text.split(" ")
    if not all(_CODE.fullmatch(code) for code in codes):
        raise CellError(
            f"{text!r} are not dialling codes", "codes from 01 or 02 on, blanks between"
        )
    return tuple(sorted(codes, key=len, reverse=True))


def _division(text: str) -> str:
    if text not in DIVISIONS:
        raise CellError(f"{text!r} is not known", ", ".join(DIVISIONS))
    return text
