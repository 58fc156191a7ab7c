"""The API over real HTTP: what a program asks for is done once, and refused in clear words."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.api.door import LARGEST_BODY
from adapters.api.models import LONGEST_TEXT
from adapters.passes import hash_of
from core.contact import Identity
from core.events import AgentResolved, AgentWrote
from core.ids import MessageId
from core.passes_port import Pass, Purpose
from core.ports import About, Incoming
from core.richtext import plain
from tests.support.api_desk import Answer, ApiDesk, api_desk
from tests.support.builders import MILA, MONDAY
from tests.support.postgres import Cluster

ANA = {"email": "ana@example.com", "name": "Ana", "subject": "Site down", "text": "It is down"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[ApiDesk]:
    """Give a desk that a program may use."""
    async with api_desk(tmp_path) as there:
        yield there


async def opened(desk: ApiDesk, **changes: Any) -> Any:
    answer = await desk.ask("POST", "/api/tickets", {**ANA, **changes})
    assert answer.status == 201, answer.content
    return answer.content


async def said_by_agent(desk: ApiDesk, ticket: str, text: str) -> None:
    async with desk.store.transaction() as tx:
        found = await tx.ticket(ticket)  # type: ignore[arg-type]
    assert found is not None
    now = desk.clock.now()
    event = AgentWrote(
        at=now, message_id=MessageId(text), sent_at=now, agent=MILA, text=plain(text)
    )
    await desk.desk.receive([Incoming(key=text, origin=About(found.id), event=event)])


def problem(answer: Answer, status: int) -> Any:
    """Return what a refusal says, which must be as RFC 9457 has it."""
    assert answer.status == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.content["status"] == status
    assert {"type", "title", "detail"} <= answer.content.keys()
    return answer.content


# What is asked for


async def test_a_ticket_is_opened_and_read(desk: ApiDesk) -> None:
    """With what the program said of it, and nothing else."""
    answer = await desk.ask(
        "POST",
        "/api/tickets",
        {**ANA, "department": "billing", "language": "sr-Latn", "priority": "high"},
    )

    ticket = answer.content
    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/tickets/{ticket['id']}"
    assert ticket == (await desk.ask("GET", f"/api/tickets/{ticket['id']}")).content
    (message,) = ticket.pop("messages")
    assert ticket == {
        "id": ticket["id"],
        "status": "open",
        "subject": "Site down",
        "priority": "high",
        "department": "billing",
        "created": "2026-11-23T09:00:00.000Z",
        "merged_into": None,
        "customer": {"name": "Ana", "email": "ana@example.com"},
        "total": 1,
        "next": None,
    }
    assert (message["side"], message["author"], message["text"]) == (
        "customer",
        "Ana",
        "It is down",
    )
    async with desk.store.transaction() as tx:
        who = await tx.contacts([Identity("api", "ana@example.com")])
    assert next(iter(who.values())).language == "sr-Latn"


async def test_an_address_is_all_that_must_be_known(desk: ApiDesk) -> None:
    """The rest has its defaults; what it is about are its first words."""
    ticket = (await desk.ask("POST", "/api/tickets", {"email": "a@b.rs", "text": "Help"})).content

    assert (ticket["subject"], ticket["priority"]) == ("Help", "medium")
    assert ticket["department"] == "support"


async def test_each_request_is_a_ticket_of_its_own(desk: ApiDesk) -> None:
    """Nobody's second request hides in the first one."""
    assert (await opened(desk))["id"] != (await opened(desk))["id"]


async def test_what_both_sides_say_stands_in_order_and_in_pages(desk: ApiDesk) -> None:
    """Without notes."""
    id_ = (await opened(desk))["id"]
    await said_by_agent(desk, id_, "// he never pays")
    await said_by_agent(desk, id_, "Try now")
    more = await desk.ask("POST", f"/api/tickets/{id_}/messages", {"text": "Still down"})
    assert more.status == 201

    texts, offset = [], 0
    while offset is not None:
        page = (await desk.ask("GET", f"/api/tickets/{id_}?limit=2&offset={offset}")).content
        texts += [(each["side"], each["text"]) for each in page["messages"]]
        offset = page["next"]
    assert texts == [
        ("customer", "It is down"),
        ("agents", "Try now"),
        ("customer", "Still down"),
    ]
    assert page["total"] == 3
    assert page["status"] == "customer-reply"


