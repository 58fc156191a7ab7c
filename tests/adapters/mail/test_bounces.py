"""Mails that came back: to whom, for good or not, and from which conversation."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.bounces import Bounce, Outcome, bounce_in
from adapters.mail.tokens import Tokens
from core.ids import ConversationId

ANA = "ana@example.org"
TOKENS = Tokens([b"the key of these tests"], "podrska@example.com")
TALK = ConversationId("0f8fad5bd9cb469fa165708677289501")
ADDRESS = TOKENS.reply_address(TALK, ANA)
OURS = TOKENS.message_id(TALK, ANA, "0f8fad5bd9cb469fa165708677289502")
TOKEN = TOKENS.read(ADDRESS)
RETURNED = (
    f"From: podrska@example.com\r\nTo: {ANA}\r\nSubject: [MNT-4K7Q2]\r\nMessage-ID: {OURS}\r\n"
)

DAEMON = "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\n"
TO_US = "To: podrska@example.com\r\nSubject: Undelivered Mail Returned to Sender\r\n"
NO_SUCH_USER = "smtp; 550 5.1.1 <ana@example.org>: Recipient address rejected: User unknown"


def dsn(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = NO_SUCH_USER,
    recipient: str = f"Final-Recipient: rfc822; {ANA}",
    returned: str = RETURNED,
    to: str = TO_US,
) -> bytes:
    """Return a bounce as RFC 3464 has it."""
    return (
        f"{DAEMON}{to}MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"\r\n\r\n'
        "--=b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you ...\r\n\r\n"
        "--=b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\nArrival-Date: Mon, 23 Nov 2026 12:00 +0100\r\n\r\n"
        f"{recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {diagnostic}\r\n\r\n"
        f"--=b\r\nContent-Type: message/rfc822\r\n\r\n{returned}\r\nHello\r\n\r\n--=b--\r\n"
    ).encode()


def bounce(raw: bytes) -> Bounce:
    found = bounce_in(raw, TOKENS)
    assert found is not None
    return found


def test_a_bounce_says_whom_it_did_not_reach_and_why() -> None:
    """The standard's form: recipient, code, the server's words, and the conversation's token."""
    assert bounce(dsn()) == Bounce(
        recipients=(ANA,),
        outcome=Outcome.PERMANENT,
        status="5.1.1",
        diagnostic="550 5.1.1 <ana@example.org>: Recipient address rejected: User unknown",
        token=TOKEN,
    )


@pytest.mark.parametrize(
    ("action", "status", "outcome"),
    [
        ("failed", "5.1.1", Outcome.PERMANENT),
        ("Failed (given up)", "5.4.7 (expired)", Outcome.PERMANENT),
        ("error", "5.1.1", Outcome.PERMANENT),
        ("failed", "4.2.2", Outcome.TEMPORARY),
        ("delayed", "4.4.1", Outcome.DELAYED),
        ("delayed", "5.4.1", Outcome.DELAYED),
    ],
)
def test_what_is_late_has_not_failed(action: str, status: str, outcome: Outcome) -> None:
    """A full mailbox does not make an address wrong, and who tries on has lost nothing."""
    found = bounce(dsn(action=action, status=status))

    assert found.outcome is outcome
    assert found.status == status.split()[0]


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", ""])
def test_what_arrived_is_no_bounce(action: str) -> None:
    """Some servers confirm; nothing is wrong with the address."""
    assert bounce_in(dsn(action=action, diagnostic="smtp; ok", status="2.0.0"), TOKENS) is None


def test_the_address_that_was_written_to_is_named() -> None:
    """Not the one that it was forwarded to, where the server says both."""
    both = f"Original-Recipient: rfc822;{ANA}\r\nFinal-Recipient: rfc822;private@example.net"

    assert bounce(dsn(recipient=both)).recipients == (ANA,)
    assert bounce(dsn(recipient=f"Final-Recipient: rfc822; <{ANA}>")).recipients == (ANA,)
    assert bounce(dsn(recipient="Final-Recipient: x400; nobody")).recipients == ()


def test_of_several_recipients_the_worst_counts() -> None:
    """One late and two lost: the lost ones are named."""
    lost = "Action: failed\r\nStatus: 5.1.1\r\nFinal-Recipient: rfc822; "
    several = f"{lost}bob@example.org\r\n\r\n{lost}eve@example.org\r\n\r\n"
    late = f"{several}Final-Recipient: rfc822; {ANA}"

    assert bounce(dsn(recipient=late, action="delayed")).recipients == (
        "bob@example.org",
        "eve@example.org",
    )


def test_the_conversation_is_found_in_the_address_too() -> None:
    """Servers that return nothing of our mail still write to its sender."""
    only_address = dsn(to=f"To: {ADDRESS}\r\nSubject: failure notice\r\n", returned="")

    assert bounce(only_address).token == TOKEN


def test_without_a_token_a_bounce_belongs_to_no_conversation() -> None:
    """Nor with those of two, of which nobody knows which came back."""
    other = TOKENS.message_id(ConversationId("c2"), ANA, "first")

    assert bounce(dsn(returned="")).token is None
    assert bounce(dsn(returned=RETURNED + f"References: {other}\r\n")).token is None


def test_a_servers_words_are_shown_as_one_short_line() -> None:
    """Without control characters, whatever it wrote."""
    said = bounce(dsn(diagnostic="smtp; 550\x1b[31m\t a\u202e\r\n  b\x00" + "c" * 999)).diagnostic

    assert said.startswith("550 [31m a")
    assert said.isprintable()
    assert len(said) == 200


