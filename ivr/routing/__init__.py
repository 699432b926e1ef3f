"""The routing table: which service covers which place, for whom and when, and which numbers ring.

``read`` makes a :class:`Table` of files, ``compile`` makes that table's :class:`Answers` for the
places of a directory on one day, and :mod:`ivr.routing.geography` reads the lists beside it.
Nothing here touches a disk or a clock: bytes in, values out.
"""

from __future__ import annotations

from ivr.routing.answers import Answers, compile  # noqa: A004 - a table is compiled
from ivr.routing.geography import Geography, Town, read_holidays, read_post_areas, read_towns
from ivr.routing.mistakes import Mistake, TableError
from ivr.routing.read import FILES, read
from ivr.routing.table import (
    ANY,
    AREA_TYPES,
    Language,
    Limits,
    LineSettings,
    Number,
    Route,
    Service,
    Table,
)

__all__ = [
    "ANY",
    "AREA_TYPES",
    "FILES",
    "Answers",
    "Geography",
    "Language",
    "Limits",
    "LineSettings",
    "Mistake",
    "Number",
    "Route",
    "Service",
    "Table",
    "TableError",
    "Town",
    "compile",
    "read",
    "read_holidays",
    "read_post_areas",
    "read_towns",
]
