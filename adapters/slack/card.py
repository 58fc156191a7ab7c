"""The card: a conversation as its agents see it in the room. Pure.

Whatever a customer typed stands in `plain_text` or in a rich_text's literal `text`, where nothing
is a mention, a link or a style (docs.slack.dev, "Formatting message text").
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.slack.richtext import escape, to_slack
from core.conversation import Conversation, Stage
from core.outbox import Outgoing
from core.phrases import Phrase
from core.richtext import Mark, RichText, clean_name, concat, plain
from core.ticket import Priority, Ticket, TicketStatus
from core.ticket_life import LONGEST_SUBJECT, PRIORITY_NAMES
from core.wording import CHANNEL_NAMES, LANGUAGES, Phrasebook

Block = dict[str, object]

MENU = "ticket"
"""The action of a ticket's menu. The value of an option is what it is for, and the conversation."""
HOLD, SUBJECT, MERGE = "hold", "subject", "merge"
"""What the menu is for, besides the priorities."""
RETRY = "retry"
"""The action of the button beside what could not be delivered."""
ADOPT, SPLIT = "adopt", "split"
"""The actions of the buttons beside what a stranger mailed."""

_MOST_TEXT = 6000  # code points of a problem; Slack refuses about 13,200 in all blocks together
_MOST_CHARACTERS = 9000
_HEADER = 150
_PLAIN_TEXT = 3000
_OPTION = 75


def card(outgoing: Outgoing, phrasebook: Phrasebook, language: str) -> tuple[str, list[Block]]:
    """Return the card: its text for notifications, and its blocks."""
    return _Card(outgoing, phrasebook, language).shown()


def customer_name(conversation: Conversation, phrasebook: Phrasebook, language: str) -> str:
    """Return what agents call the customer; never empty."""
    contact = conversation.contact
    name = clean_name(contact.name) or clean_name(contact.offered_name)
    return name or phrasebook.phrase(language, Phrase.CARD_CUSTOMER)


def rich_block(text: RichText) -> Block:
    """Return a block that shows the text as it was written.

    Where labels hide so many addresses that they would not fit, the text goes without links.
    """
    elements = to_slack(text)
    has_links = any(span.mark is Mark.LINK for span in text.spans)  # only they add characters
    if has_links and _characters(elements) > _MOST_CHARACTERS:
        elements = to_slack(plain(text.text))
    return {"type": "rich_text", "elements": elements}


def quiet_block(text: str) -> Block:
    """Return a block of small grey words."""
    return {"type": "context", "elements": [_literal(text, _PLAIN_TEXT)]}


def button(action_id: str, label: str, value: str) -> Block:
    """Return a button; its *value* comes back with the press."""
    text = _literal(label, 75)
    return {"type": "button", "action_id": action_id, "text": text, "value": value}


