"""What happened: events that came in, and the journal."""

from sqlalchemy import Column, ForeignKey, Table, Text

from adapters.store.tables.columns import Moment, metadata, seq
from adapters.store.tables.talks import conversations

inbox = Table(
    "inbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("received_at", Moment, nullable=False),
)

held_events = Table(
    "held_events",
    metadata,
    seq(),
    Column("key", ForeignKey(inbox.c.key), nullable=False, unique=True),
    Column("waits_for", Text, index=True),
    Column("error", Text, nullable=False),
    Column("incoming", Text, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    seq(),
    Column("conversation_id", ForeignKey(conversations.c.id), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
)
