"""A mailbox on its bad days: one odd mail, or an odd server, holds up nothing else for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Protocol

import pytest

from adapters.mail.fetching import plan
from adapters.mail.imap import LARGEST
from core.mail_port import Extent, MailState
from core.message import MEGABYTE
from tests.support.odd_imap import OddImap, odd_imap
from tests.support.receiving import Desk, a_mail
from tests.support.waiting import until


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    await desk.stop()


class Serve(Protocol):
    async def __call__(self, *subjects: str, **oddities: Any) -> OddImap: ...


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Give servers with mails of these subjects, whose UIDs are 1, 2, …"""
    async with AsyncExitStack() as stack:

        async def served(*subjects: str, **oddities: Any) -> OddImap:
            mails = {uid: a_mail(each) for uid, each in enumerate(subjects, start=1)}
            return await stack.enter_async_context(odd_imap(OddImap(mails, **oddities)))

        yield served


@pytest.mark.parametrize(
    ("oddity", "tries"), [("refused", 3), ("withheld", 3), ("garbled", 5), ("broken_off", 5)]
)
async def test_one_mail_that_cannot_be_fetched(
    desk: Desk, serve: Serve, oddity: str, tries: int
) -> None:
    """It is given up after some tries, with a record; all others are taken, in order.

    A broken connection has more of them: it may be no fault of the mail's.
    """
    server = await serve("a", "b", "bad", "c", "d", **{oddity: {3}})
    await desk.read(server.url)
    await desk.has("a", "b", "", "c", "d")
    lost = desk.taken[2].record
    assert (lost.extent, lost.uid, lost.uid_validity) == (Extent.NOTHING, 3, 7)
    assert lost.error
    assert "example" not in lost.error
    assert server.times("UID FETCH 3 (UID RFC822.SIZE)") == tries


async def test_many_mails_that_cannot_be_fetched(desk: Desk, serve: Serve) -> None:
    """Each has its record, and the good ones between them are taken."""
    server = await serve("bad", "a", "bad", "bad", "b", refused={1, 3}, broken_off={4})
    await desk.read(server.url)
    await desk.has("", "a", "", "", "b")
    assert [each.record.uid for each in desk.taken] == [1, 2, 3, 4, 5]
    assert desk.taken[0].record.error == "the server refuses to hand mail out (SERVERBUG)"


async def test_a_server_that_refuses_everything_for_a_while(desk: Desk, serve: Serve) -> None:
    """That is no fault of any mail's: none is given up."""
    server = await serve("a", "b", "c", refused={1, 2, 3})
    mailbox = await desk.read(server.url)
    await until(lambda: server.times("LOGIN") > 20)
    assert mailbox.trouble() == "the server refuses to hand mail out (SERVERBUG)"
    server.refused.clear()
    await desk.has("a", "b", "c")


async def test_what_was_given_up_is_fetched_once_more(desk: Desk, serve: Serve) -> None:
    """When an operator says so, after the server has been mended; its record is gone then."""
    server = await serve("bad", "a", refused={1})
    await desk.read(server.url, idle=0.02)
    await desk.has("", "a")
    server.refused.clear()
    async with desk.store.transaction() as tx:
        await tx.mark_mail(desk.taken[0].record.key, MailState.SKIPPED, "lost")
        await tx.fetch_again()
    await desk.has("", "a", "bad")
    assert [each.extent for each in await desk.records()] == ["whole", "whole"]


async def test_a_mail_that_is_gone_meanwhile(desk: Desk, serve: Serve) -> None:
    """Somebody moved it away: there is nothing to tell of it."""
    server = await serve("a", "b", withheld={1})
    await desk.read(server.url)
    await until(lambda: server.times("UID SEARCH UID 1") > 1)
    del server.mails[1]
    await desk.has("b")
    assert len(await desk.records()) == 1


