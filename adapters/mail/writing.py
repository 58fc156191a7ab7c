"""What a mail says, in the language of the one who reads it.

Nothing that a customer typed is in a mail to an address that nobody has proven to be theirs: not
their name, not their subject, not their words. Whoever types a stranger's address could otherwise
have the desk write to that stranger what they please.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from adapters.mail.enclosures import Enclosure, file_name
from core.effects import Mail, MailKind, Words
from core.message import CARRIED, MEGABYTE, Attachment, Message, Part
from core.outbox import MAIL, Outgoing
from core.phrases import Phrase
from core.richtext import Mark, RichText, Span, clean_name, concat, plain
from core.wording import Phrasebook

ABOUT: Final = {
    MailKind.TICKET_FILED: Phrase.MAIL_FILED_SUBJECT,
    MailKind.ANSWER: Phrase.MAIL_ANSWER_SUBJECT,
    MailKind.TICKET_CLOSED: Phrase.MAIL_CLOSED_SUBJECT,
    MailKind.CLOSING_SOON: Phrase.MAIL_CLOSING_SUBJECT,
    MailKind.MERGED: Phrase.MAIL_MERGED_SUBJECT,
}

_LONGEST_QUOTE: Final = 5000
"""Code points of all that is quoted."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """Somebody's words in a mail."""

    by: str = ""
    """Who, and when; empty where the mail has just said so."""
    text: RichText = RichText("")
    files: tuple[str, ...] = ()
    """What came with them, a sentence each."""


@dataclass(frozen=True)
class Link:
    """Where a mail leads to."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a mail says, from top to bottom."""

    opening: tuple[RichText, ...]
    link: Link | None = None
    after_link: tuple[RichText, ...] = ()
    """What is to be known of the link."""
    answers: tuple[Said, ...] = ()
    closing: tuple[RichText, ...]
    heading: str = ""
    """Above what was said before."""
    before: tuple[Said, ...] = ()


