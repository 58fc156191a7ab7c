"""The desk's rich text: normal form, cleaning, cutting."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.nesting import nested, walk
from core.richtext import (
    Mark,
    RichText,
    Span,
    clean,
    clean_name,
    concat,
    may_link,
    plain,
    rich,
    split,
)
from core.splitting import graphemes
from tests.support.richtexts import richtexts, texts

FAMILY = "👨‍👩‍👧"
FLAG = "🇷🇸"


def marks_at(text: RichText, at: int) -> set[tuple[Mark, str]]:
    return {(span.mark, span.target) for span in text.spans if span.start <= at < span.end}


class TestNormalForm:
    def test_overlaps_of_one_mark_merge(self) -> None:
        """Spans of one mark that overlap or touch become one."""
        text = rich("abcdef", [Span(0, 2, Mark.BOLD), Span(1, 3, Mark.BOLD), Span(3, 4, Mark.BOLD)])
        assert text.spans == (Span(0, 4, Mark.BOLD),)

    def test_code_stands_alone(self) -> None:
        """Code excludes every mark inside it but a quote around it."""
        text = rich(
            "abcdef", [Span(0, 6, Mark.BOLD), Span(2, 4, Mark.CODE), Span(0, 6, Mark.QUOTE)]
        )
        assert marks_at(text, 2) == {(Mark.CODE, ""), (Mark.QUOTE, "")}
        assert marks_at(text, 4) == {(Mark.BOLD, ""), (Mark.QUOTE, "")}

    def test_spans_are_kept_in_bounds(self) -> None:
        """Spans outside the text, empty or turned around, are cut or dropped."""
        spans = [Span(-3, 1, Mark.BOLD), Span(2, 2, Mark.CODE), Span(3, 1, Mark.PRE)]
        assert rich("abc", [*spans, Span(2, 9, Mark.ITALIC)]).spans == (
            Span(0, 1, Mark.BOLD),
            Span(2, 3, Mark.ITALIC),
        )

    def test_removed_characters_move_the_spans(self) -> None:
        """A span stays on its word when characters before it are cleaned away."""
        text = rich("\x00a\r\n\ud800bold", [Span(5, 9, Mark.BOLD)])
        assert text == RichText("a\nbold", (Span(2, 6, Mark.BOLD),))

    @pytest.mark.parametrize(
        "target",
        [
            *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.com"),
            *("https://", "http://[::1", "https://example.com:99999", "http:example.com"),
            *("https://exa mple.com", "https://example.com/\u202egpj", 'https://example.com/">x'),
            *("", "http://example.com/" + "a" * 3000),
        ],
    )
    def test_no_link_leads_astray(self, target: str) -> None:
        """A link of another scheme, or to nowhere, is text; its label stays."""
        assert not may_link(target)
        assert plain("label").marked(Mark.LINK, target) == plain("label")

    @pytest.mark.parametrize(
        "target",
        [
            *("https://example.com", "HTTP://Example.com:8080/a?b#c", "http://пример.срб"),
            *("mailto:ana@example.com", "tel:+381111234567", "tg://user?id=1", "http://[::1]/"),
        ],
    )
    def test_good_links_stay(self, target: str) -> None:
        """Web and mail addresses, phone numbers and Telegram's own links are links."""
        assert plain("label").marked(Mark.LINK, target).spans == (Span(0, 5, Mark.LINK, target),)

    @given(richtexts())
    def test_normal_form_is_stable(self, text: RichText) -> None:
        """Normalising what is in normal form changes nothing."""
        assert rich(text.text, text.spans) == text

    @given(richtexts())
    def test_normal_form_holds(self, text: RichText) -> None:
        """Spans are sorted, in bounds, apart from their like, and code is not mixed."""
        assert list(text.spans) == sorted(text.spans, key=lambda s: (s.start, -s.end, s.mark))
        for at in range(len(text.text)):
            marks = [span.mark for span in text.spans if span.start <= at < span.end]
            assert len(marks) == len(set(marks))
            if {Mark.CODE, Mark.PRE} & set(marks):
                assert len(set(marks) - {Mark.QUOTE}) == 1
            assert not {Mark.LINK, Mark.MENTION} <= set(marks)
        assert all(0 <= span.start < span.end <= len(text.text) for span in text.spans)
        assert all(span.mark is not Mark.LINK or may_link(span.target) for span in text.spans)


