"""HTML of mails as text."""

import pytest

from adapters.mail.html import read_html
from adapters.mail.richtext import to_plain
from adapters.mail.tidy import MOST_TAGS, tidied
from core.richtext import Mark


def _text(source: str) -> str:
    return read_html(source, {}).whole.text.text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("  a \n b\t c <b> d</b>", "a b c d"),
        ("<b>a</b>&nbsp;<i>b</i>", "a b"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "• a\n  • b\n• c"),
        ("<ol start=9><li>a<li>b</ol>", "9. a\n10. b"),
        ("<table><tr><th>a<th>b<tr><td>c<td>d</table>", "a b\nc d"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<blockquote>a</blockquote>b", "a\n\nb"),
        ("a<script>b</script><style>c</style><!-- d --><title>e</title>f", "af"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("<o:p>a</o:p><nova>b</nova>", "ab"),
        ("<p hidden>a</p><p style='Display : NONE'>b</p><p style='font-size:0'>c</p>d", "d"),
        ("<p style='font-size:0.9em'>a</p>", "a"),
        ("", ""),
        ("<", "<"),
        ("<p", ""),
        ("a</p></div></td>b", "ab"),
    ],
)
def test_it_reads_as_it_looks(source: str, text: str) -> None:
    """Lines, lists, tables and spaces come out as a reader sees them."""
    assert _text(source) == text


@pytest.mark.parametrize(
    ("source", "mark", "marked"),
    [
        ("x <strong>a b</strong> y", Mark.BOLD, "a b"),
        ("<h2>a</h2>b", Mark.BOLD, "a"),
        ("<span style='font-weight: 700'>a</span>b", Mark.BOLD, "a"),
        ("<em> a </em>b", Mark.ITALIC, "a"),
        ("<u>a</u>", Mark.UNDERLINE, "a"),
        ("<del>a</del>", Mark.STRIKE, "a"),
        ("<code>a</code>", Mark.CODE, "a"),
        ("<pre>a\nb</pre>", Mark.PRE, "a\nb"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", Mark.QUOTE, "a\n\nb"),
        ("<a href=' HTTPS://example.com/?a=1&amp;b '>a</a>", Mark.LINK, "a"),
        ("<a href=mailto:a@example.com>a</a>", Mark.LINK, "a"),
    ],
)
def test_marks_are_kept(source: str, mark: Mark, marked: str) -> None:
    """What is bold, quoted, linked, … is so in the text, without white space at its ends."""
    text = read_html(source, {}).whole.text
    (span,) = text.spans
    assert (span.mark, text.text[span.start : span.end]) == (mark, marked)


@pytest.mark.parametrize(
    "target",
    [
        *("javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x"),
        *("file:///x", "//example.com", "/a", "#", "cid:x", "https://exa mple.com", ""),
    ],
)
def test_a_link_leads_to_the_web_or_a_mailbox(target: str) -> None:
    """Any other target is gone, and its text stays."""
    text = read_html(f'<a href="{target}">ovde</a>', {}).whole.text
    assert (text.text, text.spans) == ("ovde", ())


def test_only_images_that_came_along_are_shown() -> None:
    """An image of the mail has its name at its place; nothing is ever fetched."""
    source = "a <img src='cid:x%40y'> b <img src=https://example.com/t.gif alt=t> <img src=cid:z>"
    shown = read_html(source, {"x@y": "slika.png"}).whole
    assert shown.text.text == "a [slika.png] b"
    assert shown.images == {"x@y"}


def test_what_is_quoted_is_cut_from_what_was_said_and_kept_in_the_whole() -> None:
    """Gmail wraps its quotes: they are gone from what was said now."""
    source = (
        "<div dir=ltr>Radi!</div><div class=gmail_quote><div class=gmail_attr>"
        "On Tue, Nov 24, 2026 at 10:06 PM Podrška &lt;podrska@example.com&gt; wrote:</div>"
        "<blockquote class=gmail_quote>Da li radi?</blockquote></div>"
    )
    bodies = read_html(source, {})
    assert bodies.said.text.text == "Radi!"
    assert "> Da li radi?" in to_plain(bodies.whole.text)


def test_elements_are_closed_and_never_lie_deep() -> None:
    """Whatever was left open, crossed or nested, comes out balanced and flat enough."""
    assert tidied("<p>a<p>b<b><i>c</b>d") == ("<p>a</p><p>b<b><i>c</i></b>d</p>", True)
    deep, complete = tidied("<div>" * 5_000 + "x" + "</div>" * 5_000)
    assert (deep.count("<div>"), deep.count("</div>"), complete) == (100, 100, True)
    styled, _ = tidied("".join(f"<b a={n}>" for n in range(500)) + "x")
    assert styled.count("<b ") == 20


def test_an_attribute_cannot_end_its_tag() -> None:
    """What is in quotes stays in the value, written so that no parser can take it for a tag."""
    assert tidied("<p title='a\"b><script>'>c</p>")[0] == (
        '<p title="a&quot;b&gt;&lt;script&gt;">c</p>'
    )


def test_what_is_far_too_long_is_cut_and_told() -> None:
    """The rest of endless HTML is left out, and the letter says so."""
    assert not read_html("<b>x</b>" * MOST_TAGS, {}).complete
    assert not read_html("x" * 1_500_000, {}).complete
