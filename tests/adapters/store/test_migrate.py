"""A database that is up to date is known without the machinery that migrates."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import OperationalError

from adapters.store.migrate import migrate, newest, revisions


def test_the_newest_migration_is_known_by_its_file() -> None:
    """It is the one that no other builds on."""
    assert newest() == max(revisions())


@pytest.mark.parametrize("version", ["0001", "0011"])
def test_what_is_not_up_to_date_is_not_taken_for_it(tmp_path: Path, version: str) -> None:
    """An older database is migrated; here that fails, for its tables are there already."""
    with _migrated(tmp_path) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": version})

        with pytest.raises(OperationalError):
            migrate(connection)


def test_what_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written at an ordinary start."""
    with _migrated(tmp_path) as connection:
        executed: list[str] = []
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _1, _2, statement, *_: executed.append(statement),
        )

        migrate(connection)

    assert executed
    assert all(each.startswith(("SELECT", "PRAGMA")) for each in executed)


def _migrated(folder: Path) -> Connection:
    connection = create_engine(f"sqlite:///{folder / 'desk.db'}").connect()
    migrate(connection)
    return connection