class TestOperations:
    @given(richtexts(), st.integers(-3, 40), st.integers(-3, 40))
    def test_a_slice_keeps_the_marks(self, text: RichText, start: int, end: int) -> None:
        """Every character of a slice has the marks it had in the whole."""
        part = text.slice(start, end)
        first, _, _ = slice(start, end).indices(len(text.text))
        assert part.text == text.text[start:end]
        for at in range(len(part.text)):
            assert marks_at(part, at) == marks_at(text, first + at)

    @given(richtexts(), st.integers(0, 40))
    def test_concat_undoes_slicing(self, text: RichText, at: int) -> None:
        """A text cut in two and put together again is the same text."""
        assert concat(text.slice(0, at), text.slice(at, len(text.text))) == text

    def test_strip(self) -> None:
        """White space at the ends goes, and the marks move along."""
        text = rich(" \n word \t", [Span(0, 9, Mark.BOLD)])
        assert text.strip() == RichText("word", (Span(0, 4, Mark.BOLD),))

    def test_blank_text_is_false(self) -> None:
        """A text without anything to read is false."""
        assert not plain(" \n\t")
        assert plain(" a ")

    @pytest.mark.parametrize(
        ("text", "limit", "words"),
        [
            ("My site\nis down", 40, "My site is down"),
            ("The mail server does not answer", 20, "The mail server…"),
            ("The mail server does not answer", 16, "The mail server…"),
            ("Donaudampfschifffahrt", 10, "Donaudamp…"),
            (FAMILY * 4, 10, FAMILY + "…"),
            ("", 10, ""),
            ("word", 0, ""),
        ],
    )
    def test_first_words(self, text: str, limit: int, words: str) -> None:
        """A subject is one line, cut between words, and says when it was cut."""
        assert plain(text).first_words(limit) == words

    @given(texts(), st.integers(0, 30))
    def test_first_words_fit(self, text: str, limit: int) -> None:
        """A subject is never longer than asked for, and always one line."""
        words = plain(text).first_words(limit)
        assert len(words) <= limit
        assert len(words.splitlines()) <= 1


class TestCleaning:
    def test_clean(self) -> None:
        """What databases refuse goes; line breaks of every kind become newlines."""
        assert clean("a\x00b\x1b[1m\r\nc\rd\te\ud83d") == "ab[1m\nc\nd\te"

    @given(texts())
    def test_clean_text_can_be_stored(self, text: str) -> None:
        """Cleaned text is valid UTF-8 without NUL, and cleaning it again changes nothing."""
        assert b"\x00" not in clean(text).encode()
        assert clean(clean(text)) == clean(text)

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            (" Ana\n Petrović\t", "Ana Petrović"),
            ("C\u030care", "Čare"),
            ("Ana\u202egnp.exe\u200b", "Anagnp.exe"),
            (f"Ana {FAMILY}", f"Ana {FAMILY}"),
            ("A\u200dna", "Ana"),
            ("\u3164\u2800\u200f", ""),
            (FLAG * 70, FLAG * 64),
            ("a" * 70, "a" * 64),
        ],
    )
    def test_clean_name(self, name: str, shown: str) -> None:
        """A name is one line without anything that hides or turns around."""
        assert clean_name(name) == shown

    def test_a_tower_of_accents_is_cut(self) -> None:
        """A letter under a thousand accents does not spill over its line."""
        assert len(clean_name("Z" + "\u0301" * 1000)) <= 10

    @given(texts(), st.integers(1, 20))
    def test_names_fit(self, name: str, limit: int) -> None:
        """A name has at most as many graphemes as asked for, on one line, ends trimmed."""
        shown = clean_name(name, limit)
        assert len(list(graphemes(shown))) <= limit
        assert shown == " ".join(shown.split())


