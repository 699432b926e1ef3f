"""What callers lost by a publication, as it was said; and approvals that only a terminal proves."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the two columns; nothing was said, and nobody asked, until now."""
    op.add_column("publication", sa.Column("although", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "approval", sa.Column("terminal", sa.String(64), nullable=False, server_default="")
    )
