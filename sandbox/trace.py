"""What a mail exchanger writes on top of a mail that arrives."""

import re
from email.utils import format_datetime
from typing import Final

from sandbox.letter import Mail, sender_of

MAIL_EXCHANGER: Final = "mx.sandbox.test"
"""By which name the sandbox's mail server vouches for senders (RFC 8601, "authserv-id")."""

_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_BARE_NEWLINE: Final = re.compile(rb"(?<!\r)\n")
_UNSAFE: Final = re.compile(r"[^!-~]")


def traced(mail: Mail, recipient: str, *, proven: bool) -> bytes:
    """Return the mail as *recipient* gets it.

    On top stand the trace (RFC 5321, 4.4) and what was found out about the sender (RFC 8601):
    *proven* is that the mail comes from whom it says. What the sender put there under the same name
    is left below, for the reader to fall for.
    """
    domain = _domain(sender_of(mail.header("From"))[1])
    sender, to = _UNSAFE.sub("", mail.sender), _UNSAFE.sub("", recipient)
    lines = (
        f"Return-Path: <{sender}>",
        f"Delivered-To: {to}",
        f"Received: from mail.{_domain(sender)} by {MAIL_EXCHANGER} with ESMTPS",
        f"        for <{to}>; {format_datetime(mail.at)}",
        f"Authentication-Results: {MAIL_EXCHANGER};",
        *(_passed(sender, domain) if proven else _failed(sender, domain)),
    )
    return "".join(f"{line}\r\n" for line in lines).encode() + _BARE_NEWLINE.sub(b"\r\n", mail.raw)


def _passed(sender: str, domain: str) -> tuple[str, ...]:
    return (
        f"        dkim=pass header.i=@{domain} header.s=sandbox header.d={domain};",
        f"        spf=pass smtp.mailfrom={sender or domain};",
        f"        dmarc=pass (p=NONE sp=NONE dis=NONE) header.from={domain}",
    )


def _failed(sender: str, domain: str) -> tuple[str, ...]:
    return (
        f"        spf=softfail smtp.mailfrom={sender or domain};",
        f"        dmarc=fail (p=NONE sp=NONE dis=NONE) header.from={domain}",
    )


def _domain(address: str) -> str:
    domain = address.rpartition("@")[2].lower()
    return domain if _DOMAIN.fullmatch(domain) else "unknown.invalid"