class TestSplitting:
    @pytest.mark.parametrize(
        ("text", "pieces"),
        [
            ("short", ["short"]),
            (" \n ", []),
            (
                "One two. Three four.\n\nFive six seven.",
                ["One two. Three four.", "Five six seven."],
            ),
            ("One two. Three four. Five six seven.", ["One two. Three four.", "Five six seven."]),
            ("He said “No.” Then he went away.", ["He said “No.”", "Then he went away."]),
            ("one two three four\nfive six seven", ["one two three four", "five six seven"]),
            ("one two three four five six seven", ["one two three four", "five six seven"]),
            ("a" * 25, ["a" * 20, "a" * 5]),
            ("a" * 20 + " " * 30 + "b", ["a" * 20, "b"]),
            ("cena 10\u00a0000\u00a0000\u00a0dinara", ["cena", "10\u00a0000\u00a0000\u00a0dinara"]),
        ],
    )
    def test_cuts_where_the_text_pauses(self, text: str, pieces: list[str]) -> None:
        """A paragraph's end is best, then a sentence's, a line's, a word's; else anywhere."""
        assert [text[slice(*piece)] for piece in split(plain(text), 20)] == pieces

    @pytest.mark.parametrize("cluster", [FAMILY, FLAG, "e\u0301", "👍🏽", "❤️"])
    def test_characters_stay_whole(self, cluster: str) -> None:
        """What people see as one character is never cut."""
        text = "x" + cluster * 20
        pieces = [text[slice(*piece)] for piece in split(plain(text), 9)]
        assert "".join(pieces) == text
        assert all(piece.removeprefix("x").replace(cluster, "") == "" for piece in pieces)

    @pytest.mark.parametrize("mark", [Mark.LINK, Mark.MENTION])
    def test_links_and_mentions_stay_whole(self, mark: Mark) -> None:
        """A cut goes around a link or a mention that fits a piece."""
        text = rich("go to the new help page now", [Span(6, 23, mark, "https://example.com")])
        pieces = [text.slice(*piece) for piece in split(text, 20)]
        assert [piece.text for piece in pieces] == ["go to", "the new help page", "now"]

    def test_a_long_link_is_marked_in_every_piece(self) -> None:
        """A label longer than a piece is cut between words, and all of it stays a link."""
        label = "a label that is much longer than a piece"
        text = plain(label).marked(Mark.LINK, "https://example.com")
        pieces = [text.slice(*piece) for piece in split(text, 15)]
        assert [piece.text for piece in pieces] == [
            "a label that is",
            "much longer",
            "than a piece",
        ]
        for piece in pieces:
            assert piece == plain(piece.text).marked(Mark.LINK, "https://example.com")

    @given(richtexts(), st.integers(1, 12))
    def test_nothing_but_white_space_is_lost(self, text: RichText, limit: int) -> None:
        """Pieces fit, are not blank, stand in order, and leave out only white space."""
        pieces = split(text, limit)
        at = 0
        for start, end in pieces:
            assert start >= at
            assert end - start <= limit
            assert text.text[start:end].strip()
            assert not text.text[at:start].strip()
            at = end
        assert not text.text[at:].strip()

    def test_a_piece_needs_room(self) -> None:
        """Pieces of no characters are refused."""
        with pytest.raises(ValueError, match="at least one"):
            split(plain("a"), 0)


class TestNesting:
    @given(richtexts())
    @example(rich("a", [Span(0, 1, Mark.BOLD), Span(0, 1, Mark.QUOTE)]))
    def test_nested_spans_never_cross(self, text: RichText) -> None:
        """Two spans are apart, or the later is inside the earlier; a quote is inside none."""
        spans = nested(text)
        for index, outer in enumerate(spans):
            for inner in spans[index + 1 :]:
                assert inner.start >= outer.end or inner.end <= outer.end
                assert inner.mark is not Mark.QUOTE or inner.start >= outer.end

    @given(richtexts())
    def test_nesting_keeps_every_mark(self, text: RichText) -> None:
        """The cut spans mark exactly what the spans marked."""
        assert rich(text.text, nested(text)) == text

    @given(richtexts())
    def test_links_are_cut_by_quotes_only(self, text: RichText) -> None:
        """A style that overlaps a link in part gives way to it."""
        quotes = {at for s in text.spans if s.mark is Mark.QUOTE for at in (s.start, s.end)}
        ends = {at for s in text.spans if s.mark is Mark.LINK for at in (s.start, s.end)}
        for span in nested(text):
            assert span.mark is not Mark.LINK or {span.start, span.end} <= quotes | ends

    @given(richtexts())
    def test_a_walk_sees_everything_once(self, text: RichText) -> None:
        """The walk's pieces make the text, and its edges pair like brackets."""
        opened: list[Span] = []
        pieces = []
        for step in walk(text):
            if isinstance(step, str):
                assert step
                pieces.append(step)
            elif step.opens:
                opened.append(step.span)
            else:
                assert opened.pop() == step.span
        assert "".join(pieces) == text.text
        assert not opened
