"""The settings: what is wrong is named at once, what is secret is never shown."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bots.setting_kinds import read_duration
from bots.settings import (
    Settings,
    SettingsError,
    read_settings,
    secrets_of,
    unknown_keys,
)

ROOT = Path(__file__).parents[2]
CANARY = "canary-4711"
ENOUGH = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine's own settings, if it has any, stay out of these tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def env_file(folder: Path, **settings: str) -> Path:
    file = folder / ".env"
    file.write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
    return file


def problems(folder: Path, **settings: str) -> dict[str, str]:
    """Return what is said to be wrong with these settings, by name."""
    with pytest.raises(SettingsError) as refused:
        read_settings(env_file(folder, **settings))
    return dict(line.split(": ", 1) for line in refused.value.problems)


WRONG = {
    "TELEGRAM_API_URL": "https://",
    "TELEGRAM_WEBHOOK_SECRET": "not allowed!",
    "SLACK_API_URL": "slack.com",
    "DATABASE_URL": "mysql://host/podrska",
    "SMTP_URL": "http://user:password@host",
    "IMAP_URL": "imaps://host/INBOX",
    "MAIL_FROM": "nobody at all",
    "WEBHOOK_URL": "http://billing.example.com",
    "WEBHOOK_SECRET": "too short",
    "PUBLIC_URL": "desk.example.com",
    "HTTP_PORT": "80800",
    "DEFAULT_LANGUAGE": "de",
    "TIMEZONE": "Europe/Atlantis",
    "HOLIDAYS": "XX",
    "WORKING_HOURS": "Mo-Fr 25:00-26:00",
    "ANSWER_WITHIN": "soon",
    "TICKET_PREFIX": "too long a prefix",
    "LOG_FORMAT": "xml",
    "LOG_LEVEL": "loud",
}


def test_everything_wrong_or_missing_is_named_at_once(tmp_path: Path) -> None:
    """An operator mends the whole list, and does not start again for each line of it."""
    found = problems(tmp_path, **WRONG)

    assert found.keys() == WRONG.keys() | {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}
    assert found["SLACK_BOT_TOKEN"] == "is required, and missing"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TELEGRAM_API_URL", "https://"),
        ("DATABASE_URL", "sqlite:///FILE"),
        ("SMTP_URL", "Expected: smtp://user:password@host:587"),
        ("IMAP_URL", "Expected: imaps://user:password@host/INBOX"),
        ("WEBHOOK_URL", "https://"),
        ("WEBHOOK_SECRET", "openssl rand -base64 32"),
        ("MAIL_FROM", "Podrška <podrska@example.com>"),
        ("HTTP_PORT", "65535"),
        ("DEFAULT_LANGUAGE", "sr, sr-Latn, en"),
        ("TIMEZONE", "Europe/Belgrade"),
        ("HOLIDAYS", "RS"),
        ("WORKING_HOURS", "Mo-Fr 08:00-20:00"),
        ("ANSWER_WITHIN", "10m"),
        ("TICKET_PREFIX", "MNT"),
        ("LOG_LEVEL", "'warning'"),
    ],
)
def test_each_is_told_with_what_is_expected(tmp_path: Path, name: str, expected: str) -> None:
    """The line says what to write instead."""
    assert expected in problems(tmp_path, **ENOUGH, **{name: WRONG[name]})[name]


@pytest.mark.parametrize("name", sorted(each.upper() for each in Settings.model_fields))
def test_no_value_is_repeated_in_a_complaint(tmp_path: Path, name: str) -> None:
    """A secret put on the wrong line would be printed to whoever reads the log."""
    for wrong in (f"!{CANARY} @", f"http://{CANARY}:{CANARY}@[", f"99{CANARY}"):
        try:
            read_settings(env_file(tmp_path, **{name: wrong, "TICKET_PREFIX": "wrong"}))
        except SettingsError as error:
            assert CANARY not in f"{error} {error!r} {error.__cause__} {error.__context__!r}"


SECRETS = {
    "TELEGRAM_BOT_TOKEN": f"7:{CANARY}",
    "TELEGRAM_WEBHOOK_SECRET": f"hook-{CANARY}",
    "SLACK_BOT_TOKEN": f"xoxb-{CANARY}",
    "SLACK_APP_TOKEN": f"xapp-{CANARY}",
    "SLACK_SIGNING_SECRET": f"signing-{CANARY}",
    "DATABASE_URL": f"postgresql://desk:db-{CANARY}@host/podrska",
    "SMTP_URL": f"smtp://desk:smtp%2F{CANARY}@host",
    "IMAP_URL": f"imaps://desk:imap-{CANARY}@host/INBOX",
    "WEBHOOK_URL": f"https://billing.example.com/{CANARY}",
    "WEBHOOK_SECRET": "Y2FuYXJ5LTQ3MTFjYW5hcnktNDcxMWNhbmFyeS00NzEx",
}
FULL = {**SECRETS, "PUBLIC_URL": "https://desk.example.com", "MAIL_FROM": "desk@example.com"}


def test_settings_that_are_printed_show_no_secret(tmp_path: Path) -> None:
    """Whoever logs the settings by mistake gives nothing away, the database's password included."""
    settings = read_settings(env_file(tmp_path, **FULL))

    assert CANARY not in f"{settings} {settings!r} {settings.model_dump_json()}"


