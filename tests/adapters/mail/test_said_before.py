"""Below an answer stands what was said before it: for those whose address is proven."""

from datetime import timedelta
from typing import Any

import pytest

from core.effects import MailKind
from core.message import Attachment, AttachmentKind, Message, Part
from core.richtext import Mark, Span, rich
from tests.support.mailing import AT, answer, asked, outgoing
from tests.support.sent_mail import body, read, rendered, text_of

HELP = asked("It does not start.\nSince today.", "photo.jpg")
NOTE = answer("She is always like that.", part=Part.NOTE)


def quoted(*before: Message, proven: bool = True, **changes: Any) -> str:
    """Return the plain text of an answer before which this was said."""
    sent = outgoing(
        MailKind.ANSWER, message=answer(), before=before, email_proven=proven, **changes
    )
    return text_of(read(rendered(sent)))


def test_both_sides_are_quoted_in_order() -> None:
    """With author and time, as the department's clock has it, below everything else."""
    later = answer("Is it plugged in?", by="Mira", at=AT - timedelta(minutes=5))

    assert quoted(HELP, later).endswith(
        "Kind regards,\nSupport\n\n"
        "What was said before:\n\n"
        "Ana, 2026-11-22 17:45:\n> It does not start.\n> Since today.\n> sent a file: photo.jpg\n\n"
        "Mira, 2026-11-22 17:55:\n> Is it plugged in?\n"
    )


def test_in_html_it_is_folded_under_a_quiet_line() -> None:
    """Marks are kept, and nothing that was written is markup."""
    said = asked(rich("<b>no</b> and yes", [Span(14, 17, Mark.BOLD)]))
    sent = outgoing(MailKind.ANSWER, message=answer(), before=[said], email_proven=True)

    html = body(read(rendered(sent)), "html")

    fold = html.partition("<details")[2].partition("</details>")[0]
    assert "<summary>What was said before</summary>" in fold
    assert "&lt;b&gt;no&lt;/b&gt; and <strong>yes</strong>" in fold


def test_nothing_is_disclosed_to_an_address_that_anybody_may_have_typed() -> None:
    """Without proof there is the answer, and nothing of what came before."""
    assert "does not start" not in quoted(HELP, proven=False)
    assert "What was said before" not in quoted(HELP, proven=False)


def test_a_note_is_never_quoted() -> None:
    """Even if it became one after the mail had been loaded."""
    assert "always like that" not in quoted(HELP, NOTE)


def test_what_was_deleted_leaves_no_trace() -> None:
    """Neither name nor time of what nobody is to read any more."""
    assert "What was said before" not in quoted(asked(""))


@pytest.mark.parametrize("kind", [MailKind.TICKET_FILED, MailKind.TICKET_CLOSED])
def test_automatic_mail_quotes_nobody(kind: MailKind) -> None:
    """Not even to a proven address."""
    sent = outgoing(kind, before=[HELP], email_proven=True)

    assert "does not start" not in text_of(read(rendered(sent)))


def test_the_newest_words_are_kept_where_it_is_too_long() -> None:
    """At most 5,000 characters: what does not fit of the oldest is cut, and before it left out."""
    said = quoted(asked("lost"), asked("a" * 4000), asked("b" * 3000), asked("c" * 1000))

    _, _, quote = said.partition("What was said before:")
    assert "lost" not in quote
    assert (quote.count("b"), quote.count("c")) == (3000, 1000)
    assert f"> {'a' * 1000}…\n" in quote


def test_what_came_without_words_is_named() -> None:
    """A voice message or a place is told of in the reader's language."""
    voice = Attachment(kind=AttachmentKind.VOICE, channel="telegram", ref="v", seconds=7)

    assert "> послата гласовна порука од 7 s\n" in quoted(asked("", voice), language="sr")


# Several answers in one mail


def test_answers_that_waited_come_in_one_mail() -> None:
    """Each with author and time."""
    sent = outgoing(
        MailKind.ANSWER,
        message=answer("Try it again.", at=AT),
        others=[answer("Or wait.", by="Ivan", at=AT + timedelta(minutes=7))],
    )

    assert text_of(read(rendered(sent))) == (
        "Hello,\n\n"
        "Our people answer your request MNT-4K7Q2:\n\n"
        "Mira, 2026-11-22 18:00:\nTry it again.\n\n"
        "Ivan, 2026-11-22 18:07:\nOr wait.\n\n"
        "You can go on in the chat in which you wrote.\n\n"
        "Kind regards,\nSupport\n"
    )


def test_one_agents_answers_are_theirs() -> None:
    """Who wrote all of them is named at the top, and a time in Serbian is a Serbian one."""
    sent = outgoing(
        MailKind.ANSWER, message=answer("Прво."), others=[answer("Друго.")], language="sr"
    )

    text = text_of(read(rendered(sent)))

    assert "Mira одговара на Ваш захтев MNT-4K7Q2:" in text
    assert "Mira, 22. 11. 2026. 18:00:\nДруго." in text


def test_an_answer_that_became_a_note_is_left_out() -> None:
    """The others still go."""
    sent = outgoing(MailKind.ANSWER, message=NOTE, others=[answer("Try it again.")])

    text = text_of(read(rendered(sent)))

    assert "always" not in text
    assert "Mira answers your request MNT-4K7Q2:\n\nTry it again.\n" in text


def test_a_mail_without_an_answer_is_a_mistake() -> None:
    """It is refused loudly, not sent empty; so is one that does not say what happens."""
    with pytest.raises(ValueError, match="without the answer"):
        rendered(outgoing(MailKind.ANSWER))
    with pytest.raises(ValueError, match="does not say what happens"):
        rendered(outgoing(MailKind.CLOSING_SOON))
