"""For how long a ticket waits: for an agent, and for a silent customer."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each department its own patience, which is that of before: a day, and a week."""
    for name, seconds in (("remind_after", "86400"), ("close_after", "604800")):
        op.add_column(
            "departments",
            sa.Column(name, sa.Double(), nullable=False, server_default=sa.text(seconds)),
        )
