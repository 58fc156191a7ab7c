"""A house's program and the people: its ticket is answered in Slack, mailed, and told."""

from pathlib import Path
from typing import Any

import aiohttp

from adapters.clock import SystemClock
from adapters.passes import hash_of, new_token
from adapters.store import SqlStore
from core.passes_port import Pass, Purpose
from tests.support.real_world import World, world
from tests.support.receiver import SECRET, program

ANA = {
    "email": "ana@example.com",
    "name": "Ana",
    "subject": "Invoice 17",
    "text": "Invoice 17 was paid twice",
    "priority": "high",
}


async def token_of(there: World, name: str) -> str:
    """Make a token beside the running desk, as `podrska tokens create` does."""
    token = new_token()
    store = await SqlStore.open(f"sqlite:///{there.database}")
    try:
        async with store.transaction() as tx:
            now = SystemClock().now()
            pass_ = Pass(hash=hash_of(token), purpose=Purpose.API, subject=name, made_at=now)
            await tx.keep_pass(pass_)
    finally:
        await store.close()
    return token


async def asked(session: aiohttp.ClientSession, method: str, url: str, **given: Any) -> Any:
    async with session.request(method, url, **given) as answer:
        assert answer.status in (200, 201), await answer.text()
        return await answer.json()


async def test_a_program_s_ticket_from_its_first_word_to_its_last(tmp_path: Path) -> None:
    """Opened twice by one key, it is in Slack once; the answer is mailed, told, and read."""
    async with (
        program() as house,
        world(tmp_path, WEBHOOK_URL=house.url, WEBHOOK_SECRET=SECRET) as there,
    ):
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        await there.slack.connected(1)
        ana = there.mail.customer("ana@example.com")
        named = {"Authorization": f"Bearer {await token_of(there, 'billing')}"}
        async with aiohttp.ClientSession(headers=named) as session:
            tickets = f"{there.url}/api/tickets"
            once = {"Idempotency-Key": "invoice-17"}
            ticket = await asked(session, "POST", tickets, json=ANA, headers=once)
            again = await asked(session, "POST", tickets, json=ANA, headers=once)
            assert again["id"] == ticket["id"]

            card = await room.sees("Invoice 17 was paid twice")
            assert ticket["id"] in card.shown
            await room.sees("Priority: high")
            await ana.receives(ticket["id"])
            await marko.reply(card, "// ask the bank first")
            await marko.reply(card, "You get the money back")
            mail = await ana.receives("Answer to your request")
            assert "You get the money back" in mail.text

            said = f"{tickets}/{ticket['id']}/messages"
            await asked(session, "POST", said, json={"text": "It has arrived"})
            await room.sees("It has arrived", thread=card)
            await marko.press(card, "Resolve")
            await house.until(
                "opened open",
                "message customer: Invoice 17 was paid twice",
                "message agents: You get the money back",
                "status answered",
                "message customer: It has arrived",
                "status customer-reply",
                "status closed",
            )
            whole = await asked(session, "GET", f"{tickets}/{ticket['id']}")

        assert [(each["side"], each["text"]) for each in whole["messages"]] == [
            ("customer", "Invoice 17 was paid twice"),
            ("agents", "You get the money back"),
            ("customer", "It has arrived"),
        ]
        assert (whole["status"], whole["priority"]) == ("closed", "high")
        ids = [each.content["data"]["message"]["id"] for each in house.told[1:3]]
        assert ids == [each["id"] for each in whole["messages"][:2]]
        assert sum("Invoice 17 was paid twice" in each.shown for each in room.messages) == 1
        log = there.log.read_text()
        assert named["Authorization"].removeprefix("Bearer ") not in log
