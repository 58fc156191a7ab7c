"""A conversation as a document: what was said in it, by whom and when. Pure.

Notes are left out, unless somebody asks for them: they never reach a customer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.commands import STATUS_NAMES
from core.conversation import Conversation
from core.message import Message, Part, Side
from core.phrases import Phrase
from core.richtext import RichText, clean_name, with_targets
from core.wording import Phrasebook


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message of a transcript."""

    by: str
    when: str
    """In the department's time zone."""
    from_agents: bool
    note: str
    """What marks it as a note; "" where it is none."""
    text: RichText
    files: tuple[str, ...]
    """What came with it, in words."""


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """A conversation, in the language of its customer."""

    language: str
    title: str
    facts: tuple[tuple[str, str], ...]
    """What is known of it: a label, and what it says."""
    said: tuple[Said, ...]


def transcript(
    about: Conversation,
    messages: Iterable[Message],
    phrasebook: Phrasebook,
    *,
    zone: str,
    notes: bool = False,
) -> Transcript:
    """Return what was said in a conversation, with times in *zone*; with *notes*, for agents."""
    language = about.contact.language

    def say(phrase: Phrase, **values: str) -> str:
        return phrasebook.phrase(language, phrase, **values)

    def line(each: Message) -> Said:
        return Said(
            by=clean_name(each.author) or say(Phrase.CARD_CUSTOMER),
            when=phrasebook.stamp(language, each.at, zone),
            from_agents=each.side is Side.AGENTS,
            note=say(Phrase.TRANSCRIPT_NOTE) if each.part is Part.NOTE else "",
            text=each.text,
            files=tuple(phrasebook.sent(language, file) for file in each.attachments),
        )

    facts = {
        say(Phrase.CARD_CUSTOMER): clean_name(about.contact.name or about.contact.offered_name),
        say(Phrase.CARD_EMAIL): clean_name(about.contact.email, 254),
        say(Phrase.CARD_LOCAL_TIME): phrasebook.stamp(language, about.opened_at, zone),
    }
    title = clean_name(about.subject, 200)
    if about.ticket is not None:
        facts[say(Phrase.CARD_TICKET)] = (
            f"{about.ticket.id}: {say(STATUS_NAMES[about.ticket.status])}"
        )
        title = f"{about.ticket.id} {title}".strip()
    public = (each for each in messages if notes or each.part is not Part.NOTE)
    return Transcript(
        language=language,
        title=title,
        facts=tuple((label, value) for label, value in facts.items() if value),
        said=tuple(map(line, public)),
    )


def as_text(document: Transcript) -> str:
    """Return a transcript as plain text; a link that hides where it leads to says so."""
    head = [document.title, *(f"{label}: {value}" for label, value in document.facts)]
    return "\n".join([*head, *(_paragraph(each) for each in document.said)]) + "\n"


def _paragraph(said: Said) -> str:
    note = f" ({said.note})" if said.note else ""
    lines = [f"\n{said.when}  {said.by}{note}:"]
    if said.text:
        lines.append(with_targets(said.text))
    return "\n".join([*lines, *(f"[{each}]" for each in said.files)])
