"""The sandbox's people with mail programs, and what its mail exchanger says of them."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from sandbox.clock import Clock
from sandbox.letter import Attachment
from sandbox.mail import MailServer
from sandbox.mail_customer import MailCustomer
from sandbox.mailbox import Mailbox
from sandbox.page.threads import threaded

SUPPORT = "podrska@example.com"


@pytest.fixture
def server() -> MailServer:
    clock = Clock()
    clock.move_to(datetime(2026, 11, 23, 12, 5, tzinfo=UTC))
    return MailServer(clock)


@pytest.fixture
def support(server: MailServer) -> Mailbox:
    return server.mailbox(SUPPORT)


@pytest.fixture
def ana(server: MailServer) -> MailCustomer:
    return server.customer("ana@example.com", "Ana Anić", "sr")


def kept(box: Mailbox) -> EmailMessage:
    """Return the newest mail as it lies in the mailbox."""
    message: EmailMessage = message_from_bytes(box.kept[-1].raw, EmailMessage, policy=default)
    return message


def results(box: Mailbox) -> list[str]:
    """Return what the newest mail says of its sender, the topmost first."""
    return [" ".join(each.split()) for each in kept(box).get_all("Authentication-Results", [])]


def answered(server: MailServer, text: str = "Погледаћемо.\n\nПодршка", **headers: str) -> None:
    """Let the desk write to Ana, with these headers besides."""
    message = EmailMessage()
    message["From"] = "Podrška <podrska@example.com>"
    message["To"] = "ana@example.com"
    message["Subject"] = "[MNT-4K7Q2] Сајт"
    message["Message-ID"] = "<two@example.com>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    message.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    server.hand_in(message.as_bytes(), SUPPORT, ["ana@example.com"], proven=True)


async def test_a_new_mail_is_as_mail_programs_write_it(ana: MailCustomer, support: Mailbox) -> None:
    """Text and HTML, a file, a date by the writer's clock; and it lies among what was sent."""
    file = Attachment("račun.pdf", "application/pdf", b"%PDF")
    ana.writes(SUPPORT, "Сајт не ради", "Здраво!\n\n<Ана>", files=[file])

    got = await support.receives("Сајт не ради")
    assert (got.sender, got.header("From")) == ("ana@example.com", "Ana Anić <ana@example.com>")
    assert got.header("Date") == "Mon, 23 Nov 2026 13:05:00 +0100"
    assert re.fullmatch(r"<CA[\w-]+@mail\.example\.com>", got.message_id)
    assert got.text == "Здраво!\n\n<Ана>\n"
    assert got.html == "<div>Здраво!</div><div><br></div><div>&lt;Ана&gt;</div>\n"
    assert got.attachments == (file,)
    assert ana.sent.mails == [got]


async def test_an_answer_stands_above_what_it_quotes(
    server: MailServer, ana: MailCustomer, support: Mailbox
) -> None:
    """It goes to Reply-To, under the same subject, tied by ids, with the mail below it."""
    answered(server, Reply_To="podrska+abc@example.com", References="<one@example.com>")

    ana.replies(await ana.receives("MNT"), "Хвала!")

    got = await support.receives("Re: [MNT-4K7Q2] Сајт")
    assert got.to == ("podrska+abc@example.com",)
    assert kept(support)["Delivered-To"] == "podrska+abc@example.com"
    assert got.header("In-Reply-To") == "<two@example.com>"
    assert got.header("References") == "<one@example.com> <two@example.com>"
    assert got.text == (
        "Хвала!\n\n"
        "пон, 23. нов 2026. у 13:05 Podrška <podrska@example.com> је написао/ла:\n\n"
        "> Погледаћемо.\n>\n> Подршка\n"
    )
    assert '<div dir="ltr"><div>Хвала!</div></div><br><div class="gmail_quote' in got.html
    assert "<p>Погледаћемо.\n\nПодршка</p>" in got.html


async def test_long_ids_stay_whole(server: MailServer, ana: MailCustomer, support: Mailbox) -> None:
    """An id longer than a line is not encoded: no program would recognise it."""
    long = f"<{'a' * 120}@example.com>"
    answered(server, References=long)
    ana.replies(await ana.receives("MNT"), "Хвала!")
    assert f"References: {long} <two@example.com>\r\n".encode() in support.kept[-1].raw


