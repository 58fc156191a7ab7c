"""The files that agents send go with the mail."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mail.address import parse_smtp_url
from adapters.mail.channel import MailChannel
from adapters.mail.enclosures import ROOM, Enclosure, enclose, file_name, fitted
from adapters.mail.heading import Desk
from adapters.mail.render import render
from core.effects import Mail, MailKind, Words
from core.errors import FileAway, GiveUp, Retry
from core.message import MEGABYTE, Attachment, AttachmentKind
from core.outbox import Outgoing
from core.phrases import Phrase
from sandbox.clock import Clock
from sandbox.letter import Mail as Received
from sandbox.mail import SIZE_LIMIT, MailServer
from tests.support.mail_files import Shelf, files_from
from tests.support.mailing import a_file, answer, outgoing
from tests.support.sent_mail import PHRASEBOOK, SENDER, read

GONE = GiveUp("deleted", why=Words(phrase=Phrase.WHY_FILE_GONE))


def rendered(sent: Outgoing, *enclosures: Enclosure) -> bytes:
    assert isinstance(sent.delivery.effect, Mail)
    desk = Desk(SENDER, None)
    return render(sent, sent.delivery.effect, PHRASEBOOK, desk, enclosures).as_bytes()


def enclosed(file: Attachment, content: bytes = b"x") -> Enclosure:
    return Enclosure(attachment=file, content=content, size=len(content))


async def received(
    sent: Outgoing, shelf: Shelf, folder: Path, size_limit: int = SIZE_LIMIT
) -> Received:
    """Return what arrives of a mail, over real SMTP."""
    mails = MailServer(Clock(), size_limit=size_limit)
    await mails.start()
    channel = MailChannel(
        parse_smtp_url(mails.url),
        SENDER,
        PHRASEBOOK,
        files=files_from(folder, shelf),
        tokens=None,
    )
    try:
        await channel.deliver(sent)
    finally:
        await mails.stop()
    return mails.mailbox("ana@example.com").mails[0]


# What goes with the mail


async def test_files_arrive_as_they_were_sent(tmp_path: Path) -> None:
    """Byte for byte and under their names, in whatever letters; the mail says which they are."""
    shelf = Shelf({"рачун бр. 7.pdf": b"%PDF\r\n.\r\n\0\xff", 'a "b".png': b"\x89PNG" * 50_000})
    pdf = a_file("рачун бр. 7.pdf", mime="application/pdf")
    png = a_file('a "b".png', mime="image/PNG", kind=AttachmentKind.PHOTO)

    mail = await received(
        outgoing(MailKind.ANSWER, message=answer("See.", pdf, png)), shelf, tmp_path
    )

    assert mail.attachments == (
        ("рачун бр. 7.pdf", "application/pdf", b"%PDF\r\n.\r\n\0\xff"),
        ("a _b_.png", "image/png", b"\x89PNG" * 50_000),
    )
    assert "Attached: рачун бр. 7.pdf, a _b_.png" in mail.text
    assert "Attached: рачун бр. 7.pdf, a _b_.png" in mail.html


async def test_each_answer_names_its_own_files(tmp_path: Path) -> None:
    """Where several answers go in one mail, their files go with it, in order."""
    shelf = Shelf({"1.txt": b"one", "2.txt": b"two"})
    sent = outgoing(
        MailKind.ANSWER, message=answer("First.", "1.txt"), others=[answer("Second.", "2.txt")]
    )

    mail = await received(sent, shelf, tmp_path)

    assert [each.content for each in mail.attachments] == [b"one", b"two"]
    assert "First.\n\nAttached: 1.txt\n\n" in mail.text
    assert "Second.\n\nAttached: 2.txt\n\n" in mail.text


async def test_what_is_too_large_is_named_with_its_size(tmp_path: Path) -> None:
    """It is not even fetched; what is small enough still goes."""
    shelf = Shelf({"notes.txt": b"small"})
    film = a_file("film.mp4", size=ROOM + 1)

    mail = await received(
        outgoing(MailKind.ANSWER, message=answer("See.", film, "notes.txt")), shelf, tmp_path
    )

    assert [each.name for each in mail.attachments] == ["notes.txt"]
    assert shelf.fetched == ["notes.txt"]
    assert "Too large for a mail, and therefore not attached: film.mp4 (21 MB)" in mail.text
    assert "film.mp4 (21 MB)" in mail.html


async def test_the_cap_is_for_the_whole_mail(tmp_path: Path) -> None:
    """Whatever a platform said of the sizes, or did not say: the bytes count."""
    shelf = Shelf({"a": bytes(15 * MEGABYTE), "b": bytes(6 * MEGABYTE), "c": bytes(5 * MEGABYTE)})
    attachments = [a_file("a"), a_file("b", size=1), a_file("c")]

    files = await enclose(attachments, files_from(tmp_path, shelf))

    assert [each.content is not None for each in files] == [True, False, True]
    assert files[1].size == 6 * MEGABYTE


async def test_what_the_server_would_refuse_stays_behind(tmp_path: Path) -> None:
    """A server that takes only small mails gets the words, which say what is missing."""
    shelf = Shelf({"big.zip": bytes(200 * 1024), "small.txt": b"x"})

    mail = await received(
        outgoing(MailKind.ANSWER, message=answer("See.", "big.zip", "small.txt")),
        shelf,
        tmp_path,
        size_limit=600_000,
    )

    assert [each.name for each in mail.attachments] == ["small.txt"]
    assert "not attached: big.zip (200 kB)" in mail.text


async def test_as_much_as_the_server_takes_is_taken(tmp_path: Path) -> None:
    """What fits by our reckoning fits: the mail is never larger than the server said."""
    limit = 2 * MEGABYTE
    room = (limit - 512 * 1024) * 18 // 25
    shelf = Shelf({"full.bin": bytes(room)})

    sent = outgoing(MailKind.ANSWER, message=answer("See.", "full.bin"))
    mail = await received(sent, shelf, tmp_path, size_limit=limit)

    assert [len(each.content) for each in mail.attachments] == [room]
    assert len(mail.raw) <= limit


async def test_a_file_that_is_gone_holds_nothing_up(tmp_path: Path) -> None:
    """The answer goes without it and says so, as it does of what is no file."""
    shelf = Shelf({"old.pdf": GONE})
    poll = Attachment(kind=AttachmentKind.POLL, channel="agents", detail="Tea?")

    sent = outgoing(MailKind.ANSWER, message=answer("See.", "old.pdf", poll))
    mail = await received(sent, shelf, tmp_path)

    assert mail.attachments == ()
    assert "Could not be attached: old.pdf, sent a poll: Tea?" in mail.text


async def test_a_file_that_is_away_is_waited_for(tmp_path: Path) -> None:
    """The mail is sent later, whole, and until then not at all."""
    shelf = Shelf({"a.pdf": Retry("the platform is down")})

    with pytest.raises(FileAway):
        await received(outgoing(MailKind.ANSWER, message=answer("See.", "a.pdf")), shelf, tmp_path)


# How they are written


def test_the_same_delivery_gives_the_same_bytes() -> None:
    """Whoever gets a mail twice can tell that it is one: borders, too, come from the delivery."""
    file = a_file("a.pdf")
    sent = outgoing(MailKind.ANSWER, message=answer("See.", file), delivery="d7")
    other = outgoing(MailKind.ANSWER, message=answer("See.", file), delivery="d8")

    first, again, others = (rendered(each, enclosed(file)) for each in (sent, sent, other))

    assert first == again
    assert first != others
    mail = read(first)
    assert mail.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/octet-stream",
    ]
    outer, inner = (str(part.get_boundary()) for part in mail.walk() if part.is_multipart())
    assert not outer.startswith(inner)
    assert not inner.startswith(outer)
    assert outer.encode() not in others
    assert inner.encode() not in others


@pytest.mark.parametrize(
    ("declared", "sent"),
    [
        ("image/PNG", "image/png"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("text/html", "text/html"),
        ("", "application/octet-stream"),
        ("pdf", "application/octet-stream"),
        ("message/rfc822", "application/octet-stream"),
        ("multipart/mixed", "application/octet-stream"),
        ("text/plain; name=x", "application/octet-stream"),
        ("a/b\r\nBcc: c@example.com", "application/octet-stream"),
    ],
)
def test_a_type_is_what_was_declared_or_none(declared: str, sent: str) -> None:
    """Nonsense is declared as bytes; nothing in it becomes a header or a part."""
    file = a_file("a.bin", mime=declared)
    mail = read(
        rendered(outgoing(MailKind.ANSWER, message=answer("x", file)), enclosed(file, b"--=_\r\n"))
    )

    (part,) = mail.iter_attachments()
    assert part.get_content_type() == sent
    assert part.get_payload(decode=True) == b"--=_\r\n"
    assert part["Content-Disposition"].content_disposition == "attachment"
    assert "Bcc" not in part


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\temp\\a.exe", "C__temp_a.exe"),
        ("\u200b.htaccess", "htaccess"),
        ("a\r\nBcc: b@example.com.pdf", "a Bcc_ b@example.com.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("", "file"),
        ("...", "file"),
        (f"{'д' * 300}.pdf", f"{'д' * 56}.pdf"),
        ("д" * 300, "д" * 64),
    ],
)
def test_a_name_is_never_more_than_a_name(given_name: str, shown: str) -> None:
    """No path, no hidden file, no letters that turn others around; a long one keeps its ending."""
    assert file_name(a_file(given_name)) == shown


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_every_name_arrives(name: str) -> None:
    """Whatever a file is called, the mail has one file and the headers that it always has."""
    file = a_file(name)
    raw = rendered(outgoing(MailKind.ANSWER, message=answer("x", file)), enclosed(file))

    mail = read(raw)
    (part,) = mail.iter_attachments()
    assert part.get_filename() == file_name(file)
    assert sorted(part.keys()) == [
        "Content-Disposition",
        "Content-Transfer-Encoding",
        "Content-Type",
        "MIME-Version",
    ]
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_picture_without_a_name_has_one() -> None:
    """Mail programs show pictures by their ending."""
    assert file_name(a_file("", kind=AttachmentKind.PHOTO)) == "photo.jpg"


def test_what_does_not_fit_makes_room_for_what_does() -> None:
    """In order: what comes first goes first."""
    files = [enclosed(a_file(str(size)), bytes(size)) for size in (5, 4, 3, 2)]

    kept = fitted(files, 8)

    assert [len(each.content) if each.content else None for each in kept] == [5, None, 3, None]
    assert [each.size for each in kept] == [5, 4, 3, 2]
