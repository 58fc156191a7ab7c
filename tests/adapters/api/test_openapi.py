"""What the API's description promises is so: tried with what it allows, and what it does not."""

import asyncio
import os
import sys
from pathlib import Path

from core.ports import Audit
from tests.support.api_desk import TOKEN, api_desk
from tests.support.builders import MONDAY, department

ROOT = Path(__file__).parents[3]
EXAMPLES = 6
"""How many requests of each kind are made up for each operation."""


async def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """Every check that it knows, over real HTTP; the same requests each time."""
    async with api_desk(tmp_path) as desk:
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{desk.url}/openapi.json"),
            *("--header", f"Authorization: Bearer {TOKEN}", "--checks", "all"),
            *("--max-examples", str(EXAMPLES), "--seed", "1", "--generation-database", "none"),
            "--no-color",
        ]
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.support.api_formats",
        }
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=tmp_path,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()
    assert b"No issues found" in said, said.decode()


async def test_the_page_and_the_document_are_there_for_anybody(tmp_path: Path) -> None:
    """Only the API's own routes; the departments are those that there are."""
    async with api_desk(tmp_path) as desk:
        document = (await desk.ask("GET", "/openapi.json", token="")).content
        async with desk.session.get(f"{desk.url}/docs") as answer:
            page, headers = await answer.text(), answer.headers
        async with desk.session.get(f"{desk.url}/docs.css") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"].startswith("text/css")

    assert set(document["paths"]) == {
        "/api/tickets",
        "/api/tickets/{ticket}",
        "/api/tickets/{ticket}/messages",
    }
    department = document["components"]["schemas"]["NewTicket"]["properties"]["department"]
    assert department["anyOf"][0]["enum"] == ["support", "billing"]
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page
    for name in document["components"]["schemas"]:
        assert f'<section id="{name}">' in page
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in page
    assert "//" not in page.replace("<!doctype html>", "")


async def test_what_an_admin_named_a_department_runs_nowhere(tmp_path: Path) -> None:
    """Whatever stands in the document is text on the page."""
    async with api_desk(tmp_path) as desk:
        async with desk.store.transaction() as tx:
            audit = Audit(at=MONDAY, who="test", what="x", before="", after="")
            await tx.save_department(department('"><script>alert(1)</script>'), audit)
        async with desk.session.get(f"{desk.url}/docs") as answer:
            page = await answer.text()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
