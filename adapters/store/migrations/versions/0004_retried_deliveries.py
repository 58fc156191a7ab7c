"""Failed deliveries that can be tried again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a failed delivery say whether it may have arrived, and when it was tried again."""
    op.add_column("deliveries", sa.Column("retried_at", sa.DateTime(timezone=True)))
    op.add_column(
        "deliveries",
        sa.Column("doubted", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # What failed before this was written down may have arrived.
    op.execute("UPDATE deliveries SET doubted = true WHERE state = 'failed'")