QMAIL = (
    "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\nSubject: failure notice\r\n\r\n"
    "Hi. This is the qmail-send program at mx.example.org.\r\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\r\n\r\n"
    f"<{ANA}>:\r\n192.0.2.1 does not like recipient.\r\n"
    "Remote host said: 550 5.1.1 no such user\r\nGiving up on 192.0.2.1.\r\n\r\n"
    f"--- Below this line is a copy of the message.\r\n\r\n{RETURNED}\r\nHello\r\n"
)
EXIM = (
    "Return-path: <>\r\nX-Failed-Recipients: ana@example.org\r\nAuto-Submitted: auto-replied\r\n"
    "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\r\n"
    "Subject: Mail delivery failed: returning message to sender\r\n\r\n"
    "A message that you sent could not be delivered to one or more of its recipients.\r\n\r\n"
    f"  {ANA}\r\n    host mx.example.org [192.0.2.1]\r\n"
    f"    SMTP error after RCPT TO: 550 5.1.1 no such user\r\n\r\n{RETURNED}\r\n"
)
EXCHANGE = (
    "Return-Path: <>\r\nFrom: <postmaster@corp.example.org>\r\nSubject: Undeliverable: Invoice\r\n"
    f"To: <{ADDRESS}>\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n"
    "<html><body><p>Delivery has failed to these recipients or groups:</p>\r\n"
    f'<p><a href="mailto:{ANA}">Ana ({ANA})</a></p>\r\n<p>Remote Server returned\r\n'
    "'550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'</p></body></html>\r\n"
)
EXCHANGE_BASE64 = (
    "Return-Path: <>\r\nFrom: MicrosoftExchange3@corp.example.org\r\nSubject: Undeliverable\r\n"
    "Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n"
    + base64.encodebytes(f"{ANA}\r\n550 5.1.1 not found\r\n\r\n{RETURNED}".encode()).decode()
)


@pytest.mark.parametrize("raw", [QMAIL, EXIM, EXCHANGE, EXCHANGE_BASE64])
def test_servers_have_forms_of_their_own(raw: str) -> None:
    """The same is understood from qmail, Exim, and Exchange without a machine-readable part."""
    found = bounce(raw.encode())

    assert found.recipients == (ANA,)
    assert (found.outcome, found.status) == (Outcome.PERMANENT, "5.1.1")
    assert "550 5.1.1" in found.diagnostic
    assert found.token == TOKEN


def test_a_warning_in_words_is_no_failure() -> None:
    """An Exchange server that is still trying."""
    late = EXCHANGE.replace("Undeliverable:", "Delivery delayed:").replace("550 5.1.1", "451 4.4.1")

    assert bounce(late.encode()).outcome is Outcome.DELAYED


def test_a_copy_in_quoted_printable_is_read() -> None:
    """Its lines are broken in the middle of the token."""
    broken = QMAIL.replace(OURS, f"{OURS[:30]}=\r\n{OURS[30:]}").replace(
        "failure notice\r\n", "failure notice\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    )

    assert bounce(broken.encode()).token == TOKEN


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "From: ana@example.org\r\nSubject: The invoice\r\n\r\nHello\r\n",
        f"From: ana@example.org\r\n\r\nYour server wrote me:\r\n{QMAIL}",
        f"From: ana@example.org\r\nTo: {ADDRESS}\r\n\r\n<{ANA}>: 550 5.1.1 no such user\r\n",
        f"Return-Path: <>\r\nFrom: ana@example.org\r\nTo: {ADDRESS}\r\n\r\nI am on holiday.\r\n",
        "Return-Path: <>\r\nFrom: postmaster@example.org\r\n\r\nYour mailbox is nearly full.\r\n",
    ],
)
def test_not_everything_about_a_bounce_is_one(raw: str) -> None:
    """A person who quotes one, a holiday, a notice."""
    assert bounce_in(raw.encode(), TOKENS) is None


@pytest.mark.parametrize(
    "body",
    [
        b"\n" * 300_000,
        b" " * 300_000,
        b"<" * 300_000,
        b"a@" * 150_000,
        b"a" * 300_000 + b"@",
        b"here is your list of failed recipients\n" + b" " * 300_000,
        b"the following addresses had\n" + b"a" * 300_000 + b"\n",
        b"Hi. This is the\n\n" + b"<a@b.example>:\n" * 20_000,
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        b"X-Failed-Recipients: " + b"(" * 50_000,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(1_000)
        ),
        b"Content-Type: message/rfc822\n\n" * 5_000,
        b"Content-Type: multipart/report; report-type=delivery-status;" + b' a*0="x";' * 9_000,
    ],
)
def test_no_mail_is_too_odd(head: bytes, body: bytes) -> None:
    """Neither an exception nor a search without end, whatever somebody sends."""
    bounce_in(DAEMON.encode() + head + b"\n\n" + body, TOKENS)


@given(st.binary(max_size=400), st.integers(0, 1500), st.integers(0, 1500))
def test_damaged_bounces_do_no_harm(noise: bytes, start: int, end: int) -> None:
    """Any bytes in any place of a bounce: what is found is a bounce, or nothing."""
    raw = dsn()

    bounce_in(raw[:start] + noise + raw[end:], TOKENS)


SPOOFED = sorted((Path(__file__).parents[2] / "corpus/mail/spoofed").glob("*-true-*.eml"))


@pytest.mark.parametrize("mail", SPOOFED, ids=lambda mail: mail.stem)
def test_what_customers_write_is_no_bounce(mail: Path) -> None:
    """Not one of the true mails of the corpus is taken for one."""
    assert bounce_in(mail.read_bytes(), TOKENS) is None
