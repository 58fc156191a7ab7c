"""What Slack's places and messages are called in the desk.

A message of Slack's is known by its channel and its `ts`, which is unique in that channel; a thread
by the message that it hangs from.
"""

from dataclasses import dataclass

from core.ids import MessageId, Receipt, Thread


@dataclass(frozen=True)
class Place:
    """Where a message stands; `ts` is text, for a float would lose its last digits."""

    channel: str
    ts: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.ts}"


def moment(ts: str) -> tuple[int, int]:
    """Return what a `ts` is compared by; the beginning of time for an empty one."""
    seconds, _, micros = ts.partition(".")
    return int(seconds or 0), int(micros or 0)


def read_place(name: Thread | Receipt) -> Place:
    """Return the place that a thread's or a receipt's name stands for."""
    channel, _, ts = name.partition(":")
    return Place(channel, ts)


def message_id(place: Place) -> MessageId:
    """Return the desk's name for a message that stands there."""
    return MessageId(f"slack:{place}")


_ATTACHMENT = "attachment:"


def attachment_receipt(name: object) -> Receipt:
    """Return the receipt of what stands for an attachment, which no edit of a text may touch."""
    return Receipt(f"{_ATTACHMENT}{name}")


def text_places(receipts: tuple[Receipt, ...]) -> list[Place]:
    """Return where the pieces of a message's text stand, in order, each once."""
    texts = (each for each in receipts if each and not each.startswith(_ATTACHMENT))
    return [read_place(receipt) for receipt in dict.fromkeys(texts)]
