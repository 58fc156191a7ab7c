"""A conversation as a document, as its customer or an agent reads it."""

from dataclasses import replace

from core.message import Message, Part, Side
from core.richtext import Mark, RichText, Span
from core.transcript import as_text, transcript
from core.wording import Phrasebook
from tests.support.builders import MONDAY, conversation, known, message_id, photo

BOOK = Phrasebook({})
ABOUT = conversation(known(), subject="My site is down")


def said(text: str, **changes: object) -> Message:
    message = Message(
        id=message_id(text),
        conversation_id=ABOUT.id,
        side=Side.CUSTOMER,
        author="Ana",
        at=MONDAY,
        part=Part.TALK,
        text=RichText(text),
    )
    return replace(message, **changes)  # type: ignore[arg-type]


def test_a_transcript_says_who_said_what_and_when() -> None:
    """In the department's time zone; what came without words is named."""
    messages = [
        said("My site is down"),
        said("", attachments=(photo(),)),
        said("Have a look", side=Side.AGENTS, author="Mila"),
        said("// a VIP", side=Side.AGENTS, author="Mila", part=Part.NOTE),
    ]

    document = transcript(ABOUT, messages, BOOK, zone="Europe/Belgrade")

    assert as_text(document) == (
        "My site is down\n"
        "Customer: Ana\n"
        "E-mail: ana@example.com\n"
        "Opened: 2026-11-23 10:00\n"
        "\n2026-11-23 10:00  Ana:\nMy site is down\n"
        "\n2026-11-23 10:00  Ana:\n[sent a photo]\n"
        "\n2026-11-23 10:00  Mila:\nHave a look\n"
    )
    assert [each.from_agents for each in document.said] == [False, False, True]
    assert "// a VIP" in as_text(transcript(ABOUT, messages, BOOK, zone="UTC", notes=True))


def test_a_link_does_not_hide_where_it_leads_to() -> None:
    """What stands on paper cannot be pointed at."""
    text = RichText("see here and there", (Span(4, 8, Mark.LINK, "https://example.com/a"),))

    document = transcript(ABOUT, [replace(said("x"), text=text)], BOOK, zone="UTC")

    assert "see here <https://example.com/a> and there" in as_text(document)


def test_nothing_is_made_up() -> None:
    """What is not known is left out."""
    nobody = conversation(known(name="", offered_name="", email=""), subject="")

    document = transcript(nobody, [said("Hi", author="")], BOOK, zone="UTC")

    assert as_text(document) == ("\nOpened: 2026-11-23 09:00\n\n2026-11-23 09:00  Customer:\nHi\n")
