"""Mail is taken in from a real server, whatever happens: none is lost, and none is taken twice."""

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs

from adapters.mail.address import Encryption
from adapters.mail.imap_url import ImapServer
from core.mail_port import Cursor, Extent, MailState
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.receiving import Desk, a_mail, has_uids
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.dovecot

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    desk.store.may_commit.set()
    desk.store.may_go_on.set()
    await desk.stop()


class User:
    """Somebody's mailbox, which is empty at first."""

    def __init__(self, server: Dovecot) -> None:
        self.server = server
        self.name = f"desk{next(_NUMBERS)}@example.com"
        self.url = server.url(self.name)

    async def gets(self, *mails: bytes) -> None:
        await asyncio.to_thread(self.server.deliver, *mails, to=self.name)

    def has_got(self, *mails: bytes) -> None:
        self.server.put(*mails, to=self.name)


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return User(dovecot)


async def test_mail_arrives_when_the_server_tells_of_it(desk: Desk, user: User) -> None:
    """What is there, and then what comes; nobody asks the server for it meanwhile."""
    await user.gets(a_mail("before"))
    await desk.read(user.url, idle=1000)
    await desk.has("before")
    for number in range(5):
        await user.gets(a_mail(f"m{number}"))
        await until(lambda: len(desk.taken) == number + 2)  # noqa: B023
    assert desk.subjects == ["before", "m0", "m1", "m2", "m3", "m4"]
    assert desk.taken[1].raw.endswith(a_mail("m0"))


async def test_nothing_is_marked_as_seen_before_it_is_stored(desk: Desk, user: User) -> None:
    """And then it is, so that people who look see what the desk has."""
    desk.store.may_commit.clear()
    await user.gets(a_mail("one"))
    await desk.read(user.url)
    await until(lambda: desk.store.tries == 1)
    await has_uids(user.url, "UNSEEN", [1])
    desk.store.may_commit.set()
    await has_uids(user.url, "SEEN", [1])
    await desk.has("one")


async def test_what_could_not_be_stored_is_fetched_again(desk: Desk, user: User) -> None:
    """It is neither lost nor doubled, and the log says what went wrong."""
    desk.store.failures = 2
    await user.gets(a_mail("one"), a_mail("two"))
    with capture_logs() as log:
        await desk.read(user.url)
        await desk.has("one", "two")
    assert [each["error"] for each in log if each["event"] == "mailbox_failed"] == [
        "RuntimeError",
        "RuntimeError",
    ]
    assert desk.store.tries > 2


async def test_a_kill_after_the_commit_doubles_nothing(desk: Desk, user: User) -> None:
    """The mail was stored and not yet marked as seen: it is there once."""
    await user.gets(a_mail("one"))
    desk.store.may_go_on.clear()
    await desk.read(user.url)
    await until(lambda: desk.store.tries == 1)
    await has_uids(user.url, "UNSEEN", [1])
    hangs, desk.store.may_go_on = desk.store.may_go_on, asyncio.Event()
    desk.store.may_go_on.set()

    await desk.read(user.url)
    await user.gets(a_mail("two"))
    await desk.has("one", "two")
    assert len(await desk.records()) == 2
    hangs.set()


async def test_somebody_reading_the_mailbox_hides_nothing(desk: Desk, user: User) -> None:
    """What is seen already is taken all the same: flags say nothing about the desk."""
    await desk.read(user.url)
    await user.gets(a_mail("one"))
    await desk.has("one")
    await desk.stop()
    await user.gets(a_mail("two"))

    other = Desk()
    await other.read(user.url)
    await other.has("one", "two")
    await other.stop()
    await desk.read(user.url)
    await desk.has("one", "two")


async def test_another_uidvalidity_doubles_nothing(desk: Desk, user: User) -> None:
    """All UIDs mean something else: everything is looked at, and what is known is known."""
    await user.gets(*(a_mail(f"m{number}") for number in range(3)))
    await desk.read(user.url)
    await desk.has("m0", "m1", "m2")
    await desk.stop()
    before = await cursor(desk)
    for file in user.server.mail_folder(user.name).glob("dovecot*"):
        file.unlink()
    await user.gets(a_mail("m3"))

    await desk.read(user.url)
    await desk.has("m0", "m1", "m2", "m3")
    after = await cursor(desk)
    assert before.uid_validity != after.uid_validity
    assert after.last_uid == 4


