"""What was said last before the answers that a mail carries."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.loading import message_of
from adapters.store.tables import messages
from core.ids import MessageId
from core.message import Message, Part
from core.outbox import SAID_BEFORE

SHOWN = (Part.PROBLEM, Part.TALK)
"""Neither notes, which no customer sees, nor replies to the intake's questions."""

_ANSWER = messages.alias("answer")
_OLDER = messages.alias("older")
# Where the last so many begin: of a long conversation no more is read than is shown.
_FROM = (
    select(_OLDER.c.seq)
    .where(
        _OLDER.c.conversation_id == _ANSWER.c.conversation_id,
        _OLDER.c.seq < _ANSWER.c.seq,
        _OLDER.c.part.in_(SHOWN),
    )
    .order_by(_OLDER.c.seq.desc())
    .offset(bindparam("others"))
    .limit(1)
    .correlate(_ANSWER)
    .scalar_subquery()
)
_BEFORE = (
    select(messages, _ANSWER.c.id.label("before"))
    .join_from(_ANSWER, messages, messages.c.conversation_id == _ANSWER.c.conversation_id)
    .where(
        _ANSWER.c.id.in_(bindparam("answers", expanding=True)),
        messages.c.seq < _ANSWER.c.seq,
        messages.c.seq >= func.coalesce(_FROM, 0),
        messages.c.part.in_(SHOWN),
    )
    .order_by(messages.c.seq)
)


async def said_before(
    connection: AsyncConnection, mails: Iterable[tuple[MessageId, ...]]
) -> defaultdict[tuple[MessageId, ...], tuple[Message, ...]]:
    """Return for the answers of each mail what both sides said last before the last of them."""
    found: defaultdict[tuple[MessageId, ...], tuple[Message, ...]] = defaultdict(tuple)
    answering = [each for each in mails if each]
    if not answering:
        return found
    most = SAID_BEFORE + max(map(len, answering)) - 1  # other answers may be among them
    rows = await connection.execute(
        _BEFORE, {"answers": [each[-1] for each in answering], "others": most - 1}
    )
    before: defaultdict[MessageId, list[Message]] = defaultdict(list)
    for row in rows:
        before[row.before].append(message_of(row))
    for answers in answering:
        others = [each for each in before[answers[-1]] if each.id not in answers]
        found[answers] = tuple(others[-SAID_BEFORE:])
    return found
