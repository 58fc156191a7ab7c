"""How far each thread was read back, and which threads are open."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HAS_THREAD = sa.text("thread IS NOT NULL")


def upgrade() -> None:
    """Let a conversation keep the mark, and find the open ones without reading the others."""
    op.add_column("conversations", sa.Column("read_to", sa.Text()))
    op.create_index(
        "ix_conversations_open_threads",
        "conversations",
        ["resolved_at"],
        sqlite_where=HAS_THREAD,
        postgresql_where=HAS_THREAD,
    )