def test_secrets_are_known_with_the_passwords_inside_them(tmp_path: Path) -> None:
    """A log that names only the password of an address is redacted as well."""
    secrets = secrets_of(read_settings(env_file(tmp_path, **FULL)))

    assert set(SECRETS.values()) <= set(secrets)
    assert {f"db-{CANARY}", f"imap-{CANARY}", f"smtp%2F{CANARY}", f"smtp/{CANARY}"} <= set(secrets)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        (" 24 h", timedelta(hours=24)),
        ("5d", timedelta(days=5)),
    ],
)
def test_durations_carry_units(text: str, span: timedelta) -> None:
    """Seconds, minutes, hours and days."""
    assert read_duration(text) == span


@pytest.mark.parametrize("text", ["10", "m", "-5m", "0m", "1.5h", "5 weeks", "9" * 30 + "d", ""])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Also a number without a unit, nothing at all, and more than any calendar has."""
    with pytest.raises(ValueError, match="such as 10m"):
        read_duration(text)


@pytest.mark.parametrize(
    ("given", "missing", "reason"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET is needed"),
        ({**ENOUGH, "TELEGRAM_WEBHOOK_SECRET": "s-1"}, "PUBLIC_URL", "TELEGRAM_WEBHOOK_SECRET"),
        ({**ENOUGH, "SMTP_URL": "smtp://localhost"}, "MAIL_FROM", "together with SMTP_URL"),
        (
            {**ENOUGH, "WEBHOOK_URL": "http://127.0.0.1/"},
            "WEBHOOK_SECRET",
            "together with WEBHOOK_URL",
        ),
    ],
)
def test_what_only_makes_sense_together_is_asked_for(
    tmp_path: Path, given: dict[str, str], missing: str, reason: str
) -> None:
    """Each setting is right by itself, and one that it needs is not there."""
    found = problems(tmp_path, **given)

    assert found.keys() == {missing}
    assert reason in found[missing]


def test_contradictions_are_told_together_with_wrong_values(tmp_path: Path) -> None:
    """One wrong value does not hide what else is missing; and nothing is told twice."""
    found = problems(tmp_path, SMTP_URL="smtp://localhost", HTTP_PORT="none")

    assert sorted(found) == ["HTTP_PORT", "MAIL_FROM", "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"]


def test_an_empty_setting_is_one_that_is_not_set(tmp_path: Path) -> None:
    """What `.env.example` leaves empty has its default."""
    settings = read_settings(env_file(tmp_path, **ENOUGH, SMTP_URL="", HTTP_PORT="", HOLIDAYS=""))

    assert (settings.smtp_url, settings.http_port, settings.holidays) == (None, 8080, "RS")


def test_the_hours_are_what_three_settings_say(tmp_path: Path) -> None:
    """Week, zone and holidays; "none" takes the holidays away, and codes may be small."""
    week = {"WORKING_HOURS": "Mo-Fr 9-17", "TIMEZONE": "Europe/Vienna"}
    without = read_settings(env_file(tmp_path, **ENOUGH, **week, HOLIDAYS="None")).hours()
    bavarian = read_settings(env_file(tmp_path, **ENOUGH, **week, HOLIDAYS="de-by")).hours()

    assert (without.week, without.zone, without.holidays) == (
        "Mo-Fr 09:00-17:00",
        "Europe/Vienna",
        None,
    )
    assert bavarian.holidays == "DE-BY"


def test_admins_are_a_list_with_commas_or_spaces(tmp_path: Path) -> None:
    """However people write lists."""
    settings = read_settings(env_file(tmp_path, **ENOUGH, SLACK_ADMINS="U1, U2  U3,U4"))

    assert settings.slack_admins == ("U1", "U2", "U3", "U4")


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that one setting can be tried without editing the file."""
    monkeypatch.setenv("TICKET_PREFIX", "ENV")

    assert read_settings(env_file(tmp_path, **ENOUGH, TICKET_PREFIX="FILE")).ticket_prefix == "ENV"


