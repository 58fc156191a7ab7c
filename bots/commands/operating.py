"""`podrska backup` and `podrska restore`."""

from pathlib import Path

from adapters.store import backup as backups
from adapters.store.backup import CannotCopy
from bots.commands.shared import load_settings, say, stop


def backup(file: Path, *, force: bool = False) -> None:
    """Copy the database to a file, while the desk runs.

    Parameters
    ----------
    file
        Where to.
    force
        Replace the file if it is there.

    """
    settings = load_settings()
    url = settings.database_url.get_secret_value()
    database = backups.database_file(url)
    if database is None:
        stop(
            "PostgreSQL is backed up by its own program, which asks for the password or reads "
            f"~/.pgpass:\n{backups.dump_command(url, file)}"
        )
    try:
        backups.back_up(database, file, force=force)
    except CannotCopy as error:
        stop(f"No backup was made: {error}.")
    say(f"{file} is a checked copy of {database}.")
    say(f"Attachments are not in it; copy their folder, too: {settings.data_dir / 'attachments'}")


def restore(file: Path, *, force: bool = False) -> None:
    """Put a backup back in the database's place. The desk must not run.

    Parameters
    ----------
    file
        The backup.
    force
        Keep the database that is there aside, as NAME.before-restore.

    """
    settings = load_settings()
    url = settings.database_url.get_secret_value()
    database = backups.database_file(url)
    if database is None:
        stop(
            "PostgreSQL's backups are put back by its own program, with the desk stopped:\n"
            f"{backups.load_command(url, file)}"
        )
    try:
        aside = backups.restore(database, file, force=force)
    except CannotCopy as error:
        stop(f"Nothing was restored: {error}.")
    say(f"{database} is what {file} was.")
    if aside is not None:
        say(f"What was there before is kept in {aside}.")
