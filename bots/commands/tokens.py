"""`podrska tokens`: which of the house's programs may use the API."""

import re

from cyclopts import App

from adapters.clock import SystemClock
from adapters.passes import hash_of, new_token
from bots.commands.shared import (
    add_row,
    load_settings,
    open_store,
    run,
    say,
    show,
    stop,
    table_of,
    who,
)
from core.passes_port import Pass, Purpose
from core.ports import Audit

tokens = App(name="tokens", help="Let the house's own programs use the API (docs/api.md).")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@tokens.command(name="create")
def create_token(name: str) -> None:
    """Make a token for a program, and show it this once: only its hash is kept.

    Parameters
    ----------
    name
        What the program is called, such as billing: agents read it where it does something.

    """
    if not _NAME.fullmatch(name):
        stop("A name is up to 40 small letters, digits, and . _ - between them, such as billing.")

    async def create() -> str:
        token, now = new_token(), SystemClock().now()
        pass_ = Pass(hash=hash_of(token), purpose=Purpose.API, subject=name, made_at=now)
        async with open_store(load_settings()) as store, store.transaction() as tx:
            if name in [each.subject for each in await tx.passes(Purpose.API)]:
                stop(f"{name} has a token. Revoke that first, or choose another name.")
            await tx.keep_pass(pass_)
            await tx.note(
                Audit(at=now, who=who(), what=f"API token of {name}", before="", after="created")
            )
        return token

    token = run(create)
    say(f"The token of {name}, shown this once:", "bold")
    say(token)


@tokens.command(name="list")
def list_tokens() -> None:
    """List the programs that have a token, and since when."""

    async def look() -> list[Pass]:
        async with open_store(load_settings()) as store, store.transaction() as tx:
            return await tx.passes(Purpose.API)

    table = table_of("name", "created (UTC)")
    for each in run(look):
        add_row(table, each.subject, f"{each.made_at:%Y-%m-%d %H:%M}")
    show(table)


@tokens.command(name="revoke")
def revoke_token(name: str) -> None:
    """Let a program in no more, from its next request on.

    Parameters
    ----------
    name
        Which program, as `podrska tokens list` shows it.

    """

    async def revoke() -> None:
        now = SystemClock().now()
        async with open_store(load_settings()) as store, store.transaction() as tx:
            if not await tx.revoke_passes(Purpose.API, name):
                stop(f"{name} has no token. `podrska tokens list` shows who has one.")
            await tx.note(
                Audit(at=now, who=who(), what=f"API token of {name}", before="", after="revoked")
            )

    run(revoke)
    say(f"The token of {name} is good for nothing any more.")
