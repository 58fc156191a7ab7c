"""What a mail is sent with: the answers that it carries, and what was said before them."""

from dataclasses import replace
from datetime import timedelta

from core.contact import Identity
from core.effects import Mail, MailKind
from core.email_address import mailbox_of
from core.ids import DeliveryId, MessageId
from core.mail_port import AutomaticMails
from core.message import Message, Part, Side
from core.outbox import MAIL, Delivery, Outgoing
from core.ports import Store
from tests.support.builders import MONDAY
from tests.support.stored import a_conversation, a_delivery, a_message, add_department, keep


def an_answer(id_: str, conversation: str = "of-ana") -> Message:
    return a_message(id_, conversation, side=Side.AGENTS, author="Mira")


def a_mail(id_: str, *answers: str, of: str = "ana", kind: MailKind = MailKind.ANSWER) -> Delivery:
    ids = tuple(MessageId(each) for each in answers)
    return a_delivery(
        id_,
        f"of-{of}",
        channel=MAIL,
        lane=f"mail:{of}@example.com",
        effect=Mail(kind=kind, message_ids=ids),
        message_id=ids[0] if ids else None,
    )


async def sent(store: Store, *ids: str) -> list[Outgoing]:
    async with store.transaction() as tx:
        return await tx.begin([DeliveryId(each) for each in ids])


def texts(messages: tuple[Message, ...]) -> str:
    return " ".join(each.text.text for each in messages)


async def test_an_answer_comes_with_what_was_said_before_it(store: Store) -> None:
    """Both sides in order; neither notes nor names and addresses, and nothing said afterwards."""
    await add_department(store)
    await keep(
        store,
        a_conversation(),
        a_message("Ana", part=Part.ANSWER),
        a_message("help", part=Part.PROBLEM),
        a_message("rude", part=Part.NOTE, side=Side.AGENTS),
        an_answer("how"),
        a_message("so"),
        an_answer("try"),
        a_message("thanks"),
        a_mail("1", "try"),
    )
    (mail,) = await sent(store, "1")
    assert mail.message is not None
    assert mail.message.id == "try"
    assert mail.with_messages == ()
    assert texts(mail.said_before) == "help how so"


async def test_several_answers_go_in_one_mail(store: Store) -> None:
    """Each of them whole, in order; what the customer said in between stands with what was said."""
    await add_department(store)
    said = (a_message("help"), an_answer("one"), a_message("and?"), an_answer("two"))
    await keep(store, a_conversation(), *said, a_mail("1", "one", "two"))
    (mail,) = await sent(store, "1")
    assert mail.message is not None
    assert mail.message.id == "one"
    assert texts(mail.with_messages) == "one two"
    assert texts(mail.said_before) == "help and?"


async def test_of_a_long_conversation_only_the_last_words_come_along(store: Store) -> None:
    """Ten of them, however many answers stand among them; other conversations keep their own."""
    await add_department(store)
    names = [str(number) for number in range(20)]
    await keep(store, a_conversation(), a_conversation("ivo"))
    await keep(store, *(a_message(each) for each in names), a_message("hi", "of-ivo"))
    await keep(store, an_answer("a"), an_answer("b"), an_answer("c"), an_answer("yes", "of-ivo"))
    await keep(store, a_mail("1", "a", "b", "c"), a_mail("2", "yes", of="ivo"))
    ana, ivo = await sent(store, "1", "2")
    assert texts(ana.said_before) == "10 11 12 13 14 15 16 17 18 19"
    assert texts(ivo.said_before) == "hi"


async def test_a_mail_without_an_answer_repeats_nothing(store: Store) -> None:
    """What the desk writes by itself quotes nobody."""
    await add_department(store)
    await keep(store, a_conversation(), a_message("help"))
    await keep(store, a_mail("1", kind=MailKind.TICKET_FILED))
    (mail,) = await sent(store, "1")
    assert (mail.message, mail.with_messages, mail.said_before) == (None, (), ())


async def test_what_an_address_has_begun_is_counted(store: Store) -> None:
    """By mail, and since then; not what somebody with that name begins in a chat."""
    await add_department(store)
    for number, (channel, hours) in enumerate([(MAIL, 0), (MAIL, 5), (MAIL, 6), ("chat", 6)]):
        talk = a_conversation(f"t{number}", opened_at=MONDAY + timedelta(hours=hours))
        await keep(store, replace(talk, identity=Identity(channel, "ana@x.com")))

    async with store.transaction() as tx:
        begun = await tx.begun_by_mail(["ana@x.com", "bob@x.com"], MONDAY + timedelta(hours=1))

    assert begun == {"ana@x.com": 2}


async def test_spellings_of_one_mailbox_are_counted_together(store: Store) -> None:
    """Capitals and what follows a plus make no other victim: the place of a mail is its mailbox."""
    await add_department(store)
    places = (
        "ana@x.com",
        "ANA@X.com",
        "Ana+shop@x.com",
        "a_a@x.com",
        "ana@x.com.org",
        "anas@x.com",
    )
    mails = [
        replace(a_mail(each, kind=MailKind.TICKET_FILED), place=mailbox_of(each), created_at=MONDAY)
        for each in places
    ]
    answer = replace(a_mail("written", "by Mira"), place="ana@x.com", created_at=MONDAY)
    await keep(store, a_conversation(), an_answer("by Mira"), *mails, answer)

    async with store.transaction() as tx:
        soon = await tx.automatic_mails("ana+9@X.com", MONDAY + timedelta(minutes=5))
        later = await tx.automatic_mails("ana@x.com", MONDAY + timedelta(days=2))
        alike = await tx.automatic_mails("a_a@x.com", MONDAY + timedelta(hours=2))

    assert soon == AutomaticMails(to_it_today=3, to_it=3, this_hour=6)
    assert later == AutomaticMails(to_it_today=0, to_it=3, this_hour=0)
    assert alike == AutomaticMails(to_it_today=1, to_it=1, this_hour=0)
