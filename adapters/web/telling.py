"""What a visitor has told: an event for the desk, and an entry of their own log."""

from collections.abc import Sequence
from datetime import datetime

from adapters.web.files import shown
from adapters.web.parse import Ask, Choose, Edit, Say, Told, message_id
from adapters.web.render import changed, said
from core.email_address import Accepted, Doubtful, read_email
from core.events import CustomerAsked, CustomerChose, CustomerEdited, CustomerWrote, Event
from core.richtext import clean_name, plain
from core.web_port import WebFile


def event_of(visitor: str, frame: Told, files: Sequence[WebFile], now: datetime) -> Event:
    """Return what the desk is told; *files* are those that came with it."""
    attachments = tuple(each.attachment for each in files)
    id_ = message_id(visitor, frame.id)
    match frame:
        case Ask():
            return CustomerAsked(
                at=now,
                message_id=id_,
                sent_at=now,
                name=clean_name(frame.name),
                email=_address(frame.email),
                text=plain(frame.text),
                attachments=attachments,
                department=frame.department,
            )
        case Say():
            return CustomerWrote(
                at=now,
                message_id=id_,
                sent_at=now,
                text=plain(frame.text),
                attachments=attachments,
            )
        case Edit():
            changed_id = message_id(visitor, frame.message)
            return CustomerEdited(at=now, message_id=changed_id, text=plain(frame.text))
        case Choose():
            return CustomerChose(at=now, token=frame.token)


def entry_of(frame: Told, files: Sequence[WebFile]) -> str | None:
    """Return what the log shows of it; None for a button, which says nothing."""
    match frame:
        case Ask() | Say():
            shows = [shown(each.id, each.attachment) for each in files]
            return said(frame.id, "you", plain(frame.text), files=shows)
        case Edit():
            return changed(frame.message, plain(frame.text))
        case Choose():
            return None


def _address(typed: str) -> str:
    """Return the address that was typed, as mail is sent to it."""
    match read_email(typed):
        case Accepted(address) | Doubtful(address):
            return address
    return typed
