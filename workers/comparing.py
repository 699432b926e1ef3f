"""Compares our log with Twilio's list of calls, an hour of calls at a time, and fills the gaps.

How far it has got is in the store: an hour in which Twilio or the store was away is compared
later, and one that was compared twice adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ivr.comparing import Listed, lacking
from ivr.events import Event
from ivr.log import CallRecord
from ivr.records import MENU, OWN_NUMBER
from ivr.routing import Table
from workers import means
from workers.means import NotDoneError

NAME = "compare"
"""What the store knows the chore by: what it ran last is the hour that it has compared up to."""

SETTLED = timedelta(hours=5)
"""How long after it began a call is over for certain: Twilio ends a call that is put through
after four hours."""

LOOKED_BACK = timedelta(days=7)
"""How far back it begins where it has never run, or not for long."""

AT_ONCE = timedelta(hours=1)
PIECES = 24
"""Hours compared in one job, at most: each is a few questions to Twilio."""

log = structlog.get_logger("workers.comparing")


class Company(Protocol):
    """The telephone company, as far as it lists calls."""

    def calls(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """Every call begun from ``since`` to before ``until``."""


class Keeper(Protocol):
    """What keeps the log: the store."""

    def call(self, call: str) -> CallRecord | None:
        """What is known of a call."""

    def keep(self, events: Sequence[Event]) -> int:
        """Keep those that are new; how many those were."""

    def ran(self, name: str, at: datetime) -> None:
        """Write down how far a chore has got."""

    def last_ran(self, name: str) -> datetime | None:
        """How far it has got."""


def compare() -> None:
    """Compare what has not been yet. Raises NotDoneError where that cannot be done now."""
    from workers.ringing import opened  # noqa: PLC0415 - Twilio's library is large

    company, table = opened(means.settings())
    if company is None:
        return
    if table is None:
        raise NotDoneError("there is no routing table to tell our numbers by")
    with means.unquoted("the log cannot be compared with Twilio's list of calls"):
        catch_up(company, means.store(), numbers(table), means.now())


def catch_up(company: Company, store: Keeper, ours: Mapping[str, str], now: datetime) -> int:
    """Compare hour by hour up to those calls that may not be over; how many events were lacking.

    ``ours`` are the line's numbers, each with how a caller to it comes. Raises whatever the store
    does, and :class:`ivr.telephony.UnclearError`: what came before stays done.
    """
    found = 0
    for since, until in _hours(store.last_ran(NAME), now - SETTLED):
        events = list(lacking(company.calls(since, until), ours, store.call))
        found += _kept(store, events, since)
        store.ran(NAME, until)
    return found


def numbers(table: Table) -> Mapping[str, str]:
    """The numbers of the line, and which way a caller to each comes."""
    return {table.line.number: MENU} | dict.fromkeys(table.own_numbers, OWN_NUMBER)


def _hours(done: datetime | None, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The hours from what is ``done`` to ``until``, the last one whole."""
    since = max(done or until - LOOKED_BACK, until - LOOKED_BACK)
    for _ in range(PIECES):
        if since + AT_ONCE > until:
            return
        yield since, since + AT_ONCE
        since += AT_ONCE


def _kept(store: Keeper, events: Sequence[Event], since: datetime) -> int:
    """Keep what was ``lacking`` of the hour from ``since``, and say so; how many were new."""
    new = store.keep(events) if events else 0
    if new:
        calls = len({event.call for event in events})
        log.warning("recovered from list", calls=calls, events=new, hour=since.isoformat())
    return new
