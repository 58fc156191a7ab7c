"""The settings, from the environment or `.env`: the only reader of either.

A wrong one is named, with what is expected, together with all others, and never with its value.
"""

import os
import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.hours import HoursError, WorkingHours
from core.wording import LANGUAGES

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d+)\s*([smhd])")
_KEY = re.compile(r"[A-Z][A-Z0-9_]*")

PREFIXES = ("TELEGRAM_", "SLACK_", "SMTP_", "IMAP_", "MAIL_", "TICKET_", "LOG_", "HTTP_")
"""What our settings begin with: a stranger of this kind in the environment is likely a slip."""


class SettingsError(Exception):
    """Settings are wrong or missing; `problems` says which, one a line, without their values."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def read_duration(value: Any) -> Any:
    """Return the duration that "90s", "10m", "24h" or "5d" means."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("a number with a unit, such as 10m, 24h or 5d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _url(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise ValueError("an address that begins with https:// or http://")
    return value


def _prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{1,10}", value):
        raise ValueError("1 to 10 capital letters or digits, such as MNT")
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"one of {', '.join(LANGUAGES)}")
    return value


def _database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("sqlite:///FILE or postgresql://user:password@host/database")
    return value


def _words(value: Any) -> Any:
    return tuple(str(value).replace(",", " ").split()) if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(read_duration)]
Url = Annotated[str, AfterValidator(_url)]
Secret = SecretStr


class Settings(BaseSettings):
    """Every setting, its default, and what it means; `.env.example` says the same to people."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    telegram_bot_token: Secret | None = None
    telegram_api_url: Url = "https://api.telegram.org"
    telegram_webhook_secret: Secret | None = None
    slack_bot_token: Secret
    slack_app_token: Secret | None = None
    slack_signing_secret: Secret | None = None
    slack_api_url: Url = "https://slack.com/api/"
    slack_channel: str = "#support"
    slack_admins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)] = ()
    slack_on_call: str = ""
    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///podrska.db"
    smtp_url: Secret | None = None
    imap_url: Secret | None = None
    mail_from: str = ""
    public_url: Url = ""
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    data_dir: Path = Path("data")
    default_language: Annotated[str, AfterValidator(_language)] = "sr"
    timezone: str = "Europe/Belgrade"
    holidays: str = "RS"
    working_hours: str = "Mo-Fr 08:00-20:00"
    answer_within: Duration = timedelta(minutes=10)
    ticket_prefix: Annotated[str, AfterValidator(_prefix)] = "MNT"
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def hours(self) -> WorkingHours:
        """Return the first department's working hours. Raises `HoursError`."""
        country = None if self.holidays.strip().lower() in ("", "none") else self.holidays
        return WorkingHours(week=self.working_hours, zone=self.timezone, holidays=country)


def read_settings(env_file: Path = Path(".env")) -> Settings:
    """Return the settings. Raises `SettingsError` that names everything wrong at once."""
    problems: list[str] = []
    settings: Settings | None = None
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False):
            name = str(each["loc"][0]).upper() if each["loc"] else "settings"
            problems.append(f"{name}: {_expected(each)}")
    if settings is not None:
        problems += _contradictions(settings)
    if settings is None or problems:
        raise SettingsError(problems)
    return settings


def unknown_keys(env_file: Path = Path(".env")) -> list[str]:
    """Return keys that look like settings and are none: slips, most likely."""
    known = {name.upper() for name in Settings.model_fields}
    in_file = dotenv_values(env_file).keys() if env_file.exists() else ()
    in_environment = (key for key in os.environ if key.startswith(PREFIXES))
    found = {key for key in (*in_file, *in_environment) if _KEY.fullmatch(key)}
    return sorted(found - known)


def _expected(error: Any) -> str:
    """Return what is wrong and what is expected, without what was given."""
    match error["type"]:
        case "missing":
            return "is required, and missing"
        case "value_error":
            return "expected " + str(error["msg"]).removeprefix("Value error, ")
        case "literal_error":
            return f"expected one of {error['ctx']['expected']}"
        case _:
            return str(error["msg"])[:1].lower() + str(error["msg"])[1:]


def _contradictions(settings: Settings) -> list[str]:
    """Return what is wrong between settings that are each right."""
    problems = []
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        problems.append(
            "SLACK_APP_TOKEN: is missing; without it (Socket Mode), SLACK_SIGNING_SECRET is needed "
            "(Events API over HTTP)"
        )
    if settings.telegram_webhook_secret is not None and not settings.public_url:
        problems.append("PUBLIC_URL: is needed together with TELEGRAM_WEBHOOK_SECRET")
    if settings.smtp_url is not None and not settings.mail_from:
        problems.append("MAIL_FROM: is needed together with SMTP_URL")
    try:
        settings.hours()
    except HoursError as error:
        names = {"zone": "TIMEZONE", "holidays": "HOLIDAYS"}
        problems.append(f"{names.get(error.field, 'WORKING_HOURS')}: {error}")
    return problems
