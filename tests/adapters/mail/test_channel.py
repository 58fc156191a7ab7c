"""Handing mail in, over real SMTP."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from adapters.files import Files
from adapters.mail.address import Encryption, SmtpServer, parse_mail_from, parse_smtp_url
from adapters.mail.channel import MailChannel
from adapters.phrasebook import load_phrasebook
from core.channel_port import Channel
from core.effects import MailKind, UpdateCard
from core.errors import GiveUp, InDoubt, Retry
from core.outbox import Outgoing
from core.pace import Pace
from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.mail import MailServer
from tests.support.mailing import answer, outgoing

LOGIN = ("desk@example.com", "p@ss/word:1")
PHRASEBOOK = load_phrasebook()
NO_FILES = Files(Path("/nowhere"))
SENDER = parse_mail_from("Podrška <podrska@example.com>")

Serve = Callable[..., Awaitable[MailServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers, with the options of `MailServer`, and stop them after the test."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> MailServer:
            server = MailServer(Clock(), **options)
            await server.start()
            stack.push_async_callback(server.stop)
            return server

        yield start


@pytest.fixture
async def server(serve: Serve) -> MailServer:
    """Start a server that takes mail from anybody."""
    return await serve()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def channel(server: MailServer, **options: Any) -> MailChannel:
    """Return the channel to a server on this machine, as `SMTP_URL` describes it."""
    return channel_to(parse_smtp_url(server.url), **options)


def channel_to(server: SmtpServer, **options: Any) -> MailChannel:
    """Return the channel to a server, with no files to send, unless *options* has some."""
    return MailChannel(server, SENDER, PHRASEBOOK, **{"files": NO_FILES, "tokens": None} | options)


def from_afar(server: MailServer) -> SmtpServer:
    """Return the server as if it were on another machine."""
    return replace(parse_smtp_url(server.url), encryption=Encryption.STARTTLS)


def an_answer(delivery: str = "d1") -> Outgoing:
    return outgoing(MailKind.ANSWER, message=answer("Пробајте поново."), delivery=delivery)


# Mail that arrives


async def test_a_mail_arrives(server: MailServer) -> None:
    """What was rendered is in the mailbox, and its Message-ID is the receipt."""
    sent = await channel(server).deliver(an_answer())

    mail = await server.mailbox("ana@example.com").receives("MNT-4K7Q2")
    assert mail.message_id == sent.receipt == "<mail.d1@example.com>"
    assert (mail.sender, mail.to) == ("podrska@example.com", ("ana@example.com",))
    assert mail.header("From") == "Podrška <podrska@example.com>"
    assert mail.header("To") == "ana@example.com"
    assert "Пробајте поново." in mail.text
    assert "Пробајте поново." in mail.html


async def test_a_server_elsewhere_is_spoken_to_in_private(
    serve: Serve, server_tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    """STARTTLS with a verified certificate comes first, then the login, then the mail."""
    server = await serve(tls=server_tls, login=LOGIN)

    await channel_to(from_afar(server), tls=trust).deliver(an_answer())

    await server.mailbox("ana@example.com").receives("MNT-4K7Q2")


async def test_tls_from_the_first_byte(
    serve: Serve, server_tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    """An smtps:// server is served as well."""
    server = await serve(tls=server_tls, scheme="smtps", login=LOGIN)

    await channel(server, tls=trust).deliver(an_answer())

    await server.mailbox("ana@example.com").receives("MNT-4K7Q2")


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_server_on_this_machine_needs_no_certificate(
    serve: Serve, server_tls: ssl.SSLContext, encrypted: bool
) -> None:
    """It is used with STARTTLS where it has that, whoever signed, and without where it has not."""
    server = await serve(tls=server_tls if encrypted else None, login=LOGIN)

    await channel(server).deliver(an_answer())

    await server.mailbox("ana@example.com").receives("MNT-4K7Q2")


# Mail that does not


