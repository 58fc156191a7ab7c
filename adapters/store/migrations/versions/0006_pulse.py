"""Where it is tried whether anything can be written."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table with its only row."""
    pulse = op.create_table(
        "pulse",
        sa.Column("beat", sa.Integer(), nullable=False),
    )
    op.execute(pulse.insert().values(beat=0))
