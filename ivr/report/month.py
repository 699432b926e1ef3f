"""One month by the clock on the wall in London, which is what a published month means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from ivr.hours import LONDON


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar. Raises ValueError for one that no calendar has."""

    year: int
    number: int
    """From 1 for January."""

    def __post_init__(self) -> None:
        if not (2000 <= self.year < 2100 and 1 <= self.number <= 12):  # noqa: PLR2004 - a calendar
            raise ValueError("a month is a year from 2000 to 2099 and a number from 01 to 12")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month that ``2025-12`` is. Raises ValueError."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
            raise ValueError("a month is written as 2025-12")
        return cls(int(text[:4]), int(text[5:]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self._next - timedelta(days=1)

    @property
    def begins(self) -> datetime:
        """The midnight in London at which it begins, in UTC."""
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The midnight in London at which the next begins, in UTC."""
        return _midnight(self._next)

    def holds(self, at: datetime) -> bool:
        """Whether ``at``, an instant that knows its zone, is in it."""
        return self.begins <= at < self.ends

    @property
    def _next(self) -> date:
        return (self.first + timedelta(days=31)).replace(day=1)


def day_of(at: datetime) -> date:
    """The day in London of ``at``, an instant that knows its zone."""
    return at.astimezone(LONDON).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)
