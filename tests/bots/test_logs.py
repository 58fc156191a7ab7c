"""The log: for people or machines, and never with a secret or with what people wrote."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
import structlog

from bots import logs
from bots.settings import Settings
from sandbox.faults import Fault, FaultKind
from sandbox.mail import MailServer
from tests.support.logging_kept import logging_kept
from tests.support.real_world import world

Form = Literal["console", "json"]
FORMS = get_args(Form)

SECRETS = {
    name: f"canary-{name.replace('_', '-')}"
    for name, field in Settings.model_fields.items()
    if "SecretStr" in str(field.annotation)
}
LIBRARIES = (
    "httpx",
    "httpcore",
    "slack_sdk.web.async_client",
    "slack_bolt.AsyncApp",
    "telegram.Bot",
    "aiohttp.client",
    "aiosqlite",
    "apscheduler.scheduler",
    "uvicorn.error",
    "asyncio",
)
PASSWORD = "canary-smtp-password"
ADDRESS = "ana.anic@example.com"
WORDS = ("unpronounceable", "circumlocution", "Anastasia", "sesquipedalian")


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    with logging_kept():
        yield


def set_up(form: Form, level: str = "debug") -> None:
    logs.set_up(form=form, level=level, secrets=SECRETS.values())


def test_every_secret_among_the_settings_is_tried_here() -> None:
    """A secret that is added later is tested as well."""
    assert {"slack_bot_token", "smtp_url", "database_url", "imap_url"} <= SECRETS.keys()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_no_secret_comes_through(
    capsys: pytest.CaptureFixture[str], form: Form, secret: str
) -> None:
    """Neither in words, nor in values however nested, nor in exceptions, nor in their causes."""
    set_up(form)
    log = structlog.get_logger("bots.desk")
    log.info(f"call to https://host/bot{secret}/getMe", url=f"https://x:{secret}@host")
    log.warning("refused", answer={"ok": [secret]}, error=ValueError(secret), raw=secret.encode())
    log.bind(token=secret).error("bound")
    structlog.contextvars.bind_contextvars(token=secret)
    log.error("in the context")
    structlog.contextvars.clear_contextvars()
    try:
        try:
            raise ValueError(secret)
        except ValueError as cause:
            raise RuntimeError(f"because of {secret}") from cause
    except RuntimeError:
        log.exception("failed", stack_info=True)
        logging.getLogger("bots.desk").exception("failed")

    told = capsys.readouterr().err
    assert told.count("[secret]") >= 8
    assert secret not in told


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", LIBRARIES)
def test_no_library_tells_a_secret(
    capsys: pytest.CaptureFixture[str], form: Form, name: str
) -> None:
    """Whatever a library says at whatever level, by its own logger, with arguments or errors."""
    set_up(form)
    library = logging.getLogger(name)
    library.setLevel(logging.DEBUG)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        for secret in SECRETS.values():
            library.log(level, 'HTTP Request: GET https://host/bot%s/getMe "200 OK"', secret)
            library.log(level, "refused", exc_info=ValueError(secret), extra={"token": secret})

    told = capsys.readouterr().err
    assert "[secret]" in told
    assert not [secret for secret in SECRETS.values() if secret in told]


def test_lines_for_machines_can_be_parsed(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object a line, whoever wrote it and whatever it is about."""
    set_up("json")
    structlog.get_logger("bots.desk").info("несрећа\nу два реда", value=object(), folder=Path("a"))
    logging.getLogger("library").warning("%s of %s", 1, {"2"})
    try:
        raise KeyError("what was asked for")
    except KeyError:
        logging.getLogger("library").exception("it failed")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(each["level"], each["event"]) for each in lines] == [
        ("info", "несрећа\nу два реда"),
        ("warning", "1 of {'2'}"),
        ("error", "it failed"),
    ]
    assert "KeyError: 'what was asked for'" in lines[2]["exception"]
    assert all(each["timestamp"].endswith("Z") for each in lines)


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_nobody_speaks_below_the_level(capsys: pytest.CaptureFixture[str], level: str) -> None:
    """Our lines obey the setting; libraries warn, and say no more than that at any level."""
    set_up("json", level)
    for name in ("bots.desk", "podrska:AsyncApp", "aiosqlite"):
        for each in ("debug", "info", "warning", "error"):
            getattr(structlog.get_logger(name), each)(each, who=name)

    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    order = ["debug", "info", "warning", "error"]
    loud = order[order.index(level) :]
    assert [each["event"] for each in said if each["who"] == "bots.desk"] == loud
    libraries = [each["event"] for each in said if each["who"] != "bots.desk"]
    assert libraries == 2 * [each for each in loud if each in ("warning", "error")]


async def test_the_real_process_keeps_quiet_about_people(tmp_path: Path) -> None:
    """A whole conversation at the level "debug", with calls that fail, and not a word of it."""
    async with world(tmp_path, start=False, LOG_LEVEL="debug", LOG_FORMAT="json") as there:
        mail = MailServer(there.clock, login=("desk", PASSWORD))
        await mail.start()
        there.settings["SMTP_URL"] = mail.url
        there.telegram.faults.plan("sendMessage", Fault(kind=FaultKind.CUT_AFTER))
        there.slack.faults.plan("chat.postMessage", Fault(kind=FaultKind.LIMIT, seconds=1))
        mail.faults.plan("RCPT", Fault(kind=FaultKind.ERROR))
        await there.start()
        marko = there.slack.agent("Marko", display_name=WORDS[2])
        room = there.slack.room("support", members=[marko])

        ana = there.telegram.customer(WORDS[2], language_code="en")
        ana.write(f"An {WORDS[0]} problem")
        await ana.sees("name")
        ana.press(WORDS[2])
        await ana.sees("e-mail")
        ana.write(ADDRESS)
        card = await room.sees(WORDS[0])
        ana.send_document(f"{WORDS[1]}.txt", b"text", caption=WORDS[1])
        await marko.reply(card, f"How {WORDS[3]}")
        await ana.sees(WORDS[3])
        await marko.press(card, "File ticket")
        await mail.mailbox(ADDRESS).receives("MNT-")
        await there.settled()
        await there.stop()
        await mail.stop()
        secrets = [
            there.telegram.token,
            there.slack.bot_token,
            there.slack.app_token,
            mail.url,
            PASSWORD,
        ]

    log = there.log.read_text()
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines()]
    assert {"debug", "info", "warning"} <= {each["level"] for each in lines}
    assert [each for each in lines if "conversation" in each]
    assert [each for each in (*secrets, *WORDS, ADDRESS, "ana.anic") if each in log] == []
