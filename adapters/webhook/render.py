"""An announcement as JSON. Docs: docs/api.md, "Webhooks"."""

import json
from typing import Any

from core.effects import Announce
from core.public import PublicMessage, PublicTicket, moment


def render(announce: Announce) -> str:
    """Return the body of an announcement: the same one, the same text."""
    data: dict[str, Any] = {"ticket": _ticket(announce.ticket)}
    if announce.message is not None:
        data["message"] = _message(announce.message)
    if announce.before is not None:
        data["before"] = announce.before.value
    body = {"type": announce.kind.value, "timestamp": moment(announce.at), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _ticket(ticket: PublicTicket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "status": ticket.status.value,
        "subject": ticket.subject,
        "priority": ticket.priority.value,
        "department": ticket.department,
        "created": moment(ticket.created),
        "merged_into": ticket.merged_into,
        "customer": {"name": ticket.name, "email": ticket.email},
    }


def _message(message: PublicMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "side": message.side.value,
        "author": message.author,
        "at": moment(message.at),
        "text": message.text,
        "files": [
            {"name": each.name, "type": each.mime, "size": each.size} for each in message.files
        ],
        "edited": moment(message.edited_at) if message.edited_at else None,
        "deleted": message.is_deleted,
        "cut": message.is_cut,
    }
