"""Forgets what is kept no longer: the caller first, then the events, and last the call itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Update, delete, select, update

from ivr.callbacks import ENDS, State
from ivr.store.retention import Forgotten, Retention
from ivr.store.tables import callbacks, calls, events, history

EVERY = timedelta(hours=1)
"""Time from one forgetting to the next, at the most."""
AHEAD = 2 * EVERY
"""What would be too old so soon is forgotten now: the next time may come late."""


def forget(connection: Connection, now: datetime, retention: Retention) -> Forgotten:
    """Forget what ``retention`` allows to be kept no longer at ``now``; how much it was.

    A call is as old as the latest that was heard of it, a callback as its end. Done every hour,
    nothing is kept for longer than its days; :data:`AHEAD` is for that. A number that nobody came
    to erase when its callback was settled goes too.
    """
    soon = now + AHEAD

    def older(days: int) -> ColumnElement[bool]:
        return calls.c.last_heard < soon - timedelta(days=days)

    old, settling = older(retention.call_days), older(retention.event_days) & ~calls.c.settled
    traced = older(retention.pseudonym_days) & calls.c.caller_held
    located = older(retention.area_days) & calls.c.area_held
    count = _Counting(connection)
    gone = count(_events_of(old)) + count(_events_of(settling))
    count(_without(traced, caller=None))
    count(_without(located, area=None))
    ended = callbacks.c.state.in_(ENDS)
    overstayed = (callbacks.c.state == State.CONNECTED) & (callbacks.c.due < now)
    count(update(callbacks).where(overstayed).values(number=None, due=None))
    forgotten = ended & (callbacks.c.changed < soon - timedelta(days=retention.callback_days))
    unnamed = ended & (callbacks.c.changed < soon - timedelta(days=retention.pseudonym_days))
    count(update(callbacks).where(unnamed, callbacks.c.caller.is_not(None)).values(caller=None))
    count(delete(history).where(history.c.callback.in_(select(callbacks.c.id).where(forgotten))))
    return Forgotten(
        events=gone,
        calls=count(delete(calls).where(old)),
        settled=count(update(calls).where(settling).values(settled=True)),
        pseudonyms=count(update(calls).where(traced).values(caller=None, caller_held=False)),
        callbacks=count(delete(callbacks).where(forgotten)),
        areas=count(update(calls).where(located).values(area="", area_held=False)),
    )


class _Counting:
    """Carries out statements, and says how many rows each found."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, statement: Delete | Update) -> int:
        return self._connection.execute(statement).rowcount


def _events_of(wanted: ColumnElement[bool]) -> Delete:
    return delete(events).where(events.c.call.in_(select(calls.c.call).where(wanted)))


def _without(wanted: ColumnElement[bool], **values: Any) -> Update:  # noqa: ANN401 - a column's
    """The events of the calls ``wanted``, less what is set to None."""
    return (
        update(events).where(events.c.call.in_(select(calls.c.call).where(wanted))).values(values)
    )