async def cursor(desk: Desk) -> Cursor:
    """Return how far the only mailbox was read."""
    (record, *_) = await desk.records()
    async with desk.store.transaction() as tx:
        cursor = await tx.cursor(record.mailbox)
    assert cursor is not None
    return cursor


async def test_a_server_that_was_away_comes_back(desk: Desk, user: User) -> None:
    """`/readyz` says so, after a while, and what came meanwhile is taken."""
    mailbox = await desk.read(user.url)
    await user.gets(a_mail("one"))
    await desk.has("one")
    assert mailbox.trouble() is None
    with user.server.away():
        await until(lambda: mailbox.trouble(within=0) is not None)
        assert mailbox.trouble(within=0) in (
            "the connection broke off",
            "nobody listens where the server should be",
        )
        assert mailbox.trouble(within=60) is None
    await user.gets(a_mail("two"))
    await desk.has("one", "two")
    await until(lambda: mailbox.trouble(within=0.5) is None)


async def test_mail_of_days_is_taken_at_once(desk: Desk, user: User) -> None:
    """However long the desk was away: in order, each once."""
    names = [f"m{number}" for number in range(300)]
    user.has_got(*map(a_mail, names))
    await desk.read(user.url)
    await desk.has(*names)


async def test_a_server_that_is_killed_while_it_hands_out_mail(desk: Desk, user: User) -> None:
    """What was stored is not fetched again, the rest is."""
    names = [f"m{number}" for number in range(120)]
    user.has_got(*map(a_mail, names))
    desk.store.may_commit.clear()
    await desk.read(user.url)
    await until(lambda: desk.store.tries == 1)
    with user.server.away():
        desk.store.may_commit.set()
        await until(lambda: len(desk.taken) == 50)
    await desk.has(*names)
    assert len(await desk.records()) == 120


async def test_a_mail_that_is_too_big_holds_up_nothing(desk: Desk, user: User) -> None:
    """Its headers are there, so that agents can be told of it; its text stays in the mailbox."""
    huge = a_mail("huge", body="\r\n".join(["x" * 900] * 30_000))
    await user.gets(a_mail("before"), huge, a_mail("after"))
    await desk.read(user.url)
    await desk.has("before", "huge", "after")
    mail = desk.taken[1]
    assert mail.record.extent is Extent.HEADERS
    assert mail.record.size > len(huge)
    assert mail.record.error == "larger than 25 MB"
    assert mail.raw.endswith(b"\r\n\r\n")
    assert len(mail.raw) < 1000
    await has_uids(user.url, "SEEN", [1, 2, 3])


async def test_one_mail_to_two_mailboxes_is_one_mail(desk: Desk, dovecot: Dovecot) -> None:
    """Somebody put both addresses of the desk into To and Cc."""
    first, second = User(dovecot), User(dovecot)
    await first.gets(a_mail("one"))
    await second.gets(a_mail("one"), a_mail("two"))
    await desk.read(first.url)
    await desk.has("one")
    await desk.read(second.url)
    await desk.has("one", "two")


async def test_a_mail_that_the_server_cannot_open(desk: Desk, user: User) -> None:
    """It breaks each connection; in the end the others go on, and a record of it stays."""
    await user.gets(a_mail("before"), a_mail("bad"), a_mail("after"))
    bad = sorted((user.server.mail_folder(user.name) / "new").iterdir())[1]
    bad.chmod(0)
    await desk.read(user.url)
    await desk.has("before", "", "after")
    lost = desk.taken[1]
    assert (lost.record.extent, lost.record.uid, lost.raw) == (Extent.NOTHING, 2, b"")
    assert lost.record.error == "the connection broke off"


