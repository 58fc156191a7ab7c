"""What a mail says, and what is not believed of it."""

import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage

from adapters.mail.reading import part, read
from core.richtext import Mark


def _mail(text: str = "Sajt ne radi.", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Milica Jovanović <milica@Example.NET>"
    mail["To"] = "podrska@example.com"
    mail["Subject"] = "Račun za maj"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def test_a_mail_says_who_wrote_what_and_when() -> None:
    """Sender, subject, date and text come out, decoded."""
    mail = _mail(Date="Tue, 24 Nov 2026 10:11:00 +0100", Message_ID="<m1@example.net>")
    letter = read(mail.as_bytes())
    assert (letter.sender, letter.sender_name) == ("milica@example.net", "Milica Jovanović")
    assert letter.subject == "Račun za maj"
    assert letter.date == datetime(2026, 11, 24, 9, 11, tzinfo=UTC)
    assert letter.message_id == "<m1@example.net>"
    assert letter.text.text == "Sajt ne radi."
    assert letter.damaged == ""


def test_the_nearest_mail_that_is_answered_comes_first() -> None:
    """In-Reply-To goes before References, which are read from their end."""
    mail = _mail(References="<first@x> <second@x> <third@x>", In_Reply_To="<third@x>")
    assert read(mail.as_bytes()).refers_to == ("<third@x>", "<second@x>", "<first@x>")


def test_a_reply_is_cut_off_from_what_it_quotes() -> None:
    """What was said now is told apart; the whole is kept."""
    letter = read(_mail("Radi, hvala!\n\n> Da li radi?\n> Jelena\n").as_bytes())
    assert letter.text.text == "Radi, hvala!"
    assert "> Da li radi?" in letter.whole


def test_html_keeps_its_marks_links_and_images() -> None:
    """Bold stays bold, a link leads where it led, an image has its name at its place."""
    mail = _mail()
    mail.add_alternative(
        "<p>Sajt <b>ne radi</b>, vidi <a href='https://example.com/a'>ovde</a>:</p>"
        "<img src='cid:slika@x'><p>Hvala</p>",
        subtype="html",
    )
    html = mail.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(b"png", "image", "png", cid="<slika@x>", filename="ekran.png")
    letter = read(mail.as_bytes())
    assert letter.text.text == "Sajt ne radi, vidi ovde:\n\n[ekran.png]\n\nHvala"
    bold, link = letter.text.spans
    assert (bold.mark, bold.start, bold.end) == (Mark.BOLD, 5, 12)
    assert (link.mark, link.target) == (Mark.LINK, "https://example.com/a")
    assert [(file.name, file.inline) for file in letter.enclosed] == [("ekran.png", True)]


def test_a_file_comes_back_as_it_was_sent() -> None:
    """Its number leads to the same bytes, whatever they are."""
    mail = _mail()
    content = bytes(range(256)) * 50
    mail.add_attachment(content, "application", "zip", filename="../Šema „nova“.zip")
    raw = mail.as_bytes()
    (file,) = read(raw).enclosed
    assert (file.name, file.mime, file.size) == ("Šema „nova“.zip", "application/zip", len(content))
    assert not file.inline
    assert part(raw, file.part) == content


def test_no_part_has_that_number() -> None:
    """Asked for a part that is not there, nothing comes back."""
    assert part(_mail().as_bytes(), 7) == b""
    assert part(b"", -1) == b""


def test_of_a_mail_that_is_too_large_only_the_header_is_read() -> None:
    """Who sent it and its subject are known; the operator is told why the rest is missing."""
    mail = _mail()
    mail.add_attachment(b"x" * 3000, "application", "zip", filename="a.zip")
    letter = read(mail.as_bytes(), largest=2000)
    assert (letter.sender, letter.subject) == ("milica@example.net", "Račun za maj")
    assert (letter.whole, letter.enclosed) == ("", ())
    assert letter.damaged == "larger than 2000 bytes: the body was not read"


def test_an_encoded_word_hides_nothing_from_those_who_judge() -> None:
    """Only free text is decoded: in another field, a quote or a semicolon could come out of it."""
    judged = b"Authentication-Results: mx; =?utf-8?Q?dmarc=3Dpass?=\r\n"
    headers = read(judged + b"Subject: =?utf-8?Q?a=3Db?=\r\n\r\n").headers
    assert headers["authentication-results"] == ("mx; =?utf-8?Q?dmarc=3Dpass?=",)
    assert headers["subject"] == ("a=b",)


def test_a_language_is_told_by_the_words_and_not_by_the_menus() -> None:
    """Serbian written in an English program is Serbian; two words may be anything."""
    serbian = _mail("Poštovani, ne mogu da otvorim sajt. Šta da radim?", Accept_Language="en-US")
    assert read(serbian.as_bytes()).language == "sr-Latn"
    assert read(_mail("Добар дан, сајт не ради.").as_bytes()).language == "sr"
    assert read(_mail("Hello, my site is down. Can you help?").as_bytes()).language == "en"
    assert read(_mail("42", Accept_Language="de-AT").as_bytes()).language == "de"
    assert read(_mail("42").as_bytes()).language == ""


_HOSTILE = """
import resource, sys
from adapters.mail.reading import read

TOP = b"From: a@example.net\\r\\n"
MULTI = b"Content-Type: multipart/mixed; boundary=B\\r\\n\\r\\n--B\\r\\n\\r\\nhi\\r\\n--B\\r\\n"
MUCH = 24_000_000
mails = {
    "blank lines": TOP + b"\\r\\n" * (MUCH // 2),
    "a large file": TOP + MULTI + b"Content-Type: image/png\\r\\n"
    b"Content-Transfer-Encoding: base64\\r\\n\\r\\n"
    + (b"QUJD" * 19 + b"\\r\\n") * (MUCH // 78) + b"--B--\\r\\n",
    "fields": TOP + b"a:\\n" * (MUCH // 3),
    "a long field": TOP + b"To: " + b"a@b, " * 400_000 + b"\\r\\n\\r\\nhi",
    "delimiters": TOP + MULTI + b"--Bx\\n" * (MUCH // 5),
    "nested": TOP + b"".join(
        b"Content-Type: multipart/mixed; boundary=B%d\\n\\n--B%d\\n" % (n, n) for n in range(1000)
    ),
    "deep HTML": TOP + b"Content-Type: text/html\\r\\n\\r\\n" + b"<div>" * (MUCH // 5),
    "styled HTML": TOP + b"Content-Type: text/html\\r\\n\\r\\n"
    + b"".join(b"<b a=%d>" % n for n in range(5000)) + b"<p>x" * 200_000,
    "many texts": TOP + b"Content-Type: multipart/mixed; boundary=B\\n\\n"
    + (b"--B\\nContent-Type: text/html\\n\\n" + b"<div>x" * 19_000 + b"\\n") * 199,
    "one line": TOP + b"\\r\\n" + b"> " * (MUCH // 2),
}
pages = int(open("/proc/self/statm").read().split()[0])
bound = pages * resource.getpagesize() + 200 * 1024 * 1024
resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
for name, raw in mails.items():
    letter = read(raw)
    if "failed" in letter.damaged or letter.sender != "a@example.net":
        sys.exit(f"{name}: {letter.damaged}")
print("all read", end="")
"""


def test_hostile_mails_of_24_megabytes_are_read_in_200() -> None:
    """A process that may take 200 MB more than it has reads what is made to exhaust it."""
    done = subprocess.run(
        [sys.executable, "-c", _HOSTILE], capture_output=True, text=True, check=False
    )
    assert done.stdout == "all read", done.stderr
