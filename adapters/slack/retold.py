"""What a thread holds, as the events by which Slack would have told of it."""

from collections.abc import Iterator, Sequence

from adapters.slack.threads import Json
from core.events import AgentEdited, AgentWrote
from core.ports import Incoming, Transaction


def as_told(messages: Sequence[Json], channel: str) -> Iterator[Json]:
    """Yield the events by which Slack would have told of these messages, as they read now."""
    for message in messages:
        yield {"event": {**message, "channel": channel}}
        if message.get("edited"):
            changed = {"type": "message", "subtype": "message_changed", "channel": channel}
            yield {"event": {**changed, "message": message, "previous_message": {}}}


async def unknown(tx: Transaction, told: Sequence[Incoming]) -> list[Incoming]:
    """Return what the desk has not heard, neither under this key nor under this message's id.

    A message that is new comes as it reads now: its edit is no news besides.
    """
    recorded = await tx.recorded([each.key for each in told])
    ids = {each.event.message_id for each in told if isinstance(each.event, AgentWrote)}
    known = await tx.messages(ids)
    news: list[Incoming] = []
    fresh = set()
    for each in told:
        match each.event:
            case _ if each.key in recorded:
                continue
            case AgentWrote(message_id=message_id) if message_id not in known:
                fresh.add(message_id)
                news.append(each)
            case AgentEdited(message_id=message_id, text=text) if message_id not in fresh:
                if message_id not in known or known[message_id].text != text:
                    news.append(each)
    return news
