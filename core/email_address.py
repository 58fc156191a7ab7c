"""Whether an e-mail address can be one, and what was probably meant."""

from dataclasses import dataclass
from difflib import get_close_matches

from email_validator import EmailNotValidError, validate_email

COMMON_DOMAINS = (
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "live.com",
    "icloud.com",
    "proton.me",
    "protonmail.com",
    "aol.com",
    "gmx.com",
    "gmx.net",
    "eunet.rs",
    "mts.rs",
    "sbb.rs",
    "ptt.rs",
    "yahoo.co.uk",
    "hotmail.co.uk",
    "mail.com",
    "mac.com",
    "email.com",
    "ymail.com",
    "me.com",
    "gmx.de",
    "gmx.at",
)
"""Where most people's mailboxes are; a domain that is nearly one of these is likely a slip."""

_CLOSE_ENOUGH = 0.8
_LONGEST = 254
_INTRODUCTION = 5
"""Words: "you can reach me at ana@example.com"."""


@dataclass(frozen=True)
class Accepted:
    """The address, normalised."""

    address: str


@dataclass(frozen=True)
class Doubtful:
    """The address could be right, but `suggestion` was probably meant."""

    address: str
    suggestion: str


@dataclass(frozen=True)
class Refused:
    """No mail can be sent to what was written."""

    reason: str
    """One of `no_at`, `no_local`, `no_domain`, `bad_domain`, `too_long`, `not_an_address`."""


Verdict = Accepted | Doubtful | Refused


def read_email(text: str) -> Verdict:
    """Find the address in *text* and judge its syntax; nothing is asked of the network.

    People write "my mail is ana@example.com."; the words around the address do no harm.
    """
    candidates = [word.strip("<>()[]\"',;:.!?") for word in text.split() if "@" in word]
    if not candidates:
        return Refused("no_at")
    whole = (word for word in candidates if word[0] != "@" != word[-1])
    candidate = next(whole, candidates[0]).removeprefix("mailto:")
    if len(candidate) > _LONGEST:
        return Refused("too_long")
    local, _, domain = candidate.rpartition("@")
    if not local:
        return Refused("no_local")
    if not domain:
        return Refused("no_domain")
    try:
        checked = validate_email(
            candidate, check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError:
        return Refused("bad_domain" if "." not in domain else "not_an_address")
    suggestion = _likely_domain(checked.domain)
    if suggestion is None:
        return Accepted(checked.normalized)
    return Doubtful(checked.normalized, f"{checked.local_part}@{suggestion}")


def mailbox_of(address: str) -> str:
    """Return what the spellings of an address have in common that lead to one mailbox.

    Capitals, and what stands after a plus. Otherwise one victim would count as many.
    """
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def says_more(text: str) -> bool:
    """Whether there is more in *text* than an address and the words that introduce it."""
    return sum("@" not in word for word in text.split()) > _INTRODUCTION


def _likely_domain(domain: str) -> str | None:
    """Return the well-known domain that *domain* nearly is; None when it is one, or like none."""
    if domain in COMMON_DOMAINS:
        return None
    close = get_close_matches(domain, COMMON_DOMAINS, n=1, cutoff=_CLOSE_ENOUGH)
    if not close or close[0] == domain:
        return None
    return close[0]
