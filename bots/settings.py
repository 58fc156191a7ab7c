"""The settings, from the environment or `.env`: the only reader of either.

A wrong one is named, with what is expected, together with all others, and never with its value.
"""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from adapters.mail.address import parse_mail_from, parse_smtp_url
from adapters.mail.imap_url import parse_imap_url
from adapters.webhook.receiver import parse_receiver, parse_secret
from core.hours import HoursError, WorkingHours
from core.wording import LANGUAGES

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([1-9][0-9]{0,5})\s*([smhd])")
_ORIGIN = re.compile(
    r"https?://[a-z0-9.-]+(?::[1-9][0-9]{0,4})?|https?://\[[0-9a-f:]+\](?::[1-9][0-9]{0,4})?"
)
_SHORTEST_SECRET = 32
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


def read_duration(value: Any) -> Any:
    """Return the duration that "90s", "10m", "24h" or "5d" means. Raises ValueError."""
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


def _database(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("sqlite:///", "postgresql://")):
        raise ValueError("sqlite:///FILE or postgresql://user:password@host/database")
    return value


def _smtp_url(value: SecretStr) -> SecretStr:
    try:
        parse_smtp_url(value.get_secret_value())
    except ValueError as error:
        reason = str(error).removeprefix("SMTP_URL: ")
        raise PydanticCustomError("smtp_url", "{reason}", {"reason": reason}) from None
    return value


def _imap_url(value: SecretStr) -> SecretStr:
    try:
        parse_imap_url(value.get_secret_value())
    except ValueError as error:
        reason = str(error).removeprefix("IMAP_URL: ")
        raise PydanticCustomError("imap_url", "{reason}", {"reason": reason}) from None
    return value


def _mail_from(value: str) -> str:
    try:
        if value:
            parse_mail_from(value)
    except ValueError:
        raise ValueError("a sender such as Podrška <podrska@example.com>") from None
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    # core.telegram.org/bots/api, "setWebhook": secret_token
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
        raise ValueError("1 to 256 letters (A-Z, a-z), digits, - and _")
    return value


def _webhook_url(value: SecretStr) -> SecretStr:
    try:
        parse_receiver(value.get_secret_value())
    except ValueError as error:
        raise PydanticCustomError("webhook_url", "{reason}", {"reason": str(error)}) from None
    return value


def _signing_secret(value: SecretStr) -> SecretStr:
    parse_secret(value.get_secret_value())
    return value


def _week(value: str) -> str:
    return _makes_hours(value, "hours such as Mo-Fr 08:00-20:00; Sa 09:00-13:00", week=value)


def _zone(value: str) -> str:
    return _makes_hours(value, "a time zone such as Europe/Belgrade", zone=value)


def _holidays(value: str) -> str:
    return _makes_hours(value, "a country such as RS, or none", holidays=_country(value))


def _makes_hours(value: str, expected: str, **part: str | None) -> str:
    """Return *value* if working hours can be made with this *part*."""
    try:
        WorkingHours(**{"week": "24/7", "zone": "UTC", **part})  # type: ignore[arg-type]
    except HoursError:
        raise ValueError(expected) from None
    return value


def _country(value: str) -> str | None:
    code = value.strip().upper()
    return None if code in ("", "NONE") else code


def _words(value: Any) -> Any:
    return tuple(str(value).replace(",", " ").split()) if isinstance(value, str) else value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    # What browsers send: html.spec.whatwg.org, "ASCII serialization of an origin"
    for each in value:
        parts = urlsplit(each)
        usual = {"http": ":80", "https": ":443"}.get(parts.scheme)
        if (
            not _ORIGIN.fullmatch(each)
            or each != each.lower()
            or (usual is not None and each.endswith(usual))
        ):
            raise ValueError(
                "websites such as https://www.example.com, separated by commas: scheme and host in "
                "small letters, a port only if it is an unusual one, no path"
            )
    return value


def _proxies(value: tuple[str, ...]) -> tuple[str, ...]:
    for each in value:
        try:
            ip_network(each)
        except ValueError:
            raise ValueError("addresses or networks such as 10.0.0.0/8, 127.0.0.1") from None
    return value


def _identity_secret(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < _SHORTEST_SECRET:
        raise ValueError(f"at least {_SHORTEST_SECRET} characters, drawn by chance")
    return value


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
    telegram_webhook_secret: Annotated[Secret, AfterValidator(_webhook_secret)] | None = None
    slack_bot_token: Secret
    slack_app_token: Secret | None = None
    slack_signing_secret: Secret | None = None
    slack_api_url: Url = "https://slack.com/api/"
    slack_channel: str = "#support"
    slack_admins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)] = ()
    slack_on_call: str = ""
    database_url: Annotated[Secret, AfterValidator(_database)] = SecretStr("sqlite:///podrska.db")
    smtp_url: Annotated[Secret, AfterValidator(_smtp_url)] | None = None
    imap_url: Annotated[Secret, AfterValidator(_imap_url)] | None = None
    mail_from: Annotated[str, AfterValidator(_mail_from)] = ""
    mail_authserv_id: str = ""
    mail_plus_addresses: bool = True
    webhook_url: Annotated[Secret, AfterValidator(_webhook_url)] | None = None
    webhook_secret: Annotated[Secret, AfterValidator(_signing_secret)] | None = None
    public_url: Url = ""
    web_origins: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_origins)
    ] = ()
    web_identity_secret: Annotated[Secret, AfterValidator(_identity_secret)] | None = None
    trusted_proxies: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_proxies)
    ] = ()
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    data_dir: Path = Path("data")
    default_language: Annotated[str, AfterValidator(_language)] = "sr"
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Belgrade"
    holidays: Annotated[str, AfterValidator(_holidays)] = "RS"
    working_hours: Annotated[str, AfterValidator(_week)] = "Mo-Fr 08:00-20:00"
    answer_within: Duration = timedelta(minutes=10)
    ticket_prefix: Annotated[str, AfterValidator(_prefix)] = "MNT"
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def hours(self) -> WorkingHours:
        """Return the first department's working hours."""
        return WorkingHours(
            week=self.working_hours, zone=self.timezone, holidays=_country(self.holidays)
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
