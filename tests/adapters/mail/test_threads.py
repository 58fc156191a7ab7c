"""How the mails of a ticket hang together, where replies go, and what the subject says."""

from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest

from adapters.mail.tokens import Tokens
from core.contact import Identity
from core.effects import MailKind
from core.outbox import MAIL
from tests.support.mailing import answer, outgoing
from tests.support.sent_mail import SENDER, TOKENS, of_kind, read, rendered

HERS = ("<CAF1@mail.gmail.com>", "<0$z?q%+2@[10.0.0.1]>")
"""Two Message-IDs of Ana's mails, as programs make them."""


def mail(kind: MailKind = MailKind.ANSWER, **changes: Any) -> EmailMessage:
    """Return a mail from a desk that reads replies."""
    return read(rendered(of_kind(kind, message=answer(), **changes), tokens=TOKENS))


def by_mail(subject: str, *ids: str) -> dict[str, Any]:
    """Return what makes a conversation one that began with a mail."""
    return {"identity": Identity(MAIL, "ana@example.com"), "mail_subject": subject, "mail_ids": ids}


# The thread


def test_every_mail_refers_to_the_first_one() -> None:
    """Each has an id of its own, and the first one's is known without having been looked up."""
    filed = mail(MailKind.TICKET_FILED, delivery="d1")
    answered = mail(delivery="d2")
    closed = mail(MailKind.TICKET_CLOSED, delivery="d3")

    assert filed["Message-ID"] == TOKENS.message_id(
        outgoing().conversation.id, "ana@example.com", "first"
    )
    assert "In-Reply-To" not in filed
    assert "References" not in filed
    for later in (answered, closed):
        assert later["In-Reply-To"] == later["References"] == filed["Message-ID"]
    assert len({each["Message-ID"] for each in (filed, answered, closed)}) == 3


def test_a_reply_leads_back_to_the_ticket() -> None:
    """By the address to which it goes, and by the id to which it refers."""
    sent = mail()

    (reply_to,) = sent["Reply-To"].addresses
    assert reply_to.display_name == "Podrška"
    for place in (reply_to.addr_spec, sent["Message-ID"], sent["References"]):
        token = TOKENS.read(place)
        assert token is not None
        assert token.conversation == outgoing().conversation.id
        assert TOKENS.was_sent_to(token, "Ana@example.com")
        assert not TOKENS.was_sent_to(token, "eve@example.com")


def test_what_the_customer_mailed_is_answered() -> None:
    """Her newest mail is what ours replies to, and the others are referred to as well."""
    filed = mail(MailKind.TICKET_FILED, conversation=by_mail("Help", HERS[0]))
    answered = mail(conversation=by_mail("Help", *HERS))

    assert "In-Reply-To" not in filed
    assert answered["In-Reply-To"] == HERS[1]
    assert answered["References"] == f"{filed['Message-ID']} {HERS[0]} {HERS[1]}"


@pytest.mark.parametrize(
    "kind", [MailKind.TICKET_FILED, MailKind.CLOSING_SOON, MailKind.TICKET_CLOSED, MailKind.MERGED]
)
def test_what_no_person_sends_names_her_mails_only_where_they_are_hers(kind: MailKind) -> None:
    """Whoever forges a mail chooses what it is called: a stranger would be sent that."""
    stranger = mail(kind, conversation=by_mail("Help", *HERS))
    proven = mail(kind, conversation=by_mail("Help", *HERS), email_proven=True)

    assert not any(each in stranger.as_string() for each in HERS)
    assert proven["In-Reply-To"] == HERS[1]


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "a@example.com",
        "<>",
        "<a b@example.com>",
        "<a@example.com>\r\nBcc: b@example.com",
        "<a@example.com> <b@example.com>",
        "<<a@example.com>",
        "<č@example.com>",
        "<a\x00@example.com>",
        f"<{'a' * 199}>",
    ],
)
def test_an_id_that_could_do_harm_is_left_out(foreign: str) -> None:
    """Whoever wrote it, no other header comes of it; the thread holds by the other ids."""
    sent = mail(conversation={"mail_ids": (HERS[0], foreign)})

    assert sent["In-Reply-To"] == HERS[0]
    assert len(sent["References"].split()) == 2
    assert "Bcc" not in sent


