"""The website's chat: visitors, their logs, and the files in them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "web_visits",
        sa.Column("visitor", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("away_at", MOMENT),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("visitor", name="pk_web_visits"),
    )
    _index("ix_web_visits_away_at", "web_visits", "away_at", "away_at IS NOT NULL")
    op.create_table(
        "web_frames",
        sa.Column("visitor", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["visitor"], ["web_visits.visitor"], name="fk_web_frames_visitor"),
        sa.PrimaryKeyConstraint("visitor", "seq", name="pk_web_frames"),
        sa.UniqueConstraint("visitor", "key", name="uq_web_frames_visitor"),
    )
    op.create_table(
        "web_files",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("visitor", sa.Text(), nullable=False),
        sa.Column("attachment", sa.Text(), nullable=False),
        sa.Column("brought", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("used_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_web_files"),
    )
    op.create_index("ix_web_files_visitor_at", "web_files", ["visitor", "at"])
    _index("ix_web_files_unused", "web_files", "at", "used_by IS NULL")


def _index(name: str, table: str, column: str, where: str) -> None:
    kept = sa.text(where)
    op.create_index(name, table, [column], sqlite_where=kept, postgresql_where=kept)
