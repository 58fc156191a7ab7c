"""The command line, as operators and admins type it."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.store import SqlStore
from bots import command
from core.ports import Audit
from tests.support.builders import NIGHT, photo, policy
from tests.support.logging_kept import logging_kept
from tests.support.play import agent, customer
from tests.support.whole_desk import WholeDesk, whole_desk

HOSTILE = "[/red] My site [bold]is\x1b[31m down[/]"

Typed = Callable[..., str]
"""Types a command and returns what is printed; `fails` is the exit code that it must have."""


@pytest.fixture
def podrska(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    """Give a command line in an empty folder, with the settings that must be there."""
    monkeypatch.chdir(tmp_path)
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-canary",
        "SLACK_APP_TOKEN": "xapp-canary",
        "DATABASE_URL": f"sqlite:///{tmp_path}/desk.db",
        "DEFAULT_LANGUAGE": "en",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "160")

    def typed(*words: str, fails: int = 0) -> str:
        code: object = 0
        try:
            command.main(words)
        except SystemExit as ended:
            code = ended.code or 0
        told = capsys.readouterr()
        assert code == fails, told.err
        assert "Traceback" not in told.err
        return told.err if fails else told.out

    with logging_kept():
        yield typed


def audits(folder: Path) -> list[Audit]:
    async def read() -> list[Audit]:
        store = await SqlStore.open(f"sqlite:///{folder}/desk.db")
        try:
            async with store.transaction() as tx:
                return await tx.audits(100)
        finally:
            await store.close()

    return asyncio.run(read())


def a_ticket(folder: Path, problem: str = "My site is down") -> str:
    """Have a customer write at night, and an agent answer; return the ticket's ID."""

    async def happen() -> str:
        async with whole_desk(folder, policy(), NIGHT) as desk:
            await tell(desk, problem)
            ticket = (await desk.conversation()).ticket
            assert ticket is not None
            return ticket.id

    async def tell(desk: WholeDesk, problem: str) -> None:
        for words in (problem, "Ana", "ana@example.com"):
            await desk.tell(customer(words))
            desk.clock.go_on(2)
            await desk.desk().tick()
            await desk.carry_out()
        await desk.tell(customer("here", photo()))
        await desk.carry_out()
        await desk.tell(agent("Have a look"), agent("// [b]DNS[/b], I think"))
        await desk.carry_out()

    return asyncio.run(happen())


# Hours and departments


def test_the_hours_are_shown_and_changed(podrska: Typed, tmp_path: Path) -> None:
    """What is changed is shown, holds for the next who looks, and is in the audit log."""
    assert "08:00-20:00" in podrska("hours", "show")

    changed = podrska(
        *("hours", "set", "--week", "Mo-Fr 07:00-21:00", "--holidays", "none"),
        *("--exception", "2030-12-31 08:00-12:00 short day", "--exception", "2031-01-02 off"),
    )

    assert "07:00-21:00" in changed
    assert "short day" in changed
    assert podrska("hours", "show") == changed
    newest = audits(tmp_path)[0]
    assert newest.who.startswith("command line: ")
    assert newest.what == "hours of support"

    assert "short day" not in podrska("hours", "set", "--remove", "2030-12-31")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (("--week", "Mo-Fr 25-26"), "25-26"),
        (("--zone", "Europe/Atlantis"), "Europe/Atlantis"),
        (("--holidays", "XX"), "XX"),
        (("--exception", "tomorrow off"), "tomorrow"),
    ],
)
def test_hours_that_cannot_be_are_refused_in_words(
    podrska: Typed, tmp_path: Path, wrong: tuple[str, str], reason: str
) -> None:
    """With what was typed, and nothing is changed."""
    assert reason in podrska("hours", "set", *wrong, fails=1)
    assert [each.who for each in audits(tmp_path)] == ["settings"]


def test_a_department_is_added_and_chosen_by_its_key(podrska: Typed) -> None:
    """It begins with the first one's hours; from then on one must say which is meant."""
    podrska("departments", "add", "billing", "Naplata [x]", "#billing", "--answer-within", "1h")

    listed = podrska("departments", "list")
    assert re.search(r"support.*#support.*10 min.*Mo-Fr 08:00-20:00", listed)
    assert re.search(r"billing.*Naplata \[x\].*#billing.*60 min.*Mo-Fr 08:00-20:00", listed)
    assert "support, billing" in podrska("hours", "set", "--week", "24/7", fails=1)
    assert "there are: support, billing" in podrska("hours", "show", "sales", fails=1)
    podrska("hours", "set", "--department", "billing", "--week", "24/7", "--holidays", "none")
    shown = podrska("hours", "show")
    assert "Support (support)" in shown
    assert "Always open" in podrska("hours", "show", "billing")


