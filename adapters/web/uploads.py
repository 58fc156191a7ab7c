"""Files that visitors bring, and those they may have: theirs, and nobody else's."""

import asyncio
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from adapters.browser_files import HEAD, SANDBOXED, UNKNOWN, as_attachment, saved_as
from adapters.files import Files
from adapters.http_requests import pieces
from adapters.web.files import A_DAY, LARGEST, Shown, shown
from adapters.web.parse import CHANNEL
from core.errors import FileAway, GiveUp
from core.ports import Clock, Store
from core.web_port import WebFile

_DAY = timedelta(days=1)
_UNUSED_FOR = timedelta(days=1)
_AT_ONCE = 100
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": SANDBOXED,
}


class Enough(Exception):
    """The visitor has brought as much as one may in a day."""


class Empty(Exception):
    """There is nothing in it."""


class Uploads:
    """Takes files in and gives them out."""

    def __init__(self, store: Store, clock: Clock, files: Files) -> None:
        self._store = store
        self._clock = clock
        self._files = files
        self._turn = asyncio.Lock()
        """Of several that come at once, each is counted before the next."""

    async def take(self, visitor: str, request: Request) -> Shown:
        """Keep the request's body as a file.

        Raises `Empty`, `Enough`, `NoRoom`, and what `pieces` raises.
        """
        self._files.demand_room()
        now = self._clock.now()
        async with self._store.transaction() as tx:
            left = A_DAY - await tx.brought_since(visitor, now - _DAY)
        if left <= 0:
            raise Enough
        id_, size, head = uuid4().hex, 0, b""
        async with self._files.keeping(CHANNEL, id_) as file:
            async for piece in pieces(request, LARGEST):
                file.write(piece)
                size += len(piece)
                head = (head + piece[:HEAD])[:HEAD] if len(head) < HEAD else head
            if size == 0:
                raise Empty
            if size > left:
                raise Enough
        name = unquote(request.headers.get("x-file-name", ""), errors="replace")
        attachment = as_attachment(CHANNEL, id_, name[:1000], size, head)
        brought = WebFile(id=id_, visitor=visitor, attachment=attachment, at=now)
        async with self._turn:
            is_within = await self._keep(brought, size)
        if not is_within:
            self._files.forget(attachment)
            raise Enough
        return shown(id_, attachment)

    async def _keep(self, file: WebFile, size: int) -> bool:
        """Keep what is known of a file, unless others came meanwhile and it is too much now."""
        async with self._store.transaction() as tx:
            if await tx.brought_since(file.visitor, file.at - _DAY) + size > A_DAY:
                return False
            await tx.keep_file(file)
        return True

    async def give(self, visitor: str, id_: str) -> Response | None:
        """Return a visitor's own file as what nothing is done with but saved; None for any other.

        A picture has its type, so that the page can show it from its bytes.
        """
        async with self._store.transaction() as tx:
            file = await tx.file_of(visitor, id_)
        path = None if file is None else await self._path(file)
        if file is None or path is None:
            return None
        given = file.attachment
        mime = given.mime if given.mime.startswith("image/") else UNKNOWN
        headers = {**_HEADERS, "Content-Disposition": saved_as(given.name or "file")}
        return FileResponse(path, media_type=mime, headers=headers)

    async def forget_unused(self) -> None:
        """Delete files that no message was sent with for a day."""
        async with self._store.transaction() as tx:
            forgotten = await tx.forget_unused(self._clock.now() - _UNUSED_FOR, _AT_ONCE)
        for each in forgotten:
            self._files.forget(each.attachment)

    async def _path(self, file: WebFile) -> Path | None:
        try:
            return await self._files.path(file.attachment)
        except (FileAway, GiveUp):
            return None
