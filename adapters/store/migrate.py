"""Brings a database's tables up to this release, at every start."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from adapters.store.engine import CannotOpen

_LOCK = 0x506F6472736B61  # "Podrska": one instance migrates, the others wait for it


def migrate(connection: Connection) -> None:
    """Apply the migrations that are missing, within the connection's transaction: all or none.

    Raises `CannotOpen` for a database that a newer release has migrated.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
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
    script = ScriptDirectory.from_config(_config())
    return frozenset(each.revision for each in script.walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config