async def test_what_an_operator_wants_tried_again_is_taken(desk: Desk, user: User) -> None:
    """Without a restart, and without a new mail."""
    await user.gets(a_mail("one"))
    await desk.read(user.url)
    await desk.has("one")
    async with desk.store.transaction() as tx:
        await tx.mark_mail(desk.taken[0].record.key, MailState.UNREADABLE, "KeyError")
        await tx.retry_mails()
    await desk.has("one", "one")


async def test_a_wrong_password_is_said_at_once(desk: Desk, dovecot: Dovecot) -> None:
    """In `/readyz` and in the log, with the server's code, and neither password nor address."""
    with capture_logs() as log:
        mailbox = await desk.read(dovecot.url("ana@example.com", "canary"))
        await until(lambda: mailbox.trouble() is not None)
    assert mailbox.trouble() == (
        "the server does not accept user and password (AUTHENTICATIONFAILED)"
    )
    await desk.stop()
    assert log
    assert not [each for each in log if "canary" in str(each) or "example.com" in str(each)]


async def test_a_folder_with_a_name_in_another_script(desk: Desk, dovecot: Dovecot) -> None:
    """Such as people give them."""
    user = User(dovecot)
    await user.gets(a_mail("one"))
    new = dovecot.mail_folder(user.name) / "new"
    inside = dovecot.mail_folder(user.name) / ".&BB8EPgRIBEIEMA-"  # "Пошта" in modified UTF-7
    for part in ("cur", "new", "tmp"):
        (inside / part).mkdir(parents=True, mode=0o777)
        for each in (inside, inside / part):
            each.chmod(0o777)
    for file in new.iterdir():
        file.rename(inside / "new" / file.name)
    await desk.read(dovecot.url(user.name, folder="Пошта"))
    await desk.has("one")


async def test_the_certificate_is_checked(desk: Desk, user: User) -> None:
    """Who is not who they say they are gets no password."""
    server = ImapServer(
        host="127.0.0.1",
        port=user.server.port,
        encryption=Encryption.STARTTLS,
        user=user.name,
        password=PASSWORD,
    )
    mailbox = desk.mailbox(server)
    await mailbox.start()
    await until(lambda: mailbox.trouble() is not None)
    assert mailbox.trouble() == "the server's certificate is not trusted"

    trusting = ssl.create_default_context()
    user.server.authority.configure_trust(trusting)
    await desk.mailbox(server, tls=trusting).start()
    await user.gets(a_mail("one"))
    await desk.has("one")


async def test_a_mailbox_that_is_full_is_read(desk: Desk) -> None:
    """Nothing more fits into it, but what is there is taken."""
    server = Dovecot(quota="20k")
    server.start()
    try:
        big = a_mail("big", body="\r\n".join(["x" * 70] * 240))
        server.deliver(big)
        with pytest.raises(Exception, match="Quota exceeded"):
            server.deliver(a_mail("more", body="y" * 900 + "\r\n" + "\r\n".join(["z" * 70] * 240)))
        await desk.read(server.url())
        await desk.has("big")
        await has_uids(server.url(), "SEEN", [1])
        await desk.stop()
    finally:
        server.stop()


async def test_a_server_that_tells_of_nothing_is_asked(desk: Desk) -> None:
    """Where there is no IDLE, a question every now and then does."""
    server = Dovecot(mail_format="sdbox", more="imap_capability = IMAP4rev1 AUTH=PLAIN STARTTLS")
    server.start()
    try:
        await desk.read(server.url(), poll=0.02)
        server.deliver(a_mail("one"))
        await desk.has("one")
        server.deliver(a_mail("two"))
        await desk.has("one", "two")
        await desk.stop()
    finally:
        server.stop()


async def test_a_stop_waits_for_nobody(desk: Desk, user: User) -> None:
    """Not for a server that has nothing to tell, and what is being stored is stored."""
    await desk.read(user.url, idle=1000)
    await user.gets(a_mail("one"))
    await desk.has("one")
    async with asyncio.timeout(PATIENCE):
        await desk.stop()
    assert desk.mailboxes[0].trouble() == "is not being read"
    await user.gets(a_mail("two"))
    await desk.read(user.url)
    await desk.has("one", "two")
