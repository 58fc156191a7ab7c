"""What a mail may do. The corpus of spoofed mails has the cases; here are the rules."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mail.authentic import Verdict
from adapters.mail.automatic import MailNature
from adapters.mail.bounces import Outcome
from adapters.mail.reading import read
from adapters.mail.trust import Judgement, judge
from tests.support.spoofing import ANAS, ANAS_NEXT, AUTHSERV_ID, MALLORYS, OWN, TOKENS

ANA, MALLORY = "ana@gmail.com", "mallory@evil-shop.net"
TO_ANAS = TOKENS.reply_address(ANAS, ANA)
PASSED = f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=gmail.com"
HIS_PASSED = f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=evil-shop.net"
FAILED = f"Authentication-Results: {AUTHSERV_ID}; dmarc=fail header.from=gmail.com"


def judged(*head: str, body: str = "Hello", authserv_id: str = AUTHSERV_ID) -> Judgement:
    raw = ("\r\n".join(head) + f"\r\n\r\n{body}\r\n").encode()
    return judge(read(raw), raw, tokens=TOKENS, own=OWN, authserv_id=authserv_id)


def test_whoever_answers_from_her_mailbox_is_proven() -> None:
    """The only author, whom the token was sent to, and whom our server vouches for."""
    assert judged(PASSED, f"From: Ana <{ANA}>", f"To: {TO_ANAS}") == Judgement(
        nature=MailNature.PERSON,
        token=TOKENS.read(TO_ANAS),
        proven=True,
        verdict=Verdict.PASS,
        bounce=None,
    )


def test_an_address_alone_proves_nothing() -> None:
    """A new mail is tied to nothing, however well its sender is known."""
    new = judged(PASSED, f"From: {ANA}", "To: podrska@example.com")

    assert (new.token, new.proven, new.verdict) == (None, False, Verdict.PASS)


def test_a_token_alone_proves_nothing() -> None:
    """Whoever holds one can write to the agents of its ticket, as a stranger."""
    stranger = judged(HIS_PASSED, f"From: {MALLORY}", f"To: {TO_ANAS}")

    assert stranger.token == TOKENS.read(TO_ANAS)
    assert not stranger.proven


def test_a_token_that_the_sender_was_sent_is_preferred() -> None:
    """Two people of one ticket: the one who writes is recognised by hers, wherever it stands."""
    to_bob = TOKENS.reply_address(ANAS, "bob@example.org")

    answer = judged(PASSED, f"From: {ANA}", f"To: {to_bob}", f"Cc: {TO_ANAS}")

    assert answer.token == TOKENS.read(TO_ANAS)
    assert answer.proven


def test_two_conversations_are_taken_apart_only_by_the_senders_own() -> None:
    """The nearest place decides, if it is the sender's; with another's it is tied to none."""
    hers = judged(
        PASSED,
        f"From: {ANA}",
        f"To: {TOKENS.reply_address(ANAS_NEXT, ANA)}",
        f"References: {TOKENS.message_id(ANAS, ANA, 'first')}",
    )
    anothers = judged(
        PASSED,
        f"From: {ANA}",
        f"To: {TOKENS.reply_address(MALLORYS, MALLORY)}",
        f"References: {TOKENS.message_id(ANAS, ANA, 'first')}",
    )

    assert hers.token is not None
    assert hers.token.conversation == ANAS_NEXT
    assert hers.proven
    assert anothers.token is None


def test_a_bounce_belongs_to_the_conversation_of_what_came_back() -> None:
    """It tells about an address, and proves nobody."""
    back = judged(
        "Return-Path: <>",
        "From: MAILER-DAEMON@gmail.com",
        "To: podrska@example.com",
        "X-Failed-Recipients: ana@gmail.com",
        body=f"550 5.1.1 no such user\r\n\r\nMessage-ID: {TOKENS.message_id(ANAS, ANA, 'first')}",
    )

    assert back.nature is MailNature.BOUNCE
    assert back.token == TOKENS.read(TO_ANAS)
    assert not back.proven
    assert back.bounce is not None
    assert (back.bounce.recipients, back.bounce.outcome) == ((ANA,), Outcome.PERMANENT)


FRAGMENTS = [
    *("\r\n", "\n", "\r", "\r\n ", "\t", " ", ",", ";", ":", "<", ">", '"', "(", ")", "\\", "\0"),
    *("From: ", "from : ", "Sender: ", "To: ", "Cc: ", "Reply-To: ", "Subject: "),
    *("In-Reply-To: ", "References: ", "Return-Path: <>\r\n", "Auto-Submitted: auto-replied\r\n"),
    *(
        PASSED,
        PASSED.upper(),
        "Authentication-Results: ",
        f"{AUTHSERV_ID}; dmarc=pass header.from=",
    ),
    *(ANA, MALLORY, "gmail.com", "ana", "@", "=?utf-8?q?ana=40gmail=2Ecom?=", "Ana Anić "),
    *(TO_ANAS, TOKENS.message_id(ANAS, ANA, "first"), TOKENS.reply_address(MALLORYS, MALLORY)),
]
"""What an attacker writes, in any order."""


@settings(max_examples=400)
@given(st.sampled_from([FAILED, HIS_PASSED]), st.lists(st.sampled_from(FRAGMENTS), max_size=30))
def test_nothing_that_an_attacker_writes_makes_him_ana(ours: str, written: list[str]) -> None:
    """Below our server's word he may write what he likes: Ana's ticket never takes him for her."""
    raw = f"{ours}\r\nReceived: from evil-shop.net by {AUTHSERV_ID}\r\n{''.join(written)}".encode()

    found = judge(read(raw), raw, tokens=TOKENS, own=OWN, authserv_id=AUTHSERV_ID)

    assert not (found.proven and found.token is not None and found.token.conversation == ANAS)


@given(st.binary(max_size=2_000), st.sampled_from(["", AUTHSERV_ID]))
def test_every_mail_can_be_judged(raw: bytes, authserv_id: str) -> None:
    """Whatever bytes arrive, there is a judgement, and nobody is proven by noise."""
    found = judge(read(raw), raw, tokens=TOKENS, own=OWN, authserv_id=authserv_id)

    assert not found.proven