async def test_a_word_opens_a_closed_ticket_again(desk: ApiDesk) -> None:
    """As a mail would."""
    id_ = (await opened(desk))["id"]
    async with desk.store.transaction() as tx:
        found = await tx.ticket(id_)
    assert found is not None
    over = AgentResolved(at=desk.clock.now(), agent=MILA)
    await desk.desk.receive([Incoming(key="over", origin=About(found.id), event=over)])
    assert (await desk.ask("GET", f"/api/tickets/{id_}")).content["status"] == "closed"

    await desk.ask("POST", f"/api/tickets/{id_}/messages", {"text": "Down again"})
    assert (await desk.ask("GET", f"/api/tickets/{id_}")).content["status"] == "customer-reply"


# Once


async def test_the_same_key_is_the_same_ticket(desk: ApiDesk) -> None:
    """However often, and however many at once."""
    wanted = {**ANA, "priority": "low"}
    answers = await asyncio.gather(
        *(desk.ask("POST", "/api/tickets", wanted, Idempotency_Key="order-17") for _ in range(5))
    )
    again = await desk.ask("POST", "/api/tickets", wanted, Idempotency_Key="order-17")

    assert {each.status for each in (*answers, again)} == {201}
    assert len({each.content["id"] for each in (*answers, again)}) == 1
    assert again.content["total"] == 1
    assert again.content["priority"] == "low"


async def test_the_same_key_is_the_same_message(desk: ApiDesk) -> None:
    """The ticket has it once."""
    id_ = (await opened(desk))["id"]
    path = f"/api/tickets/{id_}/messages"
    one, two = [
        await desk.ask("POST", path, {"text": "More"}, Idempotency_Key="k") for _ in range(2)
    ]

    assert one == two or one.content == two.content
    assert (await desk.ask("GET", f"/api/tickets/{id_}")).content["total"] == 2


async def test_a_key_belongs_to_one_request(desk: ApiDesk) -> None:
    """Another one by the same key is a mistake, and nothing of it is done."""
    first = await desk.ask("POST", "/api/tickets", ANA, Idempotency_Key="k")
    other = await desk.ask("POST", "/api/tickets", {**ANA, "text": "x"}, Idempotency_Key="k")
    path = f"/api/tickets/{first.content['id']}/messages"
    elsewhere = await desk.ask("POST", path, {"text": "It is down"}, Idempotency_Key="k")

    assert "another request" in problem(other, 409)["detail"]
    problem(elsewhere, 409)


async def test_a_key_belongs_to_one_request_also_at_once(desk: ApiDesk) -> None:
    """One of those that come together is done; all others are told why they are not."""
    answers = await asyncio.gather(
        *(
            desk.ask("POST", "/api/tickets", {**ANA, "text": f"Word {number}"}, Idempotency_Key="1")
            for number in range(8)
        )
    )
    assert sorted(each.status for each in answers) == [201, *[409] * 7]


async def test_the_keys_of_two_programs_have_nothing_to_do_with_each_other(desk: ApiDesk) -> None:
    """Both may count their orders."""
    await desk.let_in("shop", "token-of-shop")
    one = await desk.ask("POST", "/api/tickets", ANA, Idempotency_Key="1")
    two = await desk.ask("POST", "/api/tickets", ANA, "token-of-shop", Idempotency_Key="1")

    assert one.content["id"] != two.content["id"]


# Refused


@pytest.mark.parametrize(
    "method_path",
    [
        "POST /api/tickets",
        "GET /api/tickets/MNT-22222",
        "POST /api/tickets/MNT-22222/messages",
    ],
)
@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic dG9rZW4=", "Bearer " + "x" * 5000],
)
async def test_without_a_token_nothing_is_told(
    desk: ApiDesk, method_path: str, authorization: str
) -> None:
    """Nor whether a ticket is there."""
    method, path = method_path.split()
    answer = await desk.ask(method, path, ANA, token="", Authorization=authorization)

    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "podrska tokens create" in problem(answer, 401)["detail"]


