"""Says whether a service is answering at a given moment.

Hours are written by the clock on the wall in London and belong to the day they begin on: a
night from 20:00 to 08:00 on a Friday runs on into Saturday, whatever Saturday's own hours are.
A dated exception replaces a day's hours, and a bank holiday's hours replace the weekday's.

When the clocks change, a time that comes twice means the first, and a time that never comes
means the moment the clocks jump.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
"""What a day is, and what o'clock it is: callers, services and operators all live by it."""
DAY = 24 * 60
"""Minutes by the clock from one midnight to the next."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One stretch of opening hours, and the days on which it begins.

    ``opens`` and ``closes`` are minutes after midnight of the day it begins on; ``closes`` is
    above :data:`DAY` where it runs into the next. Equal, they say: closed all that day.
    """

    opens: int
    closes: int
    weekdays: frozenset[int] = frozenset()
    """Days of the week it begins on, 0 for Monday."""
    bank_holiday: bool = False
    """Whether it begins on every bank holiday."""
    date: date | None = None
    """The one day it is for, where it is an exception."""


ALWAYS = Opening(0, DAY, frozenset(range(7)))


def is_open(rows: Sequence[Opening], at: datetime, holidays: Collection[date]) -> bool:
    """Whether a service with these ``rows`` is answering ``at`` an instant that knows its zone.

    No rows mean always open. Rows that speak only of exceptions and bank holidays leave every
    other day open throughout. ``holidays`` are the bank holidays of the service's nation.
    """
    if not rows:
        return True
    moment = at.astimezone(UTC)
    today = at.astimezone(LONDON).date()
    return any(
        opens <= moment < closes
        for day in (today, today - timedelta(days=1))
        for opens, closes in stretches(rows, day, holidays)
    )


def stretches(
    rows: Sequence[Opening], day: date, holidays: Collection[date]
) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of opening that begin on ``day``, as instants in UTC, in no order."""
    for row in _in_force(rows, day, holidays):
        yield _instant(day, row.opens), _instant(day, row.closes)


def _in_force(rows: Sequence[Opening], day: date, holidays: Collection[date]) -> Iterable[Opening]:
    """The hours that begin on ``day``."""
    dated = [row for row in rows if row.date == day]
    if dated:
        return dated
    holiday = [row for row in rows if row.bank_holiday] if day in holidays else []
    if holiday:
        return holiday
    if not any(row.weekdays for row in rows):
        return [ALWAYS]
    return [row for row in rows if day.weekday() in row.weekdays]


def _instant(day: date, minutes: int) -> datetime:
    """The instant at which the clock in London first shows, or jumps over, a time of ``day``."""
    days, minute = divmod(minutes, DAY)
    wall = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60))
    instant = wall.replace(tzinfo=LONDON).astimezone(UTC)
    if instant.astimezone(LONDON).replace(tzinfo=None) != wall:
        # The hour the clocks jump over, 01:00 to 02:00, is read as the old time, so that it
        # falls in the hour after the jump: the jump itself is where that hour begins.
        return instant.replace(minute=0)
    return instant
