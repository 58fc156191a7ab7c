"""What Slack tells, as the desk's events."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack.parse import Ourselves, author_of, parse_action, parse_event
from core.conversation import Agent
from core.events import (
    AgentEdited,
    AgentFiledTicket,
    AgentHeld,
    AgentPrioritised,
    AgentResolved,
    AgentRetried,
    AgentTook,
    AgentWrote,
    Event,
)
from core.ids import AgentId, ConversationId, DeliveryId, MessageId, Thread
from core.message import Attachment, AttachmentKind
from core.ports import About, FromThread, Incoming
from core.richtext import Mark, RichText, plain
from core.ticket import Priority

Json = dict[str, Any]

US = Ourselves("T1", "UBOT")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MARKO = Agent(AgentId("U1"), "Marko")
REPLY: Json = {
    "type": "message",
    "channel": "C1",
    "ts": "1772443800.123456",
    "thread_ts": "1772443700.000100",
    "user": "U1",
    "team": "T1",
    "text": "plain",
}


def parse(event: Json) -> Incoming | None:
    return parse_event({"event": event}, NOW, ourselves=US, agent_name="Marko")


def heard(event: Json) -> Incoming:
    incoming = parse(event)
    assert incoming is not None
    return incoming


def edit(after: Json, before: Json | None = None) -> Json:
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": "C1",
        "ts": "1772443900.000001",
        "message": REPLY | {"edited": {"user": "U1", "ts": "1772443899.5"}} | after,
        "previous_message": REPLY | (before or {}),
    }


def without(event: Json, *names: str) -> Json:
    return {name: value for name, value in event.items() if name not in names}


def test_a_reply_in_a_thread_is_what_an_agent_wrote() -> None:
    """Thread, author and text are there, and the time to the microsecond."""
    assert parse(REPLY) == Incoming(
        key="slack:C1:1772443800.123456",
        origin=FromThread(Thread("C1:1772443700.000100")),
        event=AgentWrote(
            at=NOW,
            message_id=MessageId("slack:C1:1772443800.123456"),
            sent_at=datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC),
            agent=MARKO,
            text=plain("plain"),
        ),
    )


def test_what_is_formatted_is_read_from_the_rich_text_block() -> None:
    """Slack's own block says more than the text beside it."""
    part = {"type": "text", "text": "Yes", "style": {"bold": True}}
    block = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [part]}],
    }
    event = heard(REPLY | {"blocks": [block]}).event
    assert isinstance(event, AgentWrote)
    assert event.text == plain("Yes").marked(Mark.BOLD)


NOT_FOR_US = {
    "a message in the room itself": without(REPLY, "thread_ts"),
    "a thread's root": REPLY | {"thread_ts": REPLY["ts"]},
    "our own post": REPLY | {"user": "UBOT", "bot_id": "B1"},
    "our own file, which carries no bot_id": REPLY | {"user": "UBOT", "subtype": "file_share"},
    "our own post under a customer's name": without(REPLY, "user")
    | {"subtype": "bot_message", "bot_id": "B1"},
    "another app": REPLY | {"bot_id": "B2"},
    "Slackbot": REPLY | {"user": "USLACKBOT"},
    "another workspace": REPLY | {"team": "T2"},
    "a stranger in a shared channel": REPLY | {"user_team": "T2"},
    "a stranger by source": without(REPLY, "team") | {"source_team": "T2"},
    "somebody who joined": REPLY | {"subtype": "channel_join"},
    "a reply count": REPLY | {"subtype": "message_replied", "hidden": True},
    "something hidden": REPLY | {"hidden": True},
    "a deletion of our own post": without(REPLY, "user")
    | {
        "subtype": "message_deleted",
        "hidden": True,
        "previous_message": REPLY | {"user": "UBOT", "bot_id": "B1"},
    },
    "a reaction": {"type": "reaction_added", "user": "U1"},
    "an unfurled link": edit({"attachments": [{"title": "x"}]}),
    "a change that nobody made": edit({"edited": None, "text": "new"}),
    "a tombstone": edit(
        {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}
    ),
    "our own update": edit({"user": "UBOT", "bot_id": "B1", "text": "new"}),
    "our own update under a customer's name": edit({"user": None, "bot_id": "B1", "text": "new"}),
    "an edit in the room itself": edit({"thread_ts": None, "text": "new"}),
}


@pytest.mark.parametrize("event", NOT_FOR_US.values(), ids=NOT_FOR_US.keys())
def test_what_is_not_an_agents_word_in_a_thread_is_left_out(event: Json) -> None:
    """Neither the desk's own echo nor a stranger's voice reaches a customer."""
    assert parse(event) is None
    assert author_of({"event": event}, US) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_other_ways_of_writing_count(subtype: str) -> None:
    """A file, a reply also sent to the room, and /me are an agent's words too."""
    assert isinstance(heard(REPLY | {"subtype": subtype}).event, AgentWrote)


def test_one_gesture_told_as_two_messages_has_one_key() -> None:
    """Slack's programs sometimes send a message twice, with the same client_msg_id."""
    first = heard(REPLY | {"client_msg_id": "abc"})
    twin = heard(REPLY | {"client_msg_id": "abc", "ts": "1772443800.999999"})
    assert first.key == twin.key == "slack:abc"


def test_an_edit_changes_the_message_it_was() -> None:
    """It has the message's id, and a key of its own, the same whenever it is told."""
    changed = edit({"text": "better"})
    assert parse(changed) == Incoming(
        key="slack:C1:1772443800.123456:1772443899.5",
        origin=FromThread(Thread("C1:1772443700.000100")),
        event=AgentEdited(
            at=NOW,
            message_id=MessageId("slack:C1:1772443800.123456"),
            agent=MARKO,
            text=plain("better"),
        ),
    )
    assert heard(changed | {"ts": "1772443999.0"}).key == heard(changed).key


