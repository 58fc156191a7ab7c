"""The sandbox's IMAP server, as a real client finds it, and word for word."""

import asyncio
import base64
import imaplib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import trustme
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import MailboxFetchError, MailboxLoginError

from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.imap import ImapServer
from sandbox.mail import MailServer
from sandbox.mail_customer import MailCustomer
from sandbox.mailbox import Mailbox
from tests.support.waiting import PATIENCE

SUPPORT = "podrska@example.com"
PASSWORD = 'p@ss "word"'


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.move_to(datetime(2026, 11, 3, 9, 5, 7, tzinfo=UTC))
    return clock


@pytest.fixture
def mail(clock: Clock) -> MailServer:
    return MailServer(clock)


@pytest.fixture
def ana(mail: MailServer) -> MailCustomer:
    return mail.customer("ana@example.com", "Ana Anić", "sr")


@pytest.fixture
def support(mail: MailServer) -> Mailbox:
    return mail.mailbox(SUPPORT)


Serve = Callable[..., Awaitable[ImapServer]]


@pytest.fixture
async def serve(mail: MailServer) -> AsyncIterator[Serve]:
    """Start servers, with the options of `ImapServer`, and stop them after the test."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> ImapServer:
            server = ImapServer(mail, {SUPPORT: PASSWORD}, **options)
            await server.start()
            stack.push_async_callback(server.stop)
            return server

        yield start


@pytest.fixture
async def imap(serve: Serve) -> ImapServer:
    return await serve()


class Client:
    """The real client in a thread of its own."""

    def __init__(self, box: BaseMailBox) -> None:
        self.box = box

    async def do(self, what: Callable[[BaseMailBox], Any]) -> Any:
        return await asyncio.to_thread(what, self.box)

    async def fetch(self, *criteria: str, **options: Any) -> list[Any]:
        return list(await self.do(lambda box: list(box.fetch(*criteria, **options))))

    async def uids(self, criteria: str) -> list[str]:
        return list(await self.do(lambda box: box.uids(criteria)))


@asynccontextmanager
async def logged_in(
    server: ImapServer, connect: Callable[..., BaseMailBox] = MailBoxUnencrypted, **options: Any
) -> AsyncIterator[Client]:
    """Connect the real client, logged in and with the inbox selected."""
    url = urlsplit(server.url(SUPPORT))

    def enter() -> BaseMailBox:
        box = connect("127.0.0.1", url.port, timeout=PATIENCE, **options)
        try:
            return box.login(unquote(url.username or ""), unquote(url.password or ""))
        except BaseException:
            box.client.shutdown()
            raise

    box = await asyncio.to_thread(enter)
    try:
        yield Client(box)
    finally:
        await asyncio.to_thread(box.client.shutdown)


class Words:
    """A connection on which a test says what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, text: str | bytes) -> None:
        self.writer.write(text if isinstance(text, bytes) else f"{text}\r\n".encode())
        await self.writer.drain()

    async def line(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readuntil(b"\r\n")).decode().removesuffix("\r\n")

    async def ask(self, command: str) -> list[str]:
        """Say a command with the tag `a`; return all lines up to its answer."""
        await self.say(f"a {command}")
        lines = [await self.line()]
        while not lines[-1].startswith(("a ", "* BYE", "* BAD")):
            lines.append(await self.line())
        return lines

    async def end(self) -> bytes:
        """Return what still comes before the server hangs up."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()


@asynccontextmanager
async def speaking(server: ImapServer, *commands: str) -> AsyncIterator[Words]:
    """Connect, past the greeting, and say *commands*, which go well."""
    port = urlsplit(server.url(SUPPORT)).port
    words = Words(*await asyncio.open_connection("127.0.0.1", port))
    try:
        assert (await words.line()).startswith("* OK [CAPABILITY IMAP4rev1 ")
        for command in commands:
            assert (await words.ask(command))[-1].startswith("a OK")
        yield words
    finally:
        words.writer.close()
        await words.writer.wait_closed()


LOGIN = f'LOGIN {SUPPORT} "p@ss \\"word\\""'


# Reading


async def test_mail_is_read_as_it_came(
    imap: ImapServer, ana: MailCustomer, support: Mailbox
) -> None:
    """What a customer wrote is there with its number, its date and every byte of it."""
    ana.writes(SUPPORT, "Сајт не ради", "Здраво!\n\nНе ради.")

    async with logged_in(imap) as client:
        (mail,) = await client.fetch("ALL", mark_seen=False)

    assert (mail.uid, mail.subject, mail.from_) == ("1", "Сајт не ради", "ana@example.com")
    assert mail.text == "Здраво!\r\n\r\nНе ради.\r\n"
    assert (mail.flags, mail.size_rfc822) == ((), len(support.kept[0].raw))
    assert mail.headers["delivered-to"] == (SUPPORT,)


async def test_many_are_fetched_at_once(imap: ImapServer, ana: MailCustomer) -> None:
    """Mails come in the order of their numbers, one by one or in bulk, even an empty one."""
    for number in range(3):
        ana.writes(SUPPORT, f"Mail {number}", "x")

    async with logged_in(imap) as client:
        for bulk in (False, True, 2):
            mails = await client.fetch("ALL", mark_seen=False, bulk=bulk)
            assert [(each.uid, each.subject) for each in mails] == [
                ("1", "Mail 0"),
                ("2", "Mail 1"),
                ("3", "Mail 2"),
            ]
        heads = await client.fetch("ALL", mark_seen=False, headers_only=True)
        assert [each.text for each in heads] == ["", "", ""]


async def test_mail_to_any_address_with_a_plus_is_in_the_mailbox(
    imap: ImapServer, ana: MailCustomer
) -> None:
    """The detail behind the plus sign names no other mailbox, and can be read from the mail."""
    ana.writes("Podrska+Abc2@example.com", "Hi", "x")

    async with logged_in(imap) as client:
        (mail,) = await client.fetch("ALL")

    assert mail.headers["delivered-to"] == ("Podrska+Abc2@example.com",)


async def test_reading_marks_as_read_only_where_that_is_asked_for(
    imap: ImapServer, ana: MailCustomer, support: Mailbox
) -> None:
    """A look (PEEK) and a folder opened for reading only change nothing."""
    ana.writes(SUPPORT, "Hi", "x")

    async with logged_in(imap) as client:
        await client.fetch("ALL", mark_seen=False)
        await client.do(lambda box: box.folder.set("INBOX", readonly=True))
        (looked,) = await client.fetch("ALL", mark_seen=True)
        assert (looked.flags, support.kept[0].flags) == ((), set())

        await client.do(lambda box: box.folder.set("INBOX"))
        (read,) = await client.fetch("UNSEEN", mark_seen=True)
        assert (read.flags, support.kept[0].flags) == (("\\Seen",), {"\\Seen"})
        assert await client.uids("UNSEEN") == []


async def test_flags_are_set_and_deleted_mail_goes(
    imap: ImapServer, ana: MailCustomer, support: Mailbox
) -> None:
    """Flags stay with the mail; what is marked as deleted goes with EXPUNGE, and no UID returns."""
    for number in range(3):
        ana.writes(SUPPORT, f"Mail {number}", "x")

    async with logged_in(imap) as client:
        await client.do(lambda box: box.flag(["1", "3"], ["\\Seen", "podrska"], True))
        await client.do(lambda box: box.flag("3", "\\Seen", False))
        assert [kept.flags for kept in support.kept] == [{"\\Seen", "podrska"}, set(), {"podrska"}]
        await client.do(lambda box: box.delete("3"))
        assert await client.uids("ALL") == ["1", "2"]
        ana.writes(SUPPORT, "Mail 3", "x")
        assert await client.uids("ALL") == ["1", "2"]  # a command ends with the news
        assert await client.uids("ALL") == ["1", "2", "4"]


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ("ALL", "1 2 3"),
        ("UID 2:*", "2 3"),
        ("UID 9:*", "3"),  # the star is the last one, even if that is below 9
        ("UID 9", ""),
        ("UID *:2,1", "1 2 3"),
        ("2:9", "2 3"),
        ("UNSEEN", "1 3"),
        ("SEEN", "2"),
        ("NOT SEEN UID 3", "3"),
        ("OR (UID 1) (SEEN)", "1 2"),
        ("SUBJECT second", "2"),
        ('FROM "Ana"', "1 2 3"),
        ('HEADER Message-ID ""', "1 2 3"),
        ("SINCE 3-Nov-2026 BEFORE 4-Nov-2026", "1 2 3"),
        ("ON 2-Nov-2026", ""),
        ("LARGER 1500", "3"),
        ("KEYWORD podrska", "2"),
        ("RECENT", ""),
    ],
)
async def test_mail_is_searched(
    imap: ImapServer, ana: MailCustomer, support: Mailbox, criteria: str, found: str
) -> None:
    """Searching finds what it says, by number, by flag, by header and by date."""
    for subject, text in (("First", "x"), ("Second", "x"), ("Third", "x" * 2000)):
        ana.writes(SUPPORT, subject, text)
    support.flag(support.kept[1], {"\\Seen", "podrska"})

    async with logged_in(imap) as client:
        assert await client.uids(criteria) == found.split()


async def test_the_folder_is_described(imap: ImapServer, ana: MailCustomer) -> None:
    """SELECT, STATUS and LIST say what RFC 3501 wants said."""
    ana.writes(SUPPORT, "Hi", "x")
    async with speaking(imap, LOGIN) as words:
        assert await words.ask("SELECT inbox") == [
            r"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)",
            r"* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] "
            "These flags are kept",
            "* 1 EXISTS",
            "* 0 RECENT",
            "* OK [UNSEEN 1] The first that nobody has read",
            "* OK [UIDVALIDITY 1700000000] The numbers are valid",
            "* OK [UIDNEXT 2] The next number",
            "a OK [READ-WRITE] The folder is open",
        ]
        assert await words.ask("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)") == [
            "* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1700000000 UNSEEN 1)",
            "a OK Status completed",
        ]
        assert (await words.ask('LIST "" %'))[0] == r'* LIST (\HasNoChildren) "/" INBOX'
        assert (await words.ask('LIST "" ""'))[0] == r'* LIST (\Noselect) "/" ""'
        assert await words.ask('LIST "" Sent*') == ["a OK List completed"]
        assert await words.ask("EXAMINE INBOX.Sent") == [
            "a NO [NONEXISTENT] There is no such folder"
        ]
        assert await words.ask("CHECK") == ["a BAD CHECK is not allowed in this state"]


async def test_parts_are_fetched_word_for_word(
    imap: ImapServer, mail: MailServer, support: Mailbox
) -> None:
    """Sections, fields and pieces of a mail, its date, and the order in which they were asked."""
    raw = b"Subject: Hi\r\nX-Long: a\r\n b\r\n\r\nText\r\n"
    mail.hand_in(raw, "", [SUPPORT], proven=False)
    size = len(support.kept[0].raw)
    async with speaking(imap, LOGIN, "SELECT INBOX") as words:
        assert await words.ask("FETCH 1 (BODY.PEEK[HEADER.FIELDS (subject x-long)])") == [
            "* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT X-LONG)] {30}",
            "Subject: Hi",
            "X-Long: a",
            " b",
            "",
            ")",
            "a OK Fetch completed",
        ]
        assert await words.ask("UID FETCH 1 FAST") == [
            rf'* 1 FETCH (UID 1 FLAGS () INTERNALDATE " 3-Nov-2026 09:05:07 +0000" '
            rf"RFC822.SIZE {size})",
            "a OK Fetch completed",
        ]
        assert (await words.ask("FETCH 1 BODY[TEXT]<1.2>"))[:2] == [
            "* 1 FETCH (BODY[TEXT]<1> {2}",
            r"ex FLAGS (\Seen))",
        ]
        assert await words.ask("UID FETCH 7 FLAGS") == ["a OK Fetch completed"]
        assert await words.ask("FETCH 7 FLAGS") == ["a BAD No such message"]
        assert (await words.ask("FETCH 1 BODYSTRUCTURE"))[0].startswith("a NO [CANNOT]")


# News


async def test_new_mail_is_told_to_who_idles(imap: ImapServer, ana: MailCustomer) -> None:
    """A client that waits learns of a mail when it comes, and goes on as before."""
    async with logged_in(imap) as client:
        await client.do(lambda box: box.idle.start())  # type: ignore[no-untyped-call]
        polling = asyncio.create_task(client.do(lambda box: box.idle.poll(5)))
        ana.writes(SUPPORT, "Hi", "x")
        assert await polling == [b"* 1 EXISTS", b"* 0 RECENT"]
        await client.do(lambda box: box.idle.stop())  # type: ignore[no-untyped-call]
        assert [each.subject for each in await client.fetch("ALL")] == ["Hi"]


async def test_each_of_two_clients_is_told_what_the_other_did(
    imap: ImapServer, ana: MailCustomer
) -> None:
    """Flags and removals by one are news for the other, at the next moment that allows them."""
    for number in range(2):
        ana.writes(SUPPORT, f"Mail {number}", "x")
    async with (
        speaking(imap, LOGIN, "SELECT INBOX") as one,
        speaking(imap, LOGIN, "SELECT INBOX") as other,
    ):
        await one.ask(r"STORE 1 +FLAGS.SILENT (\deleted)")
        assert await other.ask("NOOP") == [r"* 1 FETCH (UID 1 FLAGS (\Deleted))", "a OK Done"]
        assert await one.ask("EXPUNGE") == ["* 1 EXPUNGE", "a OK Expunge completed"]
        gone = "a NO [EXPUNGEISSUED] Some of these messages exist no longer"
        assert await other.ask("FETCH 1:2 FLAGS") == [gone]
        assert await other.ask("FETCH 2 FLAGS") == [
            "* 2 FETCH (FLAGS ())",
            "a OK Fetch completed",
        ]
        assert await other.ask("UID FETCH 1:2 UID") == ["* 1 EXPUNGE", gone]
        assert await other.ask("UID SEARCH ALL") == ["* SEARCH 2", "a OK Search completed"]


async def test_a_restored_mailbox_has_other_numbers(
    imap: ImapServer, ana: MailCustomer, support: Mailbox
) -> None:
    """Whoever has it open is sent away; the next visit finds another validity and the same mail."""
    for number in range(3):
        ana.writes(SUPPORT, f"Mail {number}", "x")
    support.remove(support.kept[0])
    async with speaking(imap, LOGIN, "SELECT INBOX") as words:
        support.renumber()
        assert (await words.ask("NOOP"))[-1].startswith("* BYE [UNAVAILABLE]")
        assert await words.end() == b""
    async with logged_in(imap) as client:
        status = await client.do(lambda box: box.folder.status("INBOX"))
        assert (status["UIDVALIDITY"], status["UIDNEXT"]) == (1700000001, 3)
        mails = await client.fetch("ALL")
        assert [(each.uid, each.subject) for each in mails] == [("1", "Mail 1"), ("2", "Mail 2")]


async def test_idling_ends_with_done_and_nothing_else(imap: ImapServer) -> None:
    """IDLE is answered after DONE; anything else breaks the protocol."""
    async with speaking(imap, LOGIN, "SELECT INBOX") as words:
        for end, answer in (("done", "a OK Idle completed"), ("NOOP", "a BAD DONE was expected")):
            await words.say("a IDLE")
            assert await words.line() == "+ Idling"
            await words.say(end)
            assert await words.line() == answer


async def test_a_server_without_idle_does_not_offer_it(serve: Serve) -> None:
    """It is neither among the capabilities nor known as a command."""
    async with speaking(await serve(idle=False), LOGIN) as words:
        assert "IDLE" not in (await words.ask("CAPABILITY"))[0]
        assert await words.ask("IDLE") == ["a BAD Unknown command IDLE"]


# Who is let in, and how


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
async def test_tls_before_the_password(serve: Serve, scheme: str, ana: MailCustomer) -> None:
    """Under TLS from the first byte, or after STARTTLS, mail is read as ever."""
    authority = trustme.CA()
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_tls)
    client_tls = ssl.create_default_context()
    authority.configure_trust(client_tls)
    server = await serve(tls=server_tls, scheme=scheme)
    ana.writes(SUPPORT, "Hi", "x")

    connect = MailBox if scheme == "imaps" else MailBoxStartTls
    async with logged_in(server, connect, ssl_context=client_tls) as client:
        assert [each.subject for each in await client.fetch("ALL")] == ["Hi"]

    if scheme == "imap":
        with pytest.raises((imaplib.IMAP4.error, MailboxLoginError), match=r"(?i)privacy|login"):
            async with logged_in(server):
                pass


async def test_a_wrong_password_is_refused(imap: ImapServer) -> None:
    """With the code that says so; and the next try may be right."""
    async with speaking(imap) as words:
        refused = ["a NO [AUTHENTICATIONFAILED] Invalid user name or password"]
        assert await words.ask(f"LOGIN {SUPPORT} wrong") == refused
        assert await words.ask("LOGIN ana@example.com x") == refused
        assert (await words.ask(LOGIN))[0].startswith("a OK [CAPABILITY IMAP4rev1")


async def test_a_password_can_be_sent_in_other_ways(imap: ImapServer) -> None:
    """AUTHENTICATE PLAIN, and LOGIN with literals, announced or sent at once."""
    async with speaking(imap) as words:
        await words.say("a AUTHENTICATE PLAIN")
        assert await words.line() == "+ "
        await words.say(base64.b64encode(f"\0{SUPPORT}\0{PASSWORD}".encode()).decode())
        assert (await words.line()).startswith("a OK")
    for mark in ("", "+"):
        async with speaking(imap) as words:
            await words.say(f"a LOGIN {SUPPORT} {{{len(PASSWORD)}{mark}}}")
            if not mark:
                assert await words.line() == "+ Ready for the literal"
            await words.say(PASSWORD)
            assert (await words.line()).startswith("a OK")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("SELECT INBOX", "a BAD SELECT is not allowed in this state"),
        ("UID FETCH 1 FLAGS", "a BAD UID FETCH is not allowed in this state"),
        ("IDLE", "a BAD IDLE is not allowed in this state"),
        ("NONSENSE", "a BAD Unknown command NONSENSE"),
        ("UID NOOP", "a BAD Unknown command UID NOOP"),
        ("LOGIN one", "a BAD Missing a space"),
        ('LOGIN "one', "a BAD Missing a quoted string"),
        ("NOOP now", "a BAD Too many arguments"),
        ("STARTTLS", "a BAD Unknown command STARTTLS"),
        ("AUTHENTICATE CRAM-MD5", "a NO [CANNOT] Only PLAIN is offered"),
    ],
)
async def test_a_stranger_may_do_little(imap: ImapServer, command: str, answer: str) -> None:
    """Before the login, and of what is not written as it must be, nothing is done."""
    async with speaking(imap) as words:
        assert await words.ask(command) == [answer]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (LOGIN, "a BAD LOGIN is not allowed in this state"),
        ("FETCH 0 FLAGS", "a BAD Messages are counted from 1"),
        ("FETCH 1 (FLAGS", "a BAD Missing a parenthesis"),
        ("FETCH 1 COLOUR", "a BAD Nothing is called COLOUR"),
        (r"STORE 1 FLAGS (\Recent)", r"a BAD No such flag: \Recent"),
        ("STORE 1 COLOURS (red)", "a BAD Nothing is stored by COLOURS"),
        ("SEARCH CHARSET KOI8-R ALL", "a NO [BADCHARSET (US-ASCII UTF-8)] No such charset"),
        ("SEARCH SINCE 31-Feb-2026", "a BAD No such date"),
        ("COPY 1 INBOX", "a NO [CANNOT] The sandbox has one folder, into which mail comes by SMTP"),
    ],
)
async def test_what_is_wrong_is_refused(
    imap: ImapServer, ana: MailCustomer, command: str, answer: str
) -> None:
    """Wrong numbers, flags, dates and names are told apart from what the sandbox does not do."""
    ana.writes(SUPPORT, "Hi", "x")
    async with speaking(imap, LOGIN, "SELECT INBOX") as words:
        assert await words.ask(command) == [answer]


async def test_a_folder_opened_for_reading_is_not_changed(
    imap: ImapServer, ana: MailCustomer, support: Mailbox
) -> None:
    """After EXAMINE nothing is stored or removed, not even by CLOSE."""
    ana.writes(SUPPORT, "Hi", "x")
    support.flag(support.kept[0], {"\\Deleted"})
    async with speaking(imap, LOGIN) as words:
        assert (await words.ask("EXAMINE INBOX"))[-1] == "a OK [READ-ONLY] The folder is open"
        for command in (r"STORE 1 +FLAGS (\Seen)", "EXPUNGE"):
            assert (await words.ask(command))[0].startswith("a NO [READ-ONLY]")
        await words.ask("CLOSE")
        assert len(support.kept) == 1
        await words.ask("SELECT INBOX")
        assert await words.ask("CLOSE") == ["a OK The folder is closed"]
        assert support.kept == []


async def test_too_long_a_line_ends_the_session(imap: ImapServer) -> None:
    """A server listens to 8192 bytes, and to literals of 64 kB."""
    for text in (b"a NOOP " + b"x" * 9000, b"a LOGIN {70000}\r\n", b"a LOGIN {70000+}\r\n"):
        async with speaking(imap) as words:
            await words.say(text)
            assert await words.line() == "* BYE [TOOBIG] That was too long"
            assert await words.end() == b""


async def test_logout_says_goodbye(imap: ImapServer) -> None:
    """LOGOUT is answered with BYE, then OK, and then the server hangs up."""
    async with speaking(imap, LOGIN, "SELECT INBOX") as words:
        await words.say("a LOGOUT")
        assert await words.end() == b"* BYE Logging out\r\na OK Logout completed\r\n"


# What can go wrong


async def test_a_refusal_has_no_effect_and_passes(
    imap: ImapServer, ana: MailCustomer, support: Mailbox
) -> None:
    """A command is refused in the server's words, nothing has happened, and the next try goes."""
    ana.writes(SUPPORT, "Hi", "x")
    async with logged_in(imap) as client:
        for fault in (
            Fault(kind=FaultKind.LIMIT),
            Fault(kind=FaultKind.ERROR),
            Fault(kind=FaultKind.REFUSE, error="[OVERQUOTA] Full"),
        ):
            imap.faults.plan("FETCH", fault)
            with pytest.raises(MailboxFetchError):
                await client.fetch("ALL", mark_seen=True)
            assert support.kept[0].flags == set()
        assert len(await client.fetch("ALL")) == 1


