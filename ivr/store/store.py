"""Keeps events, folds each call they are of into its record, and forgets both in their time.

Callbacks are kept beside them, and what is heard of those in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select, tuple_

from ivr.events import CALLBACK, Event
from ivr.log import CallRecord, fold
from ivr.ringing_back import TEST
from ivr.sealing import Seal
from ivr.store.audit import Audit
from ivr.store.callbacks import Callbacks
from ivr.store.database import Database, Insert
from ivr.store.forgetting import forget
from ivr.store.looking import Looking
from ivr.store.people import People, SignIns
from ivr.store.probes import Probes
from ivr.store.rates import Rates
from ivr.store.retention import Forgotten, Retention
from ivr.store.rows import of_event, of_record, to_event, to_record
from ivr.store.tables import calls, events, ran
from ivr.store.tokens import Tokens
from ivr.store.trials import Trials
from ivr.store.versions import Versions

AT_A_TIME = 500
"""The most calls asked for at once: well under what any database allows in one statement."""

EVENT = (
    events.c.id,
    events.c.call,
    events.c.kind,
    events.c.at,
    events.c.caller,
    events.c.area,
    events.c.facts,
)


class Store:
    """The log at ``url``, whose tables :func:`ivr.store.migrate` has made.

    Safe to share between threads; several programs may use one database. Raises
    :class:`ivr.store.StoreError` for a URL that cannot be used, and every method SQLAlchemy's
    errors for a database that cannot.
    """

    callbacks: Callbacks
    """The callbacks that are kept here. Their numbers need ``seal``."""
    versions: Versions
    """The versions of the routing table that are kept here."""
    people: People
    """Who runs the line."""
    sign_ins: SignIns
    """Where they are signed in."""
    tokens: Tokens
    """What programs show instead of signing in."""
    audit: Audit
    """Who did or saw what."""
    looking: Looking
    """The calls, as somebody who runs the line asks after them."""
    probes: Probes
    """What probes of the table's routes found."""
    trials: Trials
    """The test calls to services' own telephones."""
    rates: Rates
    """How each service's calls go, for alarms."""

    def __init__(self, url: str, seal: Seal | None = None) -> None:
        self._database = Database(url)
        self.callbacks = Callbacks(self._database, seal)
        self.versions = Versions(self._database)
        self.people = People(self._database)
        self.sign_ins = SignIns(self._database)
        self.tokens = Tokens(self._database)
        self.audit = Audit(self._database)
        self.looking = Looking(self._database)
        self.probes = Probes(self._database)
        self.trials = Trials(self._database)
        self.rates = Rates(self._database)

    def keep(self, heard: Sequence[Event]) -> int:
        """Keep ``heard``, and fold anew every call they are of; how many were not kept before.

        All of it or nothing. An event of a call whose events have been forgotten is passed over:
        its record could only become less true. An event of a call that we placed moves the callback
        or the test call it was placed for, if it can, and is counted if it did; it is not kept for
        itself and makes no record.
        """
        logged = [event for event in heard if event.kind != CALLBACK]
        placed = [event for event in heard if event.kind == CALLBACK]
        tests = [event for event in placed if event.facts.get("side") == TEST]
        others = [event for event in placed if event.facts.get("side") != TEST]
        with self._database.writing() as connection:
            moved = [
                *self.callbacks.apply(connection, others),
                *self.trials.apply(connection, tests),
            ]
            return len(moved) + self._keep(connection, logged)

    def ran(self, name: str, at: datetime) -> None:
        """Write down that the chore ``name`` ran ``at``."""
        row = self._database.insert(ran).values(name=name, at=at)
        with self._database.writing() as connection:
            connection.execute(
                row.on_conflict_do_update(index_elements=["name"], set_={"at": row.excluded.at})
            )

    def last_ran(self, name: str) -> datetime | None:
        """When the chore ``name`` last ran, if it ever did."""
        with self._database.reading() as connection:
            return connection.scalar(select(ran.c.at).where(ran.c.name == name))

    def call(self, call: str) -> CallRecord | None:
        """The record of ``call``, if anything is known of it."""
        with self._database.reading() as connection:
            row = connection.execute(select(calls).where(calls.c.call == call)).mappings().first()
        return to_record(row) if row else None

    def calls(self, since: datetime, until: datetime) -> Iterator[CallRecord]:
        """The records of the calls first heard of from ``since`` to before ``until``, in order.

        They are read some hundreds at a time, so that however many there are, nobody is kept
        waiting; a call that comes in meanwhile may or may not be among them.
        """
        place = tuple_(calls.c.first_heard, calls.c.call)
        ordered = select(calls).where(calls.c.first_heard < until).order_by(*place.clauses)
        page = ordered.where(calls.c.first_heard >= since).limit(AT_A_TIME)
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(page).mappings().all()
            yield from map(to_record, rows)
            if len(rows) < AT_A_TIME:
                return
            last = rows[-1]
            after = tuple_(calls.c.first_heard, calls.c.call) > (last["first_heard"], last["call"])
            page = ordered.where(after).limit(AT_A_TIME)

    def events(self, call: str) -> list[Event]:
        """The events kept of ``call``, earliest first."""
        wanted = select(*EVENT).where(events.c.call == call).order_by(events.c.at, events.c.id)
        with self._database.reading() as connection:
            return [to_event(row) for row in connection.execute(wanted)]

    def forget(self, now: datetime, retention: Retention) -> Forgotten:
        """Forget what ``retention`` allows to be kept no longer at ``now``; how much it was."""
        with self._database.writing() as connection:
            return forget(connection, now, retention)

    def close(self) -> None:
        """Let go of the database; whatever is asked next opens it again."""
        self._database.close()

    def _keep(self, connection: Connection, heard: Sequence[Event]) -> int:
        touched = sorted({event.call for event in heard})
        told = _told(connection, touched)
        known = {event.id for events_of in told.values() for event in events_of}
        settled = _settled(connection, touched)
        new = {e.id: e for e in reversed(heard) if e.id not in known and e.call not in settled}
        for event in new.values():
            told[event.call].append(event)
        self._add(connection, new.values())
        self._retell(connection, [told[call] for call in {e.call for e in new.values()}])
        return len(new)

    def _add(self, connection: Connection, new: Iterable[Event]) -> None:
        rows = [of_event(event) for event in new]
        if rows:
            statement = self._database.insert(events).on_conflict_do_nothing(index_elements=["id"])
            connection.execute(statement, rows)

    def _retell(self, connection: Connection, changed: Iterable[Sequence[Event]]) -> None:
        """Fold anew the calls of which ``changed`` are all the events, and keep their records."""
        rows = [of_record(fold(of_call), of_call) for of_call in changed]
        if rows:
            connection.execute(self._upsert(), rows)

    def _upsert(self) -> Insert:
        statement = self._database.insert(calls)
        changed = {each.name: each for each in statement.excluded if each.name != "call"}
        return statement.on_conflict_do_update(index_elements=["call"], set_=changed)


def _in_parts(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while part := list(islice(rest, AT_A_TIME)):
        yield part


def _told(connection: Connection, touched: Iterable[str]) -> defaultdict[str, list[Event]]:
    """The events kept of the calls ``touched``, by call."""
    told: defaultdict[str, list[Event]] = defaultdict(list)
    for some in _in_parts(touched):
        for row in connection.execute(select(*EVENT).where(events.c.call.in_(some))):
            event = to_event(row)
            told[event.call].append(event)
    return told


def _settled(connection: Connection, touched: Iterable[str]) -> set[str]:
    """Those of the calls ``touched`` whose events have been forgotten."""
    found: set[str] = set()
    for some in _in_parts(touched):
        wanted = select(calls.c.call).where(calls.c.call.in_(some), calls.c.settled)
        found.update(connection.scalars(wanted))
    return found
