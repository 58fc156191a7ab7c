"""What a ticket's menu asks for in a form: another subject, another ticket to go on in."""

from collections.abc import Callable
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.card import MENU, MERGE, SUBJECT
from adapters.slack.parse import Ourselves, is_ours, read_choice
from adapters.slack.ticket_view import (
    MERGE_FORM,
    SUBJECT_FORM,
    TYPED,
    about,
    filled_in,
    merge_form,
    subject_form,
)
from adapters.slack.turns import Receive
from core.conversation import Agent, Conversation
from core.events import AgentMerged, AgentRenamed, Event
from core.ids import AgentId
from core.phrases import Phrase
from core.ports import About, Clock, Incoming
from core.tickets import Tickets, read_id
from core.wording import Phrasebook

Json = dict[str, Any]

_TOO_LATE = ("expired_trigger_id", "exchanged_trigger_id")


class People(Protocol):
    """What must be known of those who use the forms."""

    async def name(self, user_id: str) -> str:
        """Return what this person is called."""
        ...


def register_ticket_forms(
    app: AsyncApp,
    *,
    tickets: Tickets,
    receive: Receive,
    people: People,
    ourselves: Callable[[], Ourselves],
    phrasebook: Phrasebook,
    language: str,
    clock: Clock,
) -> None:
    """Let *app* open the forms in *language*, and hand to *receive* what they are filled in with.

    To be called before anybody else takes the menu's other choices.
    """
    forms = _Forms(tickets, receive, people, ourselves, phrasebook, language, clock)
    app.action(MENU, matchers=[_asks_for_form])(forms.open)
    app.view(SUBJECT_FORM)(forms.rename)
    app.view(MERGE_FORM)(forms.merge)


async def _asks_for_form(action: Json) -> bool:
    return read_choice(action)[0] in (SUBJECT, MERGE)


class _Forms:
    """The occasions: a form is asked for, a subject is sent, a ticket to go on in is sent."""

    def __init__(
        self,
        tickets: Tickets,
        receive: Receive,
        people: People,
        ourselves: Callable[[], Ourselves],
        phrasebook: Phrasebook,
        language: str,
        clock: Clock,
    ) -> None:
        self._tickets = tickets
        self._receive = receive
        self._people = people
        self._ourselves = ourselves
        self._phrasebook = phrasebook
        self._language = language
        self._clock = clock

    async def open(
        self,
        ack: AsyncAck,
        body: Json,
        action: Json,
        respond: AsyncRespond,
        client: AsyncWebClient,
    ) -> None:
        """Open the form that was chosen in the menu."""
        await ack()
        choice, id_ = read_choice(action)
        ticket = await self._tickets.about(id_)
        if ticket is None or not is_ours(body["user"], self._ourselves()):
            return
        view = await self._form(choice, ticket)
        try:
            await client.views_open(trigger_id=body["trigger_id"], view=view)
        except SlackApiError as error:
            if error.response["error"] not in _TOO_LATE:
                raise
            late = self._phrasebook.phrase(self._language, Phrase.HOURS_TRY_AGAIN)
            await respond(late, response_type="ephemeral", replace_original=False)

    async def _form(self, choice: str, ticket: Conversation) -> Json:
        if choice == SUBJECT:
            return subject_form(ticket, self._phrasebook, self._language)
        others = await self._tickets.others(ticket)
        return merge_form(ticket, others, self._phrasebook, self._language)

    async def rename(self, ack: AsyncAck, body: Json, view: Json) -> None:
        """Tell the desk of the subject that was sent."""
        agent = await self._agent(body)
        event = AgentRenamed(at=self._clock.now(), agent=agent, subject=filled_in(view))
        await self._tell(view, event)
        await ack()

    async def merge(self, ack: AsyncAck, body: Json, view: Json) -> None:
        """Tell the desk in which ticket it goes on; say beside the field if it cannot."""
        wrong = await self._complaint(view)
        if wrong:
            await ack(response_action="errors", errors={TYPED: wrong})
            return
        agent, into = await self._agent(body), read_id(filled_in(view))
        await self._tell(view, AgentMerged(at=self._clock.now(), agent=agent, into=into))
        await ack()

    async def _complaint(self, view: Json) -> str:
        """Return what is wrong with what was chosen or typed; "" where nothing is."""
        into, ticket = filled_in(view), await self._tickets.about(about(view))
        if not into or ticket is None:
            return self._phrasebook.phrase(self._language, Phrase.MERGE_NOTHING)
        refused = await self._tickets.why_not(ticket, into)
        return self._phrasebook.say(self._language, refused) if refused else ""

    async def _agent(self, body: Json) -> Agent:
        user_id = body["user"]["id"]
        return Agent(AgentId(user_id), await self._people.name(user_id))

    async def _tell(self, view: Json, event: Event) -> None:
        """Have an event stored; a form that is sent twice is one event."""
        key = f"slack:{view['id']}"
        await self._receive([Incoming(key=key, origin=About(about(view)), event=event)])
