"""How the console's pages say a moment, a length of time and a service, each in one way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ivr.console.means import Means
from ivr.hours import LONDON
from ivr.routing import Service
from ivr.snapshot import NothingToServe

KEPT = "\u00a0"
"""A space at which no line is broken: between a number and its unit."""
MINUTE, HOUR, DAY = 60, 3_600, 86_400


def when(at: datetime | None) -> str:
    """The day and the minute, such as "22 November 2026 at 09:05"; "not known" for None."""
    return f"{at.astimezone(LONDON):%-d %B %Y at %H:%M}" if at else "not known"


def clock(at: datetime | None) -> str:
    """The time of day to the second; "not known" for None."""
    return f"{at.astimezone(LONDON):%H:%M:%S}" if at else "not known"


def machine(at: datetime | None) -> str:
    """The moment as a ``time`` element's ``datetime`` wants it; "" for None."""
    return at.isoformat(timespec="seconds") if at else ""


def midnight(now: datetime) -> datetime:
    """When the day began that it is in London."""
    return now.astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0)


def lasted(seconds: float | None) -> str:
    """A length of time in its two largest units, such as "2 min 5 s"; "not known" for None."""
    if seconds is None:
        return "not known"
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole}{KEPT}s"
    if whole < HOUR:
        return _two(whole, MINUTE, "min", 1, "s")
    if whole < DAY:
        return _two(whole, HOUR, "h", MINUTE, "min")
    return _two(whole, DAY, "days" if whole >= 2 * DAY else "day", HOUR, "h")


def _two(whole: int, large: int, of_large: str, small: int, of_small: str) -> str:
    rest = whole % large // small
    most = f"{whole // large}{KEPT}{of_large}"
    return f"{most} {rest}{KEPT}{of_small}" if rest else most


def times(count: int | None) -> str:
    """How often, in words; "not known" for None."""
    if count is None:
        return "not known"
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def named(service: str, services: Mapping[str, Service]) -> str:
    """What operators call a service; its code where the table knows it no more."""
    known = services.get(service)
    return known.name if known else service


def services(means: Means) -> Mapping[str, Service]:
    """The services of the table that is served; none where there is no table."""
    try:
        return means.table().services
    except NothingToServe:
        return {}
