"""A ticket's menu in Slack: what is chosen there, and the forms that it opens."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.clock import SystemClock
from adapters.slack.channel import make_client
from adapters.slack.gaps import Gaps
from adapters.slack.listener import SlackListener
from adapters.slack.people import People
from adapters.slack.render import Post, render
from adapters.slack.ticket_forms import register_ticket_forms
from adapters.slack.ticket_view import merge_form, subject_form
from adapters.store.memory import MemoryStore
from core.contact import Contact
from core.conversation import Agent as DeskAgent
from core.conversation import Conversation, Stage
from core.effects import OpenThread
from core.events import AgentHeld, AgentMerged, AgentPrioritised, AgentRenamed, Event
from core.ids import AgentId, ContactId, ConversationId, TicketId
from core.ports import About, Incoming
from core.richtext import plain
from core.ticket import FiledBecause, Priority, Ticket
from core.tickets import Tickets
from core.wording import Phrasebook
from sandbox.clock import Clock
from sandbox.slack import Agent, Message, Room, SlackServer
from sandbox.slack.forms import view_problems
from tests.support.agents_side import ANA, OPENED, conversation, message, outgoing
from tests.support.stored import keep

MENU = "ticket"
BOOK = Phrasebook({})
BORIS = Contact(id=ContactId("boris"), language="en", name="Boris", email="ana@example.com")


def ticket(id_: str, name: str, subject: str, who: Contact = ANA) -> Conversation:
    filed = Ticket(id=TicketId(name), filed_at=OPENED, because=FiledBecause.AGENT)
    start = conversation(stage=Stage.TICKETED, ticket=filed, subject=subject, contact=who)
    return replace(start, id=ConversationId(id_))


FIRST = ticket("c1", "MNT-FIRST", "My site is down")
SECOND = ticket("c2", "MNT-SECND", "Site again *now* " + "x" * 100)
STRANGER = ticket("c3", "MNT-STRNG", "Tell me all", BORIS)


class Desk:
    """Takes down what it receives."""

    def __init__(self) -> None:
        self.stored: list[Incoming] = []

    async def receive(self, incoming: Sequence[Incoming]) -> None:
        """Store the events."""
        self.stored += incoming

    @property
    def said(self) -> list[tuple[ConversationId, Event]]:
        """What was stored: about which conversation, and what; without the time."""
        told = []
        for each in self.stored:
            assert isinstance(each.origin, About)
            told.append((each.origin.conversation_id, replace(each.event, at=OPENED)))
        return told


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    server = SlackServer(Clock())
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: SlackServer) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield make_client("xoxb-sandbox", server.url, session)


@pytest.fixture
def marko(server: SlackServer) -> Agent:
    return server.agent("Marko Marić", display_name="marko")


@pytest.fixture
def room(server: SlackServer, marko: Agent) -> Room:
    return server.room("support", [marko])


@pytest.fixture
async def desk(server: SlackServer, client: AsyncWebClient, room: Room) -> AsyncIterator[Desk]:
    """Yield a desk that hears the room, with three tickets, two of them of one customer."""
    desk, store, people = Desk(), MemoryStore(), People(client)
    await keep(store, FIRST, SECOND, STRANGER)
    listener = SlackListener(
        client, people, desk.receive, SystemClock(), Gaps(), app_token="xapp-sandbox"
    )
    register_ticket_forms(
        listener.app,
        tickets=Tickets(store, SystemClock()),
        receive=desk.receive,
        people=people,
        ourselves=listener.ourselves,
        phrasebook=BOOK,
        language="en",
        clock=SystemClock(),
    )
    await listener.start()
    await server.connected()
    yield desk
    await listener.stop()


async def card_of(client: AsyncWebClient, room: Room, about: Conversation) -> Message:
    """Return a ticket's card, as the desk posts it."""
    card = render(outgoing(OpenThread(), about=about, of=message()), BOOK, "en")
    assert isinstance(card, Post)
    await client.chat_postMessage(channel=room.id, text=card.text, blocks=card.blocks)
    return room.messages[-1]


def by(marko: Agent) -> DeskAgent:
    return DeskAgent(AgentId(marko.id), "marko")


