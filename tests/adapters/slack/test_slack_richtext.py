"""Slack's rich_text and mrkdwn, in and out."""

import json
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.slack.richtext import escape, fallback, from_slack, to_slack
from core.richtext import Mark, RichText, Span, hides_target, plain, rich
from tests.support.richtexts import richtexts, texts, written_out

CARRIED = ("https://example.com/a?b=c&d=e", "http://пример.срб/", "mailto:ana@example.com")
NAMES = {"U1": "Ana", "S1": "@second-line", "C1": "#general", "here": "everybody here"}


def names(kind: str, slack_id: str) -> str:
    return NAMES.get(slack_id, f"a {kind}")


def message(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"text": "unused", "blocks": [{"type": "rich_text", "elements": list(elements)}]}


def section(*parts: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": kind, "elements": list(parts)}


def text_part(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text} | ({"style": style} if style else {})


class TestFromBlocks:
    def test_styles(self) -> None:
        """Styles become marks, also several on one word; unknown styles do nothing."""
        text = from_slack(
            message(
                section(
                    text_part("a", bold=True, italic=True),
                    text_part("b", strike=True, highlight=True),
                    text_part("c", code=True),
                    text_part("d", underline=True),
                    text_part("e"),
                )
            )
        )
        assert text.text == "abcde"
        assert set(text.spans) == {
            Span(0, 1, Mark.BOLD),
            Span(0, 1, Mark.ITALIC),
            Span(1, 2, Mark.STRIKE),
            Span(2, 3, Mark.CODE),
            Span(3, 4, Mark.UNDERLINE),
        }

    def test_blocks_stand_on_their_own_lines(self) -> None:
        """Quotes, code and lists begin on a new line, whether or not Slack wrote one."""
        text = from_slack(
            message(
                section(text_part("look:\n")),
                section(text_part("x = 1"), kind="rich_text_preformatted"),
                section(text_part("said"), kind="rich_text_quote"),
                section(text_part("end")),
            )
        )
        assert text == RichText(
            "look:\nx = 1\nsaid\nend", (Span(6, 11, Mark.PRE), Span(12, 16, Mark.QUOTE))
        )

    def test_lists(self) -> None:
        """Lists are lines with bullets or numbers, indented, counting on where Slack does."""
        items = [section(text_part("one")), section(text_part("two", bold=True))]
        nested: dict[str, Any] = {"type": "rich_text_list", "style": "bullet", "indent": 1}
        counted: dict[str, Any] = {"type": "rich_text_list", "style": "ordered", "offset": 2}
        text = from_slack(message(nested | {"elements": items}, counted | {"elements": items}))
        assert text.text == "    • one\n    • two\n3. one\n4. two"
        assert text.spans == (Span(16, 19, Mark.BOLD), Span(30, 33, Mark.BOLD))

    def test_mentions_are_names(self) -> None:
        """People, groups and rooms are named, marked, and never start with @."""
        text = from_slack(
            message(
                section(
                    {"type": "user", "user_id": "U1"},
                    text_part(", "),
                    {"type": "usergroup", "usergroup_id": "S1"},
                    text_part(", "),
                    {"type": "channel", "channel_id": "C1"},
                    text_part(", "),
                    {"type": "broadcast", "range": "here"},
                )
            ),
            names,
        )
        assert text.text == "Ana, second-line, #general, everybody here"
        assert {span.mark for span in text.spans} == {Mark.MENTION}

    def test_nobody_is_named_unasked(self) -> None:
        """Without a list of names a mention gives no id away."""
        user = {"type": "user", "user_id": "U024BE7LH"}
        assert from_slack(message(section(user))).text == "somebody"
        assert from_slack({"text": "<@U024BE7LH|ana> <!subteam^S1>"}).text == "somebody somebody"

    @pytest.mark.parametrize(
        ("part", "shown"),
        [
            ({"name": "wave", "unicode": "1f44b-1f3fb", "skin_tone": 2}, "👋🏻"),
            ({"name": "wave", "unicode": "1f44b", "skin_tone": 2}, "👋🏻"),
            ({"name": "flag-rs", "unicode": "1f1f7-1f1f8"}, "🇷🇸"),
            ({"name": "party_parrot"}, ":party_parrot:"),
            ({"name": "odd", "unicode": "zz"}, ":odd:"),
            ({"name": "odd", "unicode": "ffffffffff"}, ":odd:"),
        ],
    )
    def test_emoji(self, part: dict[str, Any], shown: str) -> None:
        """Emoji are characters; a workspace's own ones are their names."""
        assert from_slack(message(section({"type": "emoji"} | part))).text == shown

    @pytest.mark.parametrize(
        ("part", "shown"),
        [
            ({"type": "date", "timestamp": 1, "format": "{date}", "fallback": "1 Jan"}, "1 Jan"),
            ({"type": "color", "value": "#ff0000"}, "#ff0000"),
            ({"type": "link", "url": "https://example.com"}, "https://example.com"),
            ({"type": "link", "url": "https://example.com", "text": "here"}, "here"),
            ({"type": "link", "url": "mailto:a@example.com"}, "a@example.com"),
            ({"type": "from_the_future", "text": "words"}, "words"),
            ({"type": "from_the_future"}, ""),
        ],
    )
    def test_other_parts(self, part: dict[str, Any], shown: str) -> None:
        """Every part is shown as words where it has any."""
        assert from_slack(message(section(part, text_part(".")))).text == f"{shown}."

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            nest := (
                lambda inner: (
                    st.lists(inner, max_size=4)
                    | st.dictionaries(
                        st.sampled_from(
                            ["type", "elements", "text", "style", "unicode", "offset", "url"]
                        ),
                        inner
                        | st.sampled_from(
                            ["rich_text_section", "rich_text_list", "link", "emoji", "user"]
                        ),
                        max_size=4,
                    )
                )
            ),
        )
    )
    @example([section({"type": "emoji", "unicode": "d800"})])
    def test_no_shape_of_message_is_an_error(self, elements: Any) -> None:
        """Whatever the blocks hold, something can be read, if only nothing."""
        assert isinstance(from_slack({"blocks": elements, "text": elements}), RichText)
        assert isinstance(
            from_slack(
                message(section()) | {"blocks": [{"type": "rich_text", "elements": elements}]}
            ),
            RichText,
        )


