"""What somebody asks to see on the page Coverage, read from the page's address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ivr.call import ADULT, UNDER_18
from ivr.console import fields
from ivr.console.maps import Boundaries

AUDIENCES = {"": "Everybody", ADULT: "Adults", UNDER_18: "Under 18"}
"""What each choice is called."""

COLOURED = {"service": "Service", "board": "Health board"}
"""What the areas of the map may be."""

_AREA = re.compile(r"[A-Za-z0-9 ]{1,20}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; what cannot be read is as if it were not there."""

    version: str
    """The table's version; "" for the one that is served."""
    before: str
    """The version it is compared with; "" for none."""
    day: date
    audience: str
    by: str
    part: str
    """The region or nation that is looked at; "" for all."""
    area: str
    """The code of the area that is looked at; "" for none."""

    def address(self, **others: str) -> dict[str, str]:
        """The same, but for ``others``, as it stands in an address."""
        mine = {
            "version": self.version,
            "before": self.before,
            "day": self.day.isoformat(),
            "audience": self.audience,
            "by": self.by,
            "part": self.part,
            **others,
        }
        return {name: text for name, text in mine.items() if text}


def read(given: Mapping[str, str], today: date, boundaries: Boundaries | None) -> Asked:
    """What ``given`` asks for."""
    parts = boundaries.parts if boundaries else ()
    return Asked(
        version=fields.version(given.get("version", "")),
        before=fields.version(given.get("before", "")),
        day=fields.day(given.get("day", "")) or today,
        audience=fields.one_of(AUDIENCES, given.get("audience", ""), ""),
        by=fields.one_of(COLOURED, given.get("by", ""), "service"),
        part=fields.one_of(parts, given.get("part", ""), ""),
        area=_like(_AREA, given.get("area", "")),
    )


def _like(form: re.Pattern[str], text: str) -> str:
    return text if form.fullmatch(text) else ""
