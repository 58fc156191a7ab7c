"""Deliveries that are joined into one post."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JOINED = sa.text("joined_to IS NOT NULL")


def upgrade() -> None:
    """Let a delivery name the one whose post it is part of."""
    op.add_column("deliveries", sa.Column("joined_to", sa.Text()))
    op.create_index(
        "ix_deliveries_joined_to",
        "deliveries",
        ["joined_to"],
        sqlite_where=JOINED,
        postgresql_where=JOINED,
    )
