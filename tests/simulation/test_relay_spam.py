"""A desk is of no use to those who would have it write to strangers in their words."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from core.contact import Identity
from core.events import CustomerWrote
from core.ids import MessageId
from core.message import Attachment, AttachmentKind
from core.ports import FromCustomer, Incoming
from core.richtext import plain
from tests.support.builders import NIGHT, ManualClock
from tests.support.mail_world import MailedDesk, Sent, in_answer_to, written

CANARY = "BUYNOW"
BY_MAIL, BY_CHAT = 400, 400
"""How many requests are forged, each in the name of somebody else."""

HOUR = timedelta(hours=1)


@pytest.fixture
async def desk() -> MailedDesk:
    """Return a desk at night: whoever writes in the chat gets a ticket at once."""
    desk = MailedDesk(ManualClock(NIGHT))
    await desk.start()
    return desk


def everything_in(mail: Sent) -> str:
    """Return all that can be read in a mail: its bytes, its headers and its parts, decoded."""
    message = message_from_bytes(mail.raw, EmailMessage, policy=default)
    headers = [f"{name}: {value}" for name, value in message.items()]
    parts = [str(each.get_content()) for each in message.walk() if not each.is_multipart()]
    return "\n".join((mail.raw.decode(), *headers, *parts))


def most_in_an_hour(mails: list[Sent]) -> int:
    times = sorted(each.at for each in mails)
    return max(sum(at <= each < at + HOUR for each in times) for at in times)


def forged_mail(number: int) -> bytes:
    """Return a mail in a victim's name that advertises in every place there is."""
    file = (
        f'--b\r\nContent-Type: application/pdf; name="{CANARY}.pdf"\r\nContent-ID: <{CANARY}>\r\n'
        f'Content-Disposition: attachment; filename="{CANARY}.pdf"\r\n\r\n{CANARY}\r\n--b--'
    )
    return written(
        f'"{CANARY} http://{CANARY}.example" <victim{number}@example.net>',
        subject=f"{CANARY} {number}",
        text=f"--b\r\n\r\n{CANARY}: http://{CANARY}.example\r\n{file}",
        message_id=f"<{CANARY}.{number}@{CANARY}.example>",
        In_Reply_To=f"<{CANARY}@{CANARY}.example>",
        References=f"<1.{CANARY}@{CANARY}.example> <2.{CANARY}@{CANARY}.example>",
        Reply_To=f"{CANARY} <{CANARY}@{CANARY}.example>",
        Content_Language=CANARY,
        Thread_Topic=CANARY,
        Content_Type='multipart/mixed; boundary="b"',
    )


def forged_chat(number: int, said: str, at: datetime) -> Incoming:
    """Return what somebody types who gives a victim's address for their own."""
    file = Attachment(kind=AttachmentKind.PHOTO, channel="chat", ref="1", name=f"{CANARY}.jpg")
    return Incoming(
        key=f"{number} {said}",
        origin=FromCustomer(
            identity=Identity("chat", f"{number}"), name=f"{CANARY} {CANARY}", language="en"
        ),
        event=CustomerWrote(
            at=at,
            message_id=MessageId(f"{number} {said}"),
            sent_at=at,
            text=plain(said),
            attachments=(file,) if " " in said else (),
        ),
    )


