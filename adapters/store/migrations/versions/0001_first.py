"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "audit",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("offered_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_proven", sa.Boolean(), nullable=False),
        sa.Column("language_chosen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_table(
        "departments",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("answer_within", sa.Double(), nullable=False),
        sa.Column("idle", sa.Double(), nullable=False),
        sa.Column("on_call", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_departments"),
    )
    op.create_table(
        "inbox",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_inbox"),
    )
    op.create_table(
        "held_events",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.Text()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("incoming", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["inbox.key"], name="fk_held_events_key"),
        sa.PrimaryKeyConstraint("seq", name="pk_held_events"),
        sa.UniqueConstraint("key", name="uq_held_events_key"),
    )
    op.create_index("ix_held_events_waits_for", "held_events", ["waits_for"])
    op.create_table(
        "identities",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_identities_contact_id"),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_identities"),
    )
    op.create_index("ix_identities_contact_id", "identities", ["contact_id"])
    op.create_table(
        "conversations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("department", sa.Text()),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_hour", sa.Integer(), nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("resolved_at", MOMENT),
        sa.Column("wake_at", MOMENT),
        sa.Column("ticket_id", sa.Text()),
        sa.Column("ticket_status", sa.Text()),
        sa.Column("filed_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["channel", "address"],
            ["identities.channel", "identities.address"],
            name="fk_conversations_channel",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_conversations_contact_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("thread", name="uq_conversations_thread"),
        sa.UniqueConstraint("ticket_id", name="uq_conversations_ticket_id"),
    )
    op.create_index(
        "ix_conversations_answered",
        "conversations",
        ["department", "opened_hour", "opened_at"],
        sqlite_where=sa.text("answered_at IS NOT NULL"),
        postgresql_where=sa.text("answered_at IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_channel_address_opened_at",
        "conversations",
        ["channel", "address", "opened_at"],
    )
    op.create_index(
        "ix_conversations_contact_id_opened_at", "conversations", ["contact_id", "opened_at"]
    )
    op.create_index("ix_conversations_stage", "conversations", ["stage"])
    op.create_index(
        "ix_conversations_tickets",
        "conversations",
        ["ticket_status", "filed_at"],
        sqlite_where=sa.text("ticket_status IS NOT NULL"),
        postgresql_where=sa.text("ticket_status IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_wake_at",
        "conversations",
        ["wake_at"],
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    )
    op.create_table(
        "deliveries",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text()),
        sa.Column("is_text", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("receipt", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_deliveries_conversation_id"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_deliveries"),
        sa.UniqueConstraint("id", name="uq_deliveries_id"),
    )
    op.create_index("ix_deliveries_conversation_id", "deliveries", ["conversation_id"])
    op.create_index(
        "ix_deliveries_message",
        "deliveries",
        ["message_id", "channel"],
        sqlite_where=sa.text("message_id IS NOT NULL"),
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_undelivered",
        "deliveries",
        ["state"],
        sqlite_where=sa.text("state != 'delivered'"),
        postgresql_where=sa.text("state != 'delivered'"),
    )
    op.create_index(
        "ix_deliveries_unfinished",
        "deliveries",
        ["lane", "seq"],
        sqlite_where=sa.text("state IN ('pending', 'sending', 'in-doubt')"),
        postgresql_where=sa.text("state IN ('pending', 'sending', 'in-doubt')"),
    )
    op.create_table(
        "journal",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_journal_conversation_id"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_journal"),
    )
    op.create_index("ix_journal_conversation_id", "journal", ["conversation_id"])
    op.create_table(
        "messages",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("edited_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
    )
    op.create_index("ix_messages_conversation_id_seq", "messages", ["conversation_id", "seq"])
