"""The requests that docs/api.md shows do what it says."""

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.support.api_desk import TOKEN, Answer, ApiDesk, api_desk

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^curl .*?(?=^```)", PAGE, re.MULTILINE | re.DOTALL)
TICKET = "MNT-4K7Q2"


async def asked(desk: ApiDesk, example: str) -> Answer:
    """Ask for what an example asks for, as curl would."""
    words = shlex.split(example.replace("$TOKEN", TOKEN))
    url = next(each for each in words if each.startswith("https://desk.example.com"))
    named = dict(pairwise(words))
    headers = (words[at + 1].split(": ", 1) for at, each in enumerate(words) if each == "-H")
    content: Any = json.loads(named["--json"]) if "--json" in named else None
    path = url.removeprefix("https://desk.example.com")
    return await desk.ask("POST" if content else "GET", path, content, token="", **dict(headers))


async def test_the_examples_are_true(tmp_path: Path) -> None:
    """A ticket is opened, read, and written in, in that order."""
    async with api_desk(tmp_path) as desk:
        opens, reads, writes = EXAMPLES
        opened = await asked(desk, opens)
        id_ = opened.content["id"]
        read = await asked(desk, reads.replace(TICKET, id_))
        written = await asked(desk, writes.replace(TICKET, id_))
        again = await asked(desk, writes.replace(TICKET, id_))

    assert [each.status for each in (opened, read, written, again)] == [201, 200, 201, 201]
    assert read.content == opened.content
    assert written.content == again.content
    assert written.content["text"] == "The money has arrived"


async def test_the_refusals_are_those_that_the_api_describes(tmp_path: Path) -> None:
    """Each status of the description stands in the table, and 500, which is nobody's plan."""
    async with api_desk(tmp_path) as desk:
        document = (await desk.ask("GET", "/openapi.json")).content
    methods = [each for path in document["paths"].values() for each in path.values()]
    described = {status for each in methods for status in each["responses"]}

    table = set(re.findall(r"^\| (\d{3}) \|", PAGE, re.MULTILINE))
    assert table == {each for each in described if each >= "400"} | {"500"}
