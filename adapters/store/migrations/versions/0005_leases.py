"""Who works, of several instances."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the one lease that there is; nobody has held it yet."""
    leases = op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
        sa.UniqueConstraint("name", "token", name="uq_leases_name"),
    )
    over = sa.func.current_timestamp()
    op.execute(leases.insert().values(name="desk", holder="", token=0, until=over))
