"""What tables have in common: moments, numbered rows, indexes."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    TextClause,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine, UserDefinedType


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


def seq() -> Column[int]:
    """Return the column by which a table counts its rows."""
    # SQLite counts by itself in a column of exactly this type.
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def index_where(name: str, *columns: Column[Any], where: ColumnElement[bool] | TextClause) -> None:
    """Index only those rows, on either database."""
    Index(name, *columns, sqlite_where=where, postgresql_where=where)
