"""Seven days between mailboxes that answer by themselves: loops end, and nobody is buried."""

from collections import Counter

import pytest

from core.effects import MailKind
from tests.support.builders import ManualClock
from tests.support.mail_loops import (
    Answers,
    Post,
    a_mail,
    bouncer,
    forwarded,
    most_in_a_day,
    on_holiday,
    reflector,
    rude,
    rude_to_from,
    silent,
    ticket_system,
    two_faced,
)
from tests.support.mail_world import MailedDesk

OURS, THEIRS = "podrska@example.com", "help@example.org"

MAILBOXES: dict[str, Answers] = {
    "holiday@example.net": on_holiday,
    "rude@example.net": rude,
    "ruder@example.net": rude_to_from,
    "both@example.net": two_faced,
    "nobody@gone.example": bouncer,
    "all@list.example": reflector,
    "no-reply@shop.example": silent,
    "tickets@other.example": ticket_system,
    "ana@loop.example": forwarded(OURS),
}

ROUNDS = 3
"""After how many automatic mails in a row a loop has ended."""


@pytest.fixture
async def post() -> Post:
    """Return the post between two desks of ours and everybody who answers by themselves."""
    clock = ManualClock()
    desks = [MailedDesk(clock, OURS), MailedDesk(clock, THEIRS)]
    for desk in desks:
        await desk.start()
    return Post(clock=clock, desks=desks, mailboxes=MAILBOXES)


async def check(post: Post) -> None:
    """Whatever happened: one acknowledgement a ticket, few mails, and no loop without an end.

    Who has answered from the mailbox itself is told of each ticket that is about to be closed.
    """
    filed = Counter(each.about for each in post.carried if each.kind is MailKind.TICKET_FILED)
    assert max(filed.values(), default=0) <= 1
    assert max((each.round for each in post.carried), default=0) <= ROUNDS
    for desk in post.desks:
        tickets = await desk.tickets()
        proven = {each.contact.email for each in tickets if each.contact.email_proven}
        for to in {each.to for each in post.carried}:
            acknowledged = post.automatic(desk.address, to, MailKind.TICKET_FILED)
            assert most_in_a_day(acknowledged) <= 3, to
            if to not in proven:
                assert most_in_a_day(post.automatic(desk.address, to)) <= 3, to
                assert len(post.automatic(desk.address, to)) <= 20, to
            assert most_in_a_day(post.automatic(desk.address, to)) <= 20, to


@pytest.mark.parametrize("address", MAILBOXES)
async def test_a_mailbox_that_answers_by_itself(post: Post, address: str) -> None:
    """It writes once, and for a week agents answer once a day whatever waits for them."""
    await post.bring(a_mail(address, OURS, "Help", "My site is down."))
    await post.pass_days(7)

    await check(post)


async def test_two_desks_write_to_each_other(post: Post) -> None:
    """Neither acknowledges an acknowledgement; their agents go on for a week in one ticket each.

    Each has one more, of the other's acknowledgement: that names no mail of somebody unproven.
    """
    await post.bring(a_mail(THEIRS, OURS, "Help", "My site is down."))
    await post.pass_days(7)

    await check(post)
    assert max(each.round for each in post.carried) == 1
    assert [len(await desk.tickets()) for desk in post.desks] == [2, 2]


async def test_all_of_them_for_a_week(post: Post) -> None:
    """To both desks, again and again, in each other's midst."""
    for days in (3, 3, 1):
        for address in (*MAILBOXES, THEIRS):
            await post.bring(a_mail(address, OURS, "Help", "My site is down."))
        for address in (*MAILBOXES, OURS):
            await post.bring(a_mail(address, THEIRS, "Help", "My site is down, too."))
        await post.pass_days(days)

    await check(post)
