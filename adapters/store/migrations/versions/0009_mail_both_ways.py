"""Mail both ways: keys that tie replies to tickets, addresses that work, departments' addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them; every address is taken to work until a mail comes back."""
    op.create_table(
        "mail_keys",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_mail_keys"),
        sa.UniqueConstraint("key", name="uq_mail_keys_key"),
    )
    works: sa.Column[bool] = sa.Column(
        "email_works", sa.Boolean(), nullable=False, server_default=sa.true()
    )
    op.add_column("contacts", works)
    email: sa.Column[str] = sa.Column("email", sa.Text(), nullable=False, server_default="")
    op.add_column("departments", email)
    automatic = sa.text("channel = 'mail' AND message_id IS NULL")
    for name, columns in (
        ("ix_deliveries_automatic", ["place", "created_at"]),
        ("ix_deliveries_automatic_at", ["created_at"]),
    ):
        op.create_index(
            name, "deliveries", columns, sqlite_where=automatic, postgresql_where=automatic
        )
