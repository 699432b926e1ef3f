"""What a watch found, and how it is written down for the next watch and for whoever asks.

An alarm begins when it first stands and ends when it no longer does, so each watch needs what the
one before it found, and how many events had been lost by then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from ivr.alarms.alarm import Standing, standing
from ivr.alarms.figures import Calls, Check, Figures
from ivr.alarms.listed import ALARMS

STALE = timedelta(minutes=3)
"""After this long what was found is no longer told as if it were so."""
HOUR = timedelta(hours=1)
LISTS = ("silent", "failing", "not_taken", "wrong_areas", "answer_rates")
"""The figures that are tuples of words, which JSON makes lists."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up at one moment, and which alarms stood."""

    at: datetime
    figures: Figures
    since: Mapping[str, datetime] = field(default_factory=dict)
    """The alarms that stand, by name, and since when each has."""
    lost: Sequence[tuple[datetime, int]] = ()
    """How many events had been lost in all, at each watch of the last hour at which it changed."""

    def standing(self) -> list[Standing]:
        """The alarms that stand, the gravest first."""
        return standing(self.figures, ALARMS)


def look(before: Found | None, at: datetime, figures: Figures, lost: int | None) -> Found:
    """What is found ``at`` a moment, ``lost`` events having been lost in all since the start."""
    series = _series(before, at, lost)
    figures = replace(figures, unlogged=_grown(series, at) if lost is not None else None)
    since = before.since if before else {}
    stands = standing(figures, ALARMS)
    stand = {each.alarm.name: since.get(each.alarm.name, at) for each in stands}
    return Found(at, figures, stand, series)


def _series(
    before: Found | None, at: datetime, lost: int | None
) -> tuple[tuple[datetime, int], ...]:
    known = tuple(before.lost) if before else ((at, 0),)
    if lost is not None and (not known or known[-1][1] != lost):
        known = (*known, (at, lost))
    recent = [each for each in known if at - each[0] <= HOUR]
    older = known[: len(known) - len(recent)]
    return (*older[-1:], *recent)


def _grown(series: Sequence[tuple[datetime, int]], at: datetime) -> int:
    """How many were lost within the last hour; a count that falls began anew."""
    return sum(
        now if now < before else now - before
        for (_, before), (when, now) in pairwise(series)
        if at - when <= HOUR
    )


def write(found: Found) -> str:
    """``found`` as JSON."""
    content = {
        "at": found.at.isoformat(),
        "figures": asdict(found.figures),
        "since": {name: at.isoformat() for name, at in found.since.items()},
        "lost": [(at.isoformat(), count) for at, count in found.lost],
    }
    return json.dumps(content)


def read(text: str) -> Found:
    """What :func:`write` wrote. Raises ValueError for anything else."""
    try:
        content = json.loads(text)
        return Found(
            datetime.fromisoformat(content["at"]),
            _figures(content["figures"]),
            {name: datetime.fromisoformat(at) for name, at in content["since"].items()},
            tuple((datetime.fromisoformat(at), int(count)) for at, count in content["lost"]),
        )
    except (TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise ValueError("this is not what a watch found") from wrong


def _figures(told: Mapping[str, object]) -> Figures:
    figures = Figures(**told)  # type: ignore[arg-type] # asdict wrote it
    checks, calls = figures.checks, figures.calls
    lists: dict[str, Any] = {
        name: None if each is None else tuple(each)
        for name in LISTS
        for each in [getattr(figures, name)]
    }
    return replace(
        figures,
        checks=None if checks is None else tuple(Check(**each) for each in checks),  # type: ignore[arg-type]
        calls=None if calls is None else {name: Calls(**each) for name, each in calls.items()},  # type: ignore[arg-type]
        **lists,
    )
