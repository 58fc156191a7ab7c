"""The same desk by its other doors: webhooks instead of polling, PostgreSQL for SQLite."""

from pathlib import Path

import pytest

from sandbox.slack import Message, Room
from sandbox.telegram import Customer
from tests.support.postgres import Cluster
from tests.support.real_world import World, world


async def tells(there: World) -> tuple[Customer, Room, Message]:
    """Let a new customer tell everything; return them, the room, and their card."""
    room = there.slack.room("support")
    ana = there.telegram.customer("Ana", language_code="en")
    ana.write("My site is down")
    await ana.sees("What is your name?")
    ana.press("Ana")
    await ana.sees("e-mail")
    ana.write("ana@example.com")
    await ana.sees("Our people have been told")
    return ana, room, await room.sees("My site is down")


async def test_over_webhooks_and_slack_s_events_api(tmp_path: Path) -> None:
    """No poll and no socket: Telegram and Slack call the desk, each with its secret."""
    async with world(tmp_path, start=False) as there:
        there.settings |= {"SLACK_APP_TOKEN": "", "TELEGRAM_WEBHOOK_SECRET": "a-secret"}
        there.settings["PUBLIC_URL"] = there.url
        there.settings["SLACK_SIGNING_SECRET"] = there.slack.signing_secret
        there.slack.use_http(f"{there.url}/slack/events")
        await there.start()
        ana, room, card = await tells(there)
        jelena = there.slack.agent("Jelena", display_name="Jelena")
        await jelena.join(room)

        await jelena.reply(card, "It is up again")
        await ana.sees("It is up again")
        await jelena.press(card, "Resolve")
        await ana.sees("Jelena has marked this as resolved")

        assert "getUpdates" not in [each.method for each in there.telegram.calls]
        assert "apps.connections.open" not in [each.method for each in there.slack.calls]


@pytest.mark.postgres
async def test_on_postgresql(tmp_path: Path, cluster: Cluster) -> None:
    """The whole way again, kept in PostgreSQL, with a restart in the middle."""
    async with world(tmp_path, DATABASE_URL=cluster.empty_database()) as there:
        ana, room, card = await tells(there)
        jelena = there.slack.agent("Jelena", display_name="Jelena")
        await jelena.join(room)
        await there.restart()
        await there.slack.connected(1)

        await jelena.reply(card, "It is up again")
        await ana.sees("It is up again")
