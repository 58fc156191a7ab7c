"""Customers, their conversations, and what was said in them."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    func,
    true,
)

from adapters.store.tables.columns import Moment, index_where, metadata, seq

contacts = Table(
    "contacts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("language", Text, nullable=False),
    Column("offered_name", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_proven", Boolean, nullable=False),
    Column("language_chosen", Boolean, nullable=False),
    Column("email_works", Boolean, nullable=False, server_default=true()),
)

Index("ix_contacts_email", func.lower(contacts.c.email))

identities = Table(
    "identities",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("contact_id", ForeignKey(contacts.c.id), nullable=False, index=True),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("contact_id", ForeignKey(contacts.c.id), nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("thread", Text, unique=True),
    Column("state", Text, nullable=False),
    Column("stage", Text, nullable=False, index=True),
    Column("department", Text),
    Column("opened_at", Moment, nullable=False),
    Column("opened_hour", Integer, nullable=False),
    Column("answered_at", Moment),
    Column("resolved_at", Moment),
    Column("wake_at", Moment),
    Column("ticket_id", Text, unique=True),
    Column("ticket_status", Text),
    Column("filed_at", Moment),
    Column("read_to", Text),
    ForeignKeyConstraint(["channel", "address"], [identities.c.channel, identities.c.address]),
    Index(None, "channel", "address", "opened_at"),
    Index(None, "contact_id", "opened_at"),
)
index_where(
    "ix_conversations_wake_at",
    conversations.c.wake_at,
    where=conversations.c.wake_at.is_not(None),
)
index_where(
    "ix_conversations_open_threads",
    conversations.c.resolved_at,
    where=conversations.c.thread.is_not(None),
)
index_where(
    "ix_conversations_answered",
    conversations.c.department,
    conversations.c.opened_hour,
    conversations.c.opened_at,
    where=conversations.c.answered_at.is_not(None),
)
index_where(
    "ix_conversations_tickets",
    conversations.c.ticket_status,
    conversations.c.filed_at,
    where=conversations.c.ticket_status.is_not(None),
)

messages = Table(
    "messages",
    metadata,
    seq(),
    Column("id", Text, nullable=False, unique=True),
    Column("conversation_id", ForeignKey(conversations.c.id), nullable=False),
    Column("side", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("part", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("edited_at", Moment),
    Index(None, "conversation_id", "seq"),
)
