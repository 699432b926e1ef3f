"""Tells a service that nobody has reached for longer than its own history makes likely.

A wrong route makes no noise: the calls it takes away simply do not come. So the hours up to now
are held against the same hours of the four weeks before, nights with nights and Sundays with
Sundays, and for a service with few calls more hours than for one with many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

HOURS = (1, 6, 24, 72, 168)
"""For how many hours up to now nobody may have come, the fewest first."""
WEEKS = 4
WEEK = timedelta(weeks=1)
EXPECTED = 15.0
"""Calls that such hours have had on average. If calls come by chance, one in e^15 of them, 3
million, is followed by so long a gap: of the 2 million that NHS England has a year, not one."""
SOME = 5
"""Calls that each of the weeks must have had, so that one busy day is not taken for the rule."""

LINE = ""
"""What the calls of all services together are counted under."""

Counts = Mapping[str, int]


def silent(counts: Callable[[datetime, datetime], Counts], now: datetime) -> tuple[str, ...]:
    """Who is silent ``now``, and since when at least; of the whole line that alone is told.

    ``counts`` tells how many calls first offered to each service were begun from one moment to
    before another.
    """
    found: dict[str, str] = {}
    for hours in HOURS:
        since = timedelta(hours=hours)
        weeks = [counts(now - since - WEEK * back, now - WEEK * back) for back in _back()]
        for name, usual in lacking(counts(now - since, now), weeks).items():
            who = name or "the whole line"
            found.setdefault(name, f"{who} (nobody in {hours} h, {usual:.0f} as a rule)")
    return (found[LINE],) if LINE in found else tuple(found[name] for name in sorted(found))


def lacking(last: Counts, weeks: Sequence[Counts]) -> Mapping[str, float]:
    """Those whom nobody reached, and how many reached them in the weeks before on average."""
    return {
        name: usual for name, usual in _usual(weeks) if usual >= EXPECTED and not last.get(name)
    }


def _usual(weeks: Sequence[Counts]) -> Iterator[tuple[str, float]]:
    for name in weeks[0]:
        counted = [week.get(name, 0) for week in weeks]
        if min(counted) >= SOME:
            yield name, sum(counted) / len(counted)


def _back() -> range:
    return range(1, WEEKS + 1)
