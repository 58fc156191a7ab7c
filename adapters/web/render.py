"""From an effect of the desk's to an entry of a visitor's log. The protocol: docs/web-chat.md."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import Any, Literal

from adapters.web.files import Shown, shown
from core.effects import Button, Piece, Relay, RelayEdit, Say
from core.ids import MessageId, Receipt
from core.message import MEGABYTE, Attachment, Message, Side
from core.outbox import Fits, Outgoing
from core.richtext import Mark, RichText, clean_name, plain
from core.web_port import Frame
from core.wording import Phrasebook

FITS = Fits(text=12_000, file=50 * MEGABYTE)

By = Literal["you", "agent", "desk"]

_SCHEMES = ("http:", "https:", "mailto:", "tel:")
"""Where a link on somebody else's page may lead."""
_FILE = "attachment:"


@dataclass(frozen=True, kw_only=True)
class Body:
    """What an entry of a log shows."""

    json: str
    receipt: Receipt
    answer: MessageId | None = None
    """The agents' message that it is a part of, if it is new."""


def wire(frame: Frame) -> dict[str, Any]:
    """Return an entry of a log as a browser gets it."""
    at = frame.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"type": "frame", "seq": frame.seq, "at": at, **json.loads(frame.body)}


def said(
    id_: str,
    by: By,
    text: RichText,
    *,
    name: str = "",
    files: Sequence[Shown] = (),
    buttons: Sequence[Mapping[str, str]] = (),
) -> str:
    """Return the body of something that was said."""
    return _json(
        kind="said",
        id=id_,
        by=by,
        name=name,
        text=segments(text),
        files=list(files),
        buttons=list(buttons),
    )


def changed(id_: str, text: RichText) -> str:
    """Return the body that gives what was said before other words; none take it away."""
    if not text:
        return _json(kind="gone", id=id_)
    return _json(kind="changed", id=id_, text=segments(text))


def carried(outgoing: Outgoing) -> Attachment | None:
    """Return the file that is to go with a delivery, if one is."""
    match outgoing.delivery.effect, outgoing.message:
        case Relay(piece=Piece(attachment=int(number))), Message() as message:
            attachment = message.attachments[number]
            return attachment if attachment.is_carried(FITS.file) else None
    return None


def render(outgoing: Outgoing, phrasebook: Phrasebook, file: Attachment | None) -> Body | None:
    """Return what the log is to show of a delivery to a visitor; None if nothing.

    *file* is what is `carried`, with its type and size as it is here. Raises `ValueError` for an
    effect that is not for customers.
    """
    language = outgoing.conversation.contact.language
    key = outgoing.delivery.id
    match outgoing.delivery.effect, outgoing.message:
        case Say() as say, _:
            paragraphs = (phrasebook.say(language, words) for words in (say.words, *say.more))
            buttons = [_button(each, language, phrasebook) for each in say.buttons]
            text = plain("\n\n".join(paragraphs))
            return Body(json=said(key, "desk", text, buttons=buttons), receipt=Receipt(key))
        case Relay(to=Side.CUSTOMER, piece=piece), Message() as message if piece is not None:
            if piece.attachment is not None:
                words = plain(phrasebook.sent(language, message.attachments[piece.attachment]))
                return _file(key, message, file, words)
            text = message.text.slice(piece.start, piece.end)
            return _words(key, message, text) if text else None
        case RelayEdit(to=Side.CUSTOMER) as edit, Message() as message:
            return _edit(key, edit, message, outgoing.receipts)
    raise ValueError(f"not for a customer: {type(outgoing.delivery.effect).__name__}")


def segments(text: RichText) -> list[dict[str, Any]]:
    """Return a text in stretches, each with its marks: there is nothing to parse."""
    borders = sorted(
        {0, len(text.text), *(s.start for s in text.spans), *(s.end for s in text.spans)}
    )
    found = []
    for start, end in pairwise(borders):
        over = [each for each in text.spans if each.start <= start and end <= each.end]
        segment: dict[str, Any] = {"t": text.text[start:end]}
        if marks := [each.mark.value for each in over if each.mark is not Mark.LINK]:
            segment["m"] = marks
        links = [each.target for each in over if each.mark is Mark.LINK]
        if links and links[0].lower().startswith(_SCHEMES):
            segment["href"] = links[0]
        found.append(segment)
    return found


def _words(key: str, message: Message, text: RichText) -> Body:
    return Body(
        json=said(key, "agent", text, name=clean_name(message.author)),
        receipt=Receipt(key),
        answer=message.id,
    )


def _file(key: str, message: Message, file: Attachment | None, instead: RichText) -> Body:
    """Return a file, or the words *instead* of one that cannot be shown."""
    text, files = (instead, []) if file is None else (plain(""), [shown(key, file)])
    return Body(
        json=said(key, "agent", text, name=clean_name(message.author), files=files),
        receipt=Receipt(f"{_FILE}{key}"),
        answer=message.id,
    )


def _edit(key: str, edit: RelayEdit, message: Message, receipts: Sequence[Receipt]) -> Body | None:
    # Only texts can be edited, and one that was edited before has left its own twice.
    sent = list(dict.fromkeys(each for each in receipts if not each.startswith(_FILE)))
    known = sent[edit.number] if edit.number < len(sent) else None
    if edit.piece is None:
        if known is None:
            return None
        return Body(json=changed(known, plain("")), receipt=known)
    text = message.text.slice(edit.piece.start, edit.piece.end)
    if known is None:
        return _words(key, message, text)
    return Body(json=changed(known, text), receipt=known)


def _button(button: Button, language: str, phrasebook: Phrasebook) -> dict[str, str]:
    if button.phrase is None:
        return {"token": button.token, "label": button.label}
    values = {"suggestion": button.label, "name": button.label}
    return {"token": button.token, "label": phrasebook.phrase(language, button.phrase, **values)}


def _json(**body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
