"""The files and mails that the page shows or hands out: strangers made them."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from sandbox.letter import Mail
from sandbox.page.guard import FOREIGN_POLICY
from sandbox.page.post import Post
from sandbox.slack import SlackServer
from sandbox.telegram import ApiError, TelegramServer

_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What the browser may show in place; everything else is only ever saved."""

_BEFORE_A_MAIL: Final = (
    '<!doctype html><meta name="viewport" content="width=device-width"><base target="_blank">'
    "<style>body { font: 15px/1.5 system-ui, sans-serif; margin: 0.9rem }</style>"
)
"""How mail programs show what says nothing of its looks; a link opens a window of its own."""


class Things:
    """What lies on the three servers, by the addresses that the page knows."""

    def __init__(self, telegram: TelegramServer, slack: SlackServer, post: Post) -> None:
        self._telegram = telegram
        self._slack = slack
        self._post = post

    def routes(self) -> list[web.RouteDef]:
        """Return where everything is fetched from."""
        return [
            web.get("/telegram/files/{id}", self.from_telegram),
            web.get("/slack/files/{id}", self.from_slack),
            web.get(r"/mail/{address}/{folder}/{uid:\d+}/html", self.mail_html),
            web.get(r"/mail/{address}/{folder}/{uid:\d+}/{attachment:\d+}", self.from_mail),
        ]

    async def from_telegram(self, request: web.Request) -> web.Response:
        """Hand out a file of a chat."""
        try:
            file = self._telegram.file(request.match_info["id"])
        except ApiError:
            raise web.HTTPNotFound from None
        return _file(file.name or file.path.rpartition("/")[2], file.content, file.mime)

    async def from_slack(self, request: web.Request) -> web.Response:
        """Hand out a file of a room."""
        try:
            file = self._slack.file(request.match_info["id"])
        except KeyError:
            raise web.HTTPNotFound from None
        if file.data is None or file.deleted:
            raise web.HTTPNotFound
        return _file(file.name, file.data, file.mime)

    async def from_mail(self, request: web.Request) -> web.Response:
        """Hand out what came with a mail."""
        attachments = self._mail_of(request).attachments
        number = int(request.match_info["attachment"])
        if number >= len(attachments):
            raise web.HTTPNotFound
        name, mime, content = attachments[number]
        return _file(name, content, mime)

    async def mail_html(self, request: web.Request) -> web.Response:
        """Show a mail's HTML."""
        html = f"{_BEFORE_A_MAIL}{self._mail_of(request).html}"
        headers = {"Content-Security-Policy": FOREIGN_POLICY}
        return web.Response(text=html, content_type="text/html", headers=headers)

    def _mail_of(self, request: web.Request) -> Mail:
        place = request.match_info
        try:
            return self._post.kept(place["address"], place["folder"], int(place["uid"])).mail
        except LookupError:
            raise web.HTTPNotFound from None


def _file(name: str, content: bytes, mime: str) -> web.Response:
    shown = mime in _SHOWN
    place = "inline" if shown else "attachment"
    return web.Response(
        body=content,
        content_type=mime if shown else "application/octet-stream",
        headers={
            "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name or 'file', safe='')}",
            "Content-Security-Policy": FOREIGN_POLICY,
        },
    )
