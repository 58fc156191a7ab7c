"""Which tickets may be merged, and which never: what one said must not be shown to another."""

from dataclasses import replace

import pytest

from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.decide import decide
from core.events import AgentMerged, TicketTookIn
from core.ids import ContactId, ConversationId, MessageId, TicketId
from core.phrases import Phrase
from core.ticket import FiledBecause, Ticket, TicketStatus
from core.ticket_merging import taken_in, why_not
from tests.support.builders import MILA, MONDAY, conversation, known, policy

PROVEN = known(email_proven=True)


def ticket(id_: str, who: Contact, **changes: object) -> Conversation:
    filed = Ticket(id=TicketId(f"MNT-{id_}"), filed_at=MONDAY, because=FiledBecause.AGENT)
    start = conversation(who, stage=Stage.TICKETED, ticket=filed)
    return replace(start, id=ConversationId(id_), **changes)  # type: ignore[arg-type]


def other(**changes: object) -> Contact:
    return replace(PROVEN, id=ContactId("other"), **changes)  # type: ignore[arg-type]


def refusal(one: Conversation, into: Conversation | None) -> Phrase | None:
    words = why_not(one, into, "MNT-X")
    return words.phrase if words else None


@pytest.mark.parametrize(
    "into",
    [
        ticket("2", known()),
        ticket("2", other()),
        ticket("2", other(email="Ana@Example.COM")),
    ],
)
def test_tickets_of_one_customer_can_be_merged(into: Conversation) -> None:
    """Of one contact, whatever is proven; of two with one address that is proven for both."""
    assert refusal(ticket("1", PROVEN), into) is None


@pytest.mark.parametrize(
    ("one", "into"),
    [
        (PROVEN, other(email_proven=False)),
        (known(), other()),
        (PROVEN, other(email="boris@example.com")),
        (known(email="", email_proven=True), other(email="")),
    ],
)
def test_an_address_that_somebody_typed_merges_nothing(one: Contact, into: Contact) -> None:
    """On either side; nor does having none."""
    assert refusal(ticket("1", one), ticket("2", into)) is Phrase.MERGE_STRANGER


def test_only_open_tickets_are_merged() -> None:
    """Into another one, that there is."""
    one, two = ticket("1", PROVEN), ticket("2", PROVEN)
    over = two.with_ticket(status=TicketStatus.CLOSED).evolve(
        stage=Stage.RESOLVED, resolved_at=MONDAY
    )

    assert refusal(one, over) is Phrase.MERGE_NOT_OPEN
    assert refusal(over, one) is Phrase.MERGE_NOT_OPEN
    assert refusal(one, conversation(PROVEN, stage=Stage.ACTIVE)) is Phrase.MERGE_NOT_OPEN
    assert refusal(one, one) is Phrase.MERGE_SAME
    assert refusal(one, None) is Phrase.MERGE_UNKNOWN


def test_whether_a_strangers_ticket_is_open_is_not_told() -> None:
    """Only that it is not this customer's."""
    closed = ticket("2", other(email_proven=False))
    over = closed.with_ticket(status=TicketStatus.CLOSED).evolve(
        stage=Stage.RESOLVED, resolved_at=MONDAY
    )
    assert refusal(ticket("1", PROVEN), over) is Phrase.MERGE_STRANGER


@pytest.mark.parametrize("channel", ["mail", "portal", "api"])
def test_a_chat_takes_the_place_of_where_there_is_none(channel: str) -> None:
    """What was mailed of it is known there, too, so that it is not mailed again."""
    nowhere = ticket("1", PROVEN, identity=Identity(channel, "ana@example.com"), reachable=False)
    chat = ticket("2", PROVEN, mailed=(MessageId("a1"),), unmailed=(MessageId("a2"),))
    both = decide(nowhere, _taken(chat), policy()).conversation
    chatted = decide(chat, _taken(nowhere), policy()).conversation

    assert (both.identity, both.reachable) == (chat.identity, True)
    assert both.mailed == ("a1", "a2")
    assert (chatted.identity, chatted.mailed) == (chat.identity, chat.mailed)


def _taken(merged: Conversation) -> TicketTookIn:
    event = AgentMerged(at=MONDAY, agent=MILA, into=TicketId("MNT-9"))
    return taken_in(event, merged, ())
