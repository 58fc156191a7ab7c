"""Whether our own mail server vouches for the sender of a mail (RFC 8601, section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import authres

from adapters.mail.address import ascii_address

_LOOKED_AT: Final = 6_000
"""Characters of all headers down to ours, far more than servers write. The parser copies what is
left of a header at every word."""

_ABOUT: Final = {
    "dmarc": (("header", "from"),),
    "dkim": (("header", "d"), ("header", "i")),
    "spf": (("smtp", "mailfrom"),),
}
"""Where each method names the domain that it is about; the first that is there counts."""

_FAILED: Final = ("fail", "hardfail")
"""The second is what SPF's failure was called before RFC 6577."""


class Verdict(StrEnum):
    """What is known of a mail's sender."""

    PASS = "pass"  # noqa: S105  (no password)
    """Our server saw proof that the domain in From sent it."""
    FAIL = "fail"
    """It saw that the domain in From did not send it, or not as it is."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class _Result:
    method: str
    outcome: str
    domain: str


def is_authentic(
    headers: Mapping[str, tuple[str, ...]], *, authserv_id: str, sender: str
) -> Verdict:
    """Return what our mail server, which signs as *authserv_id*, found out about *sender*.

    *headers* are the values by lower-cased names, from the top down and not decoded. Anybody can
    write an Authentication-Results header; our server puts its own on top. So only the topmost
    that bears its name counts, and no other is looked at. One above it that cannot be read makes
    everything unknown, for it could be our server's.

    Without *authserv_id* nobody vouches: the topmost header of all can tell against a mail, but
    nothing can pass.
    """
    domain = _domain(ascii_address(sender) or "")
    if not domain:
        return Verdict.UNKNOWN
    left = _LOOKED_AT
    for value in headers.get("authentication-results", ()):
        left -= len(value)
        header = _parsed(value) if left >= 0 else None
        if header is None:
            return Verdict.UNKNOWN
        if not authserv_id:
            verdict = _weighed(header[1], domain)
            return Verdict.UNKNOWN if verdict is Verdict.PASS else verdict
        if header[0] == authserv_id.lower():
            return _weighed(header[1], domain)
    return Verdict.UNKNOWN


def _weighed(results: list[_Result], domain: str) -> Verdict:
    """Weigh the results about *domain*.

    DMARC is the domain's own word about mail in its name: against it nothing else counts, nor if
    it is about another domain, for then our server read another sender than we did. Where it says
    neither, DKIM or SPF must have passed for the domain itself or for one above it. A domain below
    does not count: uni.example need not answer for what somebody on lab.uni.example can sign.
    """
    dmarc = [result for result in results if result.method == "dmarc"]
    if any(result.outcome in _FAILED for result in dmarc):
        return Verdict.FAIL
    if any(result.domain not in ("", domain) for result in dmarc):
        return Verdict.UNKNOWN
    if dmarc and all((result.outcome, result.domain) == ("pass", domain) for result in dmarc):
        return Verdict.PASS
    aligned = [
        result.outcome
        for result in results
        if result.method != "dmarc" and _answers_for(result.domain, domain)
    ]
    if "pass" in aligned:
        return Verdict.PASS
    return Verdict.FAIL if any(outcome in _FAILED for outcome in aligned) else Verdict.UNKNOWN


def _answers_for(other: str, domain: str) -> bool:
    return other == domain or ("." in other and domain.endswith("." + other))


def _parsed(value: str) -> tuple[str, list[_Result]] | None:
    """Return who says it and what; None if the header is none, such as Microsoft's without id."""
    try:
        header = authres.core_features().parse_value(value.rstrip("; \t"))
    except (authres.AuthResError, RecursionError, ValueError):
        return None
    found = [
        result for result in header.results if isinstance(result, authres.AuthenticationResult)
    ]
    return header.authserv_id, [
        _Result(method=result.method, outcome=result.result, domain=_about(result))
        for result in found
        if result.method in _ABOUT
    ]


def _about(result: authres.AuthenticationResult) -> str:
    """Return the domain that a result is about; empty where that is not said, or said twice."""
    for place in _ABOUT[result.method]:
        named = [each.value or "" for each in result.properties if (each.type, each.name) == place]
        if named:
            return _domain(named[0]) if len(named) == 1 else ""
    return ""


def _domain(address: str) -> str:
    """Return the domain of an address, or of what is only a domain, in lower case."""
    return address.rpartition("@")[2].lower()
