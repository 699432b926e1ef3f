"""The check of a whole table: every postcode in use, for each audience, at every hour to come.

Nothing is tried postcode by postcode. What no row tells apart is one patch, what lies between two
moments at which a row or a door opens or closes is one stretch, and a patch is asked once about
each. The answers are the same, and are there in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from ivr.checking.closed import closed
from ivr.checking.finding import WEIGHTS, Check, Finding
from ivr.checking.ground import Ground, Run
from ivr.checking.rows import of_rows
from ivr.checking.unrouted import ending, lacking, unrouted, without
from ivr.directory import Directory
from ivr.directory.census import census
from ivr.hours import LONDON
from ivr.routing import Geography, Table

DAYS = 14
"""How many days are looked at, today included."""

SHARES = (0.5, 0.8, 1.0)
"""What part of the work is done once the postcodes are counted, the rows found, all is told."""


def _untold(_done: float) -> None:
    """Tells nobody."""


def check(  # noqa: PLR0913 - what is checked, against what, from when on, and who watches
    table: Table,
    directory: Directory,
    geography: Geography,
    now: datetime,
    days: int = DAYS,
    *,
    progress: Callable[[float], None] = _untold,
) -> Check:
    """All there is to say of ``table`` for the ``days`` from ``now``, an instant with its zone.

    ``progress`` is told what part of the work is done, from 0 to 1.
    """
    counted, found, told = SHARES
    cells = census(directory, lambda done: progress(done * counted))
    first = now.astimezone(LONDON).date()
    ground = Ground(table, directory, cells, (first, first + timedelta(days=days - 1)))
    runs = ground.runs(lambda done: progress(counted + done * (found - counted)))
    findings = sorted(
        _findings(ground, runs, geography, lambda done: progress(found + done * (told - found))),
        key=lambda finding: (WEIGHTS.index(finding.weight), -finding.postcodes),
    )
    progress(told)
    moments = len(runs) + sum(_moments(ground, service) for service in table.hours)
    return Check(
        version=table.version,
        directory=directory.version,
        at=now,
        days=days,
        postcodes=ground.postcodes,
        moments=moments,
        findings=tuple(findings),
        without=without(ground, runs),
        lacking=lacking(ground, runs),
    )


def _findings(
    ground: Ground, runs: list[Run], geography: Geography, progress: Callable[[float], None]
) -> Iterator[Finding]:
    yield from unrouted(ground, runs, geography)
    yield from closed(ground, runs, geography)
    yield from of_rows(ground, runs, geography)
    progress(0.5)
    yield from ending(ground, runs, geography)


def _moments(ground: Ground, service: str) -> int:
    """How often a service opens or closes in the days looked at."""
    days: Iterator[date] = (
        ground.first + timedelta(days=number)
        for number in range((ground.last - ground.first).days + 1)
    )
    return sum(2 * len(set(ground.table.stretches(service, day))) for day in days)
