"""Incoming mail."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text, text

from adapters.store.tables.columns import Moment, index_where, metadata, seq

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
    seq(),
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
index_where(
    "ix_mails_not_taken",
    mails.c.state,
    mails.c.seq,
    where=mails.c.state != text("'taken'"),
)

mail_keys = Table(
    "mail_keys",
    metadata,
    seq(),
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("made_at", Moment, nullable=False),
)
"""What ties a reply to its ticket is signed with the newest of these."""
