"""Rich text as a mail's HTML and plain text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given

from adapters.mail.richtext import to_html, to_plain
from core.richtext import Mark, RichText, Span, plain, readable, rich
from tests.support.richtexts import richtexts, texts, written_out

PRE = '<pre style="white-space: pre-wrap">'
ALLOWED = {"strong", "em", "u", "s", "code", "pre", "a", "blockquote", "br"}


class Seen(HTMLParser):
    """What a mail program would make of the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


class TestHtml:
    @pytest.mark.parametrize(
        ("mark", "html"),
        [
            (Mark.BOLD, "a <strong>b</strong> c"),
            (Mark.ITALIC, "a <em>b</em> c"),
            (Mark.UNDERLINE, "a <u>b</u> c"),
            (Mark.STRIKE, "a <s>b</s> c"),
            (Mark.CODE, "a <code>b</code> c"),
            (Mark.PRE, f"a {PRE}b</pre> c"),
            (Mark.QUOTE, "a <blockquote>b</blockquote> c"),
            (Mark.SPOILER, "a b c"),
            (Mark.MENTION, "a b c"),
        ],
    )
    def test_marks(self, mark: Mark, html: str) -> None:
        """Each mark has its tag, or none."""
        assert to_html(rich("a b c", [Span(2, 3, mark)])) == html

    def test_links_show_where_they_lead(self) -> None:
        """A label that is not its own address is followed by the address."""
        link = plain("our bank").marked(Mark.LINK, "https://evil.example/?a=1&b=2")
        assert to_html(link) == (
            '<a href="https://evil.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow">'
            "our bank</a> (https://evil.example/?a=1&amp;b=2)"
        )

    def test_a_bare_address_is_shown_once(self) -> None:
        """An address that is its own label is not repeated."""
        link = plain("ana@example.com").marked(Mark.LINK, "mailto:ana@example.com")
        assert to_html(link) == (
            '<a href="mailto:ana@example.com" rel="noopener noreferrer nofollow">'
            "ana@example.com</a>"
        )

    @pytest.mark.parametrize("target", ["tel:+38111", "tg://user?id=1"])
    def test_links_that_mail_does_not_make(self, target: str) -> None:
        """Other links are text with their destination."""
        link = plain("call").marked(Mark.LINK, target)
        assert to_html(link) == f"call ({readable(target)})"

    def test_lines_and_indents(self) -> None:
        """Line breaks and runs of spaces look as they were typed; code keeps its own."""
        text = rich("one\n  two   three\nx  =  1", [Span(18, 25, Mark.PRE)])
        assert to_html(text) == (
            f"one<br>\n\u00a0\u00a0two \u00a0\u00a0three<br>\n{PRE}x  =  1</pre>"
        )

    def test_a_space_behind_a_mark_may_wrap(self) -> None:
        """A single space stays a space, also beside a tag."""
        assert to_html(rich("a b c", [Span(0, 1, Mark.BOLD)])) == "<strong>a</strong> b c"

    def test_a_block_ends_its_own_line(self) -> None:
        """No empty line appears behind a quote."""
        text = rich("said:\nhello\nno", [Span(6, 11, Mark.QUOTE)])
        assert to_html(text) == "said:<br>\n<blockquote>hello</blockquote>no"

    @given(richtexts())
    def test_nothing_written_is_markup(self, text: RichText) -> None:
        """The reader sees what was written, whole; every tag is one of ours and is closed."""
        seen = Seen(to_html(text))
        assert {tag for tag, _ in seen.tags} <= ALLOWED
        assert not seen.open
        shown = seen.text.replace("\u00a0", " ")
        written = written_out(text).replace("\u00a0", " ")
        if {Mark.QUOTE, Mark.PRE} & {span.mark for span in text.spans}:
            shown, written = shown.replace("\n", ""), written.replace("\n", "")
        if not quoted_link(text):
            assert shown == written
        for tag, attributes in seen.tags:
            if tag == "a":
                href = attributes.pop("href") or ""
                assert href.startswith(("http://", "https://", "mailto:"))
                assert attributes == {"rel": "noopener noreferrer nofollow"}
            else:
                assert attributes == ({"style": "white-space: pre-wrap"} if tag == "pre" else {})


class TestPlain:
    def test_quotes_and_links(self) -> None:
        """Quotes stand on lines of their own behind >, links beside their address."""
        text = rich(
            "He said: one\ntwo and left for here",
            [Span(9, 16, Mark.QUOTE), Span(30, 34, Mark.LINK, "https://example.com")],
        )
        assert to_plain(text) == (
            "He said: \n> one\n> two\n and left for here <https://example.com>"
        )

    def test_neighbouring_quotes_stay_apart_from_text(self) -> None:
        """A quote that has its own line already gets no other."""
        text = rich("one\ntwo\nthree", [Span(4, 7, Mark.QUOTE), Span(0, 3, Mark.BOLD)])
        assert to_plain(text) == "one\n> two\nthree"

    @given(texts())
    def test_text_without_marks_is_itself(self, text: str) -> None:
        """Plain text is sent as it is."""
        assert to_plain(plain(text)) == plain(text).text

    @given(richtexts())
    def test_every_line_is_there(self, text: RichText) -> None:
        """No word is lost, and every line of a quote is behind its mark."""
        sent = to_plain(text)
        for span in text.spans:
            if span.mark is Mark.QUOTE:
                assert sent.count("> ") >= text.text.count("\n", span.start, span.end) + 1
        assert len(sent) >= len(text.text)


def quoted_link(text: RichText) -> bool:
    """Tell whether a quote cuts a link, whose destination then follows both parts."""
    borders = {at for s in text.spans if s.mark is Mark.QUOTE for at in (s.start, s.end)}
    return any(s.start < at < s.end for s in text.spans if s.mark is Mark.LINK for at in borders)
