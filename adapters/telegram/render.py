"""From an effect of the desk's to a call to Telegram.

Limits: core.telegram.org/bots/api, "sendMessage", "Sending files".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import MessageEntity
from telegram.constants import MessageLimit

from core.effects import Button, Relay, RelayEdit, Say
from core.ids import Receipt
from core.message import MEGABYTE, Attachment, AttachmentKind, Message, Side
from core.outbox import Fits, Outgoing
from core.richtext import Mark, RichText, clean_name, concat, plain
from core.wording import Phrasebook

from .richtext import to_telegram

FITS = Fits(text=3900, file=50 * MEGABYTE)
"""The text leaves room for the agent's name above it (a message holds 4096 code points)."""
NOTHING_LEFT = "…"
"""What stands where a text was, if it can no longer be deleted."""

_LARGEST_PHOTO = 10 * MEGABYTE
_LONGEST_NAME = 64
_SHORT_LABEL = 14
_MOST_IN_A_ROW = 3


@dataclass(frozen=True, kw_only=True)
class Key:
    """A button of an inline keyboard."""

    label: str
    token: str


@dataclass(frozen=True, kw_only=True)
class SendText:
    """Send a text."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: tuple[tuple[Key, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class SendFile:
    """Send a file, with a caption."""

    attachment: Attachment
    as_photo: bool
    caption: str = ""
    entities: tuple[MessageEntity, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EditText:
    """Replace the text of a message sent before."""

    message_id: int
    instead: SendText
    """The new text; sent anew if the message is gone."""


@dataclass(frozen=True)
class Delete:
    """Delete a message sent before."""

    message_id: int


@dataclass(frozen=True)
class Nothing:
    """There is nothing to do."""


Call = SendText | SendFile | EditText | Delete | Nothing


def render(outgoing: Outgoing, phrasebook: Phrasebook) -> Call:
    """Return the call that carries out a delivery to a customer.

    Raises `ValueError` for an effect that is not for customers.
    """
    language = outgoing.conversation.contact.language
    match outgoing.delivery.effect, outgoing.message:
        case Say() as say, _:
            paragraphs = (phrasebook.say(language, words) for words in (say.words, *say.more))
            sent = _send(plain("\n\n".join(paragraphs)))
            return replace(sent, keyboard=_keyboard(say.buttons, language, phrasebook))
        case Relay(to=Side.CUSTOMER, piece=piece), Message() as message if piece is not None:
            if piece.attachment is None:
                # An edit may have left none of it before it was sent.
                left = message.text.slice(piece.start, piece.end)
                return _text(message, piece.start, piece.end) if left else Nothing()
            return _file(message, piece.attachment, language, phrasebook)
        case RelayEdit(to=Side.CUSTOMER) as edit, Message() as message:
            return _edit(edit, message, outgoing.receipts)
    raise ValueError(f"not for a customer: {type(outgoing.delivery.effect).__name__}")


def receipt_for(outgoing: Outgoing, message_id: int) -> Receipt:
    """Return what to remember of a message that was sent: only those of texts can be edited."""
    match outgoing.delivery.effect:
        case Relay(piece=piece) if piece is not None and piece.attachment is not None:
            return Receipt(f"attachment:{message_id}")
    return Receipt(str(message_id))


def _text(message: Message, start: int, end: int) -> SendText:
    """Return a stretch of a message; its author stands above the first one."""
    body = message.text.slice(start, end)
    return _send(concat(_author(message), plain("\n"), body) if start == 0 else body)


def _author(message: Message) -> RichText:
    name = clean_name(message.author)[:_LONGEST_NAME]
    return plain(f"{name}:").marked(Mark.BOLD)


def _send(text: RichText) -> SendText:
    sent, entities = to_telegram(text)
    if len(sent) > MessageLimit.MAX_TEXT_LENGTH:
        # So many destinations had to be written out that the labels alone must do.
        labels = tuple(span for span in text.spans if span.mark is not Mark.LINK)
        sent, entities = to_telegram(RichText(text.text, labels))
    return SendText(text=sent, entities=tuple(entities))


def _file(message: Message, number: int, language: str, phrasebook: Phrasebook) -> Call:
    attachment = message.attachments[number]
    if not attachment.is_carried(FITS.file):
        name = clean_name(message.author)[:_LONGEST_NAME]
        return _send(plain(f"{name} {phrasebook.sent(language, attachment)}"))
    size = attachment.size or 0
    photo = attachment.kind is AttachmentKind.PHOTO and size <= _LARGEST_PHOTO
    alone = number == 0 and not message.text
    caption, entities = to_telegram(_author(message) if alone else plain(""))
    return SendFile(
        attachment=attachment, as_photo=photo, caption=caption, entities=tuple(entities)
    )


def _edit(edit: RelayEdit, message: Message, receipts: Sequence[Receipt]) -> Call:
    # Only texts have bare numbers, and a text that was edited before has left its own twice.
    sent = list(dict.fromkeys(int(receipt) for receipt in receipts if receipt.isdecimal()))
    known = sent[edit.number] if edit.number < len(sent) else None
    if edit.piece is None:
        return Nothing() if known is None else Delete(known)
    text = _text(message, edit.piece.start, edit.piece.end)
    return text if known is None else EditText(message_id=known, instead=text)


def _keyboard(
    buttons: Sequence[Button], language: str, phrasebook: Phrasebook
) -> tuple[tuple[Key, ...], ...]:
    """Return a few short buttons side by side, others one below the other."""
    keys = tuple(
        Key(label=_label(button, language, phrasebook), token=button.token) for button in buttons
    )
    short = all(len(key.label) <= _SHORT_LABEL for key in keys)
    if keys and short and len(keys) <= _MOST_IN_A_ROW:
        return (keys,)
    return tuple((key,) for key in keys)


def _label(button: Button, language: str, phrasebook: Phrasebook) -> str:
    if button.phrase is None:
        return button.label
    return phrasebook.phrase(language, button.phrase, suggestion=button.label, name=button.label)
