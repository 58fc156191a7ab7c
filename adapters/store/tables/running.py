"""The departments, and what it takes to run a desk."""

from sqlalchemy import BigInteger, Column, Double, Integer, Table, Text, UniqueConstraint, text

from adapters.store.tables.columns import Moment, metadata, seq

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
    seq(),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

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
