"""Which tickets may be merged, and which never: what one said must not be shown to another."""

from dataclasses import replace

import pytest

from core.contact import Contact
from core.conversation import Conversation, Stage
from core.ids import ContactId, ConversationId, TicketId
from core.phrases import Phrase
from core.ticket import FiledBecause, Ticket, TicketStatus
from core.ticket_merging import why_not
from tests.support.builders import MONDAY, conversation, known

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