@pytest.mark.parametrize(
    ("language", "attribution"),
    [
        ("en", "On Mon, Nov 23, 2026 at 1:05\u202fPM Podrška <podrska@example.com> wrote:"),
        ("sr-Latn", "pon, 23. nov 2026. u 13:05 Podrška <podrska@example.com> je napisao/la:"),
        ("de", "Am Mo., 23. Nov. 2026 um 13:05 Uhr schrieb Podrška <podrska@example.com>:"),
        ("tlh", "On Mon, Nov 23, 2026 at 1:05\u202fPM Podrška <podrska@example.com> wrote:"),
    ],
)
async def test_programs_speak_their_users_language(
    server: MailServer, language: str, attribution: str
) -> None:
    """What introduces the quoted mail is worded as Gmail words it there."""
    someone = server.customer("ana@example.com", "Ana", language)
    answered(server)
    mail = await someone.receives("MNT")
    assert someone.quoted(mail) == f"{attribution}\n\n> Погледаћемо.\n>\n> Подршка"


async def test_an_answer_between_the_lines(
    server: MailServer, ana: MailCustomer, support: Mailbox
) -> None:
    """Without the program's own quoting, the writer's `>` is what stands in the HTML, too."""
    answered(server)
    ana.replies(await ana.receives("MNT"), "> Погледаћемо.\n\nКада?", quoting=False)
    got = await support.receives("MNT")
    assert got.text == "> Погледаћемо.\n\nКада?\n"
    assert re.search(r"<blockquote[^>]*><div>Погледаћемо\.</div></blockquote>", got.html)


async def test_who_says_nothing_of_an_address_cannot_be_answered(
    server: MailServer, ana: MailCustomer
) -> None:
    """A broken mail is refused as a recipient, in words; nothing is sent."""
    server.hand_in(b"Subject: Broken\r\nFrom: " + b"(" * 900, "", ["ana@example.com"], proven=False)
    with pytest.raises(ValueError, match="no address"):
        ana.replies(await ana.receives("Broken"), "Hi")
    assert ana.sent.mails == []


async def test_the_mail_exchanger_vouches_for_customers_alone(
    server: MailServer, ana: MailCustomer, support: Mailbox
) -> None:
    """A pretender fails DMARC, whatever they write themselves under the same name."""
    ana.writes(SUPPORT, "Hi", "x")
    (passed,) = results(support)
    assert passed.startswith("mx.sandbox.test; dkim=pass")
    assert passed.endswith("dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=example.com")

    server.pretender("ana@example.com", "Ana Anić").writes(SUPPORT, "Hi", "x")
    assert kept(support)["From"] == "Ana Anić <ana@example.com>"
    assert "dmarc=fail" in results(support)[0]
    assert len(ana.sent.mails) == 1

    forged = b"Authentication-Results: mx.sandbox.test; dmarc=pass\r\nFrom: a@b.example\r\n\r\nx"
    server.hand_in(forged, "a@b.example", [SUPPORT], proven=False)
    first, second = results(support)
    assert "dmarc=fail" in first
    assert "header.from=b.example" in first
    assert second == "mx.sandbox.test; dmarc=pass"


async def test_what_was_handed_in_is_kept_to_the_byte(server: MailServer, support: Mailbox) -> None:
    """The trace stands on top of it, with the line ends that mail has."""
    server.hand_in(b"Subject: x\n\nline\r\n", "a@b.example\r\nX: y", [SUPPORT], proven=False)
    assert support.mails[0].raw == b"Subject: x\n\nline\r\n"
    raw = support.kept[0].raw
    assert raw.startswith(b"Return-Path: <a@b.exampleX:y>\r\nDelivered-To: podrska@example.com\r\n")
    assert raw.endswith(b"\r\nSubject: x\r\n\r\nline\r\n")


async def test_threads_are_found_by_what_mails_name(
    server: MailServer, ana: MailCustomer, support: Mailbox
) -> None:
    """Answers join their mail, and a mail that names two threads joins these."""
    first = ana.writes(SUPPORT, "One", "x")
    other = ana.writes(SUPPORT, "Two", "x")
    answer = ana.replies(first, "y")
    assert threaded([first, other, answer]) == [0, 1, 0]
    both = f"References: {first.message_id} {other.message_id}\r\n\r\n".encode()
    joining = server.hand_in(both, "", [SUPPORT], proven=False)
    assert threaded([first, other, answer, joining]) == [0, 0, 0, 0]
    assert threaded([joining, joining]) == [0, 0]
