"""Looks up calls as somebody who runs the line asks after them: by time, service and outcome.

What a call came to is told here by its record alone, as the columns have it, so that the database
can count and choose by it. Nothing here tells who rang, or from where.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, RowMapping, Text, case, cast, func, literal, select, tuple_

from ivr.log import CallRecord
from ivr.store.database import Database
from ivr.store.rows import to_record
from ivr.store.tables import calls

LONGEST = timedelta(hours=3)
"""A call that was first heard of longer ago, and of whose end nothing is known, is lost and not
still going on."""
PAGE = 50
"""Calls told at once."""


class CameTo(StrEnum):
    """What a call came to; of several that fit, the first here."""

    ANSWERED = "answered"
    """The caller was put through to somebody."""
    CALLBACK = "callback"
    """The caller was promised to be rung back."""
    UNANSWERED = "unanswered"
    """The caller stayed, and nobody took the call."""
    ABANDONED = "abandoned"
    """The caller rang off before anybody took the call."""
    UNDER_WAY = "under_way"
    """It is going on, as far as is known."""
    UNKNOWN = "unknown"
    """Too much was lost to tell."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list of calls, newest first: that of the call which stands there."""

    heard: datetime
    call: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls are looked for: those first heard of from ``since`` to before ``until``."""

    since: datetime
    until: datetime
    service: str | None = None
    """Those first offered to this service; "": to none by name; None: to any."""
    came_to: CameTo | None = None
    """None: anything."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One call that was found."""

    record: CallRecord
    came_to: CameTo
    heard: datetime
    """When it was first heard of."""

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.heard, self.record.call)


class Looking:
    """The calls of a store, reached as ``Store.looking``. ``now`` tells which may be under way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, call: str, now: datetime) -> Seen | None:
        """The call with this id, if anything is known of it."""
        found = self._found(calls.c.call == call, now, most=1)
        return found[0] if found else None

    def search(
        self, wanted: Wanted, now: datetime, after: Place | None = None, most: int = PAGE
    ) -> list[Seen]:
        """The calls that are ``wanted``, newest first; those behind the place ``after``."""
        chosen = (calls.c.first_heard >= wanted.since) & (calls.c.first_heard < wanted.until)
        if wanted.service is not None:
            chosen &= calls.c.offered_service == wanted.service
        if wanted.came_to is not None:
            chosen &= _came_to(now) == wanted.came_to.value
        if after:
            here = tuple_(calls.c.first_heard, calls.c.call)
            chosen &= here < tuple_(literal(after.heard, calls.c.first_heard.type), after.call)
        return self._found(chosen, now, most)

    def under_way(self, now: datetime, most: int = 1_000) -> list[CallRecord]:
        """The calls that are going on, the newest first."""
        wanted = Wanted(now - LONGEST, now + LONGEST, came_to=CameTo.UNDER_WAY)
        return [each.record for each in self.search(wanted, now, most=most)]

    def tally(
        self, since: datetime, until: datetime, now: datetime
    ) -> Mapping[str, Mapping[CameTo, int]]:
        """How many calls first heard of in that time came to what, by the service first offered.

        "" are those that were offered to none by name. What none came to is not there.
        """
        came_to = _came_to(now).label("came_to")
        counted = (
            select(calls.c.offered_service, came_to, func.count())
            .where(calls.c.first_heard >= since, calls.c.first_heard < until)
            .group_by(calls.c.offered_service, came_to)
        )
        told: defaultdict[str, dict[CameTo, int]] = defaultdict(dict)
        with self._database.reading() as connection:
            for service, word, count in connection.execute(counted):
                told[service][CameTo(word)] = count
        return told

    def _found(self, chosen: ColumnElement[bool], now: datetime, most: int) -> list[Seen]:
        ordered = (calls.c.first_heard.desc(), calls.c.call.desc())
        wanted = select(calls, _came_to(now).label("came_to")).where(chosen)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(*ordered).limit(most)).mappings().all()
        return [_seen(row) for row in rows]


def _seen(row: RowMapping) -> Seen:
    return Seen(to_record(row), CameTo(row["came_to"]), row["first_heard"])


def _came_to(now: datetime) -> ColumnElement[str]:
    """What a row's call came to. Its steps are looked for as text: each is a word of its own."""
    last_words = cast(calls.c.rest, Text).like('%"last\\_words"%', escape="\\")
    recent = calls.c.first_heard > now - LONGEST
    return case(
        (calls.c.answered_step != "", CameTo.ANSWERED.value),
        (calls.c.callback_booked.is_(True), CameTo.CALLBACK.value),
        (last_words, CameTo.UNANSWERED.value),
        (calls.c.abandoned.is_not(None), CameTo.ABANDONED.value),
        (calls.c.ended.is_(None) & recent, CameTo.UNDER_WAY.value),
        else_=CameTo.UNKNOWN.value,
    )
