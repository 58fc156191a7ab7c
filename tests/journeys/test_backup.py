"""A backup is made while the desk works, and a desk that is put back from it goes on."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from sandbox.faults import Fault, FaultKind
from tests.support.real_world import ROOT, World, world
from tests.support.waiting import PATIENCE

CROWD = 20


async def test_a_restored_desk_goes_on(tmp_path: Path) -> None:
    """All that was said before the backup is there, once; what platforms repeat does no harm."""
    saved = tmp_path / "saved.db"
    async with world(tmp_path) as there:
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        await there.slack.connected(1)
        ana = there.telegram.customer("Ana", language_code="en")
        ana.write("My site is down")
        await ana.sees("name")
        ana.press("Ana")
        await ana.sees("e-mail")
        ana.write("ana@example.com")
        card = await room.sees("My site is down")
        await marko.reply(card, "I look at it")
        await ana.sees("I look at it")
        await there.settled()
        await podrska(there, "backup", saved)
        assert "stop the desk first" in await podrska(there, "restore", saved, "--force")

        there.slack.faults.plan("chat.postMessage", Fault(kind=FaultKind.SLOW, seconds=6))
        ana.write("It is urgent")
        await room.sees("It is urgent", thread=card)
        ana.write("Still under way when the backup is made")
        backup = asyncio.create_task(podrska(there, "backup", saved, "--force"))
        while not backup.done():
            await a_crowd_writes(there)
        assert "checked copy" in backup.result()

        ana.write("Said after the backup")
        await room.sees("Said after the backup", thread=card, timeout=PATIENCE)
        await there.settled()
        await there.kill()
        said = await podrska(there, "restore", saved, "--force")
        assert "kept in" in said
        await there.start()
        await there.settled()
        there.slack.events.repeat(3, same_id=False)
        await there.slack.events.settled()

        await marko.reply(card, "It is mended")
        await ana.sees("It is mended")
        ana.write("Thank you")
        await room.sees("Thank you", thread=card)
        await there.settled()
        await there.stop()

        for words in ("It is urgent", "Still under way", "Said after the backup", "Thank you"):
            assert room.transcript().count(words) == 1
        for words in ("I look at it", "It is mended"):
            assert ana.transcript().count(words) == 1
        kept = texts(there)
        for words in ("My site is down", "I look at it", "It is urgent", "It is mended"):
            assert kept.count(words) == 1


async def a_crowd_writes(there: World) -> None:
    """Have many new customers write at once; return when each has an answer."""
    crowd = [there.telegram.customer(f"C{number}", language_code="en") for number in range(CROWD)]
    for each in crowd:
        each.write("Is anybody there?")
    for each in crowd:
        await each.sees("name", timeout=PATIENCE)


async def podrska(there: World, *words: str | Path) -> str:
    """Type a command for this world's desk; return all that it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bots.command import main; main()",
        *map(str, words),
        cwd=ROOT,
        env=there.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return told.decode()


def texts(there: World) -> list[str]:
    """Return every text in the desk's database."""
    with closing(sqlite3.connect(there.database)) as database:
        rows = database.execute("SELECT json_extract(body, '$.text.text') FROM messages")
        return [text for (text,) in rows]
