"""Who gets what, at every address of the real application: see `access.md`."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.access import NOTHING, People, Things, knock, read_table, shown, telling
from tests.support.open_desk import OpenDesk, Somebody, open_desk
from tests.support.routes import Address, addresses_of

OWNERS = {"/portal/tickets/": "customer", "/chat/files/": "visitor", "/api/": "program"}
"""Who alone may have what is behind an address that names a thing, by how it begins."""
LINKS = ("/portal/in/{login}", "/portal/ticket/{proof}")
"""Whoever has one is let in."""
USED_UP = (*LINKS, "/chat/session", "/portal/out")
"""Where a secret is used up, or a session ends."""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Open every door that a desk can have."""
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def people(desk: OpenDesk) -> People:
    """Let everybody come."""
    come = People(desk)
    await come.come()
    return come


def owner_of(address: Address) -> str:
    """Return who alone may have this; "" where it names nothing, or is a secret itself."""
    begins = (who for start, who in OWNERS.items() if address.path.startswith(start))
    return next(begins, "") if address.parameters else ""


async def test_every_address_is_in_the_table(desk: OpenDesk) -> None:
    """And nothing stands there that is not."""
    assert sorted(map(str, addresses_of(desk.app))) == sorted(read_table())


async def test_everybody_gets_what_the_table_says(desk: OpenDesk, people: People) -> None:
    """Others come first, and have changed nothing when the right one comes."""
    table = read_table()
    wrong = []
    for address in addresses_of(desk.app):
        for name in sorted(people.everybody, key=lambda each: each == owner_of(address)):
            answer = shown(await knock(desk, people.everybody[name], address, people.anas))
            if answer != (expected := table[str(address)][name]):
                wrong.append(f"{address} for {name}: {answer}, not {expected}")
            if address.path in USED_UP:
                await people.log_in()
    assert wrong == []

    page = await desk.ask(
        people.everybody["customer"], "GET", f"/portal/tickets/{people.anas.ticket}"
    )
    words = page.content.decode()
    strangers = [name for name in people.everybody if f"by {name}<" in words]
    assert strangers == ["customer", "program"]


def test_the_table_gives_things_to_their_owners_alone() -> None:
    """Whatever anybody writes into it."""
    for row, cells in read_table().items():
        address = Address(*row.split())
        if owner := owner_of(address):
            let_in = {name for name, got in cells.items() if got[0] == "2" or "{ticket}" in got}
            assert let_in <= {owner} or address.method == "OPTIONS", row
        assert not cells["revoked program"].startswith("201"), row


async def test_what_is_not_yours_is_not_there(desk: OpenDesk, people: People) -> None:
    """The same answer to the letter: status, headers and words."""
    named = [each for each in addresses_of(desk.app) if each.parameters]
    for address in [each for each in named if each.path not in LINKS]:
        for name, who in people.everybody.items():
            for things in others(name, people, address):
                if name == "program" and owner_of(address) == "program":
                    continue  # tickets are all of them the house's
                there = await knock(desk, who, address, things)
                nowhere = await knock(desk, who, address, NOTHING)
                assert telling(there) == telling(nowhere), (str(address), name)
                assert there.status in (204, 303, 401, 403, 404), (str(address), name)


def others(name: str, people: People, address: Address) -> list[Things]:
    """Return what is there and is not theirs: with something of their own beside it, too."""
    if name not in ("customer", "visitor", "another customer", "another visitor"):
        return [people.anas]
    own, foreign = people.anas, people.eves
    if name.startswith("another"):
        own, foreign = foreign, own
    mixed = [replace(foreign, message=own.message), replace(own, message=foreign.message)]
    return [foreign, *(mixed if "{message}" in address.path else [])]


async def test_a_used_link_is_as_one_that_never_was(desk: OpenDesk, people: People) -> None:
    """Two who press at once are not both let in; afterwards nobody learns that it was good."""
    used = people.anas
    for address in addresses_of(desk.app):
        if address.method != "POST" or (
            "{login}" not in address.path and "{proof}" not in address.path
        ):
            continue
        phones = [Somebody(f"phone {number}", "x" * 42 + str(number)) for number in range(5)]
        answers = await asyncio.gather(*(knock(desk, who, address, used) for who in phones))
        assert sorted(each.status for each in answers) == [303, 410, 410, 410, 410]
        for method in ("GET", "POST"):
            again = replace(address, method=method)
            spent = await knock(desk, phones[0], again, used)
            never = await knock(desk, phones[0], again, NOTHING)
            assert telling(spent) == telling(never)
            assert spent.status == 410
