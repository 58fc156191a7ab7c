"""The doctor looks at everything, and each thing that is wrong comes with how to mend it."""

import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bots.doctor import Finding, examine
from bots.doctor.slack import SCOPES
from bots.settings import Settings, secrets_of
from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.mail import MailServer
from sandbox.slack import SlackServer
from sandbox.telegram import TelegramServer
from tests.support.odd_imap import OddImap, odd_imap
from tests.support.receiver import SECRET, program

ROOT = Path(__file__).parents[2]
PASSWORD = "canary-password"


class Patient:
    """Everything that the doctor looks at: the platforms, and settings that fit them."""

    def __init__(self, folder: Path) -> None:
        clock = Clock()
        self.telegram, self.slack = TelegramServer(clock), SlackServer(clock)
        self.mail = MailServer(clock, login=("desk", PASSWORD))
        self.servers = (self.telegram, self.slack, self.mail)
        self.folder = folder

    def settings(self, **changes: Any) -> Settings:
        given: dict[str, Any] = {
            "telegram_bot_token": self.telegram.token,
            "telegram_api_url": self.telegram.url,
            "slack_bot_token": self.slack.bot_token,
            "slack_app_token": self.slack.app_token,
            "slack_api_url": self.slack.url,
            "smtp_url": self.mail.url,
            "mail_from": "Podrška <podrska@example.com>",
            "database_url": f"sqlite:///{self.folder}/desk.db",
            "data_dir": self.folder / "data",
            "http_port": 0,
        }
        return Settings(_env_file=None, **(given | changes))  # type: ignore[call-arg]

    async def is_told(self, **changes: Any) -> Finding:
        """Return the one thing that the doctor finds wrong with these changes."""
        settings = self.settings(**changes)
        found = await examine(settings)
        told = "\n".join(f"{each.what} {each.mend}" for each in found)
        assert "canary" not in told
        assert not [each for each in secrets_of(settings) if each in told]
        (wrong,) = [each for each in found if not each.well]
        assert wrong.mend
        return wrong


@pytest.fixture
async def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Patient]:
    """Give a desk with which all is well, and no `.env` that could say otherwise."""
    monkeypatch.chdir(tmp_path)
    patient = Patient(tmp_path)
    patient.slack.room("support")
    async with AsyncExitStack() as stack:
        for server in patient.servers:
            await server.start()
            stack.push_async_callback(server.stop)
        yield patient


async def test_all_is_well(patient: Patient) -> None:
    """Each thing is named with what was found, and nothing is to be mended."""
    found = await examine(patient.settings())

    assert [each for each in found if not each.well or each.mend] == []
    told = "\n".join(each.what for each in found)
    for word in ("database", "Attachments", "web server", "@", "#support", "Socket Mode", "Mail"):
        assert word in told


async def test_over_http_no_app_token_is_asked_for(patient: Patient) -> None:
    """And it says where Slack is to call."""
    settings = patient.settings(slack_app_token=None, slack_signing_secret="signing")
    found = await examine(settings)

    assert [each for each in found if not each.well] == []
    assert "over HTTP" in "".join(each.what for each in found)


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ({"telegram_bot_token": "7000000001:canary-wrong"}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_bot_token": "canary-nonsense"}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_bot_token": None}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_api_url": "http://127.0.0.1:1"}, "network"),
        ({"slack_bot_token": "xoxb-canary-wrong"}, "xoxb-"),
        ({"slack_app_token": "xapp-canary-wrong"}, "xapp-"),
        ({"slack_api_url": "http://127.0.0.1:1/api/"}, "SLACK_API_URL"),
        ({"slack_channel": "#nowhere"}, "SLACK_CHANNEL"),
        ({"smtp_url": None}, "SMTP_URL"),
        ({"smtp_url": "smtp://desk:canary@127.0.0.1:1"}, "SMTP_URL"),
        ({"imap_url": "imaps://desk:canary@127.0.0.1:1"}, "IMAP_URL"),
        ({"imap_url": "imap://desk:canary@no-such-host.invalid"}, "IMAP_URL"),
        (
            {
                "webhook_url": "http://127.0.0.1:1/canary",
                "webhook_secret": "Y2FuYXJ5LTQ3MTFjYW5hcnktNDcxMWNhbmFyeS00NzEx",
            },
            "WEBHOOK_URL",
        ),
        ({"database_url": "sqlite:////proc/no/desk.db"}, "DATABASE_URL"),
        ({"data_dir": "/proc/no/data"}, "DATA_DIR"),
        ({"http_host": "192.0.2.1"}, "HTTP_HOST"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else "",
)
async def test_one_wrong_thing_is_found_alone(
    patient: Patient, wrong: dict[str, Any], mend: str
) -> None:
    """All else is well, and the line says how to mend it, without a secret."""
    assert mend in (await patient.is_told(**wrong)).mend


async def test_a_wrong_password_for_the_mail_server(patient: Patient) -> None:
    """With what the server answered, and not with the password."""
    url = patient.mail.url.replace(PASSWORD, "canary-wrong")
    wrong = await patient.is_told(smtp_url=url)

    assert "535" in wrong.what
    assert "user and password" in wrong.mend


