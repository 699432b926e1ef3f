"""Keeps callbacks, each change of one, and who is never to be rung.

A row here is the truth about a callback, and it is changed by compare-and-set: whoever saw an
older version changes nothing. The caller's number is sealed, and erased when the callback has
ended and is settled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, insert, or_, select

from ivr.callbacks import (
    ASKED_AFTER_9,
    ENDS,
    RULES,
    Callback,
    Rules,
    State,
    asked_again,
    barred,
    told,
)
from ivr.callbacks import asked as fresh
from ivr.events import Event
from ivr.sealing import Seal
from ivr.store import callback_rows as rows
from ivr.store.callback_rows import COLUMNS, LINE, Change, of_callback, to_callback
from ivr.store.database import Database
from ivr.store.opening import StoreError
from ivr.store.tables import callbacks, history, never_call

PURPOSE = "callback"
"""What the pseudonyms of numbers, and of promises, are for here."""
OPEN = [state for state in State if state not in ENDS]
AT_REST = [State.ASKED, State.UNANSWERED, State.NEEDS_A_PERSON, State.CLOSED]
"""States in which nobody is rung: a service that still waits is to be let go."""


class Callbacks:
    """The callbacks of a store, reached as ``Store.callbacks``.

    Whatever must seal, open or name a number raises StoreError where the store was opened without
    a seal; everything raises SQLAlchemy's errors for a database that cannot.
    """

    def __init__(self, database: Database, seal: Seal | None, rules: Rules = RULES) -> None:
        self._database = database
        self._given_seal = seal
        self._rules = rules

    def promise(
        self, promise_id: str, call: str, service: str, number: str, asked: datetime
    ) -> Callback:
        """The callback for a promise made to ``number`` (E.164); the same promise is one callback.

        Where the number has an open one already, that one is it. A number that once asked never to
        be rung, or was rung as often as may be, is for a person from the start.
        """
        ids, names = self._names(promise_id), self._names(number)
        new = fresh(ids[0], call, service, asked, self._rules)
        with self._database.writing() as connection:
            known = rows.of_promise(connection, ids)
            if known:
                return known
            joined = rows.open_one(connection, names)
            if joined:
                return self._join(connection, joined, new)
            why = self._against(connection, names, asked)
            new = barred(new, why, asked) if why else new
            sealed = self._seal.seal(number.encode()).decode()
            row = of_callback(new) | {"caller": names[0], "number": sealed}
            connection.execute(insert(callbacks).values(row))
            rows.note(connection, new.id, Change(asked, LINE, "asked", new.state))
            return new

    def get(self, id: str) -> Callback | None:  # noqa: A002 - what it is
        """The callback with this id, if there is one."""
        with self._database.reading() as connection:
            return rows.get(connection, id)

    def beginning(self, begins: str) -> list[Callback]:
        """Those whose id begins so, two at most: a person gives no more of it than they must."""
        if not begins.isalnum():
            return []
        return self._all(callbacks.c.id.startswith(begins), most=2)

    def due(self, now: datetime, most: int = 100) -> list[str]:
        """The ids of those to be looked at ``now``, the longest overdue first.

        Before all others those of which somebody may be on a telephone: however many wait to be
        rung, they are looked at in time.
        """
        kept_waiting = callbacks.c.state.in_(AT_REST) & (callbacks.c.service_call != "")
        calls = or_(callbacks.c.placed.is_not(None), callbacks.c.service_call != "")
        order = (case((calls, 0), else_=1), callbacks.c.due, callbacks.c.id)
        wanted = select(callbacks.c.id).where(or_(callbacks.c.due <= now, kept_waiting))
        with self._database.reading() as connection:
            return list(connection.scalars(wanted.order_by(*order).limit(most)))

    def open(self) -> list[Callback]:
        """Every callback to which something is still owed, the oldest first."""
        return self._all(callbacks.c.state.in_(OPEN))

    def among(self, states: Collection[State], since: datetime) -> list[Callback]:
        """Those in one of ``states`` that were asked for from ``since`` on, the oldest first."""
        return self._all(callbacks.c.state.in_(states) & (callbacks.c.asked >= since))

    def counts(self) -> Mapping[State, int]:
        """How many there are in each state, nought included."""
        counted = select(callbacks.c.state, func.count()).group_by(callbacks.c.state)
        with self._database.reading() as connection:
            found = {State(state): count for state, count in connection.execute(counted)}
        return {state: found.get(state, 0) for state in State}

    def overdue(self, now: datetime) -> int:
        """How many are open past their deadline."""
        wanted = callbacks.c.state.in_(OPEN) & (callbacks.c.deadline <= now)
        return self._number(select(func.count()).select_from(callbacks).where(wanted))

    def change(self, before: Callback, after: Callback, what: str, who: str, at: datetime) -> bool:
        """Whether the callback was still as ``before`` and is now as ``after``.

        One line is added to its history: ``who`` did ``what``. Nothing is written where the two
        are the same. The number is erased where ``after`` is settled.
        """
        if before == after:
            return self.get(before.id) == before
        with self._database.writing() as connection:
            return _change(connection, before, after, Change(at, who, what, after.state))

    def number(self, id: str) -> str:  # noqa: A002 - what it is
        """The caller's number, E.164; "" if it is gone. Raises SealError without its key."""
        with self._database.reading() as connection:
            wanted = select(callbacks.c.number).where(callbacks.c.id == id)
            sealed = connection.scalar(wanted)
        return self._seal.open(sealed.encode()).decode() if sealed else ""

    def note(self, callback: Callback, what: str, who: str, at: datetime) -> None:
        """Add a line to the history of ``callback``, which is not changed by it."""
        with self._database.writing() as connection:
            rows.note(connection, callback.id, Change(at, who, what, callback.state))

    def history(self, id: str) -> list[Change]:  # noqa: A002 - what it is
        """Everything that was done to the callback, the first thing first."""
        columns = (history.c.at, history.c.who, history.c.what, history.c.state)
        wanted = select(*columns).where(history.c.callback == id).order_by(history.c.position)
        with self._database.reading() as connection:
            found = connection.execute(wanted).all()
        return [Change(at, who, what, State(state)) for at, who, what, state in found]

    def apply(self, connection: Connection, events: Iterable[Event]) -> list[str]:
        """Tell each callback what was heard of its calls, in ``connection``'s transaction.

        The ids of those that were changed by it, one for each event that did.
        """
        return [
            str(event.facts["callback"])
            for event in sorted(events, key=lambda event: (event.at, event.id))
            if event.facts.get("callback") and self._tell(connection, event)
        ]

    def never(self, number: str, at: datetime) -> None:
        """Write down that ``number`` is never to be rung again."""
        with self._database.writing() as connection:
            self._opt_out(connection, self._names(number)[0], at)

    def may_call(self, number: str) -> bool:
        """Whether ``number`` has not asked never to be rung."""
        with self._database.reading() as connection:
            return not _opted_out(connection, self._names(number))

    def rung_lately(self, number: str, now: datetime) -> int:
        """How often ``number`` was rung in the 24 hours before ``now``."""
        with self._database.reading() as connection:
            return _rung_lately(connection, self._names(number), now)

    def rung_last_hour(self, now: datetime) -> int:
        """How many rings of callers, whoever they are, the hour before ``now`` had."""
        return self._number(_rings_since(now - timedelta(hours=1)))

    def ahead(self, callback: Callback) -> int:
        """How many rings of callers others will want that go before ``callback``.

        Those whose service is being rung, or has accepted and whose caller was not rung yet; and
        those asked for earlier that wait for the hour's rings.
        """
        return self._number(rows.ahead(callback))

    @property
    def _seal(self) -> Seal:
        if self._given_seal is None:
            raise StoreError("callbacks need the keys that seal numbers: SEALING_KEYS")
        return self._given_seal

    def _names(self, number: str) -> tuple[str, ...]:
        return self._seal.pseudonyms(number, PURPOSE)

    def _all(self, wanted: ColumnElement[bool], most: int | None = None) -> list[Callback]:
        found = select(*COLUMNS).where(wanted).limit(most)
        ordered = found.order_by(callbacks.c.asked, callbacks.c.id)
        with self._database.reading() as connection:
            return [to_callback(row) for row in connection.execute(ordered)]

    def _number(self, wanted: Select[Any]) -> int:
        with self._database.reading() as connection:
            return int(connection.scalar(wanted) or 0)

    def _join(self, connection: Connection, joined: Callback, new: Callback) -> Callback:
        """Make what was just promised one with a callback that is open."""
        after = asked_again(joined, new.asked, self._rules)
        rows.change(connection, joined, after)
        line = Change(new.asked, LINE, "asked again", after.state)
        rows.note(connection, joined.id, line, promise=new.id)
        return after

    def _against(self, connection: Connection, names: tuple[str, ...], now: datetime) -> str:
        if _opted_out(connection, names):
            return ASKED_AFTER_9
        often = _rung_lately(connection, names, now) >= self._rules.per_number_day
        return "cap" if often else ""

    def _tell(self, connection: Connection, event: Event) -> bool:
        """Whether ``event`` changed its callback."""
        facts = event.facts
        before = rows.get(connection, str(facts["callback"]))
        if before is None:
            return False
        if facts.get("what") == "never" and facts.get("side") == "caller":
            name = select(callbacks.c.caller).where(callbacks.c.id == before.id)
            self._opt_out(connection, connection.scalar(name), event.at)
        after = told(before, event, self._rules)
        heard = facts.get("leg") if facts.get("what") == "status" else facts.get("what")
        line = Change(event.at, LINE, f"{facts.get('side')}: {heard}", after.state)
        return after != before and _change(connection, before, after, line)

    def _opt_out(self, connection: Connection, name: str | None, at: datetime) -> None:
        if name:
            row = self._database.insert(never_call).values(name=name, at=at)
            connection.execute(row.on_conflict_do_nothing(index_elements=["name"]))


def _change(connection: Connection, before: Callback, after: Callback, line: Change) -> bool:
    """Change the callback and note it; a ring that is taken back is taken back where it was."""
    if not rows.change(connection, before, after):
        return False
    rang = after.rung - before.rung
    rows.note(connection, before.id, line, rang=max(rang, 0))
    if rang < 0:
        rows.take_back_ring(connection, before.id)
    return True


def _opted_out(connection: Connection, names: Collection[str]) -> bool:
    wanted = select(func.count()).select_from(never_call).where(never_call.c.name.in_(names))
    return bool(connection.scalar(wanted))


def _rings_since(since: datetime) -> Select[Any]:
    return select(func.sum(history.c.rang)).where(history.c.at > since)


def _rung_lately(connection: Connection, names: Collection[str], now: datetime) -> int:
    theirs = select(callbacks.c.id).where(callbacks.c.caller.in_(names))
    wanted = _rings_since(now - timedelta(hours=24)).where(history.c.callback.in_(theirs))
    return int(connection.scalar(wanted) or 0)