@pytest.mark.parametrize(
    ("kind", "seen"),
    [(FaultKind.CUT_BEFORE, False), (FaultKind.CUT_AFTER, True)],
)
async def test_a_cut_leaves_the_client_in_doubt(
    imap: ImapServer, ana: MailCustomer, support: Mailbox, kind: FaultKind, seen: bool
) -> None:
    """The connection breaks, at the latest in the middle of a mail; the next one works."""
    ana.writes(SUPPORT, "Hi", "x" * 5000)
    imap.faults.plan("FETCH", Fault(kind=kind))
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        async with logged_in(imap) as client:
            await client.fetch("ALL", mark_seen=True)
    assert ("\\Seen" in support.kept[0].flags) == seen
    async with logged_in(imap) as client:
        assert len(await client.fetch("ALL")) == 1


async def test_half_a_mail_may_come(imap: ImapServer, ana: MailCustomer) -> None:
    """What breaks off in its middle began as if all were well."""
    ana.writes(SUPPORT, "Hi", "x" * 5000)
    async with speaking(imap, LOGIN, "SELECT INBOX") as words:
        imap.faults.plan("FETCH", Fault(kind=FaultKind.CUT_AFTER))
        await words.say("a FETCH 1 BODY[]")
        half = await words.end()
        assert half.startswith(b"* 1 FETCH (BODY[] {")
        assert b"a OK" not in half


