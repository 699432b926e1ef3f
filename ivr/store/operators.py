"""The tables of the operators' side: versions of the table, people, audit, probes, test calls.

They stand beside those of :mod:`ivr.store.tables`, in the same database.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy import Table as Table_

from ivr.store.tables import Document, Moment, metadata

versions = Table_(
    "version",
    metadata,
    Column("id", String(12), primary_key=True),  # the hash of what it says
    Column("imported_at", Moment, nullable=False),
    Column("imported_by", String(120), nullable=False),
    Column("note", Text, nullable=False),
    Column("based_on", String(12), nullable=False),  # "": that was not said
    Column("checked", Document),  # null: not yet
    Index("version_imported", "imported_at"),
)

version_files = Table_(
    "version_file",
    metadata,
    Column("version", String(12), ForeignKey("version.id"), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("content", LargeBinary, nullable=False),  # deflated
)

approvals = Table_(
    "approval",
    metadata,
    Column("version", String(12), ForeignKey("version.id"), primary_key=True),
    Column("by", String(120), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("terminal", String(64), nullable=False, server_default=""),  # "": in the console
)

publications = Table_(
    "publication",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("version", String(12), ForeignKey("version.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(120), nullable=False),
    Column("why", Text, nullable=False),
    Column("rolled_back", Boolean, nullable=False),
    Column("although", Text, nullable=False, server_default=""),  # "": callers lost nothing
    Index("publication_of", "version"),
)

people = Table_(
    "person",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("login", String(120), nullable=False, unique=True),  # as an e-mail address, lower case
    Column("password", String(200)),  # argon2's own text; null: none yet
    Column("totp", Text),  # sealed; null: none yet
    Column("role", String(16), nullable=False),
    Column("invited", String(64)),  # the hash of the one-time link's token
    Column("invited_until", Moment),
    Column("disabled", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Column("last_seen", Moment),
    Index("person_invited", "invited"),
)

sessions = Table_(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),  # the hash of what the cookie holds
    Column("person", String(32), ForeignKey("person.id"), nullable=False),
    Column("began", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("revoked", Moment),
    Index("session_of", "person"),
)

tokens = Table_(
    "token",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(16), nullable=False),
    Column("person", String(32), ForeignKey("person.id")),
    Column("created", Moment, nullable=False),
    Column("last_used", Moment),
    Column("revoked", Moment),
)

audit = Table_(
    "audit",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", String(120), nullable=False),
    Column("what", String(80), nullable=False),
    Column("about", String(160), nullable=False),
    Column("detail", Document, nullable=False),
    Column("previous", String(64), nullable=False),  # the hash of the row before
    Column("hash", String(64), nullable=False),
    Index("audit_at", "at"),
)

probes = Table_(
    "probe",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("route", String(120), nullable=False),
    Column("service", String(40), nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("why", String(200), nullable=False),
    Column("host", String(120), nullable=False, server_default=""),  # whose line was rung
    Index("probe_at", "at"),
)

trials = Table_(
    "trial",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("service", String(40), nullable=False),
    Column("place", Integer, nullable=False),  # which of the service's own numbers, from 1
    Column("number", String(120), nullable=False),  # the service's, as the table had it
    Column("asked", Moment, nullable=False),
    Column("who", String(120), nullable=False),
    Column("state", String(16), nullable=False),
    Column("changed", Moment, nullable=False),
    Column("sid", String(40), nullable=False),
    Column("version", Integer, nullable=False),  # every change adds one
    Index("trial_of", "service", "number", "asked"),
    Index("trial_state", "state"),
)
