"""`podrska tickets close|merge|transcript`, as operators type it beside a running desk."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.store import SqlStore
from core.contact import Identity
from core.conversation import Conversation
from core.ports import Audit, Changes
from tests.support.builders import ANA, NIGHT, CountingIds, ManualClock, photo, policy
from tests.support.command_line import Typed, command_line
from tests.support.play import Happens, agent, customer
from tests.support.whole_desk import WholeDesk

T = TypeVar("T")

HOSTILE = "<script>alert(1)</script> [b]x[/b] & \u202eevil"
AT_WORK = Identity("chat", "ana at work")


@pytest.fixture
def podrska(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    with command_line(tmp_path, monkeypatch, capsys) as typed:
        yield typed


@asynccontextmanager
async def desk_in(folder: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk on the command line's database, at night."""
    store = await SqlStore.open(f"sqlite:///{folder}/desk.db")
    try:
        yield WholeDesk(store, ManualClock(NIGHT), policy())
    finally:
        await store.close()


@pytest.fixture
def beside(tmp_path: Path, podrska: Typed) -> Callable[[Callable[[WholeDesk], Awaitable[T]]], T]:
    """Have a desk run beside the command line for a while."""
    podrska("departments", "list")  # which makes the first department
    ids, told = CountingIds(), 0

    def run(what: Callable[[WholeDesk], Awaitable[T]]) -> T:
        async def happen() -> T:
            nonlocal told
            async with desk_in(tmp_path) as desk:
                desk.ids, desk._told = ids, told
                result = await what(desk)
                told = desk._told
                return result

        return asyncio.run(happen())

    return run


Beside = Callable[[Callable[[WholeDesk], Awaitable[object]]], object]


async def filed(desk: WholeDesk, problem: str, *, who: Identity = ANA) -> Conversation:
    """Have a customer with a proven address file a ticket."""
    await desk.tell(customer(problem), who=who)
    for words in ("Ana", "ana@example.com"):
        desk.clock.go_on(2)
        await desk.desk().tick()
        await desk.tell(customer(words, id=f"{words} of {problem}"), who=who)
    await desk.carry_out()
    ticket = (await desk.conversation(who)).with_contact(email_proven=True, language="en")
    async with desk.store.transaction() as tx:
        await tx.conversations([ticket.id])
        await tx.save(Changes(conversations={ticket.id: ticket}))
    return ticket


def name_of(ticket: Conversation) -> str:
    assert ticket.ticket is not None
    return ticket.ticket.id


async def tell(desk: WholeDesk, *steps: Happens) -> None:
    for step in steps:
        await desk.tell(step)
    await desk.carry_out()


async def goes_on(desk: WholeDesk) -> list[str]:
    """Return what the desk does when it looks next."""
    await desk.desk().tick()
    return await desk.carry_out()


async def newest_audit(desk: WholeDesk) -> Audit:
    async with desk.store.transaction() as tx:
        return (await tx.audits(1))[0]


def test_a_ticket_is_closed_by_the_running_desk(podrska: Typed, beside: Beside) -> None:
    """The customer and the agents are told as ever, and the audit log says who it was."""
    names: list[str] = []

    async def begin(desk: WholeDesk) -> None:
        names.append(name_of(await filed(desk, "My site is down")))

    async def look(desk: WholeDesk) -> None:
        assert await goes_on(desk) == [
            "desk: RESOLVED", "mail: ticket-closed", "agents: card updated",
            "agents: AGENTS_RESOLVED",
        ]  # fmt: skip
        audit = await newest_audit(desk)
        assert audit.who.startswith("command line: ")
        assert (audit.what, audit.before, audit.after) == (f"ticket {names[0]}", "open", "closed")

    beside(begin)
    name = names[0]
    assert f"{name} will be closed" in podrska("tickets", "close", name.lower())
    beside(look)
    assert f"{name} is closed already" in podrska("tickets", "close", name, fails=1)
    assert "There is no ticket MNT-0" in podrska("tickets", "close", "MNT-0", fails=1)


