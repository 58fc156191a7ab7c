"""What the desk's mails say, and what they never say."""

import re
from datetime import timedelta
from email.headerregistry import Address
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from adapters.mail.richtext import to_plain
from core.contact import Identity
from core.effects import MailKind, Words
from core.errors import GiveUp
from core.phrases import Phrase
from core.richtext import Mark, RichText, Span, rich
from tests.support.mailing import AT, answer, asked, outgoing
from tests.support.richtexts import richtexts, texts
from tests.support.sent_mail import TOKENS, body, of_kind, read, rendered, text_of

MONDAY = Words(
    phrase=Phrase.MAIL_FILED_WHEN,
    moment=AT + timedelta(hours=14),
    now=AT,
    zone="Europe/Belgrade",
)
OPENS_LATER = Words(
    phrase=Phrase.MAIL_FILED_WHEN,
    moment=AT + timedelta(days=2, hours=14),
    now=AT,
    zone="Europe/Belgrade",
)


class _Shown(HTMLParser):
    """What a mail program shows of HTML: what is neither tag nor head."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self._hidden = True
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = self._hidden and tag != "body"
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += data


def words(text: str) -> list[str]:
    return [each.strip(":") for each in re.findall(r"[\w.:@-]+", text)]


# What they say


def test_a_filed_ticket_in_english() -> None:
    """The first mail says: accepted, the ID, when to expect an answer, how to go on."""
    mail = read(rendered(outgoing(expect=MONDAY)))

    assert mail["Subject"] == "[MNT-4K7Q2] We have received your request"
    assert text_of(mail) == (
        "Hello,\n\n"
        "Your request has been received and saved as ticket MNT-4K7Q2.\n\n"
        "We open tomorrow at 08:00 (in 14 hours) and will be in touch as soon as possible.\n\n"
        "The answer comes to this address and to the chat in which you wrote. You can go on there "
        "at any time.\n\n"
        "If you did not ask us for anything, somebody typed your address by mistake: nothing more "
        "will come unless our people answer.\n\n"
        "Kind regards,\nSupport\n"
    )


def test_a_filed_ticket_in_serbian() -> None:
    """The same in Serbian, with the day in the right case and the hours in the right form."""
    mail = read(rendered(outgoing(language="sr", expect=OPENS_LATER)))

    assert mail["Subject"] == "[MNT-4K7Q2] Примили смо Ваш захтев"
    assert text_of(mail) == (
        "Добар дан,\n\n"
        "Ваш захтев је уредно примљен и сачуван као тикет MNT-4K7Q2.\n\n"
        "Поново радимо у среду у 08:00 (за 3 дана) и јавићемо Вам се у најкраћем могућем року.\n\n"
        "Одговор стиже на ову адресу и у разговор у којем сте нам писали. Тамо можете да наставите "
        "кад год желите.\n\n"
        "Ако нам се нисте обраћали, неко је грешком уписао Вашу адресу: ништа више неће стићи, "
        "осим ако наши агенти одговоре.\n\n"
        "Срдачан поздрав\nПодршка\n"
    )


def test_a_closed_ticket_in_serbian_latin() -> None:
    """The same catalogue, in Latin letters."""
    mail = read(rendered(outgoing(MailKind.TICKET_CLOSED, language="sr-Latn")))

    assert mail["Subject"] == "[MNT-4K7Q2] Vaš zahtev je zatvoren"
    assert text_of(mail) == (
        "Dobar dan,\n\n"
        "Vaš zahtev MNT-4K7Q2 je zatvoren. Ako nije rešen, pišite nam ponovo u razgovoru.\n\n"
        "Srdačan pozdrav\nPodrška\n"
    )
    assert mail["Content-Language"] == "sr-Latn"
    assert '<html lang="sr-Latn">' in body(mail, "html")


def test_a_ticket_that_closes_soon() -> None:
    """The warning says when, and that a word is enough."""
    mail = read(rendered(of_kind(MailKind.CLOSING_SOON), tokens=TOKENS))

    assert mail["Subject"] == "[MNT-4K7Q2] Your request will be closed soon"
    assert text_of(mail) == (
        "Hello,\n\n"
        "We have answered your request MNT-4K7Q2 and have not heard from you since. It will be "
        "closed on Friday at 08:00 (in 5 days). If it is not solved, just write.\n\n"
        "To go on, reply to this mail or write in the chat in which you wrote before.\n\n"
        "Kind regards,\nSupport\n"
    )


def test_a_merged_ticket_in_serbian() -> None:
    """The customer learns under which ID it goes on."""
    mail = read(rendered(of_kind(MailKind.MERGED, language="sr"), tokens=TOKENS))

    assert mail["Subject"] == "[MNT-4K7Q2] Ваш захтев се наставља уз други"
    assert "MNT-4K7Q2" in text_of(mail)
    assert "MNT-7HHH2" in text_of(mail)
    assert "За наставак одговорите на овај имејл" in text_of(mail)


def test_no_hour_is_promised_where_none_is_known() -> None:
    """Without an opening to name, "as soon as possible" is all that is claimed."""
    assert "We will be in touch as soon as possible." in text_of(read(rendered(outgoing())))


def test_whoever_has_proven_the_address_is_not_asked_who_they_are() -> None:
    """The line for strangers is for strangers."""
    proven = read(rendered(outgoing(email_proven=True)))

    assert "If you did not ask us" not in text_of(proven)


@pytest.mark.parametrize("channel", ["portal", "api"])
@pytest.mark.parametrize("kind", [MailKind.TICKET_FILED, MailKind.ANSWER, MailKind.TICKET_CLOSED])
def test_who_asked_where_there_is_no_chat_reads_of_none(channel: str, kind: MailKind) -> None:
    """They go on where they asked; by a reply only where those are read."""
    there = {"identity": Identity(channel, "ana@example.com"), "reachable": False}
    said = answer(rich("Have a look", [])) if kind is MailKind.ANSWER else None
    mail = outgoing(kind, message=said, expect=MONDAY, conversation=there)
    unread, is_read = text_of(read(rendered(mail))), text_of(read(rendered(mail, tokens=TOKENS)))

    assert "where you asked" in unread
    assert "reply" not in unread
    assert "reply to this mail" in is_read
    assert "chat" not in unread + is_read


def test_an_answer_carries_the_agents_words() -> None:
    """The agent's name, their text with its marks, and the names of the files."""
    said = rich("Try <this>:\nrm -r cache\nRead more", [
        Span(4, 10, Mark.BOLD),
        Span(12, 23, Mark.PRE),
        Span(24, 33, Mark.LINK, "https://example.com/help"),
    ])  # fmt: skip
    mail = read(rendered(outgoing(MailKind.ANSWER, message=answer(said, "račun.pdf", "b.png"))))

    assert mail["Subject"] == "[MNT-4K7Q2] Answer to your request"
    assert text_of(mail) == (
        "Hello,\n\n"
        "Mira answers your request MNT-4K7Q2:\n\n"
        "Try <this>:\nrm -r cache\nRead more <https://example.com/help>\n\n"
        "Could not be attached: račun.pdf, b.png\n\n"
        "You can go on in the chat in which you wrote.\n\n"
        "Kind regards,\nSupport\n"
    )
    html = body(mail, "html")
    assert "<strong>Mira</strong> answers your request <strong>MNT-4K7Q2</strong>:" in html
    assert "<strong>&lt;this&gt;</strong>" in html
    assert ">rm -r cache</pre>" in html
    assert '<a href="https://example.com/help" rel="noopener noreferrer nofollow">' in html