def test_unknown_keys_are_named_and_stop_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in the file, or one in the environment that looks like ours; nothing of others'."""
    monkeypatch.setenv("SLACK_CHANEL", "#support")
    monkeypatch.setenv("WORKING_HOUR", "24/7")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("EDITOR", "vi")
    file = env_file(tmp_path, **ENOUGH, TELEGRAM_TOKEN="7:x", COLOUR="red")

    unknown = unknown_keys(file)

    assert {"COLOUR", "SLACK_CHANEL", "TELEGRAM_TOKEN", "WORKING_HOUR"} <= set(unknown)
    assert not {"EDITOR", "HTTP_PROXY", "SLACK_BOT_TOKEN"} & set(unknown)
    assert read_settings(file).slack_channel == "#support"


# The documents

EXAMPLE = (ROOT / ".env.example").read_text()
OFFERED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def test_the_example_names_exactly_the_settings_that_there_are() -> None:
    """Each once, and none that is not read."""
    offered = [name for name, _ in OFFERED.findall(EXAMPLE)]

    assert sorted(offered) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_has_a_comment_for_each() -> None:
    """Above every setting stand words about it, or about the few that it stands with."""
    for block in re.split(r"\n\s*\n", EXAMPLE):
        if names := OFFERED.findall(block):
            words = [line for line in block.splitlines() if line.startswith("# ")]
            assert words, f"no comment for {names}"


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    """With every line taken out of its comment, and tokens, it says what it says without them."""
    file = tmp_path / ".env"
    tokens = "".join(f"{name}={value}\n" for name, value in ENOUGH.items())
    file.write_text(OFFERED.sub(r"\1=\2", EXAMPLE) + tokens)

    shown = read_settings(file).model_copy(update={"mail_from": ""})

    assert shown == read_settings(env_file(tmp_path, **ENOUGH))
    assert unknown_keys(file) == []


def test_the_readme_s_table_names_exactly_the_settings_that_there_are() -> None:
    """What people read first is true."""
    text = (ROOT / "README.md").read_text()
    table = text[text.index("## Settings") : text.index("## The command line")]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = [name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)]

    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_desk_does_not_start_with_wrong_settings(tmp_path: Path) -> None:
    """`podrska run` ends with 2 and the whole list in words, and repeats no value."""
    env_file(tmp_path, SMTP_URL=f"smtp://x:{CANARY}@", HTTP_PORT=CANARY, MAIL_FROM=CANARY)
    command = [sys.executable, "-c", "from bots.command import main; main()", "run"]

    ended = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )

    assert ended.returncode == 2
    for name in ("SMTP_URL", "HTTP_PORT", "MAIL_FROM", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        assert f"  {name}: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert CANARY not in ended.stderr + ended.stdout
