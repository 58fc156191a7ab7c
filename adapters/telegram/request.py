"""HTTP for python-telegram-bot, on aiohttp.

One session with a bounded number of connections. The library's own client costs a millisecond of
CPU a call and gives up in bursts, when it waits a second for a connection. The extension point is
documented as `telegram.request.BaseRequest`.
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity
from telegram.error import NetworkError, RetryAfter, TimedOut
from telegram.request import BaseRequest, RequestData

# The library's opt-in to durations as `timedelta`; without it every `RetryAfter` warns.
os.environ.setdefault("PTB_TIMEDELTA", "1")

API_URL = "https://api.telegram.org"

_CONNECTIONS = 64
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_CONNECT = 10.0
_WRITE = 20.0
_UPLOAD = 600.0
_READ = 30.0
"""Seconds: to get a connection, to write a call, to write a file, to wait for the answer."""
POLL_GRACE = 10.0
"""Seconds that the answer to a poll may come after the time for which Telegram was to wait."""


class NotSentError(NetworkError):
    """The call never left this machine: no address, no connection, no TLS."""


class AiohttpRequest(BaseRequest):
    """Makes the bot's calls. What it raises never names an address: each contains the token."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How long an answer is waited for, in seconds, unless a call says otherwise."""
        return _READ

    async def initialize(self) -> None:
        """Open the session; connections are made when they are needed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close the session and its connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one call, and never a second time; return the HTTP status and the body.

        Raises `NotSentError`, `TimedOut`, or `NetworkError` where the connection broke off.
        """
        if self._session is None:
            raise NotSentError("The session is not open")
        uploads = request_data is not None and request_data.contains_files
        read = _seconds(read_timeout, _READ)
        write = _seconds(write_timeout, _UPLOAD if uploads else _WRITE)
        timeout = aiohttp.ClientTimeout(
            total=_CONNECT + write + read, connect=_CONNECT, sock_read=read
        )
        try:
            async with self._session.request(
                method, url, data=_body(request_data), timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        # An exception of aiohttp may name the address, so it is not passed on as the cause.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSentError(f"No connection ({type(error).__name__})") from None
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientError as error:
            raise NetworkError(f"The connection broke off ({type(error).__name__})") from None


def seconds_to_wait(error: RetryAfter) -> float:
    """Return in how many seconds Telegram takes calls again."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _seconds(given: object, default: float) -> float:
    """Return what the call asked for, if it did: the library has its own object for "not given"."""
    return float(given) if isinstance(given, int | float) else default


def _body(request_data: RequestData | None) -> aiohttp.FormData | None:
    """Return the parameters as a form. Open files are streamed from where they lie."""
    if request_data is None:
        return None
    # File names are sent as UTF-8, as Telegram reads them: not percent-encoded.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form


class RawBot(Bot):
    """A bot that can fetch updates as they come, before the library reads them.

    The library's own `get_updates` drops a whole batch for one update that it cannot read.
    """

    async def raw_updates(
        self,
        *,
        offset: int,
        limit: int,
        timeout: int,
        allowed_updates: Sequence[str],
        grace: float = POLL_GRACE,
    ) -> list[dict[str, Any]]:
        """Return updates from *offset* on, which confirms all before it (`getUpdates`).

        *timeout* is how many seconds Telegram waits for one; without an answer the call is given
        up *grace* seconds later. Raises TelegramError.
        """
        asked = {
            "offset": offset,
            "limit": limit,
            "timeout": timeout,
            "allowed_updates": list(allowed_updates),
        }
        found: list[dict[str, Any]] = await self._post(
            "getUpdates", asked, read_timeout=timeout + grace
        )
        return found

    async def send_text(
        self,
        chat: int,
        text: str,
        *,
        entities: Sequence[MessageEntity] | None,
        keyboard: InlineKeyboardMarkup | None,
    ) -> int:
        """Send a text without a link's preview, and return its message's id (`sendMessage`).

        The library's own `send_message` reads the whole message that comes back, which costs more
        than sending it. Raises TelegramError.
        """
        said = {
            "chat_id": chat,
            "text": text,
            "entities": entities,
            "reply_markup": keyboard,
            "link_preview_options": NO_PREVIEW,
        }
        given = {name: value for name, value in said.items() if value}
        sent: dict[str, Any] = await self._post("sendMessage", given)
        return int(sent["message_id"])


@asynccontextmanager
async def open_bot(token: str, api_url: str = API_URL) -> AsyncIterator[RawBot]:
    """Open a bot without a call to Telegram, so that the desk starts while it is out of reach.

    Polls have connections of their own, so that none that sends waits for one that listens.
    """
    url = api_url.rstrip("/")
    async with AiohttpRequest() as sending, AiohttpRequest() as polling:
        yield RawBot(
            token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=sending,
            get_updates_request=polling,
        )
