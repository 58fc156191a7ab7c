"""The agents' channel: cards, threads and files in Slack.

Rules: docs.slack.dev, "Rate limits", "chat.postMessage", "Message metadata".
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.files import Files
from adapters.slack import uploads
from adapters.slack.errors import MessageGoneError, translated
from adapters.slack.places import Place, attachment_receipt, read_place
from adapters.slack.render import FITS, Post, Update, Upload, render
from adapters.slack.rooms import Rooms
from core.channel_port import Delivered
from core.effects import Effect, OpenThread, Relay, RelayEdit, TellAgents, UpdateCard
from core.errors import DeliveryError, InDoubt, Retry, ThreadGone
from core.ids import DeliveryId, Receipt, Thread
from core.message import Attachment
from core.outbox import AGENTS, Delivery, Outgoing
from core.pace import Toll
from core.wording import Phrasebook

TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
"""What the shared session should be made with: the SDK sets none on a session it is given."""

_POSTS_PER_SECOND, _POSTS_AT_ONCE = 1.0, 3
_UPDATES_PER_MINUTE, _UPDATES_AT_ONCE = 50, 10
_PAGE = 999  # the most that one call returns (docs.slack.dev, "conversations.replies")
_ANSWERED = Delivered(Receipt(""))


def make_client(token: str, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Return a client that never repeats a call by itself: posting twice would show twice."""
    return AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[])