async def test_sizes_that_are_not_true(desk: Desk, serve: Serve) -> None:
    """Some servers guess: a mail that is larger than was said is treated as what it is."""
    server = await serve("a", "huge", "b", said_sizes={1: 1, 2: 1, 3: 10_000})
    server.mails[2] = a_mail("huge", body="x" * LARGEST)
    await desk.read(server.url)
    await desk.has("a", "huge", "b")
    assert [each.record.extent for each in desk.taken] == ["whole", "headers", "whole"]
    assert len(desk.taken[1].raw) < 1000


async def test_headers_that_are_too_big(desk: Desk, serve: Serve) -> None:
    """A megabyte of them tells enough."""
    server = await serve("a", "vast", "b")
    server.mails[2] = a_mail("vast", "X-Vast: " + "x" * LARGEST)
    await desk.read(server.url)
    await desk.has("a", "vast", "b")
    assert len(desk.taken[1].raw) == MEGABYTE


async def test_a_uid_that_is_told_last(desk: Desk, serve: Serve) -> None:
    """The order in an answer is the server's own affair (RFC 3501, section 7.4.2)."""
    server = await serve("a", "b", uid_last=True)
    await desk.read(server.url)
    await desk.has("a", "b")


async def test_a_folder_that_may_only_be_read(desk: Desk, serve: Serve) -> None:
    """Nothing can be marked as seen there, and nothing needs to be."""
    server = await serve("a", read_only=True)
    await desk.read(server.url)
    await desk.has("a")
    await until(lambda: server.times("IDLE") > 0)
    assert server.times("STORE") == 0


async def test_a_flag_that_is_refused(desk: Desk, serve: Serve) -> None:
    """A full mailbox may take no flags: what matters is stored."""
    server = await serve("a")
    await desk.read(server.url)
    await until(lambda: server.times("IDLE") > 0)
    assert server.times(r"UID STORE 1 +FLAGS.SILENT (\Seen)") == 1
    assert desk.mailboxes[0].trouble(within=0) is None
    await desk.has("a")


@pytest.mark.parametrize("idles", ["deaf", "refused", "never", "at-once"])
async def test_a_server_that_is_no_good_at_telling(desk: Desk, serve: Serve, idles: str) -> None:
    """It is asked now and then all the same."""
    server = await serve(idles=idles)
    wait = {"idle": 1000 if idles == "at-once" else 0.02, "poll": 0.02}
    await desk.read(server.url, **wait)
    await until(lambda: server.times("SEARCH") > 1)
    server.mails[1] = a_mail("new")
    await desk.has("new")


async def test_a_server_that_hangs(desk: Desk, serve: Serve) -> None:
    """It is given up, `/readyz` says why, and a stop does not wait for it."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    url = f"imap://desk:secret@127.0.0.1:{port}"
    mailbox = await desk.read(url, timeout=0.05)
    await until(lambda: mailbox.trouble() is not None)
    assert mailbox.trouble() == "the server does not answer"
    patient = await desk.read(url, timeout=600, parting=0.01)
    await patient.stop()
    listening.close()


async def test_a_server_that_is_no_mail_server(desk: Desk) -> None:
    """A slip in the port, most likely."""

    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(web, "127.0.0.1", 0)
    mailbox = await desk.read(
        f"imap://desk:secret@127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    )
    await until(lambda: mailbox.trouble() is not None)
    assert mailbox.trouble() == "the connection broke off"
    listening.close()


async def test_a_folder_that_is_not_there(desk: Desk, serve: Serve) -> None:
    """A slip in IMAP_URL, most likely; the server's own words are not repeated."""
    server = await serve(no_folder=True)
    mailbox = await desk.read(server.url)
    await until(lambda: mailbox.trouble() is not None)
    assert mailbox.trouble() == "the server does not open the folder (NONEXISTENT)"


def test_batches_are_bounded() -> None:
    """By their number and by their bytes; what is big stands alone."""
    assert [len(each) for each in plan(range(1, 121), {})] == [50, 50, 20]
    sizes = {1: MEGABYTE, 2: 4 * MEGABYTE, 3: 1, 4: 20 * MEGABYTE, 5: 3}
    assert list(plan([1, 2, 3, 4, 5], sizes)) == [[1, 2], [3], [4], [5]]
    assert list(plan([], {})) == []
