"""What mails do to a conversation: whose words they are, and what becomes of them."""

from datetime import timedelta
from typing import Any

import pytest

from core.contact import Contact, Identity
from core.conversation import Conversation, Stage, Wake, WakeFor
from core.decide import decide
from core.effects import Mail, MailKind, OpenThread, Relay, Say, TellAgents
from core.events import (
    AgentAdopted,
    AgentEdited,
    AgentSplit,
    AgentWrote,
    CustomerMailed,
    MailBounced,
)
from core.ids import MessageId, TicketId
from core.mailed import is_theirs
from core.message import Message, Part, Side
from core.outbox import MAIL
from core.phrases import Phrase
from core.policy import Policy
from core.richtext import plain
from core.said import message_of
from core.ticket import FiledBecause, Ticket, TicketStatus
from tests.support.builders import MILA, MONDAY, contact, conversation, known, policy

ANA = "ana@example.com"
EVE = "eve@example.net"


def mail(sender: str = ANA, **changes: object) -> CustomerMailed:
    """Return a mail, of which nothing is known but what it says of itself."""
    given = {"at": MONDAY, "sent_at": MONDAY, "mail_id": "<1@mail.example.com>", **changes}
    return CustomerMailed(
        message_id=MessageId("mail:1"),
        fresh_ticket_id=TicketId("MNT-1"),
        sender=sender,
        text=plain("And now?"),
        **given,  # type: ignore[arg-type]
    )


def begun(who: Contact | None = None, **changes: object) -> Conversation:
    """Return a conversation that a mail is about to begin."""
    return conversation(who or contact(), identity=Identity(MAIL, ANA), **changes)


def ticket(who: Contact | None = None, **changes: object) -> Conversation:
    """Return Ana's ticket, which she began by mail and an agent has answered."""
    given = {
        "identity": Identity(MAIL, ANA),
        "stage": Stage.TICKETED,
        "handed_over": True,
        "reachable": False,
        "ticket": Ticket(
            id=TicketId("MNT-9"),
            filed_at=MONDAY,
            because=FiledBecause.MAIL,
            status=TicketStatus.ANSWERED,
        ),
    }
    return conversation(who or known(), **{**given, **changes})


def note(sender: str = EVE) -> Message:
    """Return what a stranger mailed into a ticket."""
    return Message(
        id=MessageId("mail:1"),
        conversation_id=ticket().id,
        side=Side.CUSTOMER,
        author=sender,
        at=MONDAY,
        part=Part.NOTE,
        text=plain("Send it to me"),
    )


def phrases(effects: tuple[object, ...]) -> list[Phrase]:
    return [each.words.phrase for each in effects if isinstance(each, Say | TellAgents)]


def part_of(now: Conversation, event: CustomerMailed) -> Part:
    said = message_of(event, now, policy(), {})
    assert said is not None
    return said.part


# A mail that begins something


def test_it_is_a_ticket_at_once_and_is_acknowledged() -> None:
    """The words are the problem, in the desk's own file; the address is a claim."""
    decision = decide(begun(), mail(), policy())

    assert decision.conversation.ticket is not None
    assert decision.conversation.contact.email == ANA
    assert not decision.conversation.contact.email_proven
    assert decision.effects == (OpenThread(), Mail(kind=MailKind.TICKET_FILED))
    assert part_of(begun(), mail()) is Part.PROBLEM


def test_a_machine_gets_no_answer() -> None:
    """Agents see that nobody was told."""
    decision = decide(begun(), mail(automatic=True), policy())

    assert phrases(decision.effects) == [Phrase.AGENTS_MAIL_AUTOMATIC]
    assert not [each for each in decision.effects if isinstance(each, Mail)]


def test_who_cannot_be_told_is_not_written_to() -> None:
    """A mail with two senders, or none, is a ticket all the same."""
    decision = decide(begun(), mail(sender=""), policy())

    assert decision.conversation.stage is Stage.TICKETED
    assert not [each for each in decision.effects if isinstance(each, Mail)]


