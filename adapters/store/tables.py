"""What is kept, and how it is found again.

Tables hold a thing's own words as JSON; a column repeats a part of them only where something is
looked up by it. `seq` is the order in which rows were written, given by the database.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    func,
    text,
    true,
)
from sqlalchemy.types import TypeEngine, UserDefinedType

UNFINISHED = text("state IN ('pending', 'sending', 'in-doubt')")
"""Deliveries with work left. Written out, for a planner takes a partial index on nothing less."""


class _AsWritten(UserDefinedType[Any]):
    """A moment of SQLite's as the text that it is."""

    cache_ok = True

    def get_col_spec(self, **_how: Any) -> str:
        """Return what the column is said to hold."""
        return "DATETIME"


class Moment(TypeDecorator[datetime]):
    """An aware moment: taken from any zone, given back in UTC.

    SQLite has no such type: there it is a text, in the form that SQLAlchemy writes, but made by
    Python's own functions, for a message costs dozens of them.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database has for it."""
        return _AsWritten() if dialect.name == "sqlite" else dialect.type_descriptor(self.impl)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return *value* in UTC. Raises ValueError where its zone is not known."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a moment without a time zone")
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        if dialect.name == "sqlite":
            return moment.replace(tzinfo=None).isoformat(" ", "microseconds")
        return moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return what was stored as an aware moment in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        moment: datetime = value.astimezone(UTC)
        return moment


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _seq() -> Column[int]:
    # SQLite counts by itself in a column of exactly this type.
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


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
Index(
    "ix_conversations_wake_at",
    conversations.c.wake_at,
    sqlite_where=conversations.c.wake_at.is_not(None),
    postgresql_where=conversations.c.wake_at.is_not(None),
)
Index(
    "ix_conversations_open_threads",
    conversations.c.resolved_at,
    sqlite_where=conversations.c.thread.is_not(None),
    postgresql_where=conversations.c.thread.is_not(None),
)
Index(
    "ix_conversations_answered",
    conversations.c.department,
    conversations.c.opened_hour,
    conversations.c.opened_at,
    sqlite_where=conversations.c.answered_at.is_not(None),
    postgresql_where=conversations.c.answered_at.is_not(None),
)
Index(
    "ix_conversations_tickets",
    conversations.c.ticket_status,
    conversations.c.filed_at,
    sqlite_where=conversations.c.ticket_status.is_not(None),
    postgresql_where=conversations.c.ticket_status.is_not(None),
)

messages = Table(
    "messages",
    metadata,
    _seq(),
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

inbox = Table(
    "inbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("received_at", Moment, nullable=False),
)

held_events = Table(
    "held_events",
    metadata,
    _seq(),
    Column("key", ForeignKey(inbox.c.key), nullable=False, unique=True),
    Column("waits_for", Text, index=True),
    Column("error", Text, nullable=False),
    Column("incoming", Text, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    _seq(),
    Column("conversation_id", ForeignKey(conversations.c.id), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    _seq(),
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
Index(
    "ix_deliveries_unfinished",
    deliveries.c.lane,
    deliveries.c.seq,
    sqlite_where=UNFINISHED,
    postgresql_where=UNFINISHED,
)
Index(
    "ix_deliveries_undelivered",
    deliveries.c.state,
    sqlite_where=deliveries.c.state != text("'delivered'"),
    postgresql_where=deliveries.c.state != text("'delivered'"),
)
Index(
    "ix_deliveries_message",
    deliveries.c.message_id,
    deliveries.c.channel,
    sqlite_where=deliveries.c.message_id.is_not(None),
    postgresql_where=deliveries.c.message_id.is_not(None),
)
Index(
    "ix_deliveries_joined_to",
    deliveries.c.joined_to,
    sqlite_where=deliveries.c.joined_to.is_not(None),
    postgresql_where=deliveries.c.joined_to.is_not(None),
)

AUTOMATIC = text("channel = 'mail' AND message_id IS NULL")
"""Mails that no person wrote; an agent's answer names its message."""
Index(
    "ix_deliveries_automatic",
    deliveries.c.place,
    deliveries.c.created_at,
    sqlite_where=AUTOMATIC,
    postgresql_where=AUTOMATIC,
)
Index(
    "ix_deliveries_automatic_at",
    deliveries.c.created_at,
    sqlite_where=AUTOMATIC,
    postgresql_where=AUTOMATIC,
)

departments = Table(
    "departments",
    metadata,
    Column("key", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("hours", Text, nullable=False),
    Column("answer_within", Double, nullable=False),
    Column("idle", Double, nullable=False),
    Column("on_call", Text, nullable=False),
    Column("remind_after", Double, nullable=False, server_default=text("86400")),
    Column("close_after", Double, nullable=False, server_default=text("604800")),
    Column("email", Text, nullable=False, server_default=""),
)

audit = Table(
    "audit",
    metadata,
    _seq(),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("uid_validity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
)

mails = Table(
    "mails",
    metadata,
    _seq(),
    Column("key", Text, nullable=False, unique=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("mailbox", Text, nullable=False),
    Column("uid_validity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("extent", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text, nullable=False),
    # The last one: SQLite reads through it to what stands behind it.
    Column("raw", LargeBinary, nullable=False),
)
Index(
    "ix_mails_not_taken",
    mails.c.state,
    mails.c.seq,
    sqlite_where=mails.c.state != text("'taken'"),
    postgresql_where=mails.c.state != text("'taken'"),
)

mail_keys = Table(
    "mail_keys",
    metadata,
    _seq(),
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("made_at", Moment, nullable=False),
)
"""What ties a reply to its ticket is signed with the newest of these."""

passes = Table(
    "passes",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("used_at", Moment),
    Index(None, "purpose", "subject"),
)
Index(
    "ix_passes_expires_at",
    passes.c.expires_at,
    sqlite_where=passes.c.expires_at.is_not(None),
    postgresql_where=passes.c.expires_at.is_not(None),
)

web_visits = Table(
    "web_visits",
    metadata,
    Column("visitor", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("answered", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("away_at", Moment),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
)
Index(
    "ix_web_visits_away_at",
    web_visits.c.away_at,
    sqlite_where=web_visits.c.away_at.is_not(None),
    postgresql_where=web_visits.c.away_at.is_not(None),
)

web_frames = Table(
    "web_frames",
    metadata,
    Column("visitor", ForeignKey(web_visits.c.visitor), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("answer", Text),
    Column("body", Text, nullable=False),
    UniqueConstraint("visitor", "key"),
)

web_files = Table(
    "web_files",
    metadata,
    Column("id", Text, primary_key=True),
    Column("visitor", Text, nullable=False),
    Column("attachment", Text, nullable=False),
    Column("brought", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("used_by", Text),
    Index(None, "visitor", "at"),
)
Index(
    "ix_web_files_unused",
    web_files.c.at,
    sqlite_where=web_files.c.used_by.is_(None),
    postgresql_where=web_files.c.used_by.is_(None),
)
login_links = Table(
    "login_links",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("asked_at", Moment, nullable=False, index=True),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
)
"""A few hundred at most, for they are forgotten after a day."""

pulse = Table("pulse", metadata, Column("beat", Integer, nullable=False))
"""One row, written for nothing else than to see whether anything can be."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("until", Moment, nullable=False),
    # For its locks, not to find anything: it makes the token part of a key, see `lease`.
    UniqueConstraint("name", "token"),
)
