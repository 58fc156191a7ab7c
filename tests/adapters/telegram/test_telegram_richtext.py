"""Telegram's entities, in and out."""

from typing import Any

import pytest
from hypothesis import example, given
from telegram.constants import MessageEntityType

from adapters.telegram.richtext import from_telegram, to_telegram
from core.richtext import Mark, RichText, Span, plain, rich
from tests.support.richtexts import richtexts

CARRIED = ("https://example.com/a?b=c&d=e", "http://пример.срб/")
BARE = (Mark.MENTION, Mark.LINK)


def entity(kind: str, offset: int, length: int, **more: object) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


def there_and_back(text: RichText) -> RichText:
    """Return what comes back when Telegram tells of the text that it was sent."""
    sent, entities = to_telegram(text)
    return from_telegram(sent, [each.to_dict() for each in entities])


class TestFromTelegram:
    @pytest.mark.parametrize(
        ("kind", "mark"),
        [
            ("bold", Mark.BOLD),
            ("italic", Mark.ITALIC),
            ("underline", Mark.UNDERLINE),
            ("strikethrough", Mark.STRIKE),
            ("spoiler", Mark.SPOILER),
            ("code", Mark.CODE),
            ("blockquote", Mark.QUOTE),
            ("expandable_blockquote", Mark.QUOTE),
            ("mention", Mark.MENTION),
        ],
    )
    def test_marks_count_in_utf_16(self, kind: str, mark: Mark) -> None:
        """An entity behind characters of two units lies on the word that Telegram meant."""
        text = from_telegram("😀👍🏽 word 😀", [entity(kind, 7, 4)])
        assert text.spans == (Span(4, 8, mark),)

    @pytest.mark.parametrize(
        ("label", "found", "target"),
        [
            ("example.com/a", entity("url", 0, 13), "http://example.com/a"),
            ("a.com:80/?b=c://d", entity("url", 0, 17), "http://a.com:80/?b=c://d"),
            ("https://example.com", entity("url", 0, 19), "https://example.com"),
            ("ana@example.com", entity("email", 0, 15), "mailto:ana@example.com"),
            ("+381 (11) 123-456", entity("phone_number", 0, 17), "tel:+38111123456"),
            ("here", entity("text_link", 0, 4, url="https://example.com"), "https://example.com"),
        ],
    )
    def test_addresses_become_links(self, label: str, found: dict[str, Any], target: str) -> None:
        """Whatever Telegram makes clickable leads to the same place."""
        assert from_telegram(label, [found]) == plain(label).marked(Mark.LINK, target)

    def test_code_keeps_its_language(self) -> None:
        """A block of code remembers what it is written in."""
        text = from_telegram("x = 1", [entity("pre", 0, 5, language="python")])
        assert text.spans == (Span(0, 5, Mark.PRE, "python"),)

    def test_a_mentioned_account_stays_behind(self) -> None:
        """A mention of an account without a name is a mention, and no id goes with it."""
        found = entity("text_mention", 0, 3, user={"id": 42, "is_bot": False, "first_name": "Ana"})
        assert from_telegram("Ana", [found]).spans == (Span(0, 3, Mark.MENTION),)

    @pytest.mark.parametrize("kind", ["hashtag", "bot_command", "custom_emoji", "from_the_future"])
    def test_other_entities_are_text(self, kind: str) -> None:
        """Entities that mean nothing elsewhere leave plain text."""
        assert from_telegram("#word", [entity(kind, 0, 5)]) == plain("#word")

    def test_entities_out_of_bounds(self) -> None:
        """Entities that lie outside the text do no harm."""
        found = [entity("bold", 1, 99), entity("italic", 50, 3), entity("code", -5, 2)]
        assert from_telegram("abc", found).spans == (Span(1, 3, Mark.BOLD),)