class TestFromMrkdwn:
    @pytest.mark.parametrize(
        ("raw", "text", "spans"),
        [
            ("a *b c* d", "a b c d", [Span(2, 5, Mark.BOLD)]),
            ("_a_, ~b~!", "a, b!", [Span(0, 1, Mark.ITALIC), Span(3, 4, Mark.STRIKE)]),
            ("*_a_*", "a", [Span(0, 1, Mark.BOLD), Span(0, 1, Mark.ITALIC)]),
            ("2*3*4 snake_case_name", "2*3*4 snake_case_name", []),
            ("* a * b", "* a * b", []),
            ("** __ ~~", "** __ ~~", []),
            ("*a\nb*", "*a\nb*", []),
            ("`*a*`", "*a*", [Span(0, 3, Mark.CODE)]),
            ("`a", "`a", []),
            ("```\n*x*\n```", "*x*", [Span(0, 3, Mark.PRE)]),
            ("a ```b", "a ```b", []),
            ("&lt;b&gt; &amp;amp;", "<b> &amp;", []),
            ("&gt; a\n&gt;b\nc", "a\nb\nc", [Span(0, 3, Mark.QUOTE)]),
            ("<https://a.b|c>", "c", [Span(0, 1, Mark.LINK, "https://a.b")]),
            (
                "<https://a.b?c&amp;d>",
                "https://a.b?c&d",
                [Span(0, 15, Mark.LINK, "https://a.b?c&d")],
            ),
            ("<mailto:a@b.c|a@b.c>", "a@b.c", [Span(0, 5, Mark.LINK, "mailto:a@b.c")]),
            ("<javascript:x|c>", "c", []),
            (
                "<@U1> <#C1|general>",
                "Ana #general",
                [Span(0, 3, Mark.MENTION), Span(4, 12, Mark.MENTION)],
            ),
            ("<!here|@here>", "everybody here", [Span(0, 14, Mark.MENTION)]),
            ("<!date^1392734382^{date}|18 Feb>", "18 Feb", []),
            ("`<https://a.b>`", "https://a.b", [Span(0, 11, Mark.CODE)]),
            ("1 < 2", "1 < 2", []),
        ],
    )
    def test_mrkdwn(self, raw: str, text: str, spans: list[Span]) -> None:
        """A message without blocks reads as Slack shows it."""
        assert from_slack({"text": raw}, names) == rich(text, spans)

    @given(texts())
    def test_escaped_text_comes_back(self, text: str) -> None:
        """What is escaped and holds no marks of style is read as it was."""
        words = plain(text.translate(dict.fromkeys(map(ord, "*_~`>"))))
        assert from_slack({"text": escape(words.text)}) == words