async def test_no_mail_for_a_stranger_with_the_servers_name(
    serve: Serve, server_tls: ssl.SSLContext
) -> None:
    """A certificate that nobody trusted has signed gets neither password nor mail."""
    server = await serve(tls=server_tls, login=LOGIN)

    with pytest.raises(Retry, match="certificate"):
        await channel_to(from_afar(server)).deliver(an_answer())

    assert server.snapshot() == {}


async def test_no_mail_in_the_clear(server: MailServer) -> None:
    """A server elsewhere that offers no STARTTLS gets no mail."""
    with pytest.raises(Retry, match="STARTTLS"):
        await channel_to(from_afar(server)).deliver(an_answer())

    assert server.snapshot() == {}


@pytest.mark.parametrize(("user", "password"), [(LOGIN[0], "secret7"), ("", "")])
async def test_a_refused_login_waits_for_the_operator(
    serve: Serve, user: str, password: str
) -> None:
    """The mail is kept, and the password stays out of what the operator reads."""
    server = await serve(login=LOGIN)
    wrong = replace(parse_smtp_url(server.url), user=user, password=password)

    with capture_logs() as log, pytest.raises(Retry, match=r"53[05]") as failed:
        await channel_to(wrong).deliver(an_answer())

    assert "secret7" not in f"{failed.value.reason} {log} {wrong}"
    assert [each["reason"] for each in log] == (["535 5.7.8"] if user else [])


async def test_a_server_that_is_down_is_tried_again(server: MailServer) -> None:
    """Nobody answers: the mail waits."""
    await server.stop()

    with pytest.raises(Retry, match="mail server cannot be used"):
        await channel(server).deliver(an_answer())


@pytest.mark.parametrize("kind", [FaultKind.LIMIT, FaultKind.ERROR])
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_not_now_means_later(server: MailServer, command: str, kind: FaultKind) -> None:
    """A temporary refusal at any step is tried again, and then succeeds."""
    server.faults.plan(command, Fault(kind=kind))

    with pytest.raises(Retry, match=r"451 4\.7\.1|421 4\.3\.0"):
        await channel(server).deliver(an_answer())
    assert server.snapshot() == {}

    await channel(server).deliver(an_answer())
    assert len(server.mailbox("ana@example.com").mails) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_never_means_never(server: MailServer, command: str) -> None:
    """A final refusal is given up, with its codes for people, and without the server's words."""
    refusal = Fault(kind=FaultKind.REFUSE, error="5.1.1 <ana@example.com> No such user")
    server.faults.plan(command, refusal)

    with pytest.raises(GiveUp) as given_up:
        await channel(server).deliver(an_answer())

    why = PHRASEBOOK.say("en", given_up.value.why)
    assert why == "the mail server refused it (550 5.1.1)"
    assert "ana" not in given_up.value.reason


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
async def test_a_cut_before_the_mail_is_no_doubt(server: MailServer, command: str) -> None:
    """Nothing was handed over, so the mail is certainly not delivered."""
    server.faults.plan(command, Fault(kind=FaultKind.CUT_BEFORE))

    with pytest.raises(Retry):
        await channel(server).deliver(an_answer())


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        (Fault(kind=FaultKind.CUT_BEFORE), 0),
        (Fault(kind=FaultKind.CUT_AFTER), 1),
        (Fault(kind=FaultKind.SLOW, seconds=30), 1),
    ],
    ids=["cut-before", "cut-after", "slow"],
)
async def test_silence_after_the_mail_is_doubt(server: MailServer, fault: Fault, kept: int) -> None:
    """Whether or not it was taken, nobody said so; what is sent again is the same mail."""
    server.faults.plan("DATA", fault)

    with pytest.raises(InDoubt):
        await channel(server, timeout=0.5).deliver(an_answer())
    mails = server.mailbox("ana@example.com").mails
    assert len(mails) == kept

    await channel(server).deliver(an_answer())
    assert len(mails) == kept + 1
    assert {mail.message_id for mail in mails} == {"<mail.d1@example.com>"}


