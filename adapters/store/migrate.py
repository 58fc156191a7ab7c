"""Brings a database's tables up to this release, at every start."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from adapters.store.engine import CannotOpen

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is imported only where it is needed, which at most starts is nowhere: a process that has
# imported it keeps 8 MB until it ends.

_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_LOCK = 0x506F6472736B61  # "Podrska": one instance migrates, the others wait for it


def migrate(connection: Connection) -> None:
    """Apply the migrations that are missing, within the connection's transaction: all or none.

    Raises `CannotOpen` for a database that a newer release has migrated.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _is_up_to_date(connection):
        return
    from alembic import command
    from alembic.util import CommandError

    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise CannotOpen(
            "the database was migrated by a newer release of the desk; use that one"
        ) from error


def revisions() -> frozenset[str]:
    """Return the revisions of a database that this release can use."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_config())
    return frozenset(each.revision for each in script.walk_revisions())


def newest() -> str:
    """Return the newest revision, which its file is named after."""
    return max((_MIGRATIONS / "versions").glob("[0-9]*_*.py")).name.partition("_")[0]


def _is_up_to_date(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return set(connection.scalars(text("SELECT version_num FROM alembic_version"))) == {newest()}


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
