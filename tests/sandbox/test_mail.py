"""The sandbox's mail server, as real mail clients find it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import aiosmtplib
import pytest
import trustme

from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.mail import MailServer

LOGIN = ("desk@example.com", "p@ss/word:1")


def mail(subject: str = "Račun br. 7", to: str = "ana@example.com") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Podrška <podrska@example.com>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{subject.encode().hex()}@example.com>"
    message.set_content("Здраво, Ано!\n.\nPozdrav.\n")
    return message


@pytest.fixture
def clock() -> Clock:
    return Clock()


Serve = Callable[..., Awaitable[MailServer]]


@pytest.fixture
async def serve(clock: Clock) -> AsyncIterator[Serve]:
    """Start servers, with the options of `MailServer`, and stop them after the test."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> MailServer:
            server = MailServer(clock, **options)
            await server.start()
            stack.push_async_callback(server.stop)
            return server

        yield start


@pytest.fixture
async def server(serve: Serve) -> MailServer:
    """Start a server that takes mail from anybody."""
    return await serve()


def client(server: MailServer, **options: Any) -> aiosmtplib.SMTP:
    """Return a client, without TLS unless *options* ask for it."""
    port = urlsplit(server.url).port
    defaults = {"hostname": "127.0.0.1", "port": port, "start_tls": False, "timeout": 5}
    return aiosmtplib.SMTP(**defaults | options)


async def send(server: MailServer, message: EmailMessage, **options: Any) -> None:
    """Send *message* over a connection of its own."""
    async with client(server, **options) as connection:
        await connection.send_message(message)


async def deliver_raw(server: MailServer, raw: bytes, sender: str = "x@example.com") -> None:
    """Send bytes that no mail library would make."""
    async with client(server) as connection:
        await connection.sendmail(sender, ["ana@example.com"], raw)


# Taking mail and reading it


async def test_a_mail_can_be_read_by_its_recipient(server: MailServer, clock: Clock) -> None:
    """Subject, text, HTML and attachments arrive as they were written."""
    message = mail()
    message.add_alternative("<p>Здраво, <b>Ано</b>!</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="račun.pdf")
    clock.move(timedelta(days=30))

    await send(server, message)

    got = await server.mailbox("ana@example.com").receives("Račun br. 7")
    assert got.text == "Здраво, Ано!\n.\nPozdrav.\n"
    assert got.html == "<p>Здраво, <b>Ано</b>!</p>\n"
    assert got.attachments == (("račun.pdf", "application/pdf", b"%PDF"),)
    assert got.message_id == message["Message-ID"]
    assert got.header("from") == "Podrška <podrska@example.com>"
    assert (got.sender, got.to) == ("podrska@example.com", ("ana@example.com",))
    assert abs(got.at - clock.now()) < timedelta(minutes=1)
    assert b"Subject: =?utf-8?" in got.raw


async def test_everybody_named_gets_the_mail(server: MailServer) -> None:
    """A mail to two is in both mailboxes, whatever the case of their addresses, and in no other."""
    await send(server, mail(to="ana@example.com, Boris@Example.com"))

    for address in ("Ana@example.com", "boris@example.com"):
        assert len(server.mailbox(address).mails) == 1
    assert server.mailbox("vera@example.com").mails == []


async def test_a_mail_is_waited_for(server: MailServer) -> None:
    """Whoever expects a mail that has not come yet gets it when it comes."""
    waiting = asyncio.create_task(server.mailbox("ana@example.com").receives("Tiket"))

    await send(server, mail("Račun"))
    await send(server, mail("Tiket MNT-4K7Q2"))

    assert (await waiting).subject == "Tiket MNT-4K7Q2"


async def test_a_mail_is_returned_once(server: MailServer) -> None:
    """Asking again waits for another mail, and says what is there if none comes."""
    ana = server.mailbox("ana@example.com")
    await send(server, mail("Tiket 1"))
    await send(server, mail("Tiket 2"))

    assert (await ana.receives("Tiket")).subject == "Tiket 1"
    assert (await ana.receives("Tiket")).subject == "Tiket 2"
    with pytest.raises(AssertionError, match=r"no mail about 'Tiket'[^→]*Tiket 1\n[^→]*Tiket 2"):
        await ana.receives("Tiket", timeout=0.01)


async def test_a_page_can_show_the_mailboxes(server: MailServer) -> None:
    """Watchers hear of every mail, and the snapshot is plain JSON."""
    rings: list[str] = []
    server.on_change(lambda: rings.append("ring"))

    await send(server, mail())

    assert rings == ["ring"]
    shown = json.loads(json.dumps(server.snapshot()))["ana@example.com"][0]
    assert shown["subject"] == "Račun br. 7"
    assert shown["from"] == "Podrška <podrska@example.com>"


async def test_automatic_mail_has_no_sender(server: MailServer) -> None:
    """Bounces come from nobody."""
    await deliver_raw(server, b"Subject: Undelivered\r\n\r\nSorry.\r\n", sender="")

    assert (await server.mailbox("ana@example.com").receives("Undelivered")).sender == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"Subject: =?utf-8?q?\xff?=\r\nFrom: " + b"(" * 900 + b"\r\n\r\nx",
        b"Subject: x\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xe8\xff",
        b"Subject: x\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+2AA-",
        b"Subject: x\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--",
        b"Subject: x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!",
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n)
                 for n in range(1500)),
    ],
    ids=["empty", "blank", "header", "charset", "half", "boundary", "base64", "nested"],
)  # fmt: skip
async def test_broken_mail_breaks_nothing(server: MailServer, raw: bytes) -> None:
    """Whatever comes is kept, can be shown, and the next mail is taken as ever."""
    await deliver_raw(server, raw)
    await send(server, mail("The next one"))

    ana = server.mailbox("ana@example.com")
    assert len(ana.mails) == 2
    json.dumps(server.snapshot(), ensure_ascii=False).encode()
    await ana.receives("The next one")


