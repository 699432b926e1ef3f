"""Turns callbacks into rows and back, and changes a row only if it is as somebody saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, tuple_, update

from ivr.callbacks import ENDS, FULL, Callback, State
from ivr.store.tables import callbacks, history

LINE = "line"
"""Who changed a callback, where no person did."""
COLUMNS = tuple(callbacks.c[each.name] for each in fields(Callback))
"""The columns of a callback, without the two that tell of its caller."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a callback's history."""

    at: datetime
    who: str
    """:data:`LINE`, or a person, as the machine they work on knows them."""
    what: str
    state: State
    """What it came to."""


def to_callback(row: Row[*tuple[Any, ...]]) -> Callback:
    """The callback of a row of :data:`COLUMNS`."""
    told = dict(row._mapping)  # noqa: SLF001 - the public name of a row's values
    return Callback(**(told | {"state": State(told["state"])}))


def of_callback(callback: Callback) -> dict[str, Any]:
    """The row of ``callback``, less what tells of its caller."""
    return asdict(callback)


def get(connection: Connection, id_: str) -> Callback | None:
    """The callback with this id, if there is one."""
    row = connection.execute(select(*COLUMNS).where(callbacks.c.id == id_)).first()
    return to_callback(row) if row else None


def of_promise(connection: Connection, ids: Sequence[str]) -> Callback | None:
    """The callback that was made for a promise known by any of ``ids``, or joined by it."""
    joined = select(history.c.callback).where(history.c.promise.in_(ids))
    wanted = callbacks.c.id.in_(ids) | callbacks.c.id.in_(joined)
    row = connection.execute(select(*COLUMNS).where(wanted).order_by(callbacks.c.asked)).first()
    return to_callback(row) if row else None


def open_one(connection: Connection, names: Sequence[str]) -> Callback | None:
    """The callback that is open for the caller known by any of ``names``."""
    wanted = callbacks.c.caller.in_(names) & callbacks.c.state.not_in(ENDS)
    row = connection.execute(select(*COLUMNS).where(wanted).order_by(callbacks.c.asked)).first()
    return to_callback(row) if row else None


def ahead(callback: Callback) -> Select[Any]:
    """Counts the others that go before ``callback`` where the hour has few rings left."""
    kept = callbacks.c
    accepted = (kept.state == State.RINGING_CALLER) & kept.placed.is_(None)
    waits = kept.state.in_([State.ASKED, State.UNANSWERED]) & (kept.why == FULL)
    earlier = tuple_(kept.asked, kept.id) < (callback.asked, callback.id)
    first = (kept.state == State.RINGING_SERVICE) | accepted | (waits & earlier)
    return select(func.count()).select_from(callbacks).where(first & (kept.id != callback.id))


def change(connection: Connection, before: Callback, after: Callback) -> bool:
    """Whether the row was as ``before`` and is now as ``after``; settled, it has no number."""
    values = of_callback(after) | ({"number": None} if after.is_settled else {})
    as_seen = (callbacks.c.id == before.id) & (callbacks.c.version == before.version)
    return connection.execute(update(callbacks).where(as_seen).values(values)).rowcount == 1


def note(connection: Connection, callback: str, line: Change, **more: object) -> None:
    """Add ``line`` to the history of ``callback``."""
    row = asdict(line) | {"callback": callback, "rang": 0} | more
    connection.execute(insert(history).values(row))


def take_back_ring(connection: Connection, callback: str) -> None:
    """The latest ring of the caller never was one: it counts to no cap."""
    rings = (history.c.callback == callback) & (history.c.rang == 1)
    latest = select(func.max(history.c.position)).where(rings).scalar_subquery()
    connection.execute(update(history).where(history.c.position == latest).values(rang=0))
