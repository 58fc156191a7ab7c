"""Files: into a thread in Slack's three steps, and out of Slack with the app's token.

Rules: docs.slack.dev, "Working with files", "files.completeUploadExternal".
"""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.errors import refused, retry_after, translated
from adapters.slack.places import Place
from core.errors import Retry
from core.message import Attachment

_HOSTS = ("slack.com", "slack-files.com", "slack-edge.com")
_REDIRECTS = 5
_CHUNK = 64 * 1024
_STREAMING = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)


async def put(client: AsyncWebClient, session: aiohttp.ClientSession, path: Path, name: str) -> str:
    """Upload a file that nobody sees yet; return its id.

    Raises `Retry` and `GiveUp`: nothing of this shows, so that it is never in doubt.
    """
    size = (await asyncio.to_thread(path.stat)).st_size
    if size == 0:
        raise refused("the file is empty")
    with translated(harmless=True):
        asked = await client.files_getUploadURLExternal(filename=name, length=size)
    file = await asyncio.to_thread(path.open, "rb")
    with file, translated(harmless=True):
        async with session.post(asked["upload_url"], data=file, timeout=_STREAMING) as answer:
            if answer.status != HTTPStatus.OK:
                raise Retry(f"Slack answered an upload with {answer.status}")
    return str(asked["file_id"])


async def share(
    client: AsyncWebClient, file_id: str, *, name: str, thread: Place, comment: str
) -> None:
    """Show an uploaded file in a thread; *comment* is escaped. Raises as deliveries do."""
    with translated():
        await client.files_completeUploadExternal(
            files=[{"id": file_id, "title": name}],
            channel_id=thread.channel,
            thread_ts=thread.ts,
            initial_comment=comment,
        )


async def fetch(
    client: AsyncWebClient, session: aiohttp.ClientSession, attachment: Attachment
) -> AsyncIterator[bytes]:
    """Yield a file's bytes. Raises `Retry` or `GiveUp`."""
    with translated(harmless=True):
        file = (await client.files_info(file=attachment.ref))["file"]
        url = file.get("url_private_download") or file.get("url_private")
        if not url:
            raise refused("file_not_found")
        token = {"Authorization": f"Bearer {client.token}"}
        for _ in range(_REDIRECTS):
            if not _is_slacks(url, client.base_url):
                raise refused("file_not_found")
            # Followed by hand: HTTP clients drop the token when a redirect leads to another host.
            async with session.get(
                url, headers=token, allow_redirects=False, timeout=_STREAMING
            ) as answer:
                if location := answer.headers.get("Location"):
                    url = urljoin(url, location)
                    continue
                _check(answer, file.get("mimetype"))
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    yield chunk
                return
    raise refused("file_not_found")


def _is_slacks(url: str, api_url: str) -> bool:
    """Whether the token may be shown there: the API's own host, or another of Slack's."""
    target, api = urlsplit(url), urlsplit(api_url)
    if (target.scheme, target.netloc) == (api.scheme, api.netloc):
        return True
    host = target.hostname or ""
    return target.scheme == "https" and any(
        host == known or host.endswith(f".{known}") for known in _HOSTS
    )


def _check(answer: aiohttp.ClientResponse, mime: str | None) -> None:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Retry("Slack asked for patience", after=retry_after(answer.headers))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Retry(f"Slack answered a download with {answer.status}")
    # To whom it does not know Slack answers 200 with its login page.
    is_login = answer.content_type == "text/html" and mime != "text/html"
    if answer.status != HTTPStatus.OK or is_login:
        raise refused("file_not_found")
