"""The forms of a ticket's menu: another subject, another ticket to go on in. Pure."""

from collections.abc import Sequence
from typing import Any, Final

from core.conversation import Conversation
from core.ids import ConversationId
from core.phrases import Phrase
from core.richtext import clean_name
from core.ticket_life import LONGEST_SUBJECT
from core.wording import Phrasebook

Json = dict[str, Any]

SUBJECT_FORM: Final = "ticket_subject"
MERGE_FORM: Final = "ticket_merge"
CHOSEN: Final = "chosen"
TYPED: Final = "typed"

_TITLE, _OPTION, _SECTION = 24, 75, 3000
_LONGEST_ID = 40


def subject_form(ticket: Conversation, phrasebook: Phrasebook, language: str) -> Json:
    """Return the form that asks for another subject."""
    element = {"type": "plain_text_input", "action_id": TYPED, "max_length": LONGEST_SUBJECT}
    if subject := clean_name(ticket.subject, LONGEST_SUBJECT):
        element["initial_value"] = subject
    words = _Words(phrasebook, language)
    return words.form(
        SUBJECT_FORM,
        ticket,
        Phrase.CARD_SUBJECT,
        Phrase.HOURS_SAVE,
        words.question(TYPED, Phrase.CARD_SUBJECT, element, hint=Phrase.SUBJECT_HINT),
    )


def merge_form(
    ticket: Conversation, others: Sequence[Conversation], phrasebook: Phrasebook, language: str
) -> Json:
    """Return the form that asks in which of its customer's *others* a ticket goes on."""
    words = _Words(phrasebook, language)
    name = ticket.ticket.id if ticket.ticket else ""
    blocks = [{"type": "section", "text": words.plain(Phrase.MERGE_EXPLAINED, ticket=name)}]
    if others:
        options = [_option(each) for each in others]
        menu = {"type": "static_select", "action_id": CHOSEN, "options": options}
        blocks.append(words.question(CHOSEN, Phrase.MERGE_CHOOSE, menu, optional=True))
    element = {"type": "plain_text_input", "action_id": TYPED, "max_length": _LONGEST_ID}
    blocks.append(words.question(TYPED, Phrase.MERGE_TYPE, element, optional=True))
    return words.form(MERGE_FORM, ticket, Phrase.MERGE_DO, Phrase.MERGE_DO, *blocks)


def about(view: Json) -> ConversationId:
    """Return which conversation a form that Slack sent is about."""
    return ConversationId(view["private_metadata"])


def filled_in(view: Json) -> str:
    """Return what was typed into a form that Slack sent, else what was chosen; "" for neither."""
    values = view["state"]["values"]
    typed = (values.get(TYPED, {}).get(TYPED, {}).get("value") or "").strip()
    chosen = values.get(CHOSEN, {}).get(CHOSEN, {}).get("selected_option") or {}
    return typed or str(chosen.get("value", ""))


class _Words:
    def __init__(self, phrasebook: Phrasebook, language: str) -> None:
        self._phrasebook = phrasebook
        self._language = language

    def plain(self, phrase: Phrase, limit: int = _SECTION, **values: str) -> Json:
        return _plain(self._phrasebook.phrase(self._language, phrase, **values), limit)

    def form(
        self, callback: str, ticket: Conversation, title: Phrase, do: Phrase, *blocks: Json
    ) -> Json:
        return {
            "type": "modal",
            "callback_id": callback,
            "private_metadata": ticket.id,
            "title": self.plain(title, _TITLE),
            "submit": self.plain(do, _TITLE),
            "close": self.plain(Phrase.HOURS_CANCEL, _TITLE),
            "blocks": list(blocks),
        }

    def question(
        self,
        name: str,
        label: Phrase,
        element: Json,
        *,
        hint: Phrase | None = None,
        optional: bool = False,
    ) -> Json:
        block = {"type": "input", "block_id": name, "label": self.plain(label), "element": element}
        if hint is not None:
            block["hint"] = self.plain(hint)
        return block | ({"optional": True} if optional else {})


def _option(ticket: Conversation) -> Json:
    name = ticket.ticket.id if ticket.ticket else ""
    label = f"{name} {clean_name(ticket.subject, LONGEST_SUBJECT)}".strip()
    return {"text": _plain(label, _OPTION), "value": name}


def _plain(text: str, limit: int) -> Json:
    shown = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return {"type": "plain_text", "text": shown, "emoji": False}
