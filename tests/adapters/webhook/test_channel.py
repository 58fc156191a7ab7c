"""Announcements over real HTTP: signed, repeatable, and to nobody but whom they are meant for."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from adapters.clock import SystemClock
from adapters.webhook.channel import WebhookChannel, failure_of, webhook_session
from adapters.webhook.receiver import parse_receiver, parse_secret
from adapters.webhook.render import render
from core.conversation import Conversation, Stage
from core.effects import Announce, AnnounceKind
from core.errors import DeliveryError, GiveUp, Retry
from core.ids import DeliveryId, MessageId, TicketId
from core.message import Message, Part, Side
from core.outbox import WEBHOOK, Delivery, Outgoing
from core.public import LONGEST_TEXT, public_message, public_ticket
from core.richtext import plain
from core.ticket import FiledBecause, Ticket, TicketStatus
from tests.support.builders import MONDAY, conversation, department, known, photo
from tests.support.ports import held_port
from tests.support.receiver import SECRET, Program, program

DOCS = Path(__file__).parents[3] / "docs" / "api.md"


def a_ticket() -> Conversation:
    ticket = Ticket(id=TicketId("MNT-4K7Q2"), filed_at=MONDAY, because=FiledBecause.AGENT)
    return conversation(
        known(), stage=Stage.TICKETED, ticket=ticket, subject="Site down", department="support"
    )


def an_announcement(text: str = "", **changes: Any) -> Announce:
    about = a_ticket()
    assert about.ticket is not None
    said = Message(
        id=MessageId("m1"),
        conversation_id=about.id,
        side=Side.CUSTOMER,
        author="Ana",
        at=MONDAY,
        part=Part.TALK,
        text=plain(text),
        attachments=(photo(size=9),) if text else (),
    )
    return Announce(
        **{
            "kind": AnnounceKind.MESSAGE if text else AnnounceKind.TICKET_OPENED,
            "at": MONDAY + timedelta(milliseconds=5),
            "ticket": public_ticket(about, about.ticket),
            "message": public_message(said).in_short() if text else None,
            **changes,
        }
    )


def outgoing(effect: Announce) -> Outgoing:
    about = a_ticket()
    delivery = Delivery(
        id=DeliveryId("d-1"),
        conversation_id=about.id,
        channel=WEBHOOK,
        lane=f"{WEBHOOK}:{about.id}",
        place=WEBHOOK,
        effect=effect,
        created_at=MONDAY,
        due_at=MONDAY,
    )
    return Outgoing(delivery=delivery, conversation=about, department=department())


@asynccontextmanager
async def channel(url: str, timeout: float = 10) -> AsyncIterator[WebhookChannel]:
    receiver = parse_receiver(url)
    async with webhook_session(receiver, timeout=timeout) as session:
        yield WebhookChannel(receiver, parse_secret(SECRET), SystemClock(), session)


async def failure(there: WebhookChannel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await there.deliver(outgoing(an_announcement()))
    return caught.value


@pytest.fixture
async def house() -> AsyncIterator[Program]:
    async with program() as there:
        yield there


async def test_a_receiver_checks_it_with_the_library_of_its_choice(house: Program) -> None:
    """The signature is that of Standard Webhooks, over the very bytes that arrive."""
    caught: list[tuple[bytes, dict[str, str]]] = []

    async def take(request: web.Request) -> web.Response:
        caught.append((await request.read(), dict(request.headers)))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with channel(f"http://127.0.0.1:{runner.addresses[0][1]}/") as there:
            done = await there.deliver(outgoing(an_announcement("Још не ради 🙂")))
    finally:
        await runner.cleanup()

    ((body, headers),) = caught
    content = Webhook(SECRET).verify(body, headers)
    assert headers["webhook-id"] == done.receipt == "d-1"
    assert headers["Content-Type"] == "application/json"
    assert content == {
        "type": "ticket.message",
        "timestamp": "2026-11-23T09:00:00.005Z",
        "data": {
            "ticket": {
                "id": "MNT-4K7Q2",
                "status": "open",
                "subject": "Site down",
                "priority": "medium",
                "department": "support",
                "created": "2026-11-23T09:00:00.000Z",
                "merged_into": None,
                "customer": {"name": "Ana", "email": "ana@example.com"},
            },
            "message": {
                "id": "m1",
                "side": "customer",
                "author": "Ana",
                "at": "2026-11-23T09:00:00.000Z",
                "text": "Још не ради 🙂",
                "files": [{"name": "shot.jpg", "type": "application/octet-stream", "size": 9}],
                "edited": None,
                "deleted": False,
                "cut": False,
            },
        },
    }


async def test_a_repeat_has_the_same_id_and_the_same_bytes(house: Program) -> None:
    """So whoever is told twice knows it."""
    house.answers = [500]
    async with channel(house.url) as there:
        assert isinstance(await failure(there), Retry)
        await there.deliver(outgoing(an_announcement()))

    first, second = house.calls
    assert (first.id, first.body) == (second.id, second.body)
    assert first.is_signed
    assert second.is_signed


@pytest.mark.parametrize("status", [200, 201, 202, 299])
async def test_every_success_is_one(house: Program, status: int) -> None:
    """A receiver may say it as it likes."""
    house.answers = [status]
    async with channel(house.url) as there:
        await there.deliver(outgoing(an_announcement()))

    assert [each.answer for each in house.calls] == [status]


@pytest.mark.parametrize(
    ("status", "wish", "after"),
    [
        (301, "", None),
        (400, "", None),
        (401, "", None),
        (404, "", None),
        (429, "", None),
        (429, "7", 7),
        (429, "99999999999", 900),
        (429, "Wed, 21 Oct 2026 07:28:00 GMT", None),
        (429, "²", None),
        (500, "7", None),
        (503, "30", 30),
    ],
)
def test_what_is_no_success_is_tried_again(status: int, wish: str, after: float | None) -> None:
    """A program that is being mended answers anything; a wish to wait is granted, up to a point."""
    failed = failure_of(status, wish)
    assert isinstance(failed, Retry)
    assert failed.after == after


def test_who_is_gone_is_told_no_more() -> None:
    """410 is the word for it in Standard Webhooks."""
    assert isinstance(failure_of(410), GiveUp)


async def test_a_redirect_is_not_followed(house: Program) -> None:
    """Where it leads has not been asked for by anybody."""
    house.answers, house.headers = [307, 307], {"Location": house.url}
    async with channel(house.url) as there:
        failed = await failure(there)

    assert failed.reason == "the receiver answered 307"
    assert len(house.calls) == 1


async def test_a_line_that_is_cut_is_no_doubt(house: Program) -> None:
    """It may have arrived; but told again it is known by its id."""
    house.answers = [0]
    async with channel(house.url) as there:
        failed = await failure(there)

    assert isinstance(failed, Retry)
    assert house.calls[0].id == "d-1"


async def test_who_answers_too_slowly_is_told_again(house: Program) -> None:
    """A call ends after a while, whatever the receiver does."""
    house.patience = asyncio.Event()
    async with channel(house.url, timeout=0.1) as there:
        failed = await failure(there)
    house.patience.set()

    assert isinstance(failed, Retry)
    assert "Timeout" in failed.reason


async def test_nobody_there_and_no_address_in_the_reason() -> None:
    """The path may be a secret; operators read the reason, and logs keep it."""
    with held_port() as port:
        async with channel(f"http://127.0.0.1:{port}/canary?canary=1") as there:
            failed = await failure(there)

    assert isinstance(failed, Retry)
    assert "canary" not in failed.reason
    assert "127.0.0.1" not in failed.reason


async def test_an_answer_without_end_is_not_read() -> None:
    """Only its status counts."""

    async def forever(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with pytest.raises(ConnectionError):
            while True:
                await answer.write(b"x" * 65536)
        return answer

    app = web.Application()
    app.router.add_post("/", forever)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with channel(f"http://127.0.0.1:{runner.addresses[0][1]}/") as there:
            await there.deliver(outgoing(an_announcement()))
    finally:
        await runner.cleanup()


def test_the_longest_announcement_fits_everywhere() -> None:
    """Far below what web servers take by default (1 MB)."""
    files = tuple(photo(name="\u20ac" * 500, mime="m" * 500, size=10**9) for _ in range(500))
    said = Message(
        id=MessageId("m1"),
        conversation_id=a_ticket().id,
        side=Side.AGENTS,
        author="A" * 5000,
        at=MONDAY,
        part=Part.TALK,
        text=plain("\U0001f642" * 10**6),
        attachments=files,
    )
    body = render(an_announcement(message=public_message(said).in_short()))

    assert len(body.encode()) < 256 * 1024
    assert len(json.loads(body)["data"]["message"]["text"]) == LONGEST_TEXT


def test_a_change_of_status_says_what_it_was() -> None:
    """And nothing that was said."""
    body = render(an_announcement(kind=AnnounceKind.STATUS, before=TicketStatus.ANSWERED))
    data = json.loads(body)["data"]

    assert data["before"] == "answered"
    assert "message" not in data


def test_the_documentation_shows_what_is_sent() -> None:
    """Each field of an announcement stands in docs/api.md."""
    body = json.loads(render(an_announcement("text", before=TicketStatus.OPEN)))
    fields = set(re.findall(r'"(\w+)":', json.dumps(body)))
    documented = DOCS.read_text(encoding="utf-8")

    assert {each for each in fields if f'"{each}"' not in documented} == set()