async def test_a_token_that_was_revoked_is_none(desk: ApiDesk) -> None:
    """From the next request on."""
    await opened(desk)
    async with desk.store.transaction() as tx:
        await tx.revoke_passes(Purpose.API, "billing")

    problem(await desk.ask("POST", "/api/tickets", ANA), 401)


async def test_a_pass_for_something_else_is_no_token(desk: ApiDesk) -> None:
    """A visitor's, or a session of the portal."""
    async with desk.store.transaction() as tx:
        for each in Purpose:
            if each is not Purpose.API:
                name = hash_of(f"of-{each}")
                await tx.keep_pass(Pass(hash=name, purpose=each, subject="x", made_at=MONDAY))

    for each in Purpose:
        problem(await desk.ask("POST", "/api/tickets", ANA, token=f"of-{each}"), 401)


async def test_guessing_tokens_is_slow(desk: ApiDesk) -> None:
    """Whoever shows wrong ones waits; who has one goes on."""
    answers = [await desk.ask("GET", "/api/tickets/x", token=f"guess-{n}") for n in range(25)]

    assert problem(answers[-1], 429)
    assert int(answers[-1].headers["Retry-After"]) > 0
    await opened(desk)


async def test_a_program_that_asks_too_often_waits(tmp_path: Path) -> None:
    """It alone."""
    async with api_desk(tmp_path, rate="2/minute") as desk:
        await desk.let_in("shop", "token-of-shop")
        answers = [await desk.ask("GET", "/api/tickets/x") for _ in range(3)]
        other = await desk.ask("GET", "/api/tickets/x", token="token-of-shop")

    assert [each.status for each in (*answers, other)] == [404, 404, 429, 404]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "ticket", ["MNT-22222", "nope", "a%00b", "%F0%9F%99%82", "x" * 90, "' or 1=1"]
)
async def test_a_ticket_that_is_not_there(desk: ApiDesk, ticket: str) -> None:
    """Whatever is asked for instead of an ID."""
    problem(await desk.ask("GET", f"/api/tickets/{ticket}"), 404)
    problem(await desk.ask("POST", f"/api/tickets/{ticket}/messages", {"text": "x"}), 404)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "ana@example.com and more"}, "/email"),
        ({"email": "ana@example.com\r\nBcc: eve@example.net"}, "/email"),
        ({"email": None}, "/email"),
        ({"text": ""}, "/text"),
        ({"text": " \t\n\u00a0"}, "/text"),
        ({"text": "\x00\x01"}, "/text"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "/text"),
        ({"text": 1}, "/text"),
        ({"name": "x" * 65}, "/name"),
        ({"name": True}, "/name"),
        ({"subject": "x" * 121}, "/subject"),
        ({"department": "nowhere"}, "/department"),
        ({"language": "de"}, "/language"),
        ({"priority": "now"}, "/priority"),
        ({"proven": True}, "/proven"),
    ],
)
async def test_what_is_wrong_is_pointed_at(
    desk: ApiDesk, changes: dict[str, Any], pointer: str
) -> None:
    """And nothing of what was sent is repeated."""
    found = problem(await desk.ask("POST", "/api/tickets", {**ANA, **changes}), 422)

    assert [each["pointer"] for each in found["errors"]] == [pointer]
    assert found["errors"][0]["detail"]


async def test_the_longest_text_is_taken_however_it_is_written(desk: ApiDesk) -> None:
    """Every letter of it escaped."""
    body = '{"email":"a@b.rs","text":"' + "\\u0436" * LONGEST_TEXT + '"}'
    answer = await desk.ask("POST", "/api/tickets", body.encode())

    assert answer.status == 201
    assert answer.content["messages"][0]["text"] == "ж" * LONGEST_TEXT


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"", b"[" * 200_000, b'{"text": ' + b"9" * 5000 + b"}", b"\x00"]
)
async def test_what_is_no_json(desk: ApiDesk, body: bytes) -> None:
    """Broken, in no encoding, empty, or so deep that nobody reads it."""
    answer = await desk.ask("POST", "/api/tickets", body)
    problem(answer, 422 if not body else 400)