async def test_too_large_a_mail_is_refused(serve: Serve) -> None:
    """A mail over the limit is refused for good, announced (SIZE) or not."""
    server = await serve(size_limit=2000)
    message = mail()
    message.set_content("x" * 70 + "\n" * 3000)

    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await send(server, message)
    assert refused.value.code == 552
    assert server.snapshot() == {}


async def test_a_stopped_server_comes_back_where_it_was(server: MailServer) -> None:
    """While it is down nobody is answered; afterwards address and mail are the same."""
    await send(server, mail("Before"))
    url = server.url
    async with client(server) as held:
        await server.stop()
        with pytest.raises(aiosmtplib.SMTPException):
            await held.noop()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(server, mail("Meanwhile"))

    await server.start()

    assert server.url == url
    await send(server, mail("After"))
    assert [each.subject for each in server.mailbox("ana@example.com").mails] == ["Before", "After"]


# TLS and logging in


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_starttls_with_a_login(
    serve: Serve, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """A submission server takes mail from those who encrypt and log in."""
    server = await serve(tls=server_tls, login=LOGIN)
    user, password = LOGIN

    await send(
        server, mail(), start_tls=True, tls_context=client_tls, username=user, password=password
    )

    await server.mailbox("ana@example.com").receives("Račun")


async def test_no_login_without_tls_where_tls_is_offered(
    serve: Serve, server_tls: ssl.SSLContext
) -> None:
    """A password is not accepted in the clear by a server that could have encrypted it."""
    server = await serve(tls=server_tls, login=LOGIN)

    with pytest.raises(aiosmtplib.SMTPException):
        await send(server, mail(), username=LOGIN[0], password=LOGIN[1])
    assert server.snapshot() == {}


async def test_an_unknown_certificate_is_noticed(serve: Serve, server_tls: ssl.SSLContext) -> None:
    """A client that does not trust the authority refuses, and the server lives on."""
    server = await serve(tls=server_tls)

    with pytest.raises(ssl.SSLCertVerificationError):
        await send(server, mail(), start_tls=True)
    await send(server, mail("In the clear"))

    await server.mailbox("ana@example.com").receives("In the clear")


async def test_tls_from_the_first_byte(
    serve: Serve, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """An smtps server needs no STARTTLS, and the login comes after the handshake."""
    server = await serve(tls=server_tls, scheme="smtps", login=LOGIN)
    user, password = LOGIN

    await send(
        server, mail(), use_tls=True, tls_context=client_tls, username=user, password=password
    )

    await server.mailbox("ana@example.com").receives("Račun")
    assert server.url.startswith("smtps://desk%40example.com:p%40ss%2Fword%3A1@127.0.0.1:")


@pytest.fixture
async def guarded(serve: Serve) -> MailServer:
    """Start a server that takes mail only after a login, without TLS."""
    return await serve(login=LOGIN)


@pytest.mark.parametrize("mechanism", ["plain", "login"])
async def test_a_login_is_accepted(guarded: MailServer, mechanism: str) -> None:
    """AUTH PLAIN and AUTH LOGIN both open the door."""
    async with client(guarded) as connection:
        await connection.ehlo()
        await getattr(connection, f"auth_{mechanism}")(*LOGIN)
        await connection.send_message(mail())

    await guarded.mailbox("ana@example.com").receives("Račun")


async def test_a_wrong_password_is_refused(guarded: MailServer) -> None:
    """A wrong password is refused with 535."""
    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as refused:
        await send(guarded, mail(), username=LOGIN[0], password="wrong")
    assert refused.value.code == 535


async def test_nothing_is_taken_without_a_login(guarded: MailServer) -> None:
    """Whoever does not log in is told to: 530."""
    with pytest.raises(aiosmtplib.SMTPSenderRefused) as refused:
        await send(guarded, mail())
    assert refused.value.code == 530


# What can go wrong


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("MAIL", aiosmtplib.SMTPSenderRefused),
        ("RCPT", aiosmtplib.SMTPRecipientsRefused),
        ("DATA", aiosmtplib.SMTPDataError),
    ],
)
@pytest.mark.parametrize(
    ("kind", "code"), [(FaultKind.LIMIT, 451), (FaultKind.ERROR, 421), (FaultKind.REFUSE, 550)]
)
async def test_a_refusal_has_no_effect_and_passes(
    server: MailServer,
    command: str,
    error: type[aiosmtplib.SMTPException],
    kind: FaultKind,
    code: int,
) -> None:
    """Each step can be refused, for now or for good: nothing is kept, and the next try goes."""
    server.faults.plan(command, Fault(kind=kind, error="5.1.1 No such user"))

    with pytest.raises(error) as refused:
        await send(server, mail())
    first = refused.value
    if isinstance(first, aiosmtplib.SMTPRecipientsRefused):
        first = first.recipients[0]
    assert isinstance(first, aiosmtplib.SMTPResponseException)
    assert first.code == code
    assert ("No such user" in first.message) == (kind is FaultKind.REFUSE)
    assert server.snapshot() == {}

    await send(server, mail())
    assert len(server.mailbox("ana@example.com").mails) == 1


