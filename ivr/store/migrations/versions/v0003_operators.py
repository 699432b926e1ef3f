"""Versions of the routing table, the people who keep it, what they did, and what probes found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the nine tables."""
    _versions()
    _publications()
    _people()
    _sessions()
    _tokens()
    _audit()
    _probes()


def _versions() -> None:
    op.create_table(
        "version",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("imported_by", sa.String(120), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("based_on", sa.String(12), nullable=False),
        sa.Column("checked", DOCUMENT),
    )
    op.create_index("version_imported", "version", ["imported_at"])
    op.create_table(
        "version_file",
        sa.Column("version", sa.String(12), sa.ForeignKey("version.id"), primary_key=True),
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def _publications() -> None:
    op.create_table(
        "approval",
        sa.Column("version", sa.String(12), sa.ForeignKey("version.id"), primary_key=True),
        sa.Column("by", sa.String(120), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "publication",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("version", sa.String(12), sa.ForeignKey("version.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("rolled_back", sa.Boolean, nullable=False),
    )
    op.create_index("publication_of", "publication", ["version"])


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("login", sa.String(120), nullable=False, unique=True),
        sa.Column("password", sa.String(200)),
        sa.Column("totp", sa.Text),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("invited", sa.String(64)),
        sa.Column("invited_until", MOMENT),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("last_seen", MOMENT),
    )
    op.create_index("person_invited", "person", ["invited"])


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("began", MOMENT, nullable=False),
        sa.Column("seen", MOMENT, nullable=False),
        sa.Column("ends", MOMENT, nullable=False),
        sa.Column("revoked", MOMENT),
    )
    op.create_index("session_of", "session", ["person"])


def _tokens() -> None:
    op.create_table(
        "token",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id")),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("last_used", MOMENT),
        sa.Column("revoked", MOMENT),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("what", sa.String(80), nullable=False),
        sa.Column("about", sa.String(160), nullable=False),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("audit_at", "audit", ["at"])


def _probes() -> None:
    op.create_table(
        "probe",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("route", sa.String(120), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("ok", sa.Boolean, nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
    )
    op.create_index("probe_at", "probe", ["at"])
