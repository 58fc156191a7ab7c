"""The way to customers in Telegram.

Errors and limits: core.telegram.org/bots/api, "Making requests", and core.telegram.org/bots/faq,
"My bot is hitting limits".
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack

import aiohttp
import structlog
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    Message,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from adapters.files import Files
from core.channel_port import Delivered
from core.effects import Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry
from core.ids import Receipt
from core.message import Attachment
from core.outbox import Delivery, Outgoing
from core.pace import Toll
from core.phrases import Phrase
from core.wording import Phrasebook

from .parse import CHANNEL
from .render import (
    FITS,
    NOTHING_LEFT,
    Delete,
    EditText,
    Key,
    Nothing,
    SendFile,
    SendText,
    receipt_for,
    render,
)
from .request import NO_PREVIEW, NotSentError, RawBot, seconds_to_wait

_log = structlog.get_logger()

_CHUNK = 64 * 1024
_DOWNLOAD = aiohttp.ClientTimeout(total=300, sock_connect=10, sock_read=30)

# The words by which Telegram's refusals are told apart; it has no codes for them.
_SAME_AS_BEFORE = ("message is not modified",)
_NOT_EDITABLE = ("message to edit not found", "message can't be edited")
_NOT_THERE = ("message to delete not found",)
_NOT_DELETABLE = ("message can't be deleted",)
_NO_SUCH_CHAT = ("chat not found", "deactivated")
_NO_PICTURE = ("image_process_failed", "photo_", "too big for a photo")
_TOO_LARGE = ("request entity too large",)


class TelegramChannel:
    """Carries out deliveries to customers, and fetches the files that they sent."""

    name = CHANNEL
    fits = FITS

    def __init__(self, bot: RawBot, phrasebook: Phrasebook, files: Files) -> None:
        self._bot = bot
        self._phrasebook = phrasebook
        self._files = files

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return Telegram's rates: one message a second to a chat, with bursts, and 30 to all."""
        return (
            Toll(f"{CHANNEL}:{delivery.place}", per_second=1, burst=4),
            Toll(CHANNEL, per_second=30, burst=30),
        )

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Make the one call that carries it out. Raises `Retry`, `GiveUp` or `InDoubt`."""
        chat = int(outgoing.delivery.place)
        try:
            match render(outgoing, self._phrasebook):
                case SendText() as text:
                    message_id = await self._send(chat, text)
                case SendFile() as file:
                    message_id = await self._send_file(chat, file)
                case EditText() as edit:
                    message_id = await self._edit(chat, edit)
                case Delete(message_id):
                    await self._delete(chat, message_id)
                case Nothing():
                    return Delivered(Receipt(""))
        except TelegramError as error:
            raise failure_of(error) from None
        return Delivered(receipt_for(outgoing, message_id))

    async def _send(self, chat: int, text: SendText) -> int:
        return await self._bot.send_text(
            chat, text.text, entities=text.entities, keyboard=_markup(text.keyboard)
        )

    async def _edit(self, chat: int, edit: EditText) -> int:
        try:
            await self._bot.edit_message_text(
                edit.instead.text,
                chat,
                edit.message_id,
                entities=edit.instead.entities,
                link_preview_options=NO_PREVIEW,
            )
        except BadRequest as error:
            if _says(error, _NOT_EDITABLE):
                return await self._send(chat, edit.instead)
            if not _says(error, _SAME_AS_BEFORE):
                raise
        return edit.message_id

    async def _delete(self, chat: int, message_id: int) -> None:
        """Delete a message, or empty it: after 48 hours it stays ("deleteMessage")."""
        try:
            await self._bot.delete_message(chat, message_id)
        except BadRequest as error:
            if _says(error, _NOT_DELETABLE):
                emptied = SendText(text=NOTHING_LEFT)
                await self._edit(chat, EditText(message_id=message_id, instead=emptied))
            elif not _says(error, _NOT_THERE):
                raise

    async def _send_file(self, chat: int, file: SendFile) -> int:
        if file.as_photo:
            try:
                return (await self._upload(chat, file, as_photo=True)).message_id
            except BadRequest as error:
                if not _says(error, _NO_PICTURE):
                    raise
        return (await self._upload(chat, file, as_photo=False)).message_id

    async def _upload(self, chat: int, file: SendFile, *, as_photo: bool) -> Message:
        """Send a file from where it lies, without reading it into memory."""
        with ExitStack() as opened:
            try:
                path = await self._files.path(file.attachment)
                handle = opened.enter_context(path.open("rb"))
            except OSError as error:
                raise Retry(f"the file cannot be read ({type(error).__name__})") from error
            # The name is sent between quotation marks.
            name = file.attachment.name.replace('"', "'") or ("photo.jpg" if as_photo else "file")
            content = InputFile(handle, filename=name, read_file_handle=False)
            send = self._bot.send_photo if as_photo else self._bot.send_document
            return await send(
                chat, content, caption=file.caption or None, caption_entities=file.entities
            )

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Yield the bytes of a file that a customer sent: up to 20 MB ("getFile").

        Raises `Retry`, or `GiveUp` for a file that Telegram does not hand out.
        """
        gone = GiveUp("the file is not handed out", why=Words(phrase=Phrase.WHY_FILE_GONE))
        try:
            file = await self._bot.get_file(attachment.ref)
        except BadRequest:
            raise gone from None
        except TelegramError as error:
            failure = failure_of(error)
            after = failure.after if isinstance(failure, Retry) else None
            raise Retry(failure.reason, after=after) from None
        try:
            async with (
                aiohttp.ClientSession(timeout=_DOWNLOAD) as session,
                session.get(file.file_path or "", allow_redirects=False) as answer,
            ):
                if answer.status in (400, 404, 410):
                    raise gone
                if answer.status != 200:
                    raise Retry(f"the download was answered with {answer.status}")
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError) as error:
            # What the library says of it may contain the address, and that the token.
            raise Retry(f"the download broke off ({type(error).__name__})") from None


def failure_of(error: TelegramError) -> DeliveryError:
    """Return what a refusal or a broken call means for a delivery.

    The order matters: in the library `BadRequest` and `TimedOut` are network errors too.
    """
    # What follows is the body of an answer that was no JSON: whatever a proxy had to say.
    said = error.message.partition(". Parsing the server response")[0]
    reason = f"{type(error).__name__}: {said}"
    match error:
        case RetryAfter():
            return Retry(reason, after=seconds_to_wait(error))
        case Forbidden() | BadRequest() if _says(error, _NO_SUCH_CHAT):
            return GiveUp(reason, why=Words(phrase=Phrase.WHY_GONE), gone=True)
        case Forbidden():
            return GiveUp(reason, why=Words(phrase=Phrase.WHY_BLOCKED), gone=True)
        case InvalidToken() | Conflict():
            _log.error("telegram_refuses_the_bot", error=type(error).__name__)
            return Retry(reason)
        case NotSentError():
            return Retry(reason)
        case BadRequest():
            return _refused(said, reason)
        case NetworkError() if _says(error, _TOO_LARGE):
            return _refused(said, reason)
        case _:
            return InDoubt(reason)


def _refused(detail: str, reason: str) -> GiveUp:
    values = {"platform": "Telegram", "detail": detail}
    return GiveUp(reason, why=Words(phrase=Phrase.WHY_REFUSED, values=values))


def _says(error: TelegramError, words: Sequence[str]) -> bool:
    said = error.message.lower()
    return any(word in said for word in words)


def _markup(keyboard: Sequence[Sequence[Key]]) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(key.label, callback_data=key.token) for key in row]
            for row in keyboard
        ]
    )
