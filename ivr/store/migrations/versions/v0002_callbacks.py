"""Callbacks with their history, who is never to be rung, and when each chore last ran."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Make the four tables."""
    _callback()
    _callback_history()
    for table in ("never_call", "ran"):
        op.create_table(
            table,
            sa.Column("name", sa.String(32), primary_key=True),
            sa.Column("at", MOMENT, nullable=False),
        )


def _callback() -> None:
    op.create_table(
        "callback",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("call", sa.String(40), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.Column("deadline", MOMENT, nullable=False),
        sa.Column("due", MOMENT),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("ring", sa.Integer, nullable=False),
        sa.Column("placed", MOMENT),
        sa.Column("service_call", sa.String(40), nullable=False),
        sa.Column("caller_call", sa.String(40), nullable=False),
        sa.Column("gone", MOMENT),
        sa.Column("rung", sa.Integer, nullable=False),
        sa.Column("why", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed", MOMENT, nullable=False),
        sa.Column("caller", sa.String(32)),
        sa.Column("number", sa.Text),
    )
    op.create_index("callback_due", "callback", ["due"])
    op.create_index("callback_of_caller", "callback", ["caller"])
    op.create_index("callback_asked", "callback", ["asked"])


def _callback_history() -> None:
    op.create_table(
        "callback_history",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("callback", sa.String(32), sa.ForeignKey("callback.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(160), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rang", sa.Integer, nullable=False),
        sa.Column("promise", sa.String(32)),
    )
    op.create_index("callback_history_of", "callback_history", ["callback", "position"])
    op.create_index("callback_history_at", "callback_history", ["at"])
    op.create_index("callback_history_promise", "callback_history", ["promise"])
