"""Test calls to services' own telephones; and on which host a probe was made."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Make the table and the column."""
    op.add_column("probe", sa.Column("host", sa.String(120), nullable=False, server_default=""))
    op.create_table(
        "trial",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("number", sa.String(120), nullable=False),
        sa.Column("asked", MOMENT, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed", MOMENT, nullable=False),
        sa.Column("sid", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("trial_of", "trial", ["service", "number", "asked"])
    op.create_index("trial_state", "trial", ["state"])