async def test_hold_and_priority_are_chosen_in_the_menu(
    client: AsyncWebClient, room: Room, marko: Agent, desk: Desk
) -> None:
    """At once, without a form."""
    card = await card_of(client, room, FIRST)
    await marko.press(card, MENU, "On hold")
    await marko.press(card, MENU, "Priority: high")

    assert desk.said == [
        (FIRST.id, AgentHeld(at=OPENED, agent=by(marko))),
        (FIRST.id, AgentPrioritised(at=OPENED, agent=by(marko), priority=Priority.HIGH)),
    ]
    assert marko.view is None


async def test_a_subject_is_changed_in_a_form(
    client: AsyncWebClient, room: Room, marko: Agent, desk: Desk
) -> None:
    """It begins with the one that there is."""
    card = await card_of(client, room, FIRST)
    await marko.press(card, MENU, "Change the subject…")
    form = await marko.sees_view("== Subject ==")
    assert form.body["blocks"][0]["element"]["initial_value"] == "My site is down"

    assert await marko.submit(form, {"typed": "DNS of example.com"}) == {}

    renamed = AgentRenamed(at=OPENED, agent=by(marko), subject="DNS of example.com")
    assert desk.said == [(FIRST.id, renamed)]
    assert marko.view is None


async def test_a_ticket_is_merged_in_a_form(
    client: AsyncWebClient, room: Room, marko: Agent, desk: Desk
) -> None:
    """The customer's other open tickets are there to choose from; nobody else's are."""
    card = await card_of(client, room, FIRST)
    await marko.press(card, MENU, "Merge into…")
    form = await marko.sees_view("MNT-FIRST is closed, and what was said")
    offered = form.body["blocks"][1]["element"]["options"]
    assert [each["value"] for each in offered] == ["MNT-SECND"]

    assert await marko.submit(form, {"chosen": "MNT-SECND"}) == {}

    merged = AgentMerged(at=OPENED, agent=by(marko), into=TicketId("MNT-SECND"))
    assert desk.said == [(FIRST.id, merged)]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Choose a ticket, or write its ID."),
        ("MNT-NONE", "There is no ticket MNT-NONE."),
        (" [mnt-first] ", "MNT-FIRST is this ticket itself."),
        ("MNT-STRNG", "MNT-STRNG is not this customer's, as far as is proven"),
    ],
)
async def test_what_cannot_be_merged_is_said_beside_the_field(
    client: AsyncWebClient, room: Room, marko: Agent, desk: Desk, typed: str, why: str
) -> None:
    """The form stays open, and the desk hears nothing."""
    card = await card_of(client, room, FIRST)
    await marko.press(card, MENU, "Merge into…")
    form = await marko.sees_view("Or the other ticket's ID")

    complaints = await marko.submit(form, {"typed": typed} if typed else {})

    assert complaints["typed"].startswith(why)
    assert desk.stored == []
    assert marko.view is form


async def test_a_typed_id_is_enough(
    client: AsyncWebClient, room: Room, marko: Agent, desk: Desk
) -> None:
    """However it was typed; where there is no other ticket to choose, there is no menu."""
    card = await card_of(client, room, STRANGER)
    await marko.press(card, MENU, "Merge into…")
    form = await marko.sees_view("Or the other ticket's ID")
    assert [block["type"] for block in form.body["blocks"]] == ["section", "input"]
    await marko.close(form)

    card = await card_of(client, room, FIRST)
    await marko.press(card, MENU, "Merge into…")
    form = await marko.sees_view("Or the other ticket's ID")
    assert await marko.submit(form, {"typed": "mnt-secnd"}) == {}
    assert [event for _, event in desk.said] == [
        AgentMerged(at=OPENED, agent=by(marko), into=TicketId("MNT-SECND"))
    ]


async def test_a_ticket_that_is_not_known_opens_no_form(
    client: AsyncWebClient, room: Room, marko: Agent, desk: Desk
) -> None:
    """A card of another desk's, say."""
    card = await card_of(client, room, replace(FIRST, id=ConversationId("gone")))
    await marko.press(card, MENU, "Merge into…")

    assert marko.view is None
    assert desk.stored == []


@pytest.mark.parametrize("name", ["<!channel>", "x" * 5000, "\x00", ""])
def test_the_forms_are_such_as_slack_takes(name: str) -> None:
    """Whatever a customer wrote."""
    strange = replace(FIRST, subject=plain(name).text)
    views: list[dict[str, Any]] = [
        subject_form(strange, BOOK, "en"),
        merge_form(strange, [strange] * 100, BOOK, "en"),
    ]
    for view in views:
        assert view_problems(view) == []
