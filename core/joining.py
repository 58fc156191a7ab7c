"""What has piled up in a lane goes in one post, as long as nobody can have seen any of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from core.attempt import PATIENCE
from core.effects import Effect, Piece, Relay
from core.ids import MessageId
from core.message import Message, Side
from core.outbox import Delivery, DeliveryState, Fits
from core.ports import Transaction

GROWS = PATIENCE / 2
"""How long more is joined to a post that cannot be sent: what came last is tried for as long."""


async def join(
    tx: Transaction, heads: Sequence[Delivery], fits: Callable[[Delivery], Fits], now: datetime
) -> None:
    """Join what stands behind these heads of lanes into one post with each, as far as it *fits*.

    Nothing waits for more to come: where nothing stands behind one, it goes alone.
    """
    heads = [each for each in heads if _may_grow(each, fits(each), now)]
    if not heads:
        return
    most = max(fits(each).joins for each in heads)
    behind = await tx.behind([each.id for each in heads], most - 1)
    heads = [each for each in heads if each.id in behind]
    if not heads:
        return
    standing = [each for head in heads for each in (head, *behind[head.id])]
    messages = await tx.messages({each.message_id for each in standing if each.message_id})
    posts = [joined(head, behind[head.id], messages, fits(head)) for head in heads]
    await tx.join([[each.id for each in post] for post in posts])


def joined(
    head: Delivery, behind: Iterable[Delivery], messages: Mapping[MessageId, Message], fits: Fits
) -> list[Delivery]:
    """Return *head* and what stands directly behind it and can go in the same post, in order.

    Only whole messages to the agents are joined, and only while it is certain that nobody has seen
    them. A post that may have arrived stays what it is.
    """
    post: list[Delivery] = []
    length = 0
    for delivery in (head, *behind):
        message = messages.get(delivery.message_id) if delivery.message_id else None
        if message is None or not (_is_unseen(delivery) and _is_whole(delivery.effect, message)):
            break
        length += len(message.text.text)
        if length > fits.text or len(post) == fits.joins:
            break
        post.append(delivery)
    return post or [head]


def _may_grow(head: Delivery, fits: Fits, now: datetime) -> bool:
    """Whether more may go in one post with *head*: certainly, nobody has seen any of it."""
    return (
        isinstance(head.effect, Relay)
        and _is_unseen(head)
        and fits.joins > 1
        and now - head.since <= GROWS
    )


def _is_unseen(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.PENDING


def _is_whole(effect: Effect, message: Message) -> bool:
    """Whether an effect carries all the words of a message, as they are now."""
    match effect:
        case Relay(to=Side.AGENTS, piece=Piece(start=start, end=end, attachment=None)):
            text = message.text.text
            return bool(message.text) and not (text[:start] + text[end:]).strip()
    return False