def test_a_deletion_leaves_nothing_of_the_message() -> None:
    """It is an edit after which there is no text; its author is the one who wrote it."""
    gone = {"subtype": "message_deleted", "hidden": True, "previous_message": REPLY}
    assert parse(without(REPLY, "user") | gone) == Incoming(
        key="slack:C1:1772443800.123456:deleted",
        origin=FromThread(Thread("C1:1772443700.000100")),
        event=AgentEdited(
            at=NOW,
            message_id=MessageId("slack:C1:1772443800.123456"),
            agent=MARKO,
            text=RichText(""),
        ),
    )


def test_files_come_as_attachments() -> None:
    """Photos and documents can be fetched; what is elsewhere is only named."""
    files = [
        {"id": "F1", "name": "slika.png", "mimetype": "image/png", "size": 7, "mode": "hosted"},
        {"id": "F2", "name": "a.svg", "mimetype": "image/svg+xml", "size": 8, "mode": "hosted"},
        {"id": "F3", "mode": "file_access", "file_access": "check_file_info"},
        {"id": "F4", "name": "Plan", "mode": "external", "is_external": True},
        {"id": "F5", "mode": "tombstone"},
    ]
    event = heard(REPLY | {"subtype": "file_share", "files": files}).event
    assert isinstance(event, AgentWrote)
    photo, document, elsewhere, external = event.attachments
    assert photo == Attachment(
        kind=AttachmentKind.PHOTO,
        channel="agents",
        ref="F1",
        name="slika.png",
        mime="image/png",
        size=7,
    )
    assert (document.kind, document.ref) == (AttachmentKind.DOCUMENT, "F2")
    assert (elsewhere.kind, elsewhere.ref) == (AttachmentKind.DOCUMENT, "F3")
    assert (external.kind, external.ref, external.detail) == (AttachmentKind.OTHER, "", "Plan")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("x" * 300 + ".pdf", "x" * 60 + ".pdf"),
        ("line\nbreak.pdf", "line break.pdf"),
        ("", ""),
    ],
)
def test_file_names_are_cleaned_and_keep_their_ending(name: str, shown: str) -> None:
    """No folder, no trick of direction, no endless name."""
    file = {"id": "F1", "name": name, "mode": "hosted"}
    event = heard(REPLY | {"files": [file]}).event
    assert isinstance(event, AgentWrote)
    assert event.attachments[0].name == shown


def press(action_id: str, value: str | None = "c1", team: str = "T1") -> Json:
    action = {"action_id": action_id, "action_ts": "1772443800.5", "value": value}
    return {"actions": [action], "user": {"id": "U1", "team_id": team}}


@pytest.mark.parametrize(
    ("action_id", "kind"),
    [("take", AgentTook), ("resolve", AgentResolved), ("file-ticket", AgentFiledTicket)],
)
def test_the_cards_buttons_are_an_agents_wishes(action_id: str, kind: Any) -> None:
    """Each is about the conversation whose id the button carries."""
    assert parse_action(press(action_id), NOW, ourselves=US, agent_name="Marko") == Incoming(
        key="slack:1772443800.5:U1",
        origin=About(ConversationId("c1")),
        event=kind(at=NOW, agent=MARKO),
    )


def choose(value: str, team: str = "T1") -> Json:
    option = {"text": {"type": "plain_text", "text": "whatever"}, "value": value}
    action = {
        "type": "overflow",
        "action_id": "ticket",
        "action_ts": "1772443800.5",
        "selected_option": option,
    }
    return {"actions": [action], "user": {"id": "U1", "team_id": team}}


@pytest.mark.parametrize(
    ("choice", "event"),
    [
        ("hold", AgentHeld(at=NOW, agent=MARKO)),
        ("low", AgentPrioritised(at=NOW, agent=MARKO, priority=Priority.LOW)),
        ("high", AgentPrioritised(at=NOW, agent=MARKO, priority=Priority.HIGH)),
    ],
)
def test_a_tickets_menu_is_an_agents_wish(choice: str, event: Event) -> None:
    """What is chosen, and of which conversation."""
    assert parse_action(choose(f"{choice} c1"), NOW, ourselves=US, agent_name="Marko") == Incoming(
        key="slack:1772443800.5:U1", origin=About(ConversationId("c1")), event=event
    )


@pytest.mark.parametrize(
    "body", [choose("subject c1"), choose("merge c1"), choose("hold"), choose("hold c1", "T2")]
)
def test_a_choice_that_opens_a_form_is_no_wish_yet(body: Json) -> None:
    """Nor is a stranger's, or one without a conversation."""
    assert parse_action(body, NOW, ourselves=US, agent_name="Marko") is None


def test_the_button_beside_a_failure_names_what_failed() -> None:
    """And the conversation that it failed in."""
    pressed = parse_action(press("retry", "c1 d7"), NOW, ourselves=US, agent_name="Marko")
    assert pressed == Incoming(
        key="slack:1772443800.5:U1",
        origin=About(ConversationId("c1")),
        event=AgentRetried(at=NOW, agent=MARKO, delivery_id=DeliveryId("d7")),
    )


@pytest.mark.parametrize(
    "body", [press("other"), press("take", None), press("take", team="T2")], ids=str
)
def test_other_presses_mean_nothing(body: Json) -> None:
    """Not another app's button, not one without a conversation, not a stranger's press."""
    assert parse_action(body, NOW, ourselves=US, agent_name="Marko") is None
