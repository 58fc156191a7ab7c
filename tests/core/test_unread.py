"""Answers to a ticket by mail: to whom they go at once, and for whom they wait."""

from datetime import timedelta

import pytest

from core.contact import Identity
from core.conversation import Conversation, Stage
from core.effects import Mail, MailKind
from core.ids import MessageId, TicketId
from core.outbox import MAIL
from core.ticket import FiledBecause, Ticket
from core.unread import answer_by_mail, mail_unread, seen, taken_back
from tests.support.builders import MONDAY, conversation, known, policy

RULES = policy()
ONE, TWO, THREE = (MessageId(each) for each in ("m1", "m2", "m3"))


def ticket(**changes: object) -> Conversation:
    """Return a ticket whose customer said something in the chat a moment ago."""
    filed = Ticket(id=TicketId("MNT-9"), filed_at=MONDAY, because=FiledBecause.AGENT)
    given = {"stage": Stage.TICKETED, "ticket": filed, "heard_at": MONDAY, **changes}
    return conversation(known(), **given)


def answer_with(*ids: MessageId) -> tuple[Mail, ...]:
    return (Mail(kind=MailKind.ANSWER, message_ids=ids),)


def test_who_is_in_the_chat_gets_one_mail_a_while_later() -> None:
    """With everything that was answered meanwhile; it waits for the first of it, not the last."""
    later = MONDAY + timedelta(minutes=4)
    now, first = answer_by_mail(ticket(), ONE, MONDAY, RULES)
    now, second = answer_by_mail(now, TWO, later, RULES)

    assert (first, second) == ((), ())
    assert now.mail_at == MONDAY + RULES.unread
    assert mail_unread(now) == (ticket(mailed=(ONE, TWO)), answer_with(ONE, TWO))


@pytest.mark.parametrize(
    "away",
    [
        {"reachable": False},
        {"heard_at": None},
        {"heard_at": MONDAY - RULES.reading},
        {"identity": Identity(MAIL, "ana@example.com"), "reachable": False, "heard_at": None},
    ],
)
def test_who_is_not_in_the_chat_is_mailed_at_once(away: dict[str, object]) -> None:
    """They left it, were never there, or have been silent for a while."""
    now = ticket(**away)

    after, mail = answer_by_mail(now, ONE, MONDAY, RULES)

    assert (after.unmailed, mail) == ((), answer_with(ONE))


def test_what_follows_an_answer_that_waits_waits_with_it() -> None:
    """Although they have been silent by then: mails keep the order of what was said."""
    now, _ = answer_by_mail(ticket(), ONE, MONDAY, RULES)
    now, mail = answer_by_mail(now, TWO, MONDAY + RULES.reading, RULES)

    assert mail == ()
    assert now.unmailed == (ONE, TWO)


@pytest.mark.parametrize("changes", [{"email": ""}, {"email_works": False}])
def test_nobody_is_mailed_where_no_mail_arrives(changes: dict[str, object]) -> None:
    """Neither at once nor later, if the address failed meanwhile."""
    lost = ticket(unmailed=(ONE,), mail_at=MONDAY).with_contact(**changes)

    assert answer_by_mail(lost, TWO, MONDAY, RULES) == (lost, ())
    assert mail_unread(lost) == (seen(lost), ())


def test_a_sign_of_reading_saves_the_mail() -> None:
    """Whoever goes on in the chat has read it there."""
    waits, _ = answer_by_mail(ticket(), ONE, MONDAY, RULES)

    assert mail_unread(seen(waits)) == (ticket(), ())


def test_what_was_taken_back_is_not_mailed() -> None:
    """The rest still is, at the same time; with nothing left there is nothing to wait for."""
    waits = ticket(unmailed=(ONE, TWO), mail_at=MONDAY)
    left = taken_back(waits, ONE)

    assert (left.unmailed, left.mail_at) == ((TWO,), MONDAY)
    assert taken_back(left, THREE) == left
    assert taken_back(left, TWO) == ticket()