class Writer:
    """Writes one mail."""

    def __init__(
        self,
        outgoing: Outgoing,
        phrasebook: Phrasebook,
        enclosures: Sequence[Enclosure],
        *,
        are_replies_read: bool,
        follow: str = "",
    ) -> None:
        """Prepare. Raises ValueError for a conversation that is no ticket.

        *follow*: where the customer reads the ticket online; "" where that is nowhere.
        """
        conversation = outgoing.conversation
        if conversation.ticket is None:
            raise ValueError(f"a mail about {conversation.id}, which is no ticket")
        self.ticket = conversation.ticket.id
        self.language = conversation.contact.language
        self._outgoing = outgoing
        self._follow = follow
        self._enclosures: Mapping[Attachment, Enclosure] = {
            each.attachment: each for each in enclosures
        }
        self._phrasebook = phrasebook
        came_from = conversation.identity
        self._by_mail = are_replies_read or came_from.channel == MAIL
        self._in_chat = came_from.is_chat and (conversation.reachable or not are_replies_read)

    def about(self, kind: MailKind) -> str:
        """Return what a mail is about, in a few neutral words."""
        return self._say(ABOUT[kind])

    def write(self, mail: Mail) -> Written:
        """Return what the mail says.

        Raises ValueError where that is missing: an agent's answer, or why else it is written.
        """
        hello, greetings = (
            plain(self._say(each)) for each in (Phrase.MAIL_HELLO, Phrase.MAIL_GREETINGS)
        )
        if mail.kind is MailKind.ANSWER:
            return self._answer(hello, greetings)
        if mail.kind is MailKind.TICKET_FILED:
            return self._filed(hello, mail.expect, greetings)
        return Written(opening=(hello, *self._news(mail)), closing=(greetings,))

    def _news(self, mail: Mail) -> Iterator[RichText]:
        match mail.kind:
            case MailKind.TICKET_CLOSED:
                closed = Phrase.MAIL_CLOSED if self._in_chat else Phrase.MAIL_CLOSED_THERE
                if self._by_mail:
                    closed = Phrase.MAIL_CLOSED_REPLY
                yield self._with_ticket(self._say(closed, ticket=self.ticket))
            case _:
                if mail.expect is None:
                    raise ValueError(f"a mail about {self.ticket} that does not say what happens")
                yield self._with_ticket(self._phrasebook.say(self.language, mail.expect))
                yield self._go_on()

    def _filed(self, hello: RichText, expect: Words | None, greetings: RichText) -> Written:
        accepted = self._with_ticket(self._say(Phrase.MAIL_FILED_ACCEPTED, ticket=self.ticket))
        soon = plain(self._phrasebook.say(self.language, expect or _SOON))
        go_on = self._one_of(
            Phrase.MAIL_FILED_GO_ON,
            Phrase.MAIL_FILED_GO_ON_BOTH,
            Phrase.MAIL_FILED_GO_ON_MAIL,
            Phrase.MAIL_FILED_GO_ON_THERE,
        )
        link, after = None, []
        if self._follow:
            link = Link(self._say(Phrase.MAIL_FILED_FOLLOW), self._follow)
            after.append(plain(self._say(Phrase.MAIL_LINK_LASTS_DAYS)))
        if not self._outgoing.conversation.contact.email_proven:
            after.append(plain(self._say(Phrase.MAIL_FILED_NOT_YOU)))
        return Written(
            opening=(hello, accepted, soon, go_on),
            link=link,
            after_link=tuple(after),
            closing=(greetings,),
        )

    def _answer(self, hello: RichText, greetings: RichText) -> Written:
        answers = self._outgoing.with_messages or (self._outgoing.message,)
        said = [each for each in answers if each is not None and each.part is not Part.NOTE]
        if not said:
            raise ValueError(f"a mail about {self.ticket} without the answer that it carries")
        names = {clean_name(each.author) for each in said}
        agent = names.pop() if len(names) == 1 else ""
        if agent:
            opening = self._say(Phrase.MAIL_ANSWER_FROM, agent=agent, ticket=self.ticket)
        else:
            opening = self._say(Phrase.MAIL_ANSWERS_FROM, ticket=self.ticket)
        whose = Span(0, len(agent) if opening.startswith(agent) else 0, Mark.BOLD)
        before = tuple(self._before())
        return Written(
            opening=(hello, RichText(opening, (whose, *self._in_bold(opening)))),
            answers=tuple(self._said(each, is_alone=len(said) == 1) for each in said),
            closing=(self._go_on(), greetings),
            heading=self._say(Phrase.MAIL_SAID_BEFORE) if before else "",
            before=before,
        )

    def _said(self, message: Message, *, is_alone: bool) -> Said:
        by = "" if is_alone else self._by(message)
        return Said(by=by, text=message.text, files=tuple(self._files(message)))

    def _files(self, message: Message) -> Iterator[str]:
        """Say which files came with an answer, and why some did not."""
        sorted_: dict[Phrase, list[str]] = {
            Phrase.MAIL_ATTACHED: [],
            Phrase.MAIL_TOO_LARGE: [],
            Phrase.MAIL_NOT_ATTACHED: [],
        }
        for each in message.attachments:
            enclosure = self._enclosures.get(each, Enclosure(attachment=each))
            if enclosure.content is not None:
                sorted_[Phrase.MAIL_ATTACHED].append(enclosure.name)
            elif enclosure.size is not None:
                sorted_[Phrase.MAIL_TOO_LARGE].append(f"{enclosure.name} ({_size(enclosure.size)})")
            else:
                name = enclosure.name if each.kind in CARRIED else self._in_words(each)
                sorted_[Phrase.MAIL_NOT_ATTACHED].append(name)
        for phrase, names in sorted_.items():
            if names:
                yield self._say(phrase, names=", ".join(names))

    def _before(self) -> Iterator[Said]:
        """Return what was said before, oldest first, as far as it is not too long."""
        if not self._outgoing.conversation.contact.email_proven:
            return
        room = _LONGEST_QUOTE
        quoted: list[Said] = []
        for each in reversed(self._outgoing.said_before):
            if each.part is Part.NOTE or not (each.text or each.attachments):
                continue
            text = each.text
            if len(text.text) > room:
                text = concat(text.slice(0, room), plain("…"))
            files = tuple(self._in_words(file) for file in each.attachments)
            quoted.append(Said(by=self._by(each), text=text, files=files))
            room -= len(text.text)
            if room <= 0:
                break
        yield from reversed(quoted)

    def _in_words(self, attachment: Attachment) -> str:
        named = replace(
            attachment, name=file_name(attachment), detail=clean_name(attachment.detail)
        )
        return self._phrasebook.sent(self.language, named)

    def _by(self, message: Message) -> str:
        zone = self._outgoing.department.hours.zone
        when = self._phrasebook.stamp(self.language, message.at, zone)
        name = clean_name(message.author)
        return f"{name}, {when}" if name else when

    def _go_on(self) -> RichText:
        return self._one_of(
            Phrase.MAIL_ANSWER_GO_ON,
            Phrase.MAIL_GO_ON_BOTH,
            Phrase.MAIL_GO_ON_MAIL,
            Phrase.MAIL_GO_ON_THERE,
        )

    def _one_of(self, in_chat: Phrase, both: Phrase, by_mail: Phrase, there: Phrase) -> RichText:
        """Say the one of four sentences that names the ways by which the customer can go on."""
        match self._in_chat, self._by_mail:
            case True, True:
                phrase = both
            case True, False:
                phrase = in_chat
            case False, True:
                phrase = by_mail
            case _:
                phrase = there
        return plain(self._say(phrase))

    def _with_ticket(self, sentence: str) -> RichText:
        """Return a sentence in which the ticket's ID stands out."""
        return RichText(sentence, self._in_bold(sentence))

    def _in_bold(self, sentence: str) -> tuple[Span, ...]:
        at = sentence.rfind(self.ticket)
        return (Span(at, at + len(self.ticket), Mark.BOLD),) if at >= 0 else ()

    def _say(self, phrase: Phrase, **values: str) -> str:
        return self._phrasebook.phrase(self.language, phrase, **values)


_SOON: Final = Words(phrase=Phrase.MAIL_FILED_SOON)


def _size(size: int) -> str:
    """Return a size as people read it, never too small a one."""
    if size < MEGABYTE:
        return f"{-(-size // 1024)} kB"
    return f"{-(-size // MEGABYTE)} MB"
