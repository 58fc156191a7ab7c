"""Every way in which a call to Slack fails, as one of the desk's three.

Rules: the error tables of the methods' reference, and docs.slack.dev, "Rate limits".
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import aiohttp
from slack_sdk.errors import SlackApiError

from core.effects import Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry, ThreadGone
from core.phrases import Phrase

log = logging.getLogger(__name__)

_UNSURE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
_LATER = frozenset({"ratelimited", "rate_limited", "team_added_to_org"})
_FOR_OPERATORS = frozenset(
    """
    account_inactive invalid_auth missing_scope no_permission not_allowed_token_type not_authed
    token_expired token_revoked
    """.split()
)
"""What the operator can mend: the app's token, or what it may do."""
_FINAL = {
    "not_in_channel": Phrase.WHY_NOT_IN_ROOM,
    "is_archived": Phrase.WHY_ROOM_ARCHIVED,
    "channel_not_found": Phrase.WHY_NO_ROOM,
    "no thread": Phrase.WHY_NO_THREAD,
    "file_not_found": Phrase.WHY_FILE_GONE,
    "file_deleted": Phrase.WHY_FILE_GONE,
}
_GONE = frozenset({"not_in_channel", "is_archived", "channel_not_found"})
_PAUSE = 1.0  # seconds, where Slack refuses for now and does not say for how long


class NotAcceptedError(Retry):
    """Slack refuses the app itself: it is tried again, for the operator can mend that."""


class MessageGoneError(GiveUp):
    """The message that was to be changed is no longer there."""


@contextmanager
def translated(*, harmless: bool = False) -> Iterator[None]:
    """Turn what Slack's client raises into `Retry`, `GiveUp` or `InDoubt`.

    A *harmless* call can be made again whatever became of it: it is never in doubt, it is retried.
    """
    try:
        yield
    except SlackApiError as error:
        raise _settled(_of_answer(error), harmless) from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise Retry(f"Slack could not be reached: {type(error).__name__}") from error
    except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
        broken = InDoubt(f"the call to Slack broke off: {type(error).__name__}")
        raise _settled(broken, harmless) from error


def refused(detail: str, *, gone: bool = False) -> GiveUp:
    """Return the refusal that *detail* names in Slack's words."""
    phrase = _FINAL.get(detail, Phrase.WHY_REFUSED)
    values = {"platform": "Slack", "detail": detail} if phrase is Phrase.WHY_REFUSED else {}
    kind = MessageGoneError if detail == "message_not_found" else GiveUp
    return kind(f"Slack refused it: {detail}", why=Words(phrase=phrase, values=values), gone=gone)


def retry_after(headers: object) -> float:
    """Return the seconds that a 429 asks for."""
    asked = headers.get("Retry-After", "") if hasattr(headers, "get") else ""
    return float(asked) if str(asked).isdecimal() else _PAUSE


def _settled(error: DeliveryError, harmless: bool) -> DeliveryError:
    return Retry(error.reason) if harmless and isinstance(error, InDoubt) else error


def _of_answer(error: SlackApiError) -> DeliveryError:
    answer = error.response  # the SDK's own, or aiohttp's where the body was not JSON
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
    data = getattr(answer, "data", None)
    code = data.get("error", "") if isinstance(data, dict) else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _LATER:
        return Retry("Slack asked for patience", after=retry_after(answer.headers))
    if not code or code in _UNSURE or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return InDoubt(f"Slack answered {status} {code}".rstrip())
    if code == "thread_not_found":
        return ThreadGone()
    if code in _FOR_OPERATORS:
        log.error("Slack does not accept the app's token, or its rights: %s", code)
        return NotAcceptedError(f"Slack does not accept the app: {code}")
    return refused(code, gone=code in _GONE)
