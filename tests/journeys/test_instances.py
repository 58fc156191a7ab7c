"""Several instances on one PostgreSQL database: one works, another takes over, nobody notices."""

from pathlib import Path

import pytest

from sandbox.faults import Fault, FaultKind
from sandbox.slack import Agent, Message, Room
from sandbox.telegram import Customer
from tests.support.instances import two_instances
from tests.support.postgres import Cluster
from tests.support.real_world import World, world
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.postgres

SHORT = 5.0
"""Seconds that the lease lasts where a test need not wait for the usual ten."""
LONG = 40.0
"""Seconds that it lasts where nobody may lose it, however slow the machine."""


async def opens(there: World) -> tuple[Customer, Room, Agent, Message]:
    """Let Ana tell everything; return her, the room, Marko in it, and her card."""
    marko = there.slack.agent("Marko", display_name="Marko")
    room = there.slack.room("support", members=[marko])
    ana = there.telegram.customer("Ana", language_code="en")
    ana.write("My site is down")
    await ana.sees("What is your name?")
    ana.press("Ana")
    await ana.sees("e-mail")
    ana.write("ana@example.com")
    await ana.sees("Our people have been told")
    return ana, room, marko, await room.sees("My site is down")


async def test_the_working_instance_is_killed(tmp_path: Path, cluster: Cluster) -> None:
    """Another one takes over; nothing is lost, and in Slack nothing is there twice."""
    async with (
        world(tmp_path, start=False, DATABASE_URL=cluster.empty_database()) as there,
        two_instances(there, tmp_path) as (first, second),
    ):
        ana, room, marko, card = await opens(there)
        there.slack.faults.plan("chat.postMessage", Fault(kind=FaultKind.SLOW, seconds=1))
        ana.write("It is urgent")
        await room.sees("It is urgent", thread=card)  # Slack has it, the desk does not know
        for number in range(5):
            ana.write(f"point {number}.")
        await first.kill()
        await marko.reply(card, "I look at it")
        ana.write("Is anybody there?")

        await second.works()
        await room.sees("Is anybody there?", thread=card, timeout=PATIENCE)
        await ana.sees("I look at it", timeout=PATIENCE)
        said = room.transcript()
        for words in ("It is urgent", *(f"point {n}." for n in range(5)), "Is anybody there?"):
            assert said.count(words) == 1
        assert ana.transcript().count("I look at it") == 1


async def test_an_instance_sleeps_and_wakes_when_another_works(
    tmp_path: Path, cluster: Cluster
) -> None:
    """Stopped in the middle of a call, and woken: it writes and sends nothing any more."""
    async with (
        world(tmp_path, start=False, DATABASE_URL=cluster.empty_database()) as there,
        two_instances(there, tmp_path, SHORT) as (first, second),
    ):
        ana, room, marko, card = await opens(there)
        there.slack.faults.plan("chat.postMessage", Fault(kind=FaultKind.SLOW, seconds=2))
        ana.write("It is urgent")
        await room.sees("It is urgent", thread=card)
        ana.write("More comes while it is being sent")
        first.pause()
        await marko.reply(card, "I look at it")
        await second.works()
        await ana.sees("I look at it", timeout=PATIENCE)

        first.wake()
        await first.stands_by()
        assert await first.lives()
        ana.write("Thank you")
        await room.sees("Thank you", thread=card, timeout=PATIENCE)
        await marko.reply(card, "You are welcome")
        await ana.sees("You are welcome")

        said = room.transcript()
        for words in ("It is urgent", "More comes", "Thank you"):
            assert said.count(words) == 1
        for words in ("I look at it", "You are welcome"):
            assert ana.transcript().count(words) == 1
        assert "lease.lost" in first.log.read_text()
        assert "lease.lost" not in second.log.read_text()


async def test_two_with_one_token_do_not_fight(tmp_path: Path, cluster: Cluster) -> None:
    """The one that stands by asks neither Telegram nor Slack for anything."""
    async with (
        world(tmp_path, start=False, DATABASE_URL=cluster.empty_database()) as there,
        two_instances(there, tmp_path, LONG) as (first, second),
    ):
        ana, _, marko, card = await opens(there)
        for number in range(3):
            await marko.reply(card, f"answer {number}")
            await ana.sees(f"answer {number}")
        await second.stands_by()

        connected = [each for each in there.slack.calls if each.method == "apps.connections.open"]
        assert len(connected) == 1
        begun = [each for each in there.telegram.calls if each.method == "deleteWebhook"]
        assert len(begun) == 1  # it comes at the start, and again after each conflict
        assert "Conflict" not in first.log.read_text()
        assert second.log.read_text().count("desk.stands_by") == 1

        assert await first.stop() == 0
        await second.works(within=LONG / 2)  # the lease was given up: nobody waits for its end
        await marko.reply(card, "answer 3")
        await ana.sees("answer 3")
        for number in range(4):
            assert ana.transcript().count(f"answer {number}") == 1


async def test_the_database_is_away_for_a_moment(tmp_path: Path, cluster: Cluster) -> None:
    """A restart of the server in its usual time: the same instance goes on, as it was."""
    async with (
        world(tmp_path, start=False, DATABASE_URL=cluster.empty_database()) as there,
        two_instances(there, tmp_path, LONG) as (first, second),
    ):
        ana, room, _, card = await opens(there)
        with cluster.away():
            ana.write("Said while the database was away")
        await room.sees("Said while the database was away", thread=card, timeout=PATIENCE)

        await first.works()
        assert "lease.lost" not in first.log.read_text()
        assert "lease.ours" not in second.log.read_text()


async def test_the_database_is_away_for_longer_than_the_lease(
    tmp_path: Path, cluster: Cluster
) -> None:
    """Both stand by and say so; when it is back, one of them works, and nothing is lost."""
    async with (
        world(tmp_path, start=False, DATABASE_URL=cluster.empty_database()) as there,
        two_instances(there, tmp_path, SHORT) as (first, second),
    ):
        ana, room, _, card = await opens(there)
        with cluster.away():
            ana.write("Said while the database was away")
            await first.stands_by("the database does not answer")
            await second.stands_by("the database does not answer")
            assert await first.lives()
            assert await second.lives()

        await room.sees("Said while the database was away", thread=card, timeout=PATIENCE)
        ana.write("Thank you")
        await room.sees("Thank you", thread=card, timeout=PATIENCE)
        assert room.transcript().count("Said while the database was away") == 1
