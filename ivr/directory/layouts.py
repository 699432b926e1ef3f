"""Knows the columns of the postcode files that are published, whichever release they are of.

A layout is found from a header alone. The names below are patterns, matched whole and in any
case, so that a release of next year (``lad27cd``) is read like this year's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "postcode": ("pcds", "pcd", "pcd7", "pcd8", "pcd2", "postcode", "pc"),
    "ended": ("doterm",),
    "status": ("status",),
    "country": (r"ctry(\d\dcd)?", "country", "country_code", "cy"),
    "lad": (r"lad\d\dcd", "oslaua", "laua", "ladcd", "lad_code", "admin_district_code", "dc"),
    "lsoa": (r"lsoa21(cd|_code)?",),
    "lsoa_2011": (r"lsoa11(cd)?",),
    "sub_icb": (r"sicbl(\d\dcd)?",),
    "icb": (r"icb(2[6-9]|[3-9]\d)cd", "icb26_code"),
    "icb_2025": (r"icb2[2-5]cd", "icb", "icb_code"),
}
"""What each of our fields may be called, best first; of two that match one pattern (``lad24cd``,
``lad25cd``) the later is taken. Every release that says plain ``icb`` is of before April 2026."""

AREAS = ("country", "lad", "lsoa", "lsoa_2011", "sub_icb", "icb", "icb_2025")

CODE_POINT = (
    "Postcode",
    "Positional_quality_indicator",
    "Eastings",
    "Northings",
    "Country_code",
    "NHS_regional_HA_code",
    "NHS_HA_code",
    "Admin_county_code",
    "Admin_district_code",
    "Admin_ward_code",
)
"""The columns of OS Code-Point Open, whose files have no header row."""

LIVE_ONLY = frozenset({"positional_quality_indicator", "pq"})
"""Columns of files that list live postcodes only."""

ENDED_ONLY = frozenset({"postcode", "country", "lad_code", "icb_code", "icb26_code", "doterm"})
"""The header of our own list of terminated postcodes, where not every date is known."""

POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?|[A-Z]{3})\d[A-Z]{2}")
"""A postcode's shape, without its space; three letters are GIR 0AA and old Newport (NPT)."""

COUNTRY_CODE = re.compile(r"[A-Z]\d{8}|")

ACCEPTED = (
    "accepted are ONSPD and NSPL (2018 or later), the ONS best-fit postcode lookup, OS Code-Point "
    "Open, and any CSV with a header that has a column of postcodes (pcds, pcd, pcd7, pcd8 or "
    "postcode) and one of areas (such as lad25cd, oslaua, lsoa21cd, ctry, icb26cd)"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a row each field is."""

    columns: Mapping[str, int]
    """Field of :data:`COLUMNS` -> number of its column, from 0; absent where there is none."""
    header: tuple[str, ...]
    """The names of all columns; a row has as many."""
    live: bool | None = None
    """Whether all its postcodes are live, or all terminated; None where each row says."""
    headed: bool = True
    """Whether its first row is a header."""

    @property
    def of_postcodes(self) -> bool:
        """Whether a row is a postcode; if not, it is an LSOA and the areas it lies in."""
        return "postcode" in self.columns


def bare(text: str) -> str:
    """A postcode as it may be written in a file (``CB1  2AB``), in capitals and without spaces."""
    return "".join(text.split()).upper()


def recognised(first: Sequence[str]) -> Layout | None:
    """The layout of a file whose first row is ``first``; None if it is none that is known."""
    if len(first) == len(CODE_POINT) and POSTCODE.fullmatch(bare(first[0])):
        if not COUNTRY_CODE.fullmatch(first[4]):
            return None
        return Layout(_columns(CODE_POINT), CODE_POINT, live=True, headed=False)
    names = frozenset(name.strip().lower() for name in first)
    columns = _columns(first)
    if not (_postcodes(columns) or _lookup(columns)):
        return None
    live = False if names == ENDED_ONLY else True if names & LIVE_ONLY else None
    return Layout(columns, tuple(first), live=live)


def _postcodes(columns: Mapping[str, int]) -> bool:
    return "postcode" in columns and any(area in columns for area in AREAS)


def _lookup(columns: Mapping[str, int]) -> bool:
    """Whether it says which boards an LSOA is in, as the lookup ONS publishes each April does."""
    return "postcode" not in columns and {"lsoa", "lad", "sub_icb", "icb"} <= columns.keys()


def _columns(header: Sequence[str]) -> Mapping[str, int]:
    names = {name.strip().lower(): column for column, name in enumerate(header)}
    found = {field: _best(patterns, names) for field, patterns in COLUMNS.items()}
    return {field: names[name] for field, name in found.items() if name}


def _best(patterns: Sequence[str], names: Mapping[str, int]) -> str:
    for pattern in patterns:
        matching = [name for name in names if re.fullmatch(pattern, name)]
        if matching:
            return max(matching)
    return ""