async def test_strangers_are_not_written_to_in_a_forgers_words(desk: MailedDesk) -> None:
    """One mail to each at most, sixty in an hour at most, and not one word of the forger's."""
    rounds = 10
    for turn in range(rounds):
        mails = range(turn * BY_MAIL // rounds, (turn + 1) * BY_MAIL // rounds)
        chats = range(turn * BY_CHAT // rounds, (turn + 1) * BY_CHAT // rounds)
        if turn % 2 == 0:
            await desk.take(*(forged_mail(number) for number in mails))
        for said in (f"{CANARY} http://{CANARY}.example", CANARY.title(), "victim{}@example.org"):
            at = desk.clock.now()
            told = [forged_chat(each, said.format(each), at) for each in chats]
            await desk.desk.receive(told)
            desk.clock.go_on(2)
            await desk.desk.tick()
        await desk.carry_out()
        if turn % 2 == 1:
            await desk.take(*(forged_mail(number) for number in mails))
        await desk.carry_out()
        desk.clock.go_on(1700)
    await desk.sleep(timedelta(days=3))

    assert len(await desk.tickets()) == BY_MAIL + BY_CHAT
    assert max(Counter(each.to for each in desk.sent).values()) == 1
    assert len(desk.sent) >= 4 * 60
    assert most_in_an_hour(desk.sent) <= 60
    assert not [each for each in desk.sent if CANARY.lower() in everything_in(each).lower()]
    kinds = {each.to.partition("@")[2] for each in desk.sent}
    assert kinds == {"example.net", "example.org"}


async def test_one_victim_is_not_buried_whatever_it_is_called(desk: MailedDesk) -> None:
    """Capitals and words after a plus make no other mailbox."""
    for number in range(60):
        name = ("victim", "Victim", f"victim+{number}", "vicTIM")[number % 4]
        sender = f"{name}@{'example.net' if number % 3 else 'EXAMPLE.net'}"
        await desk.take(written(sender, subject=f"{number}"))
    await desk.carry_out()

    assert len(desk.sent) == 3


async def test_a_flood_of_one_address_opens_few_threads(desk: MailedDesk) -> None:
    """Five requests in a day; the rest are notes beside the newest, and none is lost."""
    count = 300
    await desk.take(*(written(subject=f"{each}", text=f"Flood {each}") for each in range(count)))
    await desk.carry_out()

    tickets = await desk.tickets()
    assert len(tickets) == 5
    assert len(desk.sent) == 3
    assert sum([len(await desk.said(each)) for each in tickets]) == count
    desk.clock.go_on(25 * 3600)
    await desk.take(written(subject="Another day"))
    assert len(await desk.tickets()) == 6


# Headers

INJECTED = "Bcc: evil@evil.example"
BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\r\n ",
    "\r\n\r\n",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "\x00",
    "%0d%0a",
    "\\r\\n",
    "&#13;&#10;",
    "=0D=0A",
]
VOUCHED = b"Authentication-Results: mx.example.com; dmarc=pass header.from=example.org\r\n"
"""What our mail server puts on top of Ana's mails: so their subject is answered with."""

OURS = {
    "auto-submitted",
    "content-language",
    "content-type",
    "date",
    "from",
    "in-reply-to",
    "message-id",
    "mime-version",
    "references",
    "reply-to",
    "subject",
    "to",
    "x-auto-response-suppress",
}


def hostile(brk: str, encoding: str) -> Iterator[bytes]:
    """Yield mails that would break out of a header, each in another place."""
    whole = f"a{brk}{INJECTED}"
    word = {
        "raw": whole,
        "q": "=?utf-8?q?" + "".join(f"={each:02X}" for each in whole.encode()) + "?=",
        "folded": whole.replace("\n", "\n\t"),
    }[encoding]
    percent = "".join(f"%{each:02X}" for each in whole.encode())
    file = (
        "--b\r\nContent-Type: text/plain\r\n"
        f"Content-Disposition: attachment; filename*=utf-8''{percent}.txt\r\n\r\nx\r\n--b--"
    )
    yield written(f"{word} <ana@example.org>")
    yield written(f'"{word}" <ana@example.org>')
    yield written(subject=word)
    yield written(message_id=f"<{word}@example.org>")
    yield written(References=f"<1@x.example> <{word}@example.org>", In_Reply_To=f"<{word}>")
    yield written(Reply_To=word, Sender=word, Content_Language=word)
    yield written(
        text=f"--b\r\n\r\n{whole}\r\n{file}", Content_Type='multipart/mixed; boundary="b"'
    )


@pytest.mark.parametrize("encoding", ["raw", "q", "folded"])
@pytest.mark.parametrize("brk", BREAKS, ids=ascii)
async def test_nothing_breaks_out_of_a_header(brk: str, encoding: str) -> None:
    """Neither in the acknowledgement nor, once the address is proven, in what quotes the mail."""
    for raw in hostile(brk, encoding):
        desk = MailedDesk(ManualClock(NIGHT), authserv_id="mx.example.com")
        await desk.start()
        await desk.take(VOUCHED + raw)
        sent = await desk.carry_out()
        if not sent:  # there was no telling who wrote it
            continue
        (first,) = sent
        await desk.take(VOUCHED + in_answer_to(first.raw, "ana@example.org", "It was me."))
        (ticket,) = [each for each in await desk.tickets() if each.contact.email_proven]
        await desk.answer(ticket)
        await desk.carry_out()
        assert len(desk.sent) == 2
        for each in desk.sent:
            check_headers(each)


def check_headers(mail: Sent) -> None:
    """Every header is one that we write, once, on lines of its own; one person gets it."""
    head = mail.raw.partition(b"\r\n\r\n")[0].decode("ascii")
    lines = head.split("\r\n")
    assert not [each for each in lines if set(each) & set("\r\n\x00\x0b\x0c\x1c\x85")]
    names = [each.partition(":")[0].lower() for each in lines if each[0] not in " \t"]
    assert set(names) <= OURS
    assert len(set(names)) == len(names)
    message = message_from_bytes(mail.raw, EmailMessage, policy=default)
    assert message.keys() == [each for each in message if each.lower() in OURS]
    assert [each.addr_spec for each in message["To"].addresses] == [mail.to]
    for each in message.walk():
        assert not each.defects


async def test_her_own_subject_is_answered_with() -> None:
    """Else the test above would promise more than it tries."""
    desk = MailedDesk(ManualClock(NIGHT), authserv_id="mx.example.com")
    await desk.start()
    await desk.take(VOUCHED + written(subject="=?utf-8?q?The=0D=0ABcc=3A_invoice?="))
    (first,) = await desk.carry_out()
    await desk.take(VOUCHED + in_answer_to(first.raw, "ana@example.org", "It was me."))
    (ticket,) = await desk.tickets()
    await desk.answer(ticket)
    (answer,) = await desk.carry_out()

    assert "Subject: Re: The Bcc: invoice [" in everything_in(answer)
    assert "In-Reply-To: <" in everything_in(first)
