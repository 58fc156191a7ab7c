"""Databases to begin with: conversations that agents answer already."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.passes import hash_of
from adapters.store import SqlStore
from bots.bench.rig import database_in
from bots.bench.talk import AGENT, ROOM_ID, SITE, chat_of, thread_ts, token_of, visitor_of
from core.contact import Contact, Identity
from core.conversation import Agent, Conversation, Stage, Wake, WakeFor
from core.ids import AgentId, ContactId, ConversationId, MessageId, Thread
from core.message import Message, Part, Side
from core.passes_port import Pass, Purpose
from core.ports import Changes
from core.richtext import plain

_AT_ONCE = 1000


async def open_conversations(folder: Path, count: int, *, visitors: int = 0) -> None:
    """Make a database in *folder* with conversations past their intake, in the hands of an agent.

    They are written through the store, as the desk itself writes them: so many in Telegram, and
    after them those with *visitors* of the website, who are known already.
    """
    store = await SqlStore.open(f"sqlite:///{database_in(folder)}")
    try:
        for first in range(0, count + visitors, _AT_ONCE):
            changes = Changes()
            for number in range(first, min(first + _AT_ONCE, count + visitors)):
                visitor = Identity("web", visitor_of(number)) if number >= count else None
                conversation, problem = conversation_with_problem(
                    number, datetime.now(UTC), visitor
                )
                changes.conversations[conversation.id] = conversation
                changes.messages[problem.id] = problem
            async with store.transaction() as tx:
                await tx.save(changes)
                talks = changes.conversations.values()
                await tx.set_threads({each.id: each.thread for each in talks if each.thread})
        async with store.transaction() as tx:
            for number in range(count, count + visitors):
                await tx.keep_pass(_pass_of(number))
    finally:
        await store.close()


def conversation_with_problem(
    number: int, now: datetime, identity: Identity | None = None
) -> tuple[Conversation, Message]:
    """Return a conversation that an agent has just answered, and what it is about.

    *identity*: with whom; None: with somebody in Telegram.
    """
    began = now - timedelta(minutes=5)
    contact = Contact(
        id=ContactId(f"contact-{number}"),
        language="en",
        offered_name=f"Ana {number}",
        name=f"Ana {number}",
        email=f"ana{number}@example.com",
    )
    problem = Message(
        id=MessageId(f"problem-{number}"),
        conversation_id=ConversationId(f"conversation-{number}"),
        side=Side.CUSTOMER,
        author=contact.name,
        at=began,
        part=Part.PROBLEM,
        text=plain("My site has been down since this morning."),
    )
    conversation = Conversation(
        id=problem.conversation_id,
        contact=contact,
        identity=identity or Identity("telegram", str(chat_of(number))),
        opened_at=began,
        stage=Stage.ACTIVE,
        department="support",
        thread=Thread(f"{ROOM_ID}:{thread_ts(number)}"),
        problem=(problem.id,),
        has_problem=True,
        card_message=problem.id,
        subject=problem.text.text,
        handed_over=True,
        assignee=Agent(AgentId(AGENT), "Marko"),
        answered_at=now,
        wake=Wake(at=now + timedelta(days=1), reason=WakeFor.IDLE),
    )
    return conversation, problem


def _pass_of(number: int) -> Pass:
    return Pass(
        hash=hash_of(token_of(number)),
        purpose=Purpose.VISITOR,
        subject=visitor_of(number),
        name=SITE,
        made_at=datetime.now(UTC),
    )
