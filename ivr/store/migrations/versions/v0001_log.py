"""The log: events, and the calls told from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "event",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("call", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("caller", sa.String(32)),
        sa.Column("area", sa.String(2)),
        sa.Column("facts", DOCUMENT, nullable=False),
    )
    op.create_index("event_of_call", "event", ["call"])
    op.create_table(
        "call",
        sa.Column("call", sa.String(40), primary_key=True),
        sa.Column("first_heard", MOMENT, nullable=False),
        sa.Column("last_heard", MOMENT, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("caller_held", sa.Boolean, nullable=False),
        sa.Column("area_held", sa.Boolean, nullable=False),
        sa.Column("via", sa.String(12), nullable=False),
        sa.Column("language", sa.String(3), nullable=False),
        sa.Column("table_version", sa.String(12), nullable=False),
        sa.Column("caller", sa.String(32)),
        sa.Column("area", sa.String(2), nullable=False),
        sa.Column("began", MOMENT),
        sa.Column("ended", MOMENT),
        sa.Column("offered_step", sa.String(32), nullable=False),
        sa.Column("offered_service", sa.String(40), nullable=False),
        sa.Column("offered", MOMENT),
        sa.Column("rang", MOMENT),
        sa.Column("answered_step", sa.String(32), nullable=False),
        sa.Column("answered_service", sa.String(40), nullable=False),
        sa.Column("answered", MOMENT),
        sa.Column("abandoned_at", sa.String(32), nullable=False),
        sa.Column("abandoned", MOMENT),
        sa.Column("callback_booked", sa.Boolean),
        sa.Column("questions", sa.Integer),
        sa.Column("wrong_area", sa.Integer),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("rest", DOCUMENT, nullable=False),
    )
    op.create_index("call_heard", "call", ["first_heard", "call"])
    op.create_index("call_last_heard", "call", ["last_heard"])