class _Card:
    def __init__(self, outgoing: Outgoing, phrasebook: Phrasebook, language: str) -> None:
        self._outgoing = outgoing
        self._now = outgoing.conversation
        self._phrasebook = phrasebook
        self._language = language

    def shown(self) -> tuple[str, list[Block]]:
        status = self._status()
        name = customer_name(self._now, self._phrasebook, self._language)
        about = f"{name}: {self._now.subject}" if self._now.subject else name
        blocks: list[Block] = [
            {"type": "header", "text": _literal(status, _HEADER)},
            rich_block(concat(*self._facts(), self._problem())),
        ]
        if self._now.incomplete:
            blocks.append(quiet_block(self._say(Phrase.CARD_INCOMPLETE)))
        if self._now.stage is not Stage.RESOLVED:
            blocks.append(quiet_block(self._say(Phrase.CARD_NOTES)))
            blocks.append({"type": "actions", "elements": list(self._buttons())})
        return escape(f"{status}. {about}"), blocks

    def _say(self, phrase: Phrase, **values: str) -> str:
        return self._phrasebook.phrase(self._language, phrase, **values)

    def _status(self) -> str:
        """Return how it stands, with a mark that shows it at a glance."""
        agent = self._now.assignee.name if self._now.assignee else ""
        match self._now.stage:
            case Stage.RESOLVED if self._merged_into():
                return f"🔀 {self._say(Phrase.CARD_MERGED, ticket=self._merged_into())}"
            case Stage.RESOLVED:
                return f"✅ {self._say(Phrase.CARD_RESOLVED)}"
            case Stage.TICKETED:
                return f"🎫 {self._say(Phrase.CARD_TICKET)} {self._ticket()}"
            case Stage.ACTIVE:
                return f"🟢 {self._say(Phrase.CARD_ACTIVE, agent=agent)}"
            case Stage.WAITING if agent:
                return f"🟡 {self._say(Phrase.CARD_TAKEN, agent=agent)}"
        return f"🔴 {self._say(Phrase.CARD_WAITING)}"

    def _facts(self) -> Iterator[RichText]:
        now, unknown = self._now, self._say(Phrase.CARD_UNKNOWN)
        department = self._outgoing.department
        opened = _date_and_time(
            now.opened_at.astimezone(ZoneInfo(department.hours.zone)), self._language
        )
        facts = {
            Phrase.CARD_CUSTOMER: clean_name(now.contact.name or now.contact.offered_name),
            Phrase.CARD_EMAIL: clean_name(now.contact.email, 254),
            Phrase.CARD_CHANNEL: self._channel(),
            Phrase.CARD_LANGUAGE: LANGUAGES.get(now.contact.language, now.contact.language),
            Phrase.CARD_LOCAL_TIME: opened,
            Phrase.CARD_DEPARTMENT: department.name,
        }
        if now.ticket is not None:
            facts[Phrase.CARD_TICKET] = self._ticket()
            facts[Phrase.CARD_SUBJECT] = clean_name(now.subject, LONGEST_SUBJECT)
            facts[Phrase.CARD_PRIORITY] = self._say(PRIORITY_NAMES[now.ticket.priority])
        if now.earlier_tickets:
            facts[Phrase.CARD_EARLIER_TICKETS] = ", ".join(now.earlier_tickets)
        for label, value in facts.items():
            yield self._labelled(label, plain(value or unknown))
        if self._outgoing.earlier:
            count = str(self._outgoing.earlier)
            yield plain(self._say(Phrase.CARD_RETURNING, count=count) + "\n")

    def _problem(self) -> RichText:
        """Return the problem; a rich_text block must stay one, so there is always something."""
        message = self._outgoing.message
        if message is not None and message.id == self._now.card_message and message.text:
            text = message.text
            if len(text.text) > _MOST_TEXT:
                text = concat(text.slice(0, _MOST_TEXT), plain("…"))
            return self._labelled(Phrase.CARD_PROBLEM, text, "\n")
        below = self._say(Phrase.CARD_PROBLEM_BELOW)
        subject = self._now.subject
        return self._labelled(Phrase.CARD_PROBLEM, plain(f"{subject} ({below})".strip()))

    def _labelled(self, label: Phrase, value: RichText, gap: str = " ") -> RichText:
        name = plain(f"{self._say(label)}:").marked(Mark.BOLD)
        return concat(name, plain(gap), value, plain("\n"))

    def _ticket(self) -> str:
        if self._now.ticket is None:
            return ""
        status = self._say(_TICKET_STATUS[self._now.ticket.status])
        return f"{self._now.ticket.id}: {status}"

    def _channel(self) -> str:
        """Return where it came from, as people call that."""
        channel = self._now.identity.channel
        return self._say(CHANNEL_NAMES[channel]) if channel in CHANNEL_NAMES else channel.title()

    def _merged_into(self) -> str:
        return (self._now.ticket and self._now.ticket.merged_into) or ""

    def _buttons(self) -> Iterator[Block]:
        if self._now.assignee is None:
            yield self._button("take", Phrase.BUTTON_TAKE) | {"style": "primary"}
        yield self._button("resolve", Phrase.BUTTON_RESOLVE)
        if self._now.ticket is None:
            yield self._button("file-ticket", Phrase.BUTTON_FILE_TICKET)
        else:
            yield self._menu(self._now.ticket)

    def _menu(self, ticket: Ticket) -> Block:
        held = ticket.status is TicketStatus.ON_HOLD
        choices = {
            HOLD: self._say(Phrase.MENU_OPEN if held else Phrase.MENU_HOLD),
            SUBJECT: self._say(Phrase.MENU_SUBJECT),
            MERGE: self._say(Phrase.MENU_MERGE),
        }
        for each in Priority:  # but for the one that it has, for a menu holds five
            if each is not ticket.priority:
                name = self._say(PRIORITY_NAMES[each])
                choices[each.value] = self._say(Phrase.MENU_PRIORITY, priority=name)
        options = [
            {"text": _literal(label, _OPTION), "value": f"{choice} {self._now.id}"}
            for choice, label in choices.items()
        ]
        return {"type": "overflow", "action_id": MENU, "options": options}

    def _button(self, action_id: str, label: Phrase) -> Block:
        return button(action_id, self._say(label), self._now.id)


_TICKET_STATUS = {
    TicketStatus.OPEN: Phrase.TICKET_OPEN,
    TicketStatus.ANSWERED: Phrase.TICKET_ANSWERED,
    TicketStatus.CUSTOMER_REPLY: Phrase.TICKET_CUSTOMER_REPLY,
    TicketStatus.ON_HOLD: Phrase.TICKET_ON_HOLD,
    TicketStatus.CLOSED: Phrase.TICKET_CLOSED,
}


def _literal(text: str, limit: int) -> Block:
    """Return a text object in which nothing takes effect, not even an emoji's name."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return {"type": "plain_text", "text": shown, "emoji": False}


def _date_and_time(moment: datetime, language: str) -> str:
    if language == "en":
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment.day}. {moment.month}. {moment.year}. {moment:%H:%M}"


def _characters(value: object) -> int:
    """Return how many characters of text, addresses included, stand in parts of a block."""
    if isinstance(value, dict):
        own = (value.get(name) for name in ("text", "url"))
        inner = sum(_characters(part) for part in value.values())
        return inner + sum(len(text) for text in own if isinstance(text, str))
    return sum(_characters(part) for part in value) if isinstance(value, list) else 0