async def test_what_is_not_said_to_be_json(desk: ApiDesk) -> None:
    """A form of another site's page cannot ask for anything."""
    answer = await desk.ask(
        "POST", "/api/tickets", b"{}", Content_Type="application/x-www-form-urlencoded"
    )
    problem(answer, 415)


async def test_more_than_is_ever_asked_for(desk: ApiDesk) -> None:
    """It is not read to its end."""
    problem(await desk.ask("POST", "/api/tickets", b" " * (LARGEST_BODY + 1)), 413)


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=101", "offset=x"])
async def test_a_page_that_there_cannot_be(desk: ApiDesk, query: str) -> None:
    """The parameter is named."""
    id_ = (await opened(desk))["id"]
    found = problem(await desk.ask("GET", f"/api/tickets/{id_}?{query}"), 422)
    assert found["errors"][0]["parameter"] == query.partition("=")[0]


async def test_a_page_behind_the_last_one_is_empty(desk: ApiDesk) -> None:
    """And has no next one."""
    id_ = (await opened(desk))["id"]
    page = (await desk.ask("GET", f"/api/tickets/{id_}?offset=7")).content
    assert (page["messages"], page["next"], page["total"]) == ([], None, 1)


async def test_what_the_api_does_not_have_is_refused_as_everything_else(desk: ApiDesk) -> None:
    """An address that is none, and a way to ask that an address does not know."""
    for path in ("/api/users", "/api/tickets/", "/api/", "/api/tickets/MNT-1/messages/1"):
        problem(await desk.ask("GET", path), 404)
        problem(await desk.ask("DELETE", path, token=""), 404)
    for method, path, allowed in (
        ("GET", "/api/tickets", "POST"),
        ("DELETE", "/api/tickets/MNT-1", "GET"),
        ("PUT", "/api/tickets/MNT-1/messages", "POST"),
    ):
        refused = await desk.ask(method, path)
        problem(refused, 405)
        assert refused.headers["Allow"] == allowed


@pytest.mark.postgres
async def test_what_databases_refuse_never_gets_there(tmp_path: Path, cluster: Cluster) -> None:
    """PostgreSQL takes no NUL, wherever it stands."""
    async with api_desk(tmp_path, url=cluster.empty_database()) as desk:
        odd = {"name": "A\x00na", "subject": "Site\x00 down", "text": "It\x00 is down"}
        wanted = {**ANA, **odd}
        ticket = (await desk.ask("POST", "/api/tickets", wanted, Idempotency_Key="k")).content
        again = (await desk.ask("POST", "/api/tickets", wanted, Idempotency_Key="k")).content
        problem(await desk.ask("GET", "/api/tickets/MNT%00"), 404)
        found = problem(await desk.ask("POST", "/api/tickets", {**ANA, "department": "\x00"}), 422)

    assert ticket == again
    assert (ticket["customer"]["name"], ticket["subject"]) == ("Ana", "Site down")
    assert ticket["messages"][0]["text"] == "It is down"
    assert found["errors"][0]["pointer"] == "/department"


async def test_a_desk_that_cannot_store_says_so(desk: ApiDesk) -> None:
    """And the same key brings it about later, once."""
    async with desk.store.transaction() as tx:
        await tx._connection.exec_driver_sql("ALTER TABLE messages RENAME TO gone")
    failed = await desk.ask("POST", "/api/tickets", ANA, Idempotency_Key="k")
    async with desk.store.transaction() as tx:
        await tx._connection.exec_driver_sql("ALTER TABLE gone RENAME TO messages")

    assert "same Idempotency-Key" in problem(failed, 500)["detail"]
    assert "It is down" not in str(failed.content)
    done = await desk.ask("POST", "/api/tickets", ANA, Idempotency_Key="k")
    assert done.status == 201
