"""What the store tells: how the last hour's calls went, who is not rung, and who waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from ivr.alarms import Calls, Rate, answer_rates, wrong_areas
from ivr.callbacks import ENDS, State
from ivr.log import CallRecord
from ivr.store import Probed

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
LATELY = timedelta(minutes=15)
"""Probes are made every five minutes; older ones tell nothing of now."""
WEEKS = 4
LONGEST = timedelta(hours=3)
"""A call that began longer ago is not looked for: it is no news by now."""


class Callbacks(Protocol):
    """What is asked of the store's callbacks."""

    def counts(self) -> Mapping[State, int]:
        """How many there are in each state."""

    def overdue(self, now: datetime) -> int:
        """How many are past their deadline."""


class Probes(Protocol):
    """What is asked of the store's probes."""

    def newest(self, since: datetime) -> list[Probed]:
        """The newest probe of each row."""


class Rates(Protocol):
    """What is asked of the store about how calls go."""

    def of(self, since: datetime, until: datetime) -> Mapping[str, Rate]:
        """How those of a time went, by service."""

    def recovered(self, since: datetime, until: datetime) -> int:
        """How many of a time rest on the telephone company's list."""


class Log(Protocol):
    """What is asked of the store's calls."""

    def calls(self, since: datetime, until: datetime) -> Iterator[CallRecord]:
        """The calls first heard of in that time."""


def outcomes(log: Log, now: datetime) -> tuple[Mapping[str, Calls], int]:
    """The calls that were over in the last hour, by the service first offered.

    And how many of them came to the last resort.
    """
    over = [each for each in log.calls(now - LONGEST, now) if _over(each, now)]
    counted = Counter((_service(each), outcome(each)) for each in over)
    services = {service for service, _ in counted}
    calls = {
        service: Calls(**{word: n for (whose, word), n in counted.items() if whose == service})
        for service in sorted(services)
    }
    return calls, sum("last_resort" in each.steps for each in over)


def outcome(record: CallRecord) -> str:
    """What came of a call, as :class:`ivr.alarms.Calls` calls it."""
    if record.answer:
        return "answered"
    if record.reached("booked"):
        return "callback"
    if record.reached("last_words"):
        return "unanswered"
    return "abandoned" if record.abandoned else "unknown"


def failing(probes: Probes, now: datetime) -> tuple[str, ...] | None:
    """The rows whose newest probe failed; None if none was made lately."""
    found = probes.newest(now - LATELY)
    return tuple(_failed(each) for each in found if not each.ok) if found else None


def _failed(probe: Probed) -> str:
    where = f" (on {probe.host})" if probe.host else ""
    return f"{probe.route}: {probe.why}{where}"


Jumps = tuple[tuple[str, ...], tuple[str, ...]]


def jumps(rates: Rates, now: datetime) -> Jumps:
    """The services that more callers say are the wrong area, and those that answer fewer calls.

    It is the day until an hour ago that is judged: later calls may not be over.
    """
    until = now - HOUR
    last, before = rates.of(until - DAY, until), rates.of(until - DAY - WEEKS * WEEK, until - DAY)
    return wrong_areas(last, before), answer_rates(last, before)


def recovered(rates: Rates, now: datetime) -> int:
    """How many calls of the last week rest on the list: a gap of longer ago is not looked for."""
    return rates.recovered(now - WEEK, now)


def waiting(callbacks: Callbacks) -> Mapping[str, int]:
    """How many callbacks there are in each state that is no end."""
    counts = callbacks.counts()
    return {state.value: counts.get(state, 0) for state in State if state not in ENDS}


def _over(record: CallRecord, now: datetime) -> bool:
    """Whether the call ended in the last hour, or is not to be told from one that did."""
    told = record.ended or (record.began if record.steps[-1:] in _ENDINGS else None)
    return told is not None and now - told <= HOUR


_ENDINGS = (("booked",), ("last_words",), ("ended",), ("last_resort",))
"""After these the line has nothing more to do, whether or not Twilio tells that it is over."""


def _service(record: CallRecord) -> str:
    return record.offers[0].service if record.offers else ""
