"""Keeps test calls: which were asked for, how far each has got, and what came of it.

A row is changed by compare-and-set, as a callback's is: two who would ring the same telephone for
the same test call are never both allowed to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ivr.events import Event
from ivr.store.database import Database
from ivr.store.operators import trials
from ivr.trials import ENDS, State, Telephone, Trial, asked, told

KEPT = timedelta(days=400)
"""How long a test call is kept: a year of them tells how reliably a service answers."""

COLUMNS = tuple(trials.c[each.name] for each in fields(Trial))
OPEN = [state for state in State if state not in ENDS]


class Trials:
    """The test calls of a store, reached as ``Store.trials``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask_for(self, telephone: Telephone, who: str, at: datetime) -> Trial | None:
        """The test call to ``telephone`` that ``who`` asks for; None where one to it is open."""
        trial = asked(uuid4().hex, telephone, who, at)
        return trial if self.ask(trial) else None

    def ask(self, trial: Trial) -> bool:
        """Keep a test call that is to be made; False where one to that telephone is open.

        Those that have been kept long enough are forgotten.
        """
        same = (trials.c.service == trial.service) & (trials.c.number == trial.number)
        under_way = select(trials.c.id).where(same, trials.c.state.in_(OPEN))
        with self._database.writing() as connection:
            connection.execute(delete(trials).where(trials.c.asked < trial.asked - KEPT))
            if connection.scalar(under_way):
                return False
            connection.execute(insert(trials).values(asdict(trial)))
            return True

    def open(self) -> list[Trial]:
        """Every test call that is to be made or under way, the longest asked for first."""
        return self._all(select(*COLUMNS).where(trials.c.state.in_(OPEN)).order_by(*_AGE))

    def newest(self, *, lost: bool = True) -> list[Trial]:
        """The newest test call to each telephone, by service and number.

        Without ``lost`` it is the newest that tells anything.
        """
        any_ = select(trials.c.service, trials.c.number, func.max(trials.c.asked).label("asked"))
        told_ = any_ if lost else any_.where(trials.c.state != State.LOST)
        last = told_.group_by(trials.c.service, trials.c.number).subquery()
        joined = (
            (trials.c.service == last.c.service)
            & (trials.c.number == last.c.number)
            & (trials.c.asked == last.c.asked)
        )
        ordered = (trials.c.service, trials.c.place, trials.c.id)
        return self._all(select(*COLUMNS).join(last, joined).order_by(*ordered))

    def latest(self, most: int = 100) -> list[Trial]:
        """The test calls that were asked for last, the newest first."""
        ordered = select(*COLUMNS).order_by(trials.c.asked.desc(), trials.c.id)
        return self._all(ordered.limit(most))

    def get(self, id: str) -> Trial | None:  # noqa: A002 - what it is
        """The test call with this id, if there is one."""
        return next(iter(self._all(select(*COLUMNS).where(trials.c.id == id))), None)

    def change(self, before: Trial, after: Trial) -> bool:
        """Whether the test call was still as ``before`` and is now as ``after``."""
        with self._database.writing() as connection:
            return _change(connection, before, after)

    def apply(self, connection: Connection, events: Iterable[Event]) -> list[str]:
        """Tell each test call what was heard of it, in ``connection``'s transaction.

        The ids of those that were changed by it, one for each event that did.
        """
        return [
            str(event.facts["callback"])
            for event in sorted(events, key=lambda event: (event.at, event.id))
            if _tell(connection, event)
        ]

    def _all(self, wanted: Any) -> list[Trial]:  # noqa: ANN401 - a selection of COLUMNS
        with self._database.reading() as connection:
            return [_to_trial(row) for row in connection.execute(wanted)]


_AGE = (trials.c.asked, trials.c.id)


def _to_trial(row: Row[*tuple[Any, ...]]) -> Trial:
    told_ = dict(row._mapping)  # noqa: SLF001 - the public name of a row's values
    return Trial(**(told_ | {"state": State(told_["state"])}))


def _tell(connection: Connection, event: Event) -> bool:
    """Whether ``event`` changed its test call."""
    wanted = select(*COLUMNS).where(trials.c.id == event.facts.get("callback"))
    row = connection.execute(wanted).first()
    if row is None:
        return False
    before = _to_trial(row)
    after = told(before, event)
    return after != before and _change(connection, before, after)


def _change(connection: Connection, before: Trial, after: Trial) -> bool:
    as_seen = (trials.c.id == before.id) & (trials.c.version == before.version)
    return connection.execute(update(trials).where(as_seen).values(asdict(after))).rowcount == 1