@pytest.mark.parametrize(
    ("kind", "kept"),
    [(FaultKind.CUT_BEFORE, 0), (FaultKind.CUT_AFTER, 1), (FaultKind.ERROR_AFTER, 1)],
)
async def test_the_sender_is_left_in_doubt(server: MailServer, kind: FaultKind, kept: int) -> None:
    """The sender learns nothing good after DATA, whether or not the mail was taken."""
    server.faults.plan("DATA", Fault(kind=kind))

    with pytest.raises(aiosmtplib.SMTPException):
        await send(server, mail())

    assert len(server.mailbox("ana@example.com").mails) == kept


async def test_a_cut_is_a_cut_under_tls_too(
    serve: Serve, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """A connection that was upgraded breaks like any other."""
    server = await serve(tls=server_tls)
    server.faults.plan("DATA", Fault(kind=FaultKind.CUT_AFTER))

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(server, mail(), start_tls=True, tls_context=client_tls)

    await server.mailbox("ana@example.com").receives("Račun")


async def test_a_slow_answer_comes_after_the_effect(server: MailServer) -> None:
    """The mail is there at once, while its sender loses patience."""
    server.faults.plan("DATA", Fault(kind=FaultKind.SLOW, seconds=30))

    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await send(server, mail(), timeout=0.2)

    await server.mailbox("ana@example.com").receives("Račun")
