"""The settings of outgoing mail, read: where mail is handed in, and whom it is from."""

from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from adapters.networks import is_this_machine

_SUBMISSION = 587
_SUBMISSIONS = 465  # TLS from the first byte (RFC 8314)
_ENCODED = "a / ? # or @ in the password is written %2F %3F %23 %40"


class Encryption(StrEnum):
    """When a connection is encrypted."""

    TLS = "tls"
    """From the first byte."""
    STARTTLS = "starttls"
    """Before anything is said; a server that does not offer it gets no mail."""
    IF_OFFERED = "if-offered"
    """Where the server can. Only for a server on this machine, whose certificate nobody signs."""


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """Where outgoing mail is handed in."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """Return the server that `SMTP_URL` names.

    `smtp://` stands for STARTTLS (port 587, if none is given), and `smtps://` for TLS from the
    first byte (465). Raises ValueError, which says what is expected and never repeats the URL.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _bad_url(f"the host or the port cannot be read; {_ENCODED}") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise _bad_url("it does not begin with smtp:// or smtps://")
    if not parts.hostname:
        raise _bad_url("no host is named")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _bad_url(f"something follows the port; {_ENCODED}")
    if bool(parts.username) != bool(parts.password):
        raise _bad_url("user and password only make sense together")
    encrypted_at_once = parts.scheme == "smtps"
    return SmtpServer(
        host=parts.hostname,
        port=port or (_SUBMISSIONS if encrypted_at_once else _SUBMISSION),
        encryption=_encryption(parts),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def parse_mail_from(text: str) -> Address:
    """Return the sender that `MAIL_FROM` names, such as `Podrška <podrska@example.com>`.

    Raises ValueError, which says what is expected.
    """
    name, address = parseaddr(text)
    plain = ascii_address(address)
    if plain is None or not text.isprintable():
        raise ValueError(
            f"MAIL_FROM is not an address: {text!r}. Expected: Podrška <podrska@example.com>"
        )
    return Address(display_name=name, addr_spec=plain)


def lowered(address: str) -> str:
    """Return the address with its ASCII letters in lower case, and no other.

    To Unicode the sign for kelvin is a large k: an address that is not Ana's would become hers.
    """
    return address.encode(errors="surrogatepass").lower().decode(errors="surrogatepass")


def ascii_address(address: str) -> str | None:
    """Return the address as every mail server takes it, its domain in IDNA form.

    None where it is no address, or one whose local part is not ASCII.
    """
    try:
        checked = validate_email(
            address, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        return None
    return checked.ascii_email


def _encryption(parts: SplitResult) -> Encryption:
    if parts.scheme == "smtps":
        return Encryption.TLS
    return Encryption.IF_OFFERED if is_this_machine(parts.hostname or "") else Encryption.STARTTLS


def _bad_url(problem: str) -> ValueError:
    return ValueError(
        f"SMTP_URL: {problem}. Expected: smtp://user:password@host:587 or "
        "smtps://user:password@host:465"
    )