@pytest.mark.parametrize("language", ["en", "sr", "sr-Latn"])
@pytest.mark.parametrize("kind", MailKind)
def test_both_parts_say_the_same(kind: MailKind, language: str) -> None:
    """Whichever part is read, not a word is missing."""
    said = {"message": answer("Да."), "others": [answer("Не.", "a.pdf")], "before": [asked("Ха?")]}
    mail = read(rendered(of_kind(kind, **said, language=language, email_proven=True)))

    desk, *shown = words(_Shown(body(mail, "html")).text.partition("MNT-4K7Q2")[2])
    assert desk == "Podrška"
    assert shown == words(text_of(mail))


@pytest.mark.parametrize("kind", MailKind)
def test_nothing_is_loaded_from_elsewhere(kind: MailKind) -> None:
    """No picture, style sheet or script tells anybody that the mail was opened."""
    html = body(read(rendered(of_kind(kind, message=answer()))), "html")

    assert not set(_Shown(html).tags) & {"img", "link", "script", "iframe", "object", "form"}
    assert "url(" not in html
    assert "http" not in html


# What they never say

CANARY = "Canary7"


@pytest.mark.parametrize("proven", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in MailKind if kind is not MailKind.ANSWER])
def test_no_automatic_mail_repeats_what_somebody_typed(kind: MailKind, proven: bool) -> None:
    """Neither names nor subject nor problem: the desk is no relay for spam to a typed address."""
    problem = answer(f"{CANARY} problem", f"{CANARY}.pdf", by=f"{CANARY} author")
    sent = of_kind(
        kind,
        message=problem,
        before=[problem],
        name=f"{CANARY} name",
        offered_name=f"{CANARY} offered",
        email="typed@example.com",
        email_proven=proven,
        conversation={
            "subject": f"{CANARY} subject",
            "doubtful_email": f"{CANARY}@example.com",
            "suggested_email": f"{CANARY}@example.org",
        },
    )

    mail = read(rendered(sent))

    everything = [*mail.values(), body(mail, "plain"), body(mail, "html")]
    assert not [each for each in everything if CANARY.lower() in each.lower()]
    assert mail["To"] == "typed@example.com"