class TestToTelegram:
    @pytest.mark.parametrize(
        ("label", "target"),
        [
            ("https://example.com/", "https://example.com"),
            ("example.com", "http://example.com"),
            ("ana@example.com", "mailto:ana@example.com"),
            ("+381 11 123-456", "tel:+38111123456"),
        ],
    )
    def test_bare_addresses_need_no_entity(self, label: str, target: str) -> None:
        """Telegram finds an address by itself; a link over it would only ask 'Open this?'."""
        assert to_telegram(plain(label).marked(Mark.LINK, target)) == (label, [])

    @pytest.mark.parametrize(
        ("target", "shown"),
        [
            ("mailto:ana@example.com", "write (ana@example.com)"),
            ("tel:+38111123456", "write (+38111123456)"),
            ("http://localhost:8080/", "write (http://localhost:8080/)"),
            ("http://exa%mple.com/", "write (http://exa%mple.com/)"),
        ],
    )
    def test_a_link_that_telegram_refuses_is_written_out(self, target: str, shown: str) -> None:
        """A destination that would get the whole message refused is shown as text."""
        assert to_telegram(plain("write").marked(Mark.LINK, target)) == (shown, [])

    def test_overlaps_are_cut(self) -> None:
        """Telegram wants entities inside one another or apart: what crosses is cut."""
        _, sent = to_telegram(rich("abcdef", [Span(0, 4, Mark.BOLD), Span(2, 6, Mark.ITALIC)]))
        assert [(e.type, e.offset, e.length) for e in sent] == [
            ("bold", 0, 4),
            ("italic", 2, 2),
            ("italic", 4, 2),
        ]

    def test_no_more_entities_than_telegram_takes(self) -> None:
        """The hundred first entities are sent, and all of the text."""
        text = rich("ab" * 150, [Span(at, at + 1, Mark.BOLD) for at in range(0, 300, 2)])
        sent, entities = to_telegram(text)
        assert sent == text.text
        assert [e.offset for e in entities] == list(range(0, 200, 2))

    @given(richtexts(CARRIED))
    def test_text_is_sent_as_it_reads(self, text: RichText) -> None:
        """Whatever people write, Telegram is sent exactly that."""
        assert to_telegram(text)[0] == text.text

    @given(richtexts())
    @example(rich("a", [Span(0, 1, Mark.CODE), Span(0, 1, Mark.QUOTE)]))
    def test_entities_are_well_formed(self, text: RichText) -> None:
        """Entities are in bounds in UTF-16, nested or apart, and code holds nothing."""
        sent, entities = to_telegram(text)
        places = [(e.offset, e.offset + e.length, e.type) for e in entities]
        assert all(
            0 <= start < end <= len(sent.encode("utf-16-le")) // 2 for start, end, _ in places
        )
        assert len(places) <= 100
        for index, (start, end, kind) in enumerate(places):
            for inner_start, inner_end, _ in places[index + 1 :]:
                assert start <= inner_start
                assert inner_start >= end or inner_end <= end
                assert inner_start >= end or kind not in ("code", "pre")

    @given(richtexts(CARRIED))
    def test_round_trip(self, text: RichText) -> None:
        """What Telegram can carry comes back as it went; it finds bare addresses itself."""
        back = there_and_back(text)
        assert back.text == text.text
        assert [s for s in back.spans if s.mark not in BARE] == [
            s for s in text.spans if s.mark not in BARE
        ]
        for link in (s for s in back.spans if s.mark is Mark.LINK):
            whole = next(s for s in text.spans if s.mark is Mark.LINK and s.end > link.start)
            assert whole.target == link.target
            assert whole.start <= link.start < link.end <= whole.end

    def test_a_link_comes_back(self) -> None:
        """A link behind a label is carried with its address, under a style that crosses it."""
        text = rich("see here", [Span(4, 8, Mark.LINK, CARRIED[0]), Span(0, 6, Mark.BOLD)])
        assert there_and_back(text) == text


def test_every_type_of_entity_is_considered() -> None:
    """A new type of entity in the library is a decision to take, not an accident."""
    ignored = {"hashtag", "cashtag", "bot_command", "custom_emoji", "date_time"}
    marked = {
        kind
        for kind in MessageEntityType
        if from_telegram("1", [entity(kind, 0, 1, url="https://a.b")]).spans
    }
    assert {str(kind.value) for kind in MessageEntityType} - {k.value for k in marked} == ignored
