"""The settings, from the environment or `.env`: the only reader of either.

A wrong one is named, with what is expected, together with all others, and never with its value.
"""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bots.setting_kinds import (
    DatabaseUrl,
    Duration,
    Holidays,
    IdentitySecret,
    ImapUrl,
    Language,
    Origins,
    Port,
    Proxies,
    Sender,
    SigningSecret,
    SmtpUrl,
    TelegramSecret,
    TicketPrefix,
    Url,
    WebhookUrl,
    Week,
    Words,
    Zone,
    country_of,
)
from core.hours import WorkingHours

_KEY = re.compile(r"[A-Z][A-Z0-9_]*")

PREFIXES = tuple(
    """
    ANSWER_ DATABASE_ DEFAULT_ HTTP_ IMAP_ LOG_ MAIL_ PUBLIC_ SLACK_ SMTP_ TELEGRAM_ TICKET_
    TRUSTED_ WEBHOOK_ WEB_ WORKING_
    """.split()
)
"""What our settings begin with: a stranger of this kind in the environment is likely a slip."""
STRANGERS = frozenset({"HTTP_PROXY", "WEB_CONCURRENCY"})
"""What others read, although it begins like a setting of ours."""


class SettingsError(Exception):
    """Settings are wrong or missing; `problems` says which, one a line, without their values."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Settings(BaseSettings):
    """Every setting, its default, and what it means; `.env.example` says the same to people."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    telegram_bot_token: SecretStr | None = None
    telegram_api_url: Url = "https://api.telegram.org"
    telegram_webhook_secret: TelegramSecret | None = None
    slack_bot_token: SecretStr
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: Url = "https://slack.com/api/"
    slack_channel: str = "#support"
    slack_admins: Words = ()
    slack_on_call: str = ""
    database_url: DatabaseUrl = SecretStr("sqlite:///podrska.db")
    smtp_url: SmtpUrl | None = None
    imap_url: ImapUrl | None = None
    mail_from: Sender = ""
    mail_authserv_id: str = ""
    mail_plus_addresses: bool = True
    webhook_url: WebhookUrl | None = None
    webhook_secret: SigningSecret | None = None
    public_url: Url = ""
    web_origins: Origins = ()
    web_identity_secret: IdentitySecret | None = None
    trusted_proxies: Proxies = ()
    http_host: str = "127.0.0.1"
    http_port: Port = 8080
    data_dir: Path = Path("data")
    default_language: Language = "sr"
    timezone: Zone = "Europe/Belgrade"
    holidays: Holidays = "RS"
    working_hours: Week = "Mo-Fr 08:00-20:00"
    answer_within: Duration = timedelta(minutes=10)
    ticket_prefix: TicketPrefix = "MNT"
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def hours(self) -> WorkingHours:
        """Return the first department's working hours."""
        return WorkingHours(
            week=self.working_hours, zone=self.timezone, holidays=country_of(self.holidays)
        )


def read_settings(env_file: Path = Path(".env")) -> Settings:
    """Return the settings. Raises `SettingsError` that names everything wrong at once."""
    wrong: dict[str, str] = {}
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False):
            wrong[str(each["loc"][0])] = _expected(each)
        # What is right may still contradict itself, and is to be told together with the rest.
        stand_ins = {name: _stand_in(name) for name in wrong}
        settings = Settings(_env_file=env_file, **stand_ins)  # type: ignore[call-arg]
    wrong = dict(_contradictions(settings)) | wrong
    if wrong:
        raise SettingsError(f"{name.upper()}: {problem}" for name, problem in wrong.items())
    return settings


def unknown_keys(env_file: Path = Path(".env")) -> list[str]:
    """Return keys that look like settings and are none: slips, most likely."""
    known = {name.upper() for name in Settings.model_fields}
    in_file = dotenv_values(env_file).keys() if env_file.exists() else ()
    in_environment = (key for key in os.environ if key.startswith(PREFIXES))
    found = {key for key in (*in_file, *in_environment) if _KEY.fullmatch(key)}
    return sorted(found - known - STRANGERS)


def secrets_of(settings: Settings) -> list[str]:
    """Return every secret among the settings, and the passwords in them, for the logs to omit."""
    values = (getattr(settings, name) for name in Settings.model_fields)
    secrets = [each.get_secret_value() for each in values if isinstance(each, SecretStr)]
    return secrets + [password for each in secrets for password in _passwords(each)]


def _stand_in(name: str) -> Any:
    field = Settings.model_fields[name]
    return SecretStr("missing") if field.is_required() else field.default


def _passwords(url: str) -> list[str]:
    """Return an address's password, as it stands there and as it is said to the server."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return []
    return [password, unquote(password)] if password else []


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


def _contradictions(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield what is wrong between settings that are each right: which, and why."""
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        yield (
            "slack_app_token",
            "is missing; without it (Socket Mode), SLACK_SIGNING_SECRET is needed "
            "(Events API over HTTP)",
        )
    if settings.telegram_webhook_secret is not None and not settings.public_url:
        yield "public_url", "is needed together with TELEGRAM_WEBHOOK_SECRET"
    if settings.webhook_url is not None and settings.webhook_secret is None:
        yield "webhook_secret", "is needed together with WEBHOOK_URL"
    if settings.smtp_url is not None and not settings.mail_from:
        yield "mail_from", "is needed together with SMTP_URL"