@pytest.mark.parametrize(
    ("proof", "subject"), [({}, ""), ({"authentic": True}, "Help"), ({"proven": True}, "Help")]
)
def test_a_subject_that_anybody_may_have_typed_is_not_answered_with(
    proof: dict[str, Any], subject: str
) -> None:
    """Whose address is proven already may be named by a stranger; agents read the subject."""
    decision = decide(begun(known(email_proven=True)), mail(subject="Help", **proof), policy())

    assert decision.conversation.mail_subject == subject
    assert decision.conversation.subject == "Help"


def test_a_proof_belongs_to_its_address() -> None:
    """Nobody inherits what was proven of another address."""
    decision = decide(begun(known(email_proven=True)), mail(EVE), policy())

    assert decision.conversation.contact.email == EVE
    assert not decision.conversation.contact.email_proven


# A mail into a ticket


@pytest.mark.parametrize(
    ("sender", "changes", "theirs"),
    [
        (ANA, {"proven": True}, True),
        (ANA, {"authentic": True}, False),
        (ANA, {}, False),
        (ANA, {"proven": True, "automatic": True}, False),
        (EVE, {"proven": True}, False),
        (EVE, {"authentic": True}, True),
        (EVE, {}, False),
        ("bob@example.com", {"authentic": True, "proven": True}, False),
    ],
)
def test_whose_word_it_is(sender: str, changes: dict[str, bool], theirs: bool) -> None:
    """The customer's, by proof; that of who was adopted, if a server vouches for them."""
    now, event = ticket(also=(EVE,)), mail(sender, **changes)

    assert is_theirs(now, event) is theirs
    assert part_of(now, event) is (Part.TALK if theirs else Part.NOTE)


@pytest.mark.parametrize("stage", [Stage.TICKETED, Stage.RESOLVED])
def test_what_a_stranger_mails_changes_nothing_and_reaches_agents_alone(stage: Stage) -> None:
    """No status, no wake, no ticket that is opened again."""
    now = ticket()
    if stage is Stage.RESOLVED:
        now = now.with_ticket(status=TicketStatus.CLOSED).evolve(stage=stage, resolved_at=MONDAY)
    decision = decide(now, mail(EVE, authentic=True), policy())

    assert decision.conversation == now
    told, relay = decision.effects
    assert isinstance(told, TellAgents)
    assert told.stranger == "mail:1"
    assert relay == Relay(to=Side.AGENTS, message_id=MessageId("mail:1"))


def test_the_customers_answer_proves_the_address() -> None:
    """And opens what was closed; there is no chat in which anything could be said of it."""
    closed = ticket(known(email_works=False)).with_ticket(status=TicketStatus.CLOSED)
    closed = closed.evolve(stage=Stage.RESOLVED, resolved_at=MONDAY)
    decision = decide(closed, mail(proven=True), policy())

    assert decision.conversation.stage is Stage.TICKETED
    assert decision.conversation.contact.email_proven
    assert decision.conversation.contact.takes_mail
    assert not decision.conversation.reachable
    assert not [each for each in decision.effects if isinstance(each, Say)]


def test_a_server_that_vouches_does_not_prove_the_address() -> None:
    """Only an answer to what was sent there does, even if agents have adopted it."""
    decision = decide(ticket(also=(ANA,)), mail(authentic=True), policy())

    assert part_of(ticket(also=(ANA,)), mail(authentic=True)) is Part.TALK
    assert not decision.conversation.contact.email_proven


def test_who_mails_has_not_read_the_chat() -> None:
    """An answer that waits to be mailed still waits, and is mailed when it would have been."""
    mail_at = MONDAY + timedelta(minutes=5)
    waits = ticket(
        unmailed=(MessageId("m7"),),
        mail_at=mail_at,
        reachable=True,
        heard_at=MONDAY,
        wake=Wake(at=mail_at, reason=WakeFor.MAIL),
    )
    after = decide(waits, mail(proven=True), policy()).conversation

    assert after.unmailed == ("m7",)
    assert after.wake == Wake(at=mail_at, reason=WakeFor.MAIL)
    assert after.ticket is not None
    assert after.ticket.status is TicketStatus.CUSTOMER_REPLY


