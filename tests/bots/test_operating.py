"""What operators type: backups, and deliveries that have failed."""

import asyncio
import re
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.store import SqlStore
from core.ids import DeliveryId
from core.outbox_port import Failed
from tests.support.command_line import Typed, command_line
from tests.support.stored import a_conversation, a_delivery, a_message, keep


@pytest.fixture
def podrska(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    """Give a command line in a folder with a database in which three deliveries have failed."""
    with command_line(tmp_path, monkeypatch, capsys) as typed:
        asyncio.run(fill())
        yield typed


async def fill() -> None:
    store = await SqlStore.open("sqlite:///desk.db")
    try:
        await keep(store, a_conversation(), a_message("m"), *(a_delivery(each) for each in "1234"))
        async with store.transaction() as tx:
            for each in "123":
                await tx.fail([Failed(id=DeliveryId(each), reason=f"[b]reason {each}")])
    finally:
        await store.close()


def states(file: str = "desk.db") -> str:
    """Return the deliveries' states, in order."""
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT state FROM deliveries ORDER BY seq")
        return " ".join(state for (state,) in rows)


def deliver(number: int) -> None:
    """Let a delivery be delivered since."""
    with closing(sqlite3.connect("desk.db")) as database, database:
        changed = "UPDATE deliveries SET state = 'delivered' WHERE seq = ?"
        database.execute(changed, (number,))


# Backups


def test_a_backup_is_whole_and_its_owners_alone(podrska: Typed) -> None:
    """One file, complete in itself, while the database is in use; where attachments are is said."""
    Path("saved.db.part").write_text("what a backup that was killed left behind")
    with closing(sqlite3.connect("desk.db")) as busy:
        busy.execute("BEGIN IMMEDIATE")
        busy.execute("DELETE FROM deliveries")
        said = podrska("backup", "saved.db")

    assert "saved.db is a checked copy of desk.db" in said
    assert "things/attachments" in said
    assert stat.S_IMODE(Path("saved.db").stat().st_mode) == 0o600
    assert states("saved.db") == "failed failed failed pending"
    assert not list(Path().glob("saved.db?*"))


def test_a_backup_replaces_nothing_unasked(podrska: Typed) -> None:
    """And the desk's own database not even then."""
    Path("saved.db").write_text("precious")
    assert "saved.db is there already" in podrska("backup", "saved.db", fails=1)
    assert Path("saved.db").read_text() == "precious"
    podrska("backup", "saved.db", "--force")
    assert states("saved.db")

    for own in ("desk.db", "desk.db-wal"):
        assert "own database" in podrska("backup", own, "--force", fails=1)


def test_a_backup_that_cannot_be_made_is_said_in_words(
    podrska: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left of it."""
    assert "/proc/saved.db cannot be written" in podrska("backup", "/proc/saved.db", fails=1)
    Path("desk.db").write_bytes(b"Dear diary, " * 1000)
    assert "desk.db cannot be copied: file is not a database" in podrska("backup", "b", fails=1)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///nowhere.db")
    assert "there is no database nowhere.db yet" in podrska("backup", "b", fails=1)
    assert not list(Path().glob("b*"))
    assert not Path("nowhere.db").exists()


def test_postgresql_is_left_to_its_own_programs(
    podrska: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is told as it is to be typed, without the password."""
    url = "postgresql://desk:hush@db.example.com:5433/podrska?ssl=require"
    monkeypatch.setenv("DATABASE_URL", url)
    address = "'postgresql://desk@db.example.com:5433/podrska?sslmode=require'"

    said = podrska("backup", "my desk.dump", fails=1)
    assert f"pg_dump --format=custom --file='my desk.dump' {address}" in said
    assert "hush" not in said
    said = podrska("restore", "my desk.dump", fails=1)
    assert re.search(rf"pg_restore .*--dbname={re.escape(address)} 'my desk.dump'", said)
    assert "hush" not in said


# Restoring


def test_what_was_saved_is_put_back(podrska: Typed) -> None:
    """What was not delivered then may be by now: it is in doubt. What was there is kept aside."""
    podrska("backup", "saved.db")
    deliver(1)

    said = podrska("restore", "saved.db", "--force")

    assert "kept in desk.db.before-restore" in said
    assert states() == "failed failed failed in-doubt"
    assert states("desk.db.before-restore") == "delivered failed failed pending"
    assert states("saved.db") == "failed failed failed pending"
    assert stat.S_IMODE(Path("desk.db").stat().st_mode) == 0o600
    said = podrska("restore", "saved.db", "--force", fails=1)
    assert "desk.db.before-restore is there from an earlier restore" in said


def test_a_restore_where_nothing_is(podrska: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a new machine."""
    podrska("backup", "saved.db")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///new/place/desk.db")

    assert "before" not in podrska("restore", "saved.db")

    assert states("new/place/desk.db") == "failed failed failed in-doubt"


def test_a_restore_replaces_nothing_unasked(podrska: Typed) -> None:
    """Nor what is left of a database: its log would spoil the one that is put there."""
    podrska("backup", "saved.db")
    assert "desk.db is there already" in podrska("restore", "saved.db", fails=1)
    shutil.move("desk.db", "desk.db-wal")
    assert "desk.db-wal is there already" in podrska("restore", "saved.db", fails=1)
    podrska("restore", "saved.db", "--force")
    assert Path("desk.db.before-restore-wal").exists()
    assert not Path("desk.db-wal").exists()


def test_a_damaged_database_is_kept_aside_as_it_is(podrska: Typed) -> None:
    """It is why there are backups."""
    podrska("backup", "saved.db")
    Path("desk.db").write_bytes(b"Dear diary, " * 1000)

    podrska("restore", "saved.db", "--force")

    assert states() == "failed failed failed in-doubt"
    assert Path("desk.db.before-restore").read_bytes() == b"Dear diary, " * 1000


def test_a_database_in_use_is_not_replaced(podrska: Typed) -> None:
    """Also while its desk has nothing to do."""
    podrska("backup", "saved.db")
    with closing(sqlite3.connect("desk.db")) as desk:
        desk.execute("PRAGMA journal_mode=WAL")
        desk.execute("SELECT * FROM deliveries").fetchall()
        said = podrska("restore", "saved.db", "--force", fails=1)

    assert "desk.db is in use; stop the desk first" in said
    assert not list(Path().glob("*.before-restore*"))
    assert not list(Path().glob("*.part*"))
    assert states() == "failed failed failed pending"


def test_what_is_no_backup_is_not_put_back(podrska: Typed) -> None:
    """Whatever is wrong is found before anything is moved."""
    before = Path("desk.db").read_bytes()
    Path("letter").write_bytes(b"Dear diary, " * 1000)
    with closing(sqlite3.connect("stranger")) as stranger, stranger:
        stranger.execute("CREATE TABLE songs (name TEXT)")
    podrska("backup", "newer")
    with closing(sqlite3.connect("newer")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    podrska("backup", "damaged")
    with Path("damaged").open("r+b") as damaged:
        damaged.seek(8192)
        damaged.write(b"\xff" * 40960)

    for file, why in (
        ("letter", "letter cannot be copied: file is not a database"),
        ("stranger", "stranger is no database of Podrška"),
        ("newer", "newer is of a newer release"),
        ("damaged", "damaged"),
        ("nowhere", "there is no file nowhere"),
    ):
        said = podrska("restore", file, "--force", fails=1)
        assert f"Nothing was restored: {why}" in said
        assert "Traceback" not in said
    assert Path("desk.db").read_bytes() == before
    assert not list(Path().glob("desk.db.*"))


# Events


def test_what_could_not_be_handled_is_listed_and_tried_again(podrska: Typed) -> None:
    """By its key, or all; what cannot even be read is only shown."""
    assert "has been handled" in podrska("events", "list")
    with closing(sqlite3.connect("desk.db")) as database, database:
        for key, error in (("tg:1", "KeyError('[b]x')"), ("tg:2", "unreadable")):
            database.execute("INSERT INTO inbox VALUES (?, '2026-11-23 10:00:00')", (key,))
            held = "INSERT INTO held_events (key, error, incoming) VALUES (?, ?, '{}')"
            database.execute(held, (key, error))

    listed = podrska("events", "list")
    assert re.search(r"tg:1 .*2026-11-23 10:00 .*KeyError\('\[b\]x'\)", listed)
    assert "tg:2" in listed
    assert "say --all" in podrska("events", "retry", fails=1)
    assert "Not all" in podrska("events", "retry", "tg:2", fails=1)
    assert "1 will be handled once more" in podrska("events", "retry", "--all")
    assert "nothing to be handled" in podrska("events", "retry", "--all")
    assert "tg:1" not in podrska("events", "list")
