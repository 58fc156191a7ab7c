"""The Events API and interactivity over HTTP (docs: "Verifying requests from Slack")."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.events import Envelope, NoAnswerError
from sandbox.slack.state import Json


class Posts:
    """Signed posts to the app's one URL."""

    def __init__(self, url: str, secret: str, ack_seconds: float) -> None:
        self._url = url
        self._secret = secret
        self._timeout = aiohttp.ClientTimeout(total=ack_seconds)

    async def send(self, envelope: Envelope) -> Json:
        """Post an envelope; anything but a 2xx in time counts as no answer."""
        if envelope.kind == "events_api":
            body, content_type = json.dumps(envelope.payload), "application/json"
        else:
            command = envelope.kind == "slash_commands"
            fields = envelope.payload if command else {"payload": json.dumps(envelope.payload)}
            body, content_type = urlencode(fields), "application/x-www-form-urlencoded"
        retry = {}
        if envelope.attempt:
            retry = {
                "X-Slack-Retry-Num": str(envelope.attempt),
                "X-Slack-Retry-Reason": envelope.reason,
            }
        return await self._post(body, {"Content-Type": content_type, **retry})

    async def verify(self) -> bool:
        """Ask the URL for the challenge; return whether it gave it back."""
        challenge = {"type": "url_verification", "token": "sandbox", "challenge": "3eZbrw1aB"}
        answer = await self._post(json.dumps(challenge), {"Content-Type": "application/json"})
        return challenge["challenge"] in answer.values()

    async def _post(self, body: str, headers: dict[str, str]) -> Json:
        signed = headers | signature_headers(self._secret, body)
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.post(self._url, data=body.encode(), headers=signed) as response,
            ):
                text = await response.text()
                if not response.ok:
                    raise NoAnswerError("http_error")
        except TimeoutError:
            raise NoAnswerError("http_timeout") from None
        except aiohttp.ClientError:
            raise NoAnswerError("connection_failed") from None
        return _answer(text)


def signature_headers(secret: str, body: str) -> dict[str, str]:
    """Return the headers that prove that a body comes from Slack, at this (real) moment."""
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _answer(text: str) -> Json:
    if not text:
        return {}
    try:
        answer = json.loads(text)
    except ValueError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
