"""Reads what one row of a published file says of its postcode, whatever the file's layout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ivr.directory.layouts import AREAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.directory.layouts import Layout

CODE = re.compile(r"[A-Z]\d{8}")

NO_AREA = re.compile(r"[A-Z]\d\d9{6}|")
"""How ONS says that there is no such area (E99999999, or E65999999 since 2024), or a blank."""

KINDS = {
    "lsoa": ("E01", "W01"),
    "lsoa_2011": ("E01", "W01"),
    "sub_icb": ("E38",),
    "icb": ("E54",),
    "icb_2025": ("E54",),
}
"""How the codes of a field begin. What else stands in its column is another nation's, and other."""

NATION_OF = {"E": "England", "W": "Wales", "S": "Scotland", "N": "Northern Ireland"}
"""The nation of a country's code, or of any other area's there, by its letter."""

STATUS = {"L": True, "N": True, "T": False, "": None}
"""What a status column may say: live, new (so live), terminated."""


class Said(NamedTuple):
    """What is said of a postcode: nation by name, areas by ONS code, "" where nothing is."""

    nation: str = ""
    lad: str = ""
    lsoa: str = ""
    lsoa_2011: str = ""
    sub_icb: str = ""
    icb: str = ""
    icb_2025: str = ""
    live: bool | None = None

    def or_else(self, later: Said) -> Said:
        """This, with what it lacks taken from ``later``."""
        joined = (mine or other for mine, other in zip(self, later, strict=True))
        return Said._make(joined)._replace(live=later.live if self.live is None else self.live)


def said(layout: Layout, cells: Sequence[str]) -> Said:
    """What a row says; raises ValueError, naming the column, if a cell has what it cannot have.

    An LSOA of 2011 is only looked at in files that have none of 2021.
    """
    areas = {
        field: _read(layout, field, cells)
        for field in AREAS
        if field in layout.columns and not (field == "lsoa_2011" and "lsoa" in layout.columns)
    }
    nation = NATION_OF.get(areas.pop("country", "")[:1], "")
    return Said(nation, **areas, live=_live(layout, cells))


def _read(layout: Layout, field: str, cells: Sequence[str]) -> str:
    at = layout.columns[field]
    try:
        return code(field, cells[at])
    except ValueError as mistake:
        raise ValueError(f"column {layout.header[at]}: {mistake}") from None


def code(field: str, cell: str) -> str:
    """The ONS code in a cell; "" if it says none, or is of a kind that ``field`` does not hold.

    A country may be its letter alone. Raises ValueError, saying what is wrong, if it is no code.
    """
    text = cell.strip()
    if NO_AREA.fullmatch(text):
        return ""
    if not CODE.fullmatch(text) and not (field == "country" and re.fullmatch("[A-Z]", text)):
        raise ValueError(f"{text!r} is not an ONS code, such as E07000008")
    return text if text.startswith(KINDS.get(field, "")) else ""


def _live(layout: Layout, cells: Sequence[str]) -> bool | None:
    """Whether the postcode is in use; None if the row does not say."""
    if layout.live is not None:
        return layout.live
    if "status" in layout.columns:
        status = cells[layout.columns["status"]].strip().upper()
        if status not in STATUS:
            raise ValueError(f"column status: {status!r} is none of L, N and T")
        return STATUS[status]
    if "ended" in layout.columns:
        return not cells[layout.columns["ended"]].strip()
    return None