def test_only_the_newest_of_her_mails_are_referred_to() -> None:
    """Ten of them, the newest last, and each once."""
    now = ticket()
    for number in (*range(12), 11):
        event = mail(proven=True, mail_id=f"<{number}@mail.example.com>")
        now = decide(now, event, policy()).conversation

    assert [each[1:-18] for each in now.mail_ids] == [str(each) for each in range(2, 12)]


# A mail that came back


def test_a_mail_that_came_back_for_good() -> None:
    """Nothing more is mailed, nothing waits to be, and the agents know."""
    now = ticket(known(email_proven=True), unmailed=(MessageId("m7"),), mail_at=MONDAY)
    event = MailBounced(at=MONDAY, emails=(ANA.upper(),), detail="5.1.1 No such user")
    decision = decide(now, event, policy())

    assert not decision.conversation.contact.takes_mail
    assert not decision.conversation.contact.email_proven
    assert decision.conversation.unmailed == ()
    assert phrases(decision.effects) == [Phrase.AGENTS_MAIL_BOUNCED]


@pytest.mark.parametrize(
    "changes", [{"emails": ("bob@example.com",)}, {"emails": (), "is_final": False}]
)
def test_a_mail_that_came_back_for_now_or_from_elsewhere(changes: dict[str, object]) -> None:
    """Agents are told; the address goes on to be written to."""
    event = MailBounced(at=MONDAY, detail="", **changes)  # type: ignore[arg-type]
    decision = decide(ticket(), event, policy())

    assert decision.conversation == ticket()
    assert phrases(decision.effects) == [Phrase.AGENTS_MAIL_CAME_BACK]


# What agents say of a stranger's mail


def test_an_adopted_mail_is_the_customers_word() -> None:
    """The ticket waits for us again."""
    event = AgentAdopted(at=MONDAY, agent=MILA, message_id=MessageId("mail:1"), sender=EVE)
    decision = decide(ticket(), event, policy())
    said = message_of(event, ticket(), policy(), {note().id: note()})

    assert decision.conversation.also == (EVE,)
    assert decision.conversation.waiting_since == MONDAY
    assert decision.conversation.ticket is not None
    assert decision.conversation.ticket.status is TicketStatus.CUSTOMER_REPLY
    assert said is not None
    assert said.part is Part.TALK
    assert decide(decision.conversation, event, policy()).effects == ()


def test_nobody_is_adopted_whose_address_is_not_known() -> None:
    """What they mailed stays a note, as the desk says nothing else of it."""
    event = AgentAdopted(at=MONDAY, agent=MILA, message_id=MessageId("mail:1"))

    assert decide(ticket(), event, policy()).effects == ()
    assert message_of(event, ticket(), policy(), {note("").id: note("")}) is None


def test_what_cannot_be_split_off_is_not_said_to_be() -> None:
    """It has become a ticket before, or nobody knows it."""
    event = AgentSplit(at=MONDAY, agent=MILA, message_id=MessageId("mail:1"))

    assert decide(ticket(), event, policy()).effects == ()


# Notes


@pytest.mark.parametrize("reachable", [False, True])
@pytest.mark.parametrize("unmailed", [(), (MessageId("m7"),)])
def test_a_note_is_neither_mailed_nor_said_in_the_chat(
    reachable: bool, unmailed: tuple[MessageId, ...]
) -> None:
    """Written as one, or edited into one while the answer waited to be mailed."""
    now = ticket(
        reachable=reachable,
        unmailed=unmailed,
        mail_at=MONDAY if unmailed else None,
        heard_at=MONDAY,
    )
    wrote = AgentWrote(
        at=MONDAY, sent_at=MONDAY, message_id=MessageId("m8"), agent=MILA, text=plain("// rude")
    )
    edited = AgentEdited(at=MONDAY, message_id=MessageId("m7"), agent=MILA, text=plain("//rude"))

    assert decide(now, wrote, policy()).effects == ()
    decision = decide(now, edited, policy())
    assert decision.effects == ()
    assert decision.conversation.unmailed == ()
    assert message_of(wrote, now, Policy(departments=policy().departments), {}).part is Part.NOTE  # type: ignore[union-attr]