def test_a_department_that_cannot_be_is_refused_in_words(podrska: Typed) -> None:
    """A key that is taken, a deadline that is none."""
    taken = podrska("departments", "add", "support", "Another", "#another", fails=1)
    assert "a department called support already" in taken
    soon = ("departments", "add", "b", "B", "#b", "--answer-within", "soon")
    assert "--answer-within: expected a number with a unit" in podrska(*soon, fails=1)


def test_a_departments_patience_is_changed_and_outlasts_a_start(
    podrska: Typed, tmp_path: Path
) -> None:
    """Only what was named; it is in the audit log, and the settings do not take it back."""
    podrska("departments", "set", "support", "--close-after", "14d", "--remind-after", "4h")

    assert re.search(r"10 min.*24 h.*4 h.*336 h.*Mo-Fr", podrska("departments", "list"))
    newest = audits(tmp_path)[0]
    assert newest.what == "patience of support"
    assert "7 days" in newest.before
    assert "14 days" in newest.after
    podrska("departments", "set", "support", "--resolve-after", "2h")
    assert re.search(r"10 min.*2 h.*4 h.*336 h.*Mo-Fr", podrska("departments", "list"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("support",), "Name what is to be changed"),
        (("sales", "--close-after", "7d"), "There is no department called sales; there are"),
        (("support", "--close-after", "soon"), "--close-after: expected a number with a unit"),
        (("support", "--resolve-after", "x"), "--resolve-after: expected a number with a unit"),
        (("support", "--remind-after", "0h"), "--remind-after: expected a number with a unit"),
    ],
)
def test_a_patience_that_cannot_be_is_refused_in_words(
    podrska: Typed, typed: tuple[str, ...], why: str
) -> None:
    """And nothing is changed."""
    assert why in podrska("departments", "set", *typed, fails=1)
    assert re.search(r"24 h.*24 h.*168 h", podrska("departments", "list"))


# Tickets


def test_tickets_are_listed_and_shown(podrska: Typed, tmp_path: Path) -> None:
    """With everything said in them, by whom, and which of it stayed among agents."""
    ticket = a_ticket(tmp_path)

    listed = podrska("tickets", "list")
    assert re.search(rf"{ticket}.*answered.*2026-11-23.*Ana.*ana@example.com.*My site", listed)
    for typed in (ticket, ticket.lower(), f"[{ticket}]"):
        shown = podrska("tickets", "show", typed)
        assert "Ana <ana@example.com>" in shown
        assert shown.index("My site is down") < shown.index("here") < shown.index("Have a look")
        assert "[photo: shot.jpg]" in shown
        assert re.search(r"Mila \(note\):\n.*\[b\]DNS\[/b\], I think", shown)


def test_what_people_wrote_is_printed_as_they_wrote_it(podrska: Typed, tmp_path: Path) -> None:
    """It is no markup, and it cannot steer the terminal."""
    ticket = a_ticket(tmp_path, HOSTILE)

    for shown in (podrska("tickets", "list"), podrska("tickets", "show", ticket)):
        assert "[/red] My site [bold]is" in shown
        assert "\x1b" not in shown


