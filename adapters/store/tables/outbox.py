"""The outbox."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text, false, text

from adapters.store.tables.columns import Moment, index_where, metadata, seq
from adapters.store.tables.talks import conversations

UNFINISHED = text("state IN ('pending', 'sending', 'in-doubt')")
"""Deliveries with work left. Written out, for a planner takes a partial index on nothing less."""

deliveries = Table(
    "deliveries",
    metadata,
    seq(),
    Column("id", Text, nullable=False, unique=True),
    Column("conversation_id", ForeignKey(conversations.c.id), nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("message_id", Text),
    Column("is_text", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("receipt", Text),
    Column("reason", Text, nullable=False),
    Column("joined_to", Text),
    Column("retried_at", Moment),
    Column("doubted", Boolean, nullable=False, server_default=false()),
)
index_where(
    "ix_deliveries_unfinished",
    deliveries.c.lane,
    deliveries.c.seq,
    where=UNFINISHED,
)
index_where(
    "ix_deliveries_undelivered",
    deliveries.c.state,
    where=deliveries.c.state != text("'delivered'"),
)
index_where(
    "ix_deliveries_message",
    deliveries.c.message_id,
    deliveries.c.channel,
    where=deliveries.c.message_id.is_not(None),
)
index_where(
    "ix_deliveries_joined_to",
    deliveries.c.joined_to,
    where=deliveries.c.joined_to.is_not(None),
)

AUTOMATIC = text("channel = 'mail' AND message_id IS NULL")
"""Mails that no person wrote; an agent's answer names its message."""
index_where(
    "ix_deliveries_automatic",
    deliveries.c.place,
    deliveries.c.created_at,
    where=AUTOMATIC,
)
index_where(
    "ix_deliveries_automatic_at",
    deliveries.c.created_at,
    where=AUTOMATIC,
)
