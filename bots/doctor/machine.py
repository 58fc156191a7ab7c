"""What the desk finds on its own machine."""

import os

from adapters.store import SqlStore
from adapters.web.server import CannotListen, take
from bots.doctor.finding import Finding, wrong
from bots.settings import Settings, unknown_keys


async def keys(settings: Settings) -> list[Finding]:
    """Look for keys that are no settings."""
    return [
        wrong(f"{key} is not a setting of Podrška", "Look it up in .env.example: a slip, perhaps.")
        for key in unknown_keys()
    ]


async def database(settings: Settings) -> list[Finding]:
    """Open the database."""
    url = settings.database_url.get_secret_value()
    kind = url.partition(":")[0]
    try:
        store = await SqlStore.open(url)
    except Exception as error:
        return [wrong(f"The database ({kind}) cannot be opened: {error}", "Check DATABASE_URL.")]
    await store.close()
    return [Finding(f"The database ({kind}) is there and up to date.")]


async def folder(settings: Settings) -> list[Finding]:
    """Look whether attachments can be kept."""
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        return [wrong(f"{folder} cannot be written to", "Check DATA_DIR and its owner.")]
    return [Finding(f"Attachments are kept in {folder}.")]


async def port(settings: Settings) -> list[Finding]:
    """Look whether the web server can listen."""
    try:
        take(settings.http_host, settings.http_port).close()
    except CannotListen as error:
        return [
            wrong(
                f"The web server cannot listen on {error}",
                "Is the desk running already? Otherwise choose another HTTP_PORT or HTTP_HOST.",
            )
        ]
    return [Finding(f"{settings.http_host}:{settings.http_port} is free for the web server.")]