@pytest.mark.parametrize(
    "name",
    ["Mira\r\nBcc: all@example.com", "Mira\u2028Bcc: x@example.com", "\u202eariM", "<b>Mira"],
)
def test_a_name_stays_a_name(name: str) -> None:
    """A name can neither add a header nor a line nor markup."""
    mail = read(rendered(outgoing(MailKind.ANSWER, message=answer("Yes.", name, by=name))))

    assert "Bcc" not in mail
    assert "\u202e" not in text_of(mail)
    assert len(text_of(mail).splitlines()) == len("Hello-Mira-Yes-With-You-Kind".split("-")) * 2
    assert "b" not in _Shown(body(mail, "html")).tags


def test_an_agent_without_a_name_is_one_of_ours() -> None:
    """No sentence begins with nobody."""
    text = text_of(read(rendered(outgoing(MailKind.ANSWER, message=answer(by="\u200b")))))

    assert "\n\nOur people answer your request MNT-4K7Q2:\n\n" in text


@settings(max_examples=100, deadline=None)
@given(richtexts(), texts(), texts())
def test_nothing_that_is_written_breaks_a_mail(said: RichText, name: str, subject: str) -> None:
    """Whatever agents and customers write, the mail has its headers, two bodies and no more."""
    sent = outgoing(
        MailKind.ANSWER,
        message=answer(said, by=name),
        before=[asked(said, by=name)],
        conversation={"mail_subject": subject, "mail_ids": (name, subject)},
        email_proven=True,
    )

    raw = rendered(sent, tokens=TOKENS)

    mail = read(raw)
    assert set(mail.keys()) == {
        *("From", "To", "Reply-To", "Subject", "Date", "Content-Language", "Content-Type"),
        *("Message-ID", "In-Reply-To", "References", "MIME-Version"),
    }
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert raw.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not said or to_plain(said) in text_of(mail)


# Whom they are for, and how they hang together


def test_the_first_mail_begins_the_thread() -> None:
    """Every later mail of the ticket refers to it, without anything having been looked up."""
    filed = read(rendered(outgoing(delivery="d1")))
    answered = read(rendered(outgoing(MailKind.ANSWER, message=answer(), delivery="d2")))
    closed = read(rendered(outgoing(MailKind.TICKET_CLOSED, delivery="d3")))

    assert filed["Message-ID"] == "<ticket.c1@example.com>"
    assert "In-Reply-To" not in filed
    for later in (answered, closed):
        assert later["In-Reply-To"] == later["References"] == filed["Message-ID"]
    ids = {mail["Message-ID"] for mail in (filed, answered, closed)}
    assert len(ids) == 3


def test_a_repeated_mail_is_the_same_mail() -> None:
    """Message-ID and date come from the delivery: mailboxes can tell that they have it."""
    first, again = (
        read(rendered(outgoing(MailKind.ANSWER, message=answer(), delivery="d9"))) for _ in range(2)
    )

    assert first["Message-ID"] == again["Message-ID"] == "<mail.d9@example.com>"
    assert first["Date"] == again["Date"] == "Sun, 22 Nov 2026 17:00:00 +0000"
    assert text_of(first) == text_of(again)


def test_ids_are_never_encoded_and_lines_never_too_long() -> None:
    """A long domain breaks no thread; a long Cyrillic subject is folded as RFC 2047 asks."""
    domain = ".".join(["a-rather-long-label"] * 6) + ".example.com"
    sent = outgoing(MailKind.TICKET_CLOSED, language="sr")

    raw = rendered(sent, sender=Address("Подршка", "podrska", domain))

    assert f"\r\nIn-Reply-To: <ticket.c1@{domain}>\r\n".encode() in raw
    assert f"\r\nReferences: <ticket.c1@{domain}>\r\n".encode() in raw
    encoded_words = re.findall(rb"=\?utf-8\?.\?[^?]*\?=", raw)
    assert encoded_words
    assert max(map(len, encoded_words)) <= 75
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()


@pytest.mark.parametrize(
    ("kind", "submitted", "suppress"),
    [
        (MailKind.TICKET_FILED, "auto-replied", "All"),
        (MailKind.TICKET_CLOSED, "auto-generated", "All"),
        (MailKind.CLOSING_SOON, "auto-generated", "All"),
        (MailKind.MERGED, "auto-generated", "All"),
        (MailKind.ANSWER, None, None),
    ],
)
def test_automatic_mail_says_so(
    kind: MailKind, submitted: str | None, suppress: str | None
) -> None:
    """Other machines need not answer it; a person's answer is not marked."""
    mail = read(rendered(of_kind(kind, message=answer())))

    assert mail["Auto-Submitted"] == submitted
    assert mail["X-Auto-Response-Suppress"] == suppress


def test_a_cyrillic_domain_is_written_as_mail_servers_know_it() -> None:
    """Addresses under .срб work on servers that only speak ASCII."""
    assert read(rendered(outgoing(email="ana@пошта.срб")))["To"] == "ana@xn--80a1acn3a.xn--90a3ac"


@pytest.mark.parametrize("address", ["", "ana", "a@example.com, b@example.com", "a@b.rs\r\nBcc: c"])
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    """It is given up at once, with a reason for people."""
    with pytest.raises(GiveUp) as given_up:
        rendered(outgoing(email=address))

    assert given_up.value.why.phrase is Phrase.WHY_NO_ADDRESS
