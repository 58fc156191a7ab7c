"""`podrska tokens`: a token is shown once, kept as a hash, and good for nothing once revoked."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.passes import hash_of
from adapters.store import SqlStore
from core.passes_port import Pass, Purpose
from core.ports import Audit
from tests.support.command_line import Typed, command_line


@pytest.fixture
def typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    with command_line(tmp_path, monkeypatch, capsys) as typed:
        yield typed


def kept() -> tuple[list[Pass], list[Audit]]:
    async def look() -> tuple[list[Pass], list[Audit]]:
        store = await SqlStore.open("sqlite:///desk.db")
        try:
            async with store.transaction() as tx:
                return await tx.passes(Purpose.API), await tx.audits(10)
        finally:
            await store.close()

    return asyncio.run(look())


def token_in(said: str) -> str:
    return said.strip().splitlines()[-1]


def test_a_token_is_shown_once_and_kept_as_a_hash(typed: Typed) -> None:
    """Whoever reads the database or the audit log gets in nowhere."""
    token = token_in(typed("tokens", "create", "billing"))

    passes, audits = kept()
    assert [each.subject for each in passes] == ["billing"]
    assert passes[0].hash == hash_of(token)
    assert len(token) >= 43
    assert [(each.what, each.after) for each in audits[:1]] == [("API token of billing", "created")]
    with closing(sqlite3.connect("desk.db")) as database:
        assert token not in "\n".join(database.iterdump())
    assert token not in typed("tokens", "list")


def test_the_list_names_programs(typed: Typed) -> None:
    """And since when each has its token."""
    typed("tokens", "create", "billing")
    typed("tokens", "create", "shop")

    said = typed("tokens", "list")
    assert said.index("billing") < said.index("shop")


def test_a_revoked_token_is_gone(typed: Typed) -> None:
    """The program can have a new one."""
    one = token_in(typed("tokens", "create", "billing"))
    assert "good for nothing" in typed("tokens", "revoke", "billing")
    passes, audits = kept()
    assert passes == []
    assert audits[0].after == "revoked"

    two = token_in(typed("tokens", "create", "billing"))
    assert one != two


def test_a_second_token_of_one_name(typed: Typed) -> None:
    """Nobody would know which of them to revoke."""
    typed("tokens", "create", "billing")
    assert "Revoke that first" in typed("tokens", "create", "billing", fails=1)


@pytest.mark.parametrize("name", ["", "Billing", "a b", "../x", "x" * 41, "Ж"])
def test_a_name_that_agents_could_not_read(typed: Typed, name: str) -> None:
    """It stands in threads and in the audit log."""
    assert "small letters" in typed("tokens", "create", name, fails=1)


def test_revoking_what_is_not_there(typed: Typed) -> None:
    """A slip must not look like success."""
    assert "has no token" in typed("tokens", "revoke", "biling", fails=1)
