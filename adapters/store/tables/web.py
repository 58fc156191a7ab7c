"""The website's chat, and who may come in: there, in the portal, through the API."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from adapters.store.tables.columns import Moment, index_where, metadata

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
index_where(
    "ix_passes_expires_at",
    passes.c.expires_at,
    where=passes.c.expires_at.is_not(None),
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
index_where(
    "ix_web_visits_away_at",
    web_visits.c.away_at,
    where=web_visits.c.away_at.is_not(None),
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
index_where(
    "ix_web_files_unused",
    web_files.c.at,
    where=web_files.c.used_by.is_(None),
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
