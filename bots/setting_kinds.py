"""What a setting may be. Whatever is wrong with one is said without its value."""

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

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


def _telegram_secret(value: SecretStr) -> SecretStr:
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
    return _makes_hours(value, "a country such as RS, or none", holidays=country_of(value))


def _makes_hours(value: str, expected: str, **part: str | None) -> str:
    """Return *value* if working hours can be made with this *part*."""
    try:
        WorkingHours(**{"week": "24/7", "zone": "UTC", **part})  # type: ignore[arg-type]
    except HoursError:
        raise ValueError(expected) from None
    return value


def country_of(value: str) -> str | None:
    """Return the country whose public holidays are kept; None where none are."""
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
Port = Annotated[int, Field(ge=0, le=65535)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
TelegramSecret = Annotated[SecretStr, AfterValidator(_telegram_secret)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp_url)]
ImapUrl = Annotated[SecretStr, AfterValidator(_imap_url)]
Sender = Annotated[str, AfterValidator(_mail_from)]
WebhookUrl = Annotated[SecretStr, AfterValidator(_webhook_url)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]
IdentitySecret = Annotated[SecretStr, AfterValidator(_identity_secret)]
Language = Annotated[str, AfterValidator(_language)]
Zone = Annotated[str, AfterValidator(_zone)]
Holidays = Annotated[str, AfterValidator(_holidays)]
Week = Annotated[str, AfterValidator(_week)]
TicketPrefix = Annotated[str, AfterValidator(_prefix)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Origins = Annotated[Words, AfterValidator(_origins)]
Proxies = Annotated[Words, AfterValidator(_proxies)]