async def test_an_error_after_the_effect(
    imap: ImapServer, ana: MailCustomer, support: Mailbox
) -> None:
    """The flag is set although the server says NO."""
    ana.writes(SUPPORT, "Hi", "x")
    async with speaking(imap, LOGIN, "SELECT INBOX") as words:
        imap.faults.plan("STORE", Fault(kind=FaultKind.ERROR_AFTER))
        answers = await words.ask(r"UID STORE 1 +FLAGS (\Seen)")
    assert answers[-1] == "a NO [SERVERBUG] Something went wrong"
    assert support.kept[0].flags == {"\\Seen"}


async def test_a_slow_answer_is_not_waited_for(imap: ImapServer, ana: MailCustomer) -> None:
    """A client that loses patience finds the server as it was."""
    ana.writes(SUPPORT, "Hi", "x")
    async with logged_in(imap) as client:
        imap.faults.plan("SEARCH", Fault(kind=FaultKind.SLOW, seconds=30))
        client.box.client.sock.settimeout(0.2)
        with pytest.raises(OSError, match="timed out"):
            await client.uids("ALL")
    async with logged_in(imap) as client:
        assert await client.uids("ALL") == ["1"]


async def test_an_idle_that_tells_nothing(imap: ImapServer, ana: MailCustomer) -> None:
    """A slow IDLE keeps the news to itself; they are there once the client asks."""
    async with logged_in(imap) as client:
        imap.faults.plan("IDLE", Fault(kind=FaultKind.SLOW, seconds=30))
        await client.do(lambda box: box.idle.start())  # type: ignore[no-untyped-call]
        ana.writes(SUPPORT, "Hi", "x")
        assert await client.do(lambda box: box.idle.poll(0.2)) == []
        imap.faults.clear()