class SlackChannel:
    """Carries what agents are told to Slack, and fetches what they send."""

    name = AGENTS
    fits = FITS

    def __init__(
        self,
        client: AsyncWebClient,
        phrasebook: Phrasebook,
        language: str,
        files: Files,
        rooms: Rooms,
    ) -> None:
        """*client* is made by `make_client`; agents are spoken to in *language*."""
        if client.session is None:
            raise ValueError("the client needs a session: see make_client")
        self._client = client
        self._session = client.session
        self._phrasebook = phrasebook
        self._language = language
        self._files = files
        self._rooms = rooms
        self._uploaded: dict[DeliveryId, str] = {}
        """The ids of files whose sharing is not certain yet."""

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return the rates: about a post a second and room, 50 updates a minute in all."""
        if isinstance(delivery.effect, UpdateCard | RelayEdit):
            return (Toll(f"{AGENTS}:update", _UPDATES_PER_MINUTE / 60, _UPDATES_AT_ONCE),)
        return (Toll(f"{AGENTS}:{delivery.place}", _POSTS_PER_SECOND, _POSTS_AT_ONCE),)

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Carry it out. Raises `Retry`, `GiveUp` or `InDoubt`."""
        link = await self._link(outgoing.delivery.effect)
        match render(outgoing, self._phrasebook, self._language, link=link):
            case Post() as post:
                return await self._post(outgoing, post)
            case Update() as update:
                return await self._update(outgoing, update)
            case Upload() as upload:
                return await self._upload(outgoing, upload)
            case None:
                return _ANSWERED

    async def _link(self, effect: Effect) -> str:
        """Return what leads to the thread that words are about; "" where Slack does not tell."""
        if isinstance(effect, TellAgents) and effect.leads_to is not None:
            place = read_place(effect.leads_to)
            with suppress(DeliveryError), translated(harmless=True):
                answer = await self._client.chat_getPermalink(
                    channel=place.channel, message_ts=place.ts
                )
                return str(answer["permalink"])
        return ""

    async def find(self, outgoing: Outgoing) -> Delivered | None:
        """Return a post or an upload that took effect although its answer was lost.

        An update is not looked for: made once more, it shows the same. Raises `GiveUp`, and
        `InDoubt` where Slack could not be asked.
        """
        try:
            return await self._find(outgoing)
        except Retry as error:  # of the asking, not of what is asked for
            raise InDoubt(error.reason) from error

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Yield the bytes of a file that an agent sent. Raises `Retry` or `GiveUp`."""
        return uploads.fetch(self._client, self._session, attachment)

    async def _find(self, outgoing: Outgoing) -> Delivered | None:
        match render(outgoing, self._phrasebook, self._language):
            case Post() as post:
                place = Place(await self._rooms.id_of(post.room), post.thread_ts or "")
                if place.channel.startswith("#"):  # posting takes a name, reading does not
                    raise Retry("Slack does not tell the room's id")
                for message in await self._posted(place):
                    if _delivery_id(message) == outgoing.delivery.id:
                        return _delivered(outgoing, Place(place.channel, message["ts"]))
            case Upload() as upload:
                return await self._find_upload(outgoing, upload)
        return None

    async def _post(self, outgoing: Outgoing, post: Post) -> Delivered:
        room = await self._rooms.id_of(post.room)
        with translated():
            answer = await self._client.chat_postMessage(
                channel=room,
                thread_ts=post.thread_ts,
                text=post.text,
                blocks=post.blocks,
                metadata=post.metadata,
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
                link_names=False,
            )
        stands = _stands(answer)
        if post.thread_ts and not _is_reply(answer):
            await self._take_back(stands)
            raise ThreadGone
        return _delivered(outgoing, stands)

    async def _take_back(self, place: Place) -> None:
        """Delete a reply that Slack, for want of its thread, has put into the room itself.

        Should that fail, its words are read twice: there, and in the new thread.
        """
        with suppress(DeliveryError), translated():
            await self._client.chat_delete(channel=place.channel, ts=place.ts)

    async def _update(self, outgoing: Outgoing, update: Update) -> Delivered:
        try:
            with translated(harmless=True):
                answer = await self._client.chat_update(
                    channel=update.place.channel,
                    ts=update.place.ts,
                    text=update.text,
                    blocks=update.blocks,
                    metadata=update.metadata,
                    parse="none",
                    link_names=False,
                )
        except MessageGoneError:
            if isinstance(outgoing.delivery.effect, UpdateCard):
                raise ThreadGone from None  # the card was its root
            raise
        return Delivered(Receipt(str(_stands(answer))))

    async def _upload(self, outgoing: Outgoing, upload: Upload) -> Delivered:
        path = await self._files.path(upload.attachment)
        file_id = await uploads.put(self._client, self._session, path, upload.name)
        self._uploaded[outgoing.delivery.id] = file_id
        await uploads.share(
            self._client,
            file_id,
            name=upload.name,
            thread=upload.thread,
            comment=upload.comment,
        )
        del self._uploaded[outgoing.delivery.id]
        return Delivered(attachment_receipt(file_id))

    async def _find_upload(self, outgoing: Outgoing, upload: Upload) -> Delivered | None:
        """Look for the file by its id, or after a restart by name and size.

        What the desk sends of a file carries no metadata: Slack takes none with an upload.
        """
        file_id = self._uploaded.get(outgoing.delivery.id)
        path = await self._files.path(upload.attachment)
        size = (await asyncio.to_thread(path.stat)).st_size
        for message in await self._posted(upload.thread):
            is_ours = message.get("bot_id") or message.get("text") == upload.comment
            for file in message.get("files", ()):
                alike = is_ours and (file.get("name"), file.get("size")) == (upload.name, size)
                if file.get("id") == file_id or (file_id is None and alike):
                    self._uploaded.pop(outgoing.delivery.id, None)
                    return Delivered(attachment_receipt(file["id"]))
        return None

    async def _posted(self, place: Place) -> list[Mapping[str, Any]]:
        """Return all that stands in a thread, or the latest that stands in the room itself.

        By no time of ours: this machine's clock may have been wrong when the delivery was made.
        """
        channel, client = place.channel, self._client
        with translated(harmless=True):
            if not place.ts:
                latest = await client.conversations_history(
                    channel=channel, include_all_metadata=True, limit=_PAGE
                )
                return list(latest["messages"])
            pages = await client.conversations_replies(
                channel=channel, ts=place.ts, include_all_metadata=True, limit=_PAGE
            )
            return [message async for page in pages for message in page["messages"]]


def _is_reply(answer: AsyncSlackResponse) -> bool:
    """Whether a post went into a thread.

    Where the thread's root was deleted, Slack puts a reply into the room and calls that a success;
    only the message that it returns tells: it has no `thread_ts`.
    """
    message = answer.get("message")
    return message is None or bool(message.get("thread_ts"))


def _stands(answer: AsyncSlackResponse) -> Place:
    channel, ts = answer.get("channel"), answer.get("ts")
    if not channel or not ts:
        raise InDoubt("Slack did not say where the message stands")
    return Place(channel, ts)


def _delivered(outgoing: Outgoing, place: Place) -> Delivered:
    match outgoing.delivery.effect:
        case OpenThread():
            return Delivered(Receipt(str(place)), Thread(str(place)))
        case Relay(piece=piece) if piece is not None and piece.attachment is not None:
            return Delivered(attachment_receipt(place))
    return Delivered(Receipt(str(place)))


def _delivery_id(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    delivery_id = payload.get("delivery_id")
    return delivery_id if isinstance(delivery_id, str) else None
