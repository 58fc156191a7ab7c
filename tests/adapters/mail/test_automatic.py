"""Who writes: a person, or a machine that must not be answered."""

import pytest

from adapters.mail.automatic import MailNature, kind_of
from adapters.mail.own import Own
from adapters.mail.tokens import Tokens
from core.ids import ConversationId
from tests.support.letters import letter

OWN = Own(["podrska@example.com", "Support@Example.com"], "example.com")
HIS_ANSWER = ("<1@example.com>",)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Auto-Submitted": "no"},
        {"Auto-Submitted": "No (a person wrote this)"},
        {"X-Auto-Response-Suppress": "All"},
        {"X-Auto-Response-Suppress": "OOF, AutoReply"},
        {"Precedence": "normal"},
        {"Precedence": "first-class"},
        {"X-Autoreply": "no"},
        {"Return-Path": "<ana@example.org>"},
        {"Content-Type": "multipart/alternative; boundary=b"},
        {"Listen": "to me"},
    ],
)
def test_a_person_writes(headers: dict[str, str]) -> None:
    """Nor does it make a mail automatic that its sender wants no automatic answers."""
    assert kind_of(letter(headers=headers), OWN) is MailNature.PERSON


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-replied (vacation)"},
        {"Auto-Submitted": "(on holiday) Auto-Replied; owner-email=ana@example.org"},
        {"Auto-Submitted": "auto-generated"},
        {"Auto-Submitted": "auto-notified"},
        {"Auto-Submitted": "something-new"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "Re: The invoice"},
        {"Precedence": "auto_reply"},
        {"Return-Path": "<>"},
        {"Content-Type": 'multipart/report; report-type="disposition-notification"'},
        {"Content-Type": "multipart/report; boundary=b"},
        {"Content-Type": "message/disposition-notification"},
        {"Auto-Submitted": "auto-replied", "Precedence": "bulk", "Return-Path": "<>"},
    ],
)
def test_a_machine_writes_in_a_persons_name(headers: dict[str, str]) -> None:
    """On holiday, read receipts, notices: by RFC 3834, and by what came before it."""
    assert kind_of(letter(headers=headers), OWN) is MailNature.AUTO_REPLY


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: The invoice",
        "Out of Office: The invoice",
        "Automatski odgovor: Račun",
        "Аутоматски одговор: Рачун",
        "АУТОМАТСКИ ОДГОВОР: Рачун",
        "Abwesenheitsnotiz: Die Rechnung",
        "Automatische Antwort: Die Rechnung",
    ],
)
def test_a_holidays_subject_needs_a_second_sign(subject: str) -> None:
    """Whoever asks how to set up such a reply is a person."""
    assert kind_of(letter(subject=subject), OWN) is MailNature.PERSON
    for sign in (
        {"X-Auto-Response-Suppress": "All"},
        {"Precedence": "bulk"},
        {"Return-Path": "<>"},
    ):
        away = letter(subject=subject, headers=sign)
        assert kind_of(away, OWN) is MailNature.AUTO_REPLY
    assert kind_of(letter(subject=subject, refers_to=HIS_ANSWER), OWN) is MailNature.AUTO_REPLY


def test_an_answer_about_holidays_is_a_persons() -> None:
    """The words count only where programs put them: at the very beginning."""
    about = letter(subject="Re: Automatic reply: does not work", refers_to=HIS_ANSWER)

    assert kind_of(about, OWN) is MailNature.PERSON


@pytest.mark.parametrize(
    "headers",
    [
        {"List-Id": "<users.example.org>"},
        {"List-Unsubscribe": "<https://example.org/u>"},
        {"Precedence": "bulk"},
        {"Precedence": "List"},
        {"Precedence": "junk"},
        {"List-Post": "NO", "Auto-Submitted": "auto-generated", "Return-Path": "<>"},
    ],
)
def test_many_get_the_same_mail(headers: dict[str, str]) -> None:
    """Newsletters and mailing lists."""
    assert kind_of(letter(headers=headers), OWN) is MailNature.BULK_OR_LIST


@pytest.mark.parametrize(
    "local",
    "noreply no-reply no_reply No.Reply NoReply do-not-reply donotreply dontreply shop-noreply "
    "no-reply-17 noreply+abc drive-shares-dm-noreply noreply2 postmaster".split(),
)
def test_nobody_reads_there(local: str) -> None:
    """Addresses that say so of themselves, whatever is before or behind."""
    assert kind_of(letter(sender=f"{local}@example.org"), OWN) is MailNature.NO_REPLY


@pytest.mark.parametrize("local", "ana noreplyson reply casino.reply notreply norbert.eply".split())
def test_a_name_that_only_looks_like_it_is_a_persons(local: str) -> None:
    """Letters that happen to stand together are no sign."""
    assert kind_of(letter(sender=f"{local}@example.org"), OWN) is MailNature.PERSON


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("MAILER-DAEMON@example.org", {}),
        ("mailer-daemon@example.com", {"Auto-Submitted": "auto-replied"}),
        ("postmaster@example.org", {"Return-Path": "<>"}),
        ("", {"Return-Path": "<>"}),
        ("x@example.org", {"Content-Type": "Multipart/Report; Report-Type=Delivery-Status"}),
        ("x@example.org", {"X-Failed-Recipients": "ana@example.org"}),
    ],
)
def test_a_mail_server_writes(sender: str, headers: dict[str, str]) -> None:
    """About what it delivered or could not."""
    assert kind_of(letter(sender=sender, headers=headers), OWN) is MailNature.BOUNCE


@pytest.mark.parametrize(
    "sender", ["podrska@example.com", "PODRSKA@Example.com", "podrska+x@example.com"]
)
def test_our_own_mail_is_known(sender: str) -> None:
    """From any of our addresses, reply addresses included: two desks do not talk to themselves."""
    assert kind_of(letter(sender=sender), OWN) is MailNature.OUR_OWN


def test_our_own_mail_is_known_by_its_message_id() -> None:
    """Sent back under another sender, and even if the key is thrown away."""
    tokens = Tokens([b"a key that is long gone"], "podrska@example.com")
    ours = tokens.message_id(ConversationId("c1"), "ana@example.org", "first")

    assert kind_of(letter(message_id=ours), OWN) is MailNature.OUR_OWN
    assert kind_of(letter(message_id=ours.upper()), OWN) is MailNature.OUR_OWN
    assert kind_of(letter(message_id="<1234@example.com>"), OWN) is MailNature.PERSON


@pytest.mark.parametrize(
    "sender", ["ana@example.com", "podrska@example.org", "xpodrska@example.com", "@example.com", ""]
)
def test_a_colleague_is_a_person(sender: str) -> None:
    """Not every address of our domain is the desk's."""
    assert kind_of(letter(sender=sender), OWN) is MailNature.PERSON
