"""The events that wait, handled together: load for all, decide each, write for all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.announcing import announced
from core.automatic_mail import acknowledges, allows, is_automatic
from core.contact import Identity
from core.conversation import Conversation
from core.decide import decide
from core.effects import Announce, Effect, Piece, Relay, TellAgents, TryAgain, Words
from core.email_address import mailbox_of
from core.events import (
    AgentAdopted,
    AgentEdited,
    AgentMerged,
    AgentRetried,
    AgentSplit,
    AgentWrote,
    CustomerAway,
    CustomerEdited,
    CustomerMailed,
    CustomerWrote,
    Event,
    ThreadLost,
)
from core.habits import Habits
from core.ids import ConversationId, Ids, MessageId
from core.known import Known, Rules, apart
from core.mail_port import AutomaticMails
from core.message import Message, Part, Side
from core.order import in_order
from core.outbox import MAIL, WEBHOOK, anew, lane_of_agents, plan
from core.phrases import Phrase
from core.placing import NotYet, Placing, of_message, of_thread
from core.ports import (
    Changes,
    Entry,
    FromMail,
    FromThread,
    Incoming,
    Transaction,
)
from core.said import message_of
from core.ticket_merging import goes_on_elsewhere, judged, shown_here, taken_in


@dataclass
class Batch:
    """One transaction's worth of events, and the state that they touch."""

    tx: Transaction
    at: datetime
    rules: Rules
    ids: Ids
    habits: Habits
    changes: Changes = field(default_factory=Changes)
    known: Known = field(init=False)
    _placing: Placing = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing known."""
        self.known = Known(tx=self.tx, at=self.at, rules=self.rules, habits=self.habits)
        self._placing = Placing(self.known, self.ids)

    async def handle(self, incoming: Sequence[Incoming]) -> None:
        """Decide each event in order; what waited for one of them follows."""
        while incoming:
            await self.known.load(incoming)
            incoming = await self._after_held(incoming)
            for each in in_order(incoming):
                await self._handle(each)
                if (split := self._split_off(each)) is not None:
                    await self.known.load([split])
                    await self._handle(split)
            events = (each.event for each in incoming)
            # Only agents' edits wait for a message: Slack tells of them in any order.
            fresh = [each.message_id for each in events if isinstance(each, AgentWrote)]
            incoming = await self.tx.take_up(map(of_message, fresh)) if fresh else []

    async def _after_held(self, incoming: Sequence[Incoming]) -> list[Incoming]:
        """Return the events, and before them what was written in their threads too early.

        A thread may have become known a moment ago, and what waited for it not be taken up yet.
        """
        places = (each.origin for each in incoming)
        threads = {each.thread for each in places if isinstance(each, FromThread)}
        known = threads & self.known.threads.keys()
        held = await self.tx.take_up(map(of_thread, known)) if known else []
        await self.known.load(held)
        return [*held, *incoming]

    async def _handle(self, incoming: Incoming) -> None:
        try:
            await self._decide(incoming)
        except NotYet as missing:
            await self.tx.set_aside(incoming, missing.waits_for)
        except Exception as error:  # one event that a rule cannot bear must not stop the others
            await self.tx.put_down(incoming, repr(error))
            self.changes.put_down[incoming.key] = repr(error)

    async def _decide(self, incoming: Incoming) -> None:
        place = self._placing.place(incoming)
        if place is None:
            return
        followed = self.known.followed(place) if goes_on_elsewhere(incoming.event) else place
        await self._take(followed, incoming.event, moved=followed.id != place.id)

    async def _take(self, conversation: Conversation, event: Event, *, moved: bool = False) -> None:
        """Decide an event of a conversation, and remember what comes of it.

        *moved*: it happened in one that was merged into this.
        """
        event = self._completed(event, conversation)
        policy = self.known.policy(conversation)
        message = message_of(event, conversation, policy, self.known.messages)
        decision = decide(conversation, event, policy)
        while decision.conversation.ticket != conversation.ticket and await self._is_taken(
            conversation, decision.conversation
        ):
            event = replace(event, fresh_ticket_id=self.ids.ticket())
            decision = decide(conversation, event, policy)
        was = None if message is None else self.known.messages.get(message.id)
        if message is not None:
            self.known.messages[message.id] = message
        effects = decision.effects
        if moved:
            effects = shown_here(event, effects)
        if isinstance(event, ThreadLost):
            effects += tuple(anew(await self.tx.withdraw(lane_of_agents(conversation.id))))
        told = await self._announced(conversation, decision.conversation, message, was)
        await self._plan(decision.conversation, (*effects, *told))
        self._keep(decision.conversation, message)
        self._journal(conversation.id, (event, *effects))
        if isinstance(event, AgentMerged) and decision.conversation.merged_into is not None:
            into = self.known.conversations[decision.conversation.merged_into]
            await self._take(into, taken_in(event, conversation, await self._said_in(conversation)))

    async def _announced(
        self, before: Conversation, now: Conversation, message: Message | None, was: Message | None
    ) -> list[Announce]:
        """Return what the house's programs are told of a decision, where there are any.

        It is not in the journal: all of it follows from what is.
        """
        if WEBHOOK not in self.rules.fits or now.ticket is None:
            return []
        said = {message.id: message} if message else {}
        if before.ticket is None:
            said = {each.id: each for each in await self._said_in(before)} | said
        return list(announced(before, now, said.values(), was, self.at))

    async def _said_in(self, conversation: Conversation) -> list[Message]:
        """Return everything said in a conversation, in this batch too."""
        fresh = {
            each.id: each
            for each in self.changes.messages.values()
            if each.conversation_id == conversation.id
        }
        kept = {each.id: each for each in await self.tx.messages_in(conversation.id)}
        return list((kept | fresh).values())

    async def _is_taken(self, before: Conversation, after: Conversation) -> bool:
        if after.ticket is None or (before.ticket and before.ticket.id == after.ticket.id):
            return False
        in_batch = (each.ticket for each in self.changes.conversations.values() if each.ticket)
        return any(each.id == after.ticket.id for each in in_batch) or (
            await self.tx.is_ticket_taken(after.ticket.id)
        )

    def _split_off(self, incoming: Incoming) -> Incoming | None:
        """Return, as a mail of its own, what an agent wants out of a conversation."""
        event = incoming.event
        if not isinstance(event, AgentSplit) or not self._may_be_split_off(event.message_id):
            return None
        mailed = self.known.messages[event.message_id]
        return Incoming(
            key=f"{incoming.key}:apart",
            origin=FromMail(
                identity=Identity(MAIL, mailed.author),
                department=self.known.conversations[mailed.conversation_id].department,
                by_agent=True,
            ),
            event=CustomerMailed(
                at=event.at,
                message_id=apart(event.message_id),
                sent_at=mailed.at,
                sender=mailed.author,
                text=mailed.text,
                attachments=mailed.attachments,
            ),
        )

    def _may_be_split_off(self, message_id: MessageId) -> bool:
        """Whether it is there, and nobody has made it a request of its own before."""
        return message_id in self.known.messages and apart(message_id) not in self.known.messages

    def _can_be_mailed(self, message_id: MessageId) -> bool:
        """Whether an agent has said it, and it has not been deleted, or made a note, since."""
        said = self.known.messages.get(message_id)
        if said is None or said.side is not Side.AGENTS or said.part is Part.NOTE:
            return False
        return bool(said.text or said.attachments)

    def _completed(self, event: Event, conversation: Conversation) -> Event:
        """Return the event with what only the desk can know."""
        if isinstance(event, CustomerEdited) and event.message_id not in self.known.messages:
            # What was written before anybody listened: it is heard now, as it reads now.
            event = CustomerWrote(
                at=event.at, message_id=event.message_id, sent_at=event.at, text=event.text
            )
        event = replace(event, fresh_ticket_id=self.ids.ticket())
        if isinstance(event, CustomerAway):
            return replace(event, unread=tuple(filter(self._can_be_mailed, event.unread)))
        if isinstance(event, AgentEdited):
            return replace(event, was_note=self.known.messages[event.message_id].part is Part.NOTE)
        if isinstance(event, AgentSplit) and not self._may_be_split_off(event.message_id):
            return event
        if isinstance(event, AgentAdopted | AgentSplit):
            mailed = self.known.messages.get(event.message_id)
            return replace(event, sender=mailed.author if mailed else "")
        if isinstance(event, AgentMerged):
            others = self.known.conversations.values()
            wanted = (each for each in others if each.ticket and each.ticket.id == event.into)
            into = next(wanted, None)
            return judged(event, conversation, self.known.followed(into) if into else None)
        if isinstance(event, AgentRetried):
            return replace(event, failed=tuple(self.known.failed.pop(event.delivery_id, ())))
        return event

    def _keep(self, conversation: Conversation, message: Message | None) -> None:
        self.known.conversations[conversation.id] = conversation
        self.known.contacts[conversation.identity] = conversation.contact
        self.changes.conversations[conversation.id] = conversation
        if message is not None:
            self.changes.messages[message.id] = message

    def _journal(self, conversation_id: ConversationId, what: Iterable[Event | Effect]) -> None:
        self.changes.journal += [Entry(conversation_id, self.at, each) for each in what]

    async def _within_limits(
        self, effects: Sequence[Effect], conversation: Conversation
    ) -> Sequence[Effect]:
        """Return the effects without automatic mails that would be too many, and a word instead."""
        if not any(map(is_automatic, effects)):
            return effects
        if conversation.by_machine:
            return [each for each in effects if not is_automatic(each)]
        contact = conversation.contact
        sent = await self.tx.automatic_mails(contact.email, self.at)
        planned = [each for each in self.changes.deliveries if is_automatic(each.effect)]
        mailbox = mailbox_of(contact.email)
        to_it = sum(each.place == mailbox for each in planned)
        sent = AutomaticMails(
            to_it_today=sent.to_it_today + to_it,
            to_it=sent.to_it + to_it,
            this_hour=sent.this_hour + len(planned),
        )
        to_a_mail = conversation.identity.channel == MAIL and any(map(acknowledges, effects))
        limits, proven = self.rules.patience.mail_limits, contact.email_proven
        if allows(limits, sent, proven=proven, to_a_mail=to_a_mail):
            return effects
        words = Words(phrase=Phrase.AGENTS_NOT_MAILED, values={"email": contact.email})
        return [each for each in effects if not is_automatic(each)] + [TellAgents(words=words)]

    async def _plan(self, conversation: Conversation, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, TryAgain):
                await self.tx.retry(effect.deliveries, self.at)
        effects = await self._within_limits(effects, conversation)
        named = {each.message_id for each in effects if isinstance(each, Relay)}
        if absent := named - self.known.messages.keys():
            self.known.messages |= await self.tx.messages(absent)
        department = self.known.policy(conversation).department(conversation.department)
        planned = plan(
            effects,
            conversation,
            self.known.messages,
            department,
            self.rules.fits,
            at=self.at,
            new_id=self.ids.delivery,
            pieces_before=self.known.pieces,
        )
        for each in planned:
            match each.effect:
                case Relay(message_id=message_id, piece=Piece(attachment=None), again=False):
                    self.known.pieces[message_id] = self.known.pieces.get(message_id, 0) + 1
        self.changes.deliveries += planned