def test_the_longest_thread_is_whole_on_the_wire() -> None:
    """Ids are folded between lines, never within one, and never encoded."""
    ids = tuple(f"<{number}{'x' * 197}>" for number in range(10))
    tokens = Tokens([b"a key of sixteen"], f"podrska@{'label.' * 30}example.com")
    sent = outgoing(MailKind.ANSWER, message=answer(), conversation={"mail_ids": ids})

    raw = rendered(sent, sender=Address("Подршка", "podrska", "example.com"), tokens=tokens)

    assert b"=?" not in raw.split(b"References:")[1].split(b"\r\nContent")[0].split(b"Reply-To")[0]
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert read(raw)["References"].split()[1:] == list(ids)


def test_without_a_mailbox_nobody_is_asked_to_reply() -> None:
    """A desk that reads no replies gives no address for them, and names the chat alone."""
    deaf = read(rendered(outgoing(MailKind.ANSWER, message=answer())))

    assert "Reply-To" not in deaf
    assert "reply to this mail" not in str(deaf)
    assert "in the chat" in str(deaf)


@pytest.mark.parametrize("kind", MailKind)
def test_who_never_saw_a_chat_is_not_sent_to_one(kind: MailKind) -> None:
    """A conversation by mail goes on by mail; so does one whose chat is gone."""
    for changes in (by_mail("Help"), {"reachable": False}):
        said = mail(kind, conversation=changes)
        text = said.get_body(("plain",))
        assert text is not None
        assert "chat" not in text.get_content()
        assert "reply to this mail" in text.get_content()


# The subject


@pytest.mark.parametrize("kind", MailKind)
def test_who_wrote_a_mail_reads_their_own_subject(kind: MailKind) -> None:
    """Mail programs keep what has one subject together; the ID stands behind it."""
    sent = mail(kind, conversation=by_mail("Рачун бр. 7"), email_proven=True)

    assert sent["Subject"] == "Re: Рачун бр. 7 [MNT-4K7Q2]"


@pytest.mark.parametrize("kind", MailKind)
def test_a_strangers_subject_goes_nowhere(kind: MailKind) -> None:
    """As long as nobody has proven the address, not one of their words is sent to it."""
    unproven = mail(kind, conversation=by_mail("Buy now"))

    assert "Buy" not in unproven["Subject"]
    assert unproven["Subject"].startswith("[MNT-4K7Q2] ")


def test_how_agents_call_it_stays_among_agents() -> None:
    """Nor are the first words of a chat a subject of anybody's mail."""
    renamed = by_mail("Help") | {"subject": "Always complains"}

    for talk, subject in (
        (renamed, "Re: Help [MNT-4K7Q2]"),
        ({"subject": "First words", "mail_ids": HERS}, "[MNT-4K7Q2] Answer to your request"),
    ):
        assert mail(conversation=talk, email_proven=True)["Subject"] == subject


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Re: AW: Odg: SV: Help", "Re: Help"),
        ("RE[2]: Help", "Re: Help"),
        ("Help\r\nBcc: b@example.com", "Re: Help Bcc: b@example.com"),
        ("\u202eHelp\x00", "Re: Help"),
        ("Re:", "[MNT-4K7Q2] Answer to your request"),
        ("x" * 900, f"Re: {'x' * 150}"),
    ],
)
def test_a_subject_is_one_clean_line(theirs: str, ours: str) -> None:
    """No header comes of it, and replies to replies do not pile up."""
    sent = mail(conversation=by_mail(theirs), email_proven=True)

    assert sent["Subject"].removesuffix(" [MNT-4K7Q2]") == ours
    assert "Bcc" not in sent
    assert sent["From"] == str(SENDER)