async def test_a_mail_that_is_too_large_is_given_up(serve: Serve) -> None:
    """The server's limit is final."""
    server = await serve(size_limit=1000)

    with pytest.raises(GiveUp, match="552"):
        await channel(server).deliver(an_answer())


async def test_only_mail_is_mailed(server: MailServer) -> None:
    """A delivery that found its way here by mistake is refused loudly."""
    lost = an_answer()
    lost = replace(lost, delivery=replace(lost.delivery, effect=UpdateCard()))

    with pytest.raises(TypeError, match="UpdateCard"):
        await channel(server).deliver(lost)


# How much, and how fast


def test_what_a_mailbox_is_spared() -> None:
    """One mailbox gets five mails at once and then one a second; all together, ten a second."""
    server = parse_smtp_url("smtp://127.0.0.1:25")
    mail: Channel = channel_to(server)
    tolls = mail.tolls(an_answer().delivery)
    pace = Pace()
    sent: list[float] = []
    for _ in range(8):
        at = pace.free_at(tolls, sent[-1] if sent else 100.0)
        pace.spend(tolls, at)
        sent.append(at)

    assert sent == pytest.approx([100, 100.1, 100.2, 100.3, 100.4, 101, 102, 103])
    assert mail.name == "mail"


# The settings


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://desk%40example.com:p%40ss%2Fword@mail.example.com",
            SmtpServer(
                host="mail.example.com",
                port=587,
                encryption=Encryption.STARTTLS,
                user="desk@example.com",
                password="p@ss/word",
            ),
        ),
        (
            "smtps://mail.example.com/",
            SmtpServer(host="mail.example.com", port=465, encryption=Encryption.TLS),
        ),
        (
            "smtp://localhost:25",
            SmtpServer(host="localhost", port=25, encryption=Encryption.IF_OFFERED),
        ),
        (
            "smtp://[::1]:2525",
            SmtpServer(host="::1", port=2525, encryption=Encryption.IF_OFFERED),
        ),
        (
            "smtp://localhost.example.com",
            SmtpServer(host="localhost.example.com", port=587, encryption=Encryption.STARTTLS),
        ),
    ],
)
def test_smtp_url(url: str, server: SmtpServer) -> None:
    """The scheme says how to encrypt, and the rest is as in any URL."""
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com:587",
        "http://u:secret7@mail.example.com",
        "smtp://u:secret7@",
        "smtp://u:secret7@mail.example.com:port",
        "smtp://u:secret7/x@mail.example.com",
        "smtp://u:secret7@[::1",
        "smtp://u:secret7@mail.example.com/inbox",
        "smtp://u:secret7@mail.example.com?tls=no",
        "smtp://u@mail.example.com",
    ],
)
def test_a_wrong_smtp_url_is_named_but_not_repeated(url: str) -> None:
    """The message names the setting and what is expected, and gives no password away."""
    with pytest.raises(ValueError, match=r"^SMTP_URL: .*Expected: smtp://") as refused:
        parse_smtp_url(url)

    assert "secret7" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("podrska@example.com", Address("", "podrska", "example.com")),
        ("Podrška <podrska@example.com>", Address("Podrška", "podrska", "example.com")),
        ("Подршка <p@пошта.срб>", Address("Подршка", "p", "xn--80a1acn3a.xn--90a3ac")),
    ],
)
def test_mail_from(text: str, address: Address) -> None:
    """A sender is an address, with or without a name."""
    assert parse_mail_from(text) == address


@pytest.mark.parametrize(
    "text", ["", "Podrška", "Podrška <podrska>", "A\r\nBcc: b@example.com <a@example.com>"]
)
def test_a_wrong_mail_from_is_named(text: str) -> None:
    """The message names the setting and shows what is expected."""
    with pytest.raises(ValueError, match=r"^MAIL_FROM .* Expected: Podrška <podrska@example\.com>"):
        parse_mail_from(text)