def parts_of(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(chain.from_iterable(element["elements"] for element in elements))


def shown_by(elements: list[dict[str, Any]]) -> str:
    return "".join(part.get("text") or part["url"] for part in parts_of(elements))


def unframed(text: RichText) -> RichText:
    return rich(text.text, (s for s in text.spans if s.mark not in (Mark.QUOTE, Mark.PRE)))


class TestToSlack:
    def test_styles_and_blocks(self) -> None:
        """Styles, quotes and code take Slack's form; the rest is text."""
        text = rich(
            "a b\nsaid\nx = 1\nend",
            [
                Span(2, 3, Mark.BOLD),
                Span(2, 3, Mark.SPOILER),
                Span(4, 8, Mark.QUOTE),
                Span(9, 14, Mark.PRE, "python"),
            ],
        )
        assert to_slack(text) == [
            section(text_part("a "), text_part("b", bold=True), text_part("\n")),
            section(text_part("said"), kind="rich_text_quote"),
            section(text_part("x = 1"), kind="rich_text_preformatted"),
            section(text_part("end")),
        ]

    def test_code_in_a_quote(self) -> None:
        """Code inside a quote keeps the quote's border."""
        text = rich("a\nb\nc", [Span(0, 5, Mark.QUOTE), Span(2, 3, Mark.PRE)])
        assert [(e["type"], e.get("border")) for e in to_slack(text)] == [
            ("rich_text_quote", None),
            ("rich_text_preformatted", 1),
            ("rich_text_quote", None),
        ]

    @pytest.mark.parametrize(
        ("label", "target", "parts"),
        [
            (
                "our bank",
                "https://evil.example",
                [
                    text_part("our bank"),
                    text_part(" ("),
                    {"type": "link", "url": "https://evil.example"},
                    text_part(")"),
                ],
            ),
            (
                "https://a.b",
                "https://a.b",
                [{"type": "link", "url": "https://a.b"}],
            ),
            ("a.b", "http://a.b", [{"type": "link", "url": "http://a.b", "text": "a.b"}]),
            ("+381 11", "tel:+38111", [text_part("+381 11")]),
            (
                "call",
                "tel:+38111",
                [text_part("call"), text_part(" ("), text_part("+38111"), text_part(")")],
            ),
        ],
    )
    def test_no_link_is_masked(self, label: str, target: str, parts: list[dict[str, Any]]) -> None:
        """Where a link leads is always in view."""
        assert to_slack(plain(label).marked(Mark.LINK, target)) == [section(*parts)]

    def test_nothing_is_no_block(self) -> None:
        """An empty text has no elements."""
        assert to_slack(plain("")) == []

    @given(richtexts())
    def test_customers_cannot_reach_into_slack(self, text: RichText) -> None:
        """Only literal text and open links are sent; none of it is empty."""
        for part in parts_of(to_slack(text)):
            assert part["type"] in ("text", "link")
            assert part.get("text", "-") != ""
            assert set(part) <= {"type", "text", "url", "style"}
            assert set(part.get("style", {})) <= {"bold", "italic", "strike", "code"}
            if part["type"] == "link":
                label = plain(part.get("text", part["url"])).marked(Mark.LINK, part["url"])
                assert not hides_target(label, label.spans[0])
        json.dumps(to_slack(text)).encode()

    @given(richtexts().map(unframed))
    def test_text_is_shown_as_it_reads(self, text: RichText) -> None:
        """The parts make the text, and behind hiding labels the destination."""
        assert shown_by(to_slack(text)) == written_out(text)

    @given(richtexts(CARRIED))
    def test_only_line_breaks_beside_blocks_are_left_out(self, text: RichText) -> None:
        """Quotes and code take the line break behind them, and nothing else."""
        plain_links = rich(text.text, (s for s in text.spans if s.mark is not Mark.LINK))
        shown = shown_by(to_slack(plain_links))
        assert shown.replace("\n", "") == text.text.replace("\n", "")

    @given(richtexts(CARRIED))
    def test_the_way_back(self, text: RichText) -> None:
        """What was sent without blocks of its own reads the same from Slack."""
        shown = unframed(text)
        back = from_slack(message(*to_slack(shown)))
        if shown:
            assert back.text == written_out(shown)


class TestFallback:
    @given(richtexts(), st.integers(1, 60))
    def test_no_control_character_is_live(self, text: RichText, limit: int) -> None:
        """Every <, > and & is an entity, none is cut in two, and the limit holds."""
        sent = fallback(text, limit)
        bare = sent.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert not set(bare) & set("<>&")
        assert len(sent) <= limit

    @pytest.mark.parametrize(
        ("text", "limit", "sent"),
        [
            ("<!channel>", 3000, "&lt;!channel&gt;"),
            ("a & b", 9, "a &amp; b"),
            ("a & b", 8, "a &amp;…"),
            ("a & b", 7, "a …"),
            ("", 10, ""),
        ],
    )
    def test_fallback(self, text: str, limit: int, sent: str) -> None:
        """Text is escaped, then fitted; a cut shows."""
        assert fallback(plain(text), limit) == sent
