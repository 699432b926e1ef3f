"""The tables of the store: events, the calls told from them, callbacks, and what has run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
)
from sqlalchemy import Table as Table_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from ivr.events import moment


class Moment(TypeDecorator[datetime]):
    """A moment with its zone, UTC on the way in and out.

    In SQLite, which has no such type, it is text that sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database has for it."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else self.impl)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - either
        """As the database takes it."""
        return moment(value) if value and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - either
        """As it was kept."""
        if value is None:
            return None
        at: datetime = datetime.fromisoformat(value) if dialect.name == "sqlite" else value
        return at.astimezone(UTC)


Document = JSON().with_variant(JSONB(), "postgresql")

metadata = MetaData()

events = Table_(
    "event",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("call", String(40), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("at", Moment, nullable=False),
    Column("caller", String(32)),  # out of the facts, so that it can be forgotten by itself
    Column("area", String(2)),  # the same
    Column("facts", Document, nullable=False),
    Index("event_of_call", "call"),
)

calls = Table_(
    "call",
    metadata,
    Column("call", String(40), primary_key=True),
    Column("first_heard", Moment, nullable=False),  # of its earliest event, whatever was lost
    Column("last_heard", Moment, nullable=False),
    Column("settled", Boolean, nullable=False),  # its events are forgotten; it is never refolded
    Column("caller_held", Boolean, nullable=False),  # by its record, or any event of it
    Column("area_held", Boolean, nullable=False),  # the same
    Column("via", String(12), nullable=False),
    Column("language", String(3), nullable=False),
    Column("table_version", String(12), nullable=False),
    Column("caller", String(32)),
    Column("area", String(2), nullable=False),
    Column("began", Moment),
    Column("ended", Moment),
    Column("offered_step", String(32), nullable=False),
    Column("offered_service", String(40), nullable=False),
    Column("offered", Moment),
    Column("rang", Moment),
    Column("answered_step", String(32), nullable=False),
    Column("answered_service", String(40), nullable=False),
    Column("answered", Moment),
    Column("abandoned_at", String(32), nullable=False),
    Column("abandoned", Moment),
    Column("callback_booked", Boolean),  # null: not known
    Column("questions", Integer),  # null: not known
    Column("wrong_area", Integer),  # null: not known
    Column("complete", Boolean, nullable=False),
    Column("rest", Document, nullable=False),  # steps, offers, legs, and what is lacking
    Index("call_heard", "first_heard", "call"),
    Index("call_last_heard", "last_heard"),
)

callbacks = Table_(
    "callback",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("call", String(40), nullable=False),
    Column("service", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("due", Moment),
    Column("attempt", Integer, nullable=False),
    Column("ring", Integer, nullable=False),
    Column("placed", Moment),
    Column("service_call", String(40), nullable=False),
    Column("caller_call", String(40), nullable=False),
    Column("gone", Moment),
    Column("rung", Integer, nullable=False),
    Column("why", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed", Moment, nullable=False),
    Column("caller", String(32)),  # a keyed pseudonym of the number; forgotten by itself
    Column("number", Text),  # sealed; erased when the callback ends
    Index("callback_due", "due"),
    Index("callback_of_caller", "caller"),
    Index("callback_asked", "asked"),
)

history = Table_(
    "callback_history",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("callback", String(32), ForeignKey("callback.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(160), nullable=False),
    Column("state", String(16), nullable=False),  # that it came to
    Column("rang", Integer, nullable=False),  # 1: the caller's telephone was rung; for the caps
    Column("promise", String(32)),  # a later promise that was found to be the same callback
    Index("callback_history_of", "callback", "position"),
    Index("callback_history_at", "at"),
    Index("callback_history_promise", "promise"),
)

never_call = Table_(
    "never_call",
    metadata,
    Column("name", String(32), primary_key=True),  # a keyed pseudonym of the number
    Column("at", Moment, nullable=False),
)

ran = Table_(
    "ran",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("at", Moment, nullable=False),
)
