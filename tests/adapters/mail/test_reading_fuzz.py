"""Whatever the bytes are, a mail is read: no exception, no long time, no pile of memory.

`FUZZ=100000` tries that many mails a test.
"""

import os
import resource
import time
from email.message import EmailMessage
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.mail.letter import Letter
from adapters.mail.mime import parse
from adapters.mail.reading import part, read

CORPUS = Path(__file__).parents[2] / "corpus" / "mail"
MAILS = [path.read_bytes() for path in sorted(CORPUS.rglob("*.eml"))]
SMALL = [raw for raw in MAILS if len(raw) < 20_000]
MEGABYTES = 1024  # of kilobytes, which is what `ru_maxrss` counts

fuzz = settings(
    max_examples=int(os.environ.get("FUZZ", "70")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

_BITS = st.sampled_from(
    (
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b"\x00",
            b" ",
            b"\t",
            b":",
            b";",
            b'"',
            b"(",
            b"<",
            b">",
            b"=",
            b",",
        ),
        *(
            b"--",
            b"--B",
            b"--B--",
            b"\r\n--B\r\n",
            b"\r\n\r\n",
            b"=?utf-8?B?",
            b"?=",
            b"=?x?Q?=0D=0A?=",
        ),
        *(
            b"\xff",
            b"\xc5",
            b"\xa0",
            b"\xf0\x9f\x98\x80",
            b"\xe2\x80\x8b",
            b"\xe2\x80\xae",
            b"\xef\xbb\xbf",
        ),
        *(
            b"<div>",
            b"</div>",
            b"<b>",
            b"<table>",
            b"<td>",
            b"<blockquote class=gmail_quote>",
            b"<!--",
        ),
        *(
            b"<img src=cid:a>",
            b"<a href='",
            b"&#0;",
            b"&nbsp;",
            b"<p style='display:none'>",
            b"</",
            b"<",
        ),
        *(b"> ", b">", b"-- \r\n", b"On Monday Ana wrote:\r\n", b"[cid:a]", b"From: a@b.c\r\n"),
        *(b"je napisao/la:\r\n", "Šaljem".encode("cp1250"), "Шаљем".encode("cp1251")),
    )
)
_NOISE = st.lists(_BITS | st.binary(max_size=6), max_size=12).map(b"".join)
_FIELDS = st.sampled_from(
    (
        *(b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID", b"References", b"In-Reply-To"),
        *(b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition", b"Content-ID"),
        *(b"Content-Language", b"MIME-Version", b"Received", b"X-Nothing", b"Delivered-To"),
    )
)
_TYPES = st.sampled_from(
    (
        *(
            b"text/plain",
            b"text/html",
            b"text/calendar",
            b"image/png",
            b"message/rfc822",
            b"nonsense",
        ),
        *(b"text/plain; format=flowed; delsp=yes", b"application/ms-tnef; name=winmail.dat", b""),
        b"text/html; name*0*=utf-8''%C5; name*1*=%A0.html",
    )
)
_CHARSETS = st.sampled_from(
    b"utf-8 cp1250 cp1251 gb2312 us-ascii utf-16 utf-7 hz iso-2022-jp zlib idna x-nema".split()
)
_ENCODINGS = st.sampled_from((b"7bit", b"8bit", b"base64", b"quoted-printable", b"x-uuencode", b""))
_KINDS = st.sampled_from(b"mixed alternative related signed report digest x-nema".split())
_BOUNDARIES = st.sampled_from((b"B", b"BB", b"a=b", b"", b"\xc5\xa0", b"B" * 300))


@st.composite
def fields(draw: st.DrawFn) -> bytes:
    """Return a header of any fields."""
    lines = st.tuples(_FIELDS | _NOISE, _NOISE)
    return b"".join(
        name + b": " + value + b"\r\n" for name, value in draw(st.lists(lines, max_size=5))
    )


@st.composite
def leaves(draw: st.DrawFn) -> bytes:
    """Return a part that has no parts."""
    disposition = draw(st.sampled_from((b"", b"attachment", b"inline")))
    return b"".join(
        (
            *(b"Content-Type: ", draw(_TYPES), b"; charset=", draw(_CHARSETS), b"\r\n"),
            *(b"Content-Transfer-Encoding: ", draw(_ENCODINGS), b"\r\n"),
            *(b"Content-Disposition: ", disposition, b"; filename=", draw(_NOISE), b"\r\n"),
            *(draw(fields()), b"\r\n", draw(_NOISE), draw(_NOISE), draw(_NOISE)),
        )
    )


@st.composite
def multiparts(draw: st.DrawFn, inner: st.SearchStrategy[bytes]) -> bytes:
    """Return a part of parts, with or without an end."""
    boundary = draw(_BOUNDARIES)
    said = draw(st.just(boundary) | _BOUNDARIES)
    parts = draw(st.lists(inner, max_size=4))
    end = draw(st.sampled_from((b"--" + boundary + b"--\r\n", b"")))
    pieces = b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in parts)
    head = b"Content-Type: multipart/" + draw(_KINDS) + b'; boundary="' + said + b'"\r\n'
    return head + draw(fields()) + b"\r\n" + draw(_NOISE) + b"\r\n" + pieces + end


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """Return a mail built of broken parts."""
    return draw(fields()) + draw(st.recursive(leaves(), multiparts, max_leaves=8))


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """Return a mail of the corpus with pieces lost, doubled, moved or overwritten."""
    raw = bytearray(draw(st.sampled_from(SMALL)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 200)))
        piece = bytes(raw[start:end])
        new = draw(st.sampled_from((b"", piece * 2, piece[::-1], piece.upper())) | _NOISE)
        raw[start:end] = new * draw(st.sampled_from((1, 1, 1, 300)))
    return bytes(raw)


def _check(raw: bytes) -> Letter:
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    letter = read(raw)
    assert time.process_time() - began < 1, "it took more than a second"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 * MEGABYTES, "it took more than 200 MB"
    assert "failed" not in letter.damaged, letter.damaged
    for text in (letter.subject, letter.sender, letter.sender_name, letter.whole, letter.text.text):
        text.encode()  # lone surrogates are what no database takes
    for line in (letter.subject, letter.sender, letter.sender_name, letter.message_id):
        assert line.isprintable()
    for values in letter.headers.values():
        assert not any(set(value) & set("\r\n\x00") for value in values)
    parts = list(parse(raw).root.walk())
    assert [one.number for one in parts] == list(range(len(parts)))
    assert len(letter.enclosed) <= 10
    for file in letter.enclosed:
        assert file.name and not set(file.name) & set("/\\\r\n\x00") and file.name[0] != "."
        assert len(part(raw, file.part)) == file.size
    return letter


@fuzz
@given(mails())
def test_a_mail_of_broken_parts_is_read(raw: bytes) -> None:
    """Parts in parts, broken headers, wrong charsets: something comes out, in bounds."""
    _check(raw)


@fuzz
@given(mutations())
def test_a_mangled_mail_is_read(raw: bytes) -> None:
    """A mail that was mangled on its way is read, in bounds."""
    _check(raw)


@fuzz
@given(st.binary(max_size=300) | _NOISE)
def test_any_bytes_are_read(raw: bytes) -> None:
    """What is no mail at all is read as well, and always in the same way."""
    assert _check(raw) == read(raw)


@fuzz
@given(
    text=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=300),
    charset=st.sampled_from(["utf-8", "gb18030"]),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
)
def test_what_a_program_wrote_comes_back(text: str, charset: str, encoding: str) -> None:
    """A text that a well-behaved program put into a mail comes out as it went in."""
    message = EmailMessage()
    message.set_content(text, charset=charset, cte=encoding)
    letter = read(message.as_bytes())
    assert letter.whole.split() == text.replace("\ufeff", "").split()
    assert letter.damaged == ""
