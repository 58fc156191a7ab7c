"""Backups of an SQLite database, taken while the desk runs, and put back when it does not.

Every copy is made with SQLite's own online backup (sqlite.org/backup.html), for a file that is
written to cannot be copied as a file.
"""

import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, make_url

from adapters.store.migrate import revisions
from adapters.store.tables import UNFINISHED

_OURS = frozenset("alembic_version conversations deliveries inbox messages".split())
_BESIDES = ("-wal", "-shm", "-journal")
"""What SQLite keeps next to a file, and what would spoil another file put in its place."""
_UNREADABLE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class CannotCopy(Exception):
    """A backup cannot be made or put back; the text says why, and nothing has changed."""


def database_file(url: str) -> Path | None:
    """Return the file that a DATABASE_URL names; None if it names a server's database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(parsed.database or "")


def dump_command(url: str, file: Path) -> str:
    """Return what an operator types to back up a PostgreSQL database; it has no password."""
    return f"pg_dump --format=custom --file={shlex.quote(str(file))} {_for_libpq(url)}"


def load_command(url: str, file: Path) -> str:
    """Return what an operator types to put such a backup back; it has no password."""
    options = "--clean --if-exists --single-transaction --no-owner"
    return f"pg_restore {options} --dbname={_for_libpq(url)} {shlex.quote(str(file))}"


def back_up(database: Path, file: Path, *, force: bool = False) -> None:
    """Copy *database*, which may be in use, to *file*: for its owner alone, whole or not at all.

    The copy is the database of one moment, and its integrity is checked. *force*: replace a file
    that is there. Raises `CannotCopy`.
    """
    if not database.exists():
        raise CannotCopy(f"there is no database {database} yet")
    if file.resolve() in map(Path.resolve, _family(database)):
        raise CannotCopy(f"{file} is the desk's own database")
    if file.exists() and not force:
        raise CannotCopy(f"{file} is there already; --force replaces it")
    with _copied(database, file, mode="rw") as part:
        part.replace(file)


def restore(database: Path, file: Path, *, force: bool = False) -> Path | None:
    """Put a copy of *file* where *database* is to be; return where the one that was there is kept.

    What had not been delivered when the backup was made may have been delivered since: it is
    marked as in doubt, so that a platform that can be asked is asked before it is repeated.
    *force*: keep aside what is there. Raises `CannotCopy`, also while the desk runs.
    """
    there = [each for each in _family(database) if each.exists()]
    aside = database.with_name(f"{database.name}.before-restore")
    if there and not force:
        raise CannotCopy(f"{there[0]} is there already; --force keeps it aside as {aside.name}")
    if there and aside.exists():
        raise CannotCopy(f"{aside} is there from an earlier restore; move it away first")
    if not file.exists():
        raise CannotCopy(f"there is no file {file}")
    with _copied(file, database, mode="ro") as part:
        with closing(_connect(part, "rw")) as copy, copy:
            copy.execute(
                f"UPDATE deliveries SET state = 'in-doubt', reason = '' WHERE {UNFINISHED}"  # noqa: S608
            )
        with _nobody_else(database):
            for each in _family(database):
                if each.exists():
                    each.rename(each.with_name(each.name.replace(database.name, aside.name, 1)))
            part.replace(database)
    return aside if there else None


@contextmanager
def _copied(source: Path, target: Path, *, mode: str) -> Iterator[Path]:
    """Give a checked copy of *source*, beside *target*, to be moved there inside the block."""
    part = target.with_name(f"{target.name}.part")
    try:
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with closing(_connect(source, mode)) as original, closing(_connect(part, "rw")) as copy:
                # In one step: a backup of several begins anew with every write of the desk.
                original.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # a single file, complete in itself
                _examine(copy, source)
            yield part
            _sync(target.parent)
        finally:
            for each in _family(part):
                each.unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise CannotCopy(f"{source} cannot be copied: {error}") from error
    except OSError as error:
        raise CannotCopy(f"{target} cannot be written: {error.strerror}") from error


def _examine(copy: sqlite3.Connection, source: Path) -> None:
    """Raise `CannotCopy` unless this is a whole database of the desk's, of no newer release."""
    found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise CannotCopy(f"{source} is damaged: {found}")
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    if not tables >= _OURS:
        raise CannotCopy(f"{source} is no database of Podrška")
    versions = {version for (version,) in copy.execute("SELECT version_num FROM alembic_version")}
    if not versions <= revisions():
        raise CannotCopy(f"{source} is of a newer release of Podrška; use that one")


@contextmanager
def _nobody_else(database: Path) -> Iterator[None]:
    """Have *database* to oneself inside the block. Raises `CannotCopy` while a desk uses it."""
    if not database.exists():
        yield
        return
    with closing(_connect(database, "rw")) as connection:
        try:
            # Out of WAL mode comes only who is alone; an exclusive transaction is also given to
            # one of many (sqlite.org/wal.html). What the -wal file holds is written home by it.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise CannotCopy(f"{database} is in use; stop the desk first") from error
            if error.sqlite_errorcode not in _UNREADABLE:
                raise
        yield


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    # A URI, for that alone opens what is there without making what is not.
    uri = f"file:{quote(str(file.absolute()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=5, isolation_level=None)


def _family(file: Path) -> list[Path]:
    return [file, *(file.with_name(file.name + each) for each in _BESIDES)]


def _sync(folder: Path) -> None:
    """Have the folder's new name for a file reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _for_libpq(url: str) -> str:
    """Return a DATABASE_URL as PostgreSQL's programs read it, without the password, quoted."""
    parsed = make_url(url)
    query = {key: value for key, value in parsed.query.items() if key != "password"}
    if "ssl" in query:  # what the desk's driver calls it
        query["sslmode"] = query.pop("ssl")
    plain = URL.create(
        "postgresql",
        username=parsed.username,
        host=parsed.host,
        port=parsed.port,
        database=parsed.database,
        query=query,
    )
    return shlex.quote(plain.render_as_string())