async def test_a_mailbox_that_is_read(patient: Patient) -> None:
    """With how much is in it: all of that is taken in at the first start."""
    async with odd_imap(OddImap({1: b"", 2: b""})) as server:
        settings = patient.settings(imap_url=server.url, mail_authserv_id="mx.example.com")
        found = await examine(settings)
    assert [each for each in found if not each.well or each.mend] == []
    assert found[-1].what == "Mailbox: INBOX on 127.0.0.1 is read; it has 2 mails."


async def test_a_mailbox_whose_senders_nobody_vouches_for(patient: Patient) -> None:
    """That is possible, and its risk is said."""
    async with odd_imap(OddImap()) as server:
        found = await examine(patient.settings(imap_url=server.url))
    assert all(each.well for each in found)
    assert "forges" in found[-1].what
    assert "MAIL_AUTHSERV_ID" in found[-1].mend


async def test_a_mailbox_that_tells_of_nothing(patient: Patient) -> None:
    """That is borne, and said."""
    async with odd_imap(OddImap(idles="never")) as server:
        settings = patient.settings(imap_url=server.url, mail_authserv_id="mx.example.com")
        found = await examine(settings)
    assert all(each.well for each in found)
    assert "no IDLE" in found[-1].what
    assert "every 30 seconds" in found[-1].mend


@pytest.mark.parametrize(
    ("oddity", "code", "mend"),
    [
        ("no_folder", "NONEXISTENT", "folder's name"),
        ("no_login", "AUTHENTICATIONFAILED", "user and"),
    ],
)
async def test_a_mailbox_that_does_not_open(
    patient: Patient, oddity: str, code: str, mend: str
) -> None:
    """With the server's code, without its words, and with what to look at."""
    async with odd_imap(OddImap(**{oddity: True})) as server:  # type: ignore[arg-type]
        wrong = await patient.is_told(imap_url=server.url.replace("secret", "canary"))
    assert code in wrong.what
    assert mend in wrong.mend
    assert "example.org" not in wrong.what


async def test_a_program_that_is_told(patient: Patient) -> None:
    """Whatever it answers to a mere question: somebody is there."""
    async with program() as house:
        found = await examine(patient.settings(webhook_url=house.url, webhook_secret=SECRET))

    assert [each for each in found if not each.well or each.mend] == []
    assert "Webhooks: 127.0.0.1 answers." in [each.what for each in found]
    assert house.calls == []


async def test_a_website_with_a_chat(patient: Patient) -> None:
    """Who may embed it; what a proxy hides is said, for a desk that is reached from outside."""
    found = await examine(
        patient.settings(
            web_origins="https://www.example.com",
            web_identity_secret="a secret of more than thirty-two characters",
            public_url="https://desk.example.com",
            telegram_bot_token=None,
        )
    )

    told = {each.what: each for each in found}
    assert "Website: the chat is for pages of https://www.example.com." in told
    assert "Telegram is not set up; customers write elsewhere." in told
    (proxy,) = [each for each in found if each.mend]
    assert proxy.well
    assert "TRUSTED_PROXIES" in proxy.mend


async def test_the_app_is_not_in_the_room(patient: Patient) -> None:
    """The invitation is there to be copied; the room may be told by its ID."""
    room = patient.slack.room("sales", bot=False)

    for name in ("#sales", "sales", room.id):
        wrong = await patient.is_told(slack_channel=name)
        assert wrong == Finding(
            "Slack: the app is not in #sales", "In #sales, type: /invite @Podrška", well=False
        )


async def test_a_taken_port(patient: Patient) -> None:
    """Most likely by the desk itself."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        wrong = await patient.is_told(http_port=port)

    assert f"127.0.0.1:{port}" in wrong.what
    assert "Is the desk running already?" in wrong.mend


async def test_a_folder_that_is_a_file(patient: Patient, tmp_path: Path) -> None:
    """Root may write everywhere, but not into a file as into a folder."""
    (tmp_path / "data").write_text("")

    assert "DATA_DIR" in (await patient.is_told()).mend


async def test_a_slip_in_the_settings(patient: Patient, tmp_path: Path) -> None:
    """A key that nobody reads is pointed at."""
    (tmp_path / ".env").write_text("SLACK_CHANEL=#support\n")

    assert "SLACK_CHANEL" in (await patient.is_told()).what


async def test_rooms_that_cannot_be_listed(patient: Patient) -> None:
    """A right that the app lacks shows here."""
    fault = Fault(kind=FaultKind.REFUSE, error="missing_scope")
    patient.slack.faults.plan("conversations.list", fault)

    wrong = await patient.is_told()
    assert "missing_scope" in wrong.what
    assert "docs/slack-app-manifest.yaml" in wrong.mend


async def test_everything_wrong_is_found_at_once(patient: Patient, tmp_path: Path) -> None:
    """One thing's failure does not hide the others."""
    for server in patient.servers:
        await server.stop()
    (tmp_path / "data").write_text("")

    found = await examine(patient.settings())

    wrong = [each for each in found if not each.well]
    assert len(wrong) == 4
    assert all(each.mend for each in wrong)


def test_the_doctor_asks_for_the_scopes_that_the_manifest_gives() -> None:
    """An app made from the manifest lacks nothing, and has nothing too much."""
    manifest = (ROOT / "docs" / "slack-app-manifest.yaml").read_text()
    scopes = manifest[manifest.index("  scopes:") : manifest.index("settings:")]

    assert set(re.findall(r"^ +- ([a-z:]+)", scopes, re.MULTILINE)) == SCOPES
