"""What is written down is read again as it was, by this release and by the next."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.store import codec
from core.conversation import Conversation
from core.effects import Button, Effect, Mail, MailKind, OpenThread, Say, Words
from core.events import CustomerLeft, Event
from core.ids import MessageId
from core.message import Message
from core.phrases import Phrase
from core.ports import Incoming
from tests.support.values import values_of


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_event_is_read_as_it_was(kind: type, data: st.DataObject) -> None:
    """Nothing of an event is lost or changed on its way through JSON."""
    event: Event = data.draw(values_of(kind))
    assert codec.load_event(codec.dump_what(event)) == event


@pytest.mark.parametrize("kind", get_args(Effect), ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_effect_is_read_as_it_was(kind: type, data: st.DataObject) -> None:
    """Nothing of an effect is lost or changed on its way through JSON."""
    effect: Effect = data.draw(values_of(kind))
    assert codec.load_effect(codec.dump_what(effect)) == effect


@given(incoming=values_of(Incoming))
@settings(max_examples=50, deadline=None)
def test_an_incoming_event_is_read_as_it_was(incoming: Incoming) -> None:
    """An event that was set aside comes back with its key and its origin."""
    assert codec.load_incoming(codec.dump_incoming(incoming)) == incoming


@given(conversation=values_of(Conversation))
@settings(max_examples=100, deadline=None)
def test_a_conversation_is_read_as_it_was(conversation: Conversation) -> None:
    """The state and the columns together are the conversation."""
    loaded = codec.load_conversation(
        codec.dump_state(conversation),
        id=conversation.id,
        contact=conversation.contact,
        identity=conversation.identity,
        thread=conversation.thread,
    )
    assert loaded == conversation


@given(message=values_of(Message))
@settings(max_examples=100, deadline=None)
def test_a_message_is_read_as_it_was(message: Message) -> None:
    """Text, marks and attachments come back with the columns."""
    columns = {
        name: getattr(message, name)
        for name in ("id", "conversation_id", "side", "author", "at", "part", "edited_at")
    }
    assert codec.load_message(codec.dump_body(message), **columns) == message


def test_what_a_newer_release_added_is_passed_over() -> None:
    """An older release can read what a newer one wrote: after going back, nothing is stuck."""
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    data = json.loads(codec.dump_what(CustomerLeft(at=at)))
    assert codec.load_event(json.dumps({**data, "mood": "sour"})) == CustomerLeft(at=at)
    assert codec.load_effect('{"type":"OpenThread","mood":"sour"}') == OpenThread()


def test_what_an_older_release_did_not_know_has_its_default() -> None:
    """A newer release can read what an older one wrote."""
    loaded = codec.load_event(
        '{"type":"CustomerCommanded","at":"2026-11-23T12:00:00Z","command":"help"}'
    )
    assert loaded.fresh_ticket_id == ""


def test_a_mail_with_one_answer_is_read_as_one_with_several() -> None:
    """Mail that waited while the desk was updated still carries its answer."""
    waiting = '{"type":"Mail","kind":"%s","message_id":%s,"expect":null}'
    answer = codec.load_effect(waiting % ("answer", '"m1"'))
    assert answer == Mail(kind=MailKind.ANSWER, message_ids=(MessageId("m1"),))
    assert codec.load_effect(waiting % ("ticket-filed", "null")) == Mail(kind=MailKind.TICKET_FILED)


def test_a_phrase_is_kept_by_name() -> None:
    """Whoever mends a sentence's wording does not strand what waits in the outbox."""
    effect = Say(
        words=Words(phrase=Phrase.ASK_NAME, values={"name": "Ana"}),
        buttons=(Button("skip", Phrase.ASK_EMAIL), Button("name", label="Ana")),
    )
    text = codec.dump_what(effect)
    data: dict[str, Any] = json.loads(text)
    assert data["words"]["phrase"] == "ASK_NAME"
    assert [each.get("phrase") for each in data["buttons"]] == ["ASK_EMAIL", None]
    assert codec.load_effect(text) == effect
