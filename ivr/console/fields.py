"""How the console's pages read a day, a time and a version that somebody filled in."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, time

YEARS = range(2000, 2100)
"""The years that a day may lie in: any other is a slip of the hand."""

_VERSION = re.compile(r"[0-9a-f]{12}")


def day(text: str) -> date | None:
    """The day that ``text`` tells (2027-03-01); None if it tells none."""
    try:
        told = date.fromisoformat(text)
    except ValueError:
        return None
    return told if told.year in YEARS else None


def time_of_day(text: str) -> time | None:
    """The time that ``text`` tells (14:30), by the clock on the wall; None if it tells none."""
    try:
        told = time.fromisoformat(text)
    except ValueError:
        return None
    return None if told.tzinfo else told


def version(text: str) -> str:
    """``text`` if it can be the version of a table; "" if not."""
    return text if _VERSION.fullmatch(text) else ""


def one_of(allowed: Collection[str], text: str, otherwise: str) -> str:
    """``text`` if it is among the ``allowed``; ``otherwise`` if not."""
    return text if text in allowed else otherwise