def test_no_part_of_a_table_is_left_out_where_there_is_little_room(
    podrska: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address is broken rather than cut: it is there to be copied."""
    ticket = a_ticket(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")

    assert "…" not in podrska("tickets", "list")
    assert ticket


def test_a_ticket_that_is_not_there(podrska: Typed) -> None:
    """It is said so, and where to look."""
    assert "There is no ticket MNT-00000" in podrska("tickets", "show", "MNT-00000", fails=1)
    assert "MNT" not in podrska("tickets", "list")


# What goes wrong at the start


def test_a_taken_port_is_said_in_words(podrska: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second desk, started by mistake, ends at once and leaves the database alone."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        monkeypatch.setenv("HTTP_PORT", port)
        said = podrska("run", fails=1)

    assert f"127.0.0.1:{port}" in said
    assert "Is the desk running already?" in said
    assert not Path("desk.db").exists()


def test_a_demo_on_a_taken_port_says_so(podrska: Typed) -> None:
    """With what to do about it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = podrska("demo", "--port", str(other.getsockname()[1]), fails=1)

    assert "Try another --port" in said


def test_a_database_that_cannot_be_used_is_said_in_words(
    podrska: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As when the file is something else; whatever the command was."""
    monkeypatch.setenv("HTTP_PORT", "0")
    (tmp_path / "desk.db").write_text("this is no database, but a letter to my grandmother" * 50)

    for typed in (("run",), ("tickets", "list"), ("hours", "show")):
        assert "The database cannot be used" in podrska(*typed, fails=1)


def test_wrong_settings_are_listed_whatever_the_command(
    podrska: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the exit code 2."""
    monkeypatch.setenv("HTTP_PORT", "none")
    monkeypatch.delenv("SLACK_BOT_TOKEN")

    for typed in (("run",), ("doctor",), ("tickets", "list"), ("hours", "show")):
        said = podrska(*typed, fails=2)
        assert "  HTTP_PORT: " in said
        assert "  SLACK_BOT_TOKEN: is required, and missing" in said


# Help

COMMANDS = {
    (): [
        *("run", "demo", "doctor", "bench", "hours", "departments", "tickets", "events"),
        *("deliveries", "mail", "tokens", "backup", "restore", "simulate"),
    ],
    ("run",): ["SIGTERM"],
    ("demo",): ["--port", "--browser"],
    ("doctor",): ["how to mend"],
    ("bench",): ["how fast"],
    ("simulate",): ["CONVERSATIONS", "--agents", "--rooms", "--hours", "--seed"],
    ("hours",): ["show", "set"],
    ("hours", "show"): ["--department"],
    ("hours", "set"): ["--week", "--zone", "--holidays", "--exception", "--remove"],
    ("departments",): ["list", "add", "set"],
    ("departments", "set"): ["KEY", "--resolve-after", "--remind-after", "--close-after"],
    ("departments", "list"): ["the first one first"],
    ("departments", "add"): ["KEY", "NAME", "ROOM", "--answer-within", "--on-call"],
    ("events",): ["list", "retry"],
    ("events", "list"): ["--most"],
    ("events", "retry"): ["KEYS", "--all"],
    ("mail",): ["list", "show", "retry"],
    ("mail", "list"): ["--all", "--most"],
    ("mail", "show"): ["KEY", "--raw"],
    ("mail", "retry"): ["KEYS", "--all"],
    ("tickets",): ["list", "show", "close", "merge", "transcript"],
    ("tickets", "close"): ["TICKET"],
    ("tickets", "merge"): ["TICKET", "INTO"],
    ("tickets", "transcript"): ["TICKET", "--html", "--notes"],
    ("tickets", "list"): ["--closed", "--most"],
    ("tickets", "show"): ["TICKET"],
    ("deliveries",): ["list", "retry", "drop"],
    ("deliveries", "list"): ["--channel", "--most"],
    ("deliveries", "retry"): ["IDS", "--all", "--channel"],
    ("deliveries", "drop"): ["IDS"],
    ("tokens",): ["create", "list", "revoke"],
    ("tokens", "create"): ["NAME", "this once"],
    ("tokens", "list"): ["since when"],
    ("tokens", "revoke"): ["NAME"],
    ("backup",): ["FILE", "--force"],
    ("restore",): ["FILE", "--force"],
}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help(podrska: Typed, words: tuple[str, ...]) -> None:
    """It names what can be said, and what it does; no settings are needed to read it."""
    told = podrska(*words, "--help")

    for word in COMMANDS[words]:
        assert word in told


def test_the_readme_names_the_commands_that_there_are(podrska: Typed) -> None:
    """And no others."""
    text = (Path(__file__).parents[2] / "README.md").read_text()
    section = text[text.index("## The command line") : text.index("## How it is built")]
    named = {words.split()[1] for words in re.findall(r"`(podrska \w+)", section)}

    assert named == set(COMMANDS[()])


def test_a_deadline_reads_as_minutes(podrska: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings' deadline is the first department's."""
    monkeypatch.setenv("ANSWER_WITHIN", "90s")

    assert f"{timedelta(seconds=90).total_seconds() / 60} min" in podrska("departments", "list")