def test_two_tickets_are_merged_by_the_running_desk(podrska: Typed, beside: Beside) -> None:
    """And what cannot be merged is refused at once, with the reason."""
    names: list[str] = []

    async def begin(desk: WholeDesk) -> None:
        for problem, who in (("My site is down", ANA), ("Site again", AT_WORK)):
            names.append(name_of(await filed(desk, problem, who=who)))

    async def look(desk: WholeDesk) -> None:
        done = await goes_on(desk)
        assert done[:3] == ["desk: TICKET_MERGED", "agents: card updated", "agents: AGENTS_MERGED"]
        assert "agents < My site is down" in done

    beside(begin)
    first, second = names
    assert "is this ticket itself" in podrska("tickets", "merge", first, first, fails=1)
    assert "There is no ticket MNT-0" in podrska("tickets", "merge", first, "MNT-0", fails=1)
    assert f"{first} will be merged" in podrska("tickets", "merge", first, second.lower())
    beside(look)
    assert f"merged into {second}" in podrska("tickets", "show", first)
    listed = podrska("tickets", "list")
    assert second in listed
    assert first not in listed
    assert "Only open tickets can be merged" in podrska("tickets", "merge", first, second, fails=1)


def test_the_list_says_priority_and_since_when_it_waits(podrska: Typed, beside: Beside) -> None:
    """What has been answered waits for nobody."""

    async def begin(desk: WholeDesk) -> None:
        await filed(desk, "My site is down")

    async def answer(desk: WholeDesk) -> None:
        await tell(desk, agent("Have a look"))

    beside(begin)
    row = r"open.*medium.*2026-11-23 21:00.*2026-11-23 21:00.*Ana.*My site is down"
    assert re.search(row, podrska("tickets", "list"))
    beside(answer)
    assert len(re.findall("2026-11-23", podrska("tickets", "list"))) == 1


def test_a_transcript_is_printed_without_notes(podrska: Typed, beside: Beside) -> None:
    """With --notes, also with those."""
    names: list[str] = []

    async def begin(desk: WholeDesk) -> None:
        names.append(name_of(await filed(desk, HOSTILE)))
        desk.clock.go_on(timedelta(hours=1).total_seconds())
        await tell(desk, customer("here", photo()), agent("Have a look"), agent("// it is DNS"))

    beside(begin)
    printed = podrska("tickets", "transcript", names[0])

    assert "Customer: Ana\nE-mail: ana@example.com\n" in printed
    assert "<script>alert(1)</script> [b]x[/b]" in printed
    assert "[sent a photo]" in printed
    assert "Mila:\nHave a look" in printed
    assert "DNS" not in printed
    assert "Mila (note, not for the customer):\n// it is DNS" in podrska(
        "tickets", "transcript", names[0], "--notes"
    )


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_transcript_as_a_page_is_safe_to_open(
    podrska: Typed, beside: Beside, tmp_path: Path
) -> None:
    """Nothing that people wrote is markup, and nothing is fetched or run."""
    names: list[str] = []

    async def begin(desk: WholeDesk) -> None:
        names.append(name_of(await filed(desk, HOSTILE)))
        await tell(desk, agent("Have a look"), agent("// it is DNS"))

    beside(begin)
    podrska("tickets", "transcript", names[0], "--html", str(tmp_path / "page.html"))
    page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))

    assert "<script>alert(1)</script> [b]x[/b] &" in page.text
    assert "Have a look" in page.text
    assert "DNS" not in page.text
    assert "script" not in page.tags
    named = dict(page.attributes)
    assert not {"src", "href", "onclick", "style"} & named.keys()
    policy_ = next(value for name, value in page.attributes if value and "default-src" in value)
    assert policy_.startswith("default-src 'none'; style-src 'sha256-")
    there_is_no_folder = podrska(
        "tickets", "transcript", names[0], "--html", str(tmp_path / "no" / "page.html"), fails=1
    )
    assert "cannot be written" in there_is_no_folder
