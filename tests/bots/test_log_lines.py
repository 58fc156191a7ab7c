"""What the log says of conversations: a line where something turned, none for every message."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from bots import logs
from bots.log_lines import log_changes
from core.conversation import Conversation, Stage
from core.effects import OpenThread, Relay
from core.events import (
    AgentEdited,
    AgentResolved,
    AgentWrote,
    CustomerEdited,
    CustomerFlooded,
    CustomerWrote,
    Event,
    Excess,
    TimerFired,
)
from core.ids import MessageId, TicketId
from core.message import Side
from core.ports import Changes, Entry
from core.richtext import plain
from core.ticket import FiledBecause, Ticket
from tests.support.builders import MILA, conversation
from tests.support.logging_kept import logging_kept

EARLIER = conversation().opened_at
AT = EARLIER + timedelta(hours=1)
SAID = MessageId("telegram:1:5")
WROTE = CustomerWrote(at=AT, message_id=SAID, sent_at=AT, text=plain("Help"))
MESSAGES: list[Event] = [
    WROTE,
    CustomerEdited(at=AT, message_id=SAID, text=plain("Help!")),
    AgentWrote(at=AT, message_id=MessageId("slack:1"), sent_at=AT, agent=MILA),
    AgentEdited(at=AT, message_id=MessageId("slack:1"), agent=MILA, text=plain("Yes")),
]


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    with logging_kept():
        yield


def said(
    capsys: pytest.CaptureFixture[str],
    now: Conversation,
    what: Sequence[Event | OpenThread | Relay],
    level: str = "info",
) -> list[str]:
    """Return the lines on these events and effects: what each is, and of which kind."""
    logs.set_up(form="json", level=level)
    journal = [Entry(now.id, AT, each) for each in what]
    log_changes(Changes(conversations={now.id: now}, journal=journal))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert all(line["conversation"] == now.id for line in lines)
    return [f"{line['event']} {line.get('event_kind', '')}".strip() for line in lines]


def test_messages_are_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    """A busy day does not fill the log: what people write is told to whoever debugs."""
    assert said(capsys, conversation(), MESSAGES) == []
    relayed = Relay(to=Side.AGENTS, message_id=SAID)
    told = said(capsys, conversation(), [*MESSAGES, relayed], level="debug")
    assert told == [
        "conversation.event CustomerWrote",
        "conversation.event CustomerEdited",
        "conversation.event AgentWrote",
        "conversation.event AgentEdited",
        "conversation.effect",
    ]


def test_what_is_worth_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Floods, presses, timers and the like are told."""
    flood = CustomerFlooded(at=AT, too_much=Excess.MESSAGES, until=AT)
    assert said(capsys, conversation(), [flood]) == ["conversation.event CustomerFlooded"]


def test_a_conversation_s_turns(capsys: pytest.CaptureFixture[str]) -> None:
    """That it was opened, shown to agents, filed and resolved is told once, when it happens."""
    opened = conversation(opened_at=AT)
    assert said(capsys, opened, [WROTE, WROTE]) == ["conversation.opened"]
    assert said(capsys, conversation(), [WROTE, OpenThread()]) == ["conversation.handed_over"]
    ticket = Ticket(id=TicketId("MNT-1"), filed_at=AT, because=FiledBecause.UNANSWERED)
    filed = conversation(stage=Stage.TICKETED, ticket=ticket)
    assert said(capsys, filed, [TimerFired(at=AT)]) == [
        "conversation.event TimerFired",
        "conversation.ticket_filed",
    ]
    over = conversation(stage=Stage.RESOLVED, resolved_at=AT)
    resolved = AgentResolved(at=AT, agent=MILA)
    assert said(capsys, over, [resolved]) == [
        "conversation.event AgentResolved",
        "conversation.resolved",
    ]
    long_over = conversation(stage=Stage.RESOLVED, resolved_at=EARLIER)
    assert said(capsys, long_over, [WROTE]) == []
