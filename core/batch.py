"""The events that wait, handled together: load for all, decide each, write for all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core.automatic_mail import acknowledges, allows, is_automatic, mailbox_of
from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.decide import decide
from core.effects import Effect, Piece, Relay, TellAgents, TryAgain, Words
from core.events import (
    AgentAdopted,
    AgentEdited,
    AgentMerged,
    AgentRetried,
    AgentSplit,
    AgentWrote,
    CustomerEdited,
    CustomerFlooded,
    CustomerLeft,
    CustomerMailed,
    CustomerReturned,
    CustomerWrote,
    Event,
    FloodEnded,
    MailBounced,
    ThreadLost,
)
from core.habits import Habits
from core.ids import ConversationId, DeliveryId, Ids, MessageId, Thread
from core.mail_port import AutomaticMails
from core.mailed import is_theirs
from core.message import Message, Part
from core.order import in_order
from core.outbox import MAIL, Fits, anew, lane_of_agents, plan
from core.phrases import Phrase
from core.policy import Policy
from core.ports import (
    About,
    Changes,
    Entry,
    FromCustomer,
    FromMail,
    FromThread,
    Incoming,
    Origin,
    Transaction,
)
from core.said import message_of
from core.ticket_merging import goes_on_elsewhere, judged, shown_here, taken_in
from core.wording import language_of

MOST_HOPS = 20
"""From how many tickets to the next one is followed where they were merged one after another."""
MOST_EARLIER = 5
"""How many tickets of the past a conversation names."""

_TOUCHES = CustomerEdited | AgentEdited | AgentAdopted | AgentSplit
"""What is about something said before."""


class NotYet(Exception):
    """What the event refers to is not there; it may come."""

    def __init__(self, waits_for: str) -> None:
        super().__init__(waits_for)
        self.waits_for = waits_for


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the desk was set up with."""

    language: str
    """What it speaks where a platform says nothing of the customer's language."""
    fits: Mapping[str, Fits]
    patience: Policy
    """Its patience and limits; the departments in it are replaced by those of the store."""


def of_thread(thread: Thread) -> str:
    """Return what an event waits for whose thread is not known yet."""
    return f"thread:{thread}"


def of_message(message_id: MessageId) -> str:
    """Return what an event waits for whose message is not known yet."""
    return f"message:{message_id}"


@dataclass
class Batch:
    """One transaction's worth of events, and the state that they touch."""

    tx: Transaction
    at: datetime
    rules: Rules
    ids: Ids
    habits: Habits
    changes: Changes = field(default_factory=Changes)
    _policies: dict[str | None, Policy] = field(default_factory=dict)
    _contacts: dict[Identity, Contact] = field(default_factory=dict)
    _latest: dict[Identity, Conversation] = field(default_factory=dict)
    _begun_today: dict[Identity, int] = field(default_factory=dict)
    _threads: dict[Thread, ConversationId] = field(default_factory=dict)
    _conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    _messages: dict[MessageId, Message] = field(default_factory=dict)
    _pieces: dict[MessageId, int] = field(default_factory=dict)
    _failed: dict[DeliveryId, list[DeliveryId]] = field(default_factory=dict)

    async def handle(self, incoming: Sequence[Incoming]) -> None:
        """Decide each event in order; what waited for one of them follows."""
        while incoming:
            await self._load(incoming)
            incoming = await self._after_held(incoming)
            for each in in_order(incoming):
                await self._handle(each)
                if (apart := self._split_off(each)) is not None:
                    await self._load([apart])
                    await self._handle(apart)
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
        known = threads & self._threads.keys()
        held = await self.tx.take_up(map(of_thread, known)) if known else []
        await self._load(held)
        return [*held, *incoming]

    async def _handle(self, incoming: Incoming) -> None:
        try:
            await self._decide(incoming)
        except NotYet as missing:
            await self.tx.set_aside(incoming, missing.waits_for)
        except Exception as error:  # one event that a rule cannot bear must not stop the others
            await self.tx.put_down(incoming, repr(error))
            self.changes.put_down[incoming.key] = repr(error)

    async def _load(self, incoming: Iterable[Incoming]) -> None:
        """Fetch all that these events touch and is not here yet."""
        if not self._policies:
            await self._load_policies()
        events = [each.event for each in incoming]
        touched = {each.message_id for each in events if isinstance(each, _TOUCHES)}
        touched |= {_apart(each.message_id) for each in events if isinstance(each, AgentSplit)}
        if touched := touched - self._messages.keys():
            self._messages |= await self.tx.messages(touched)
            self._pieces |= await self.tx.pieces_of(touched)
        retried = {each.delivery_id for each in events if isinstance(each, AgentRetried)}
        if retried:
            self._failed |= await self.tx.failed_with(retried)
        origins = [each.origin for each in incoming]
        identities = {
            each.identity for each in origins if isinstance(each, FromCustomer | FromMail)
        }
        if unknown := identities - self._contacts.keys():
            latest = await self.tx.latest_conversations(unknown)
            self._latest |= latest
            self._remember(latest.values())
            self._contacts |= {each: talk.contact for each, talk in latest.items()}
            if strangers := unknown - latest.keys():
                self._contacts |= await self.tx.contacts(strangers)
        await self._load_begun(origins)
        threads = {each.thread for each in origins if isinstance(each, FromThread)}
        if strange := threads - self._threads.keys():
            found = await self.tx.conversations_in(strange)
            self._threads |= {thread: each.id for thread, each in found.items()}
            self._remember(found.values())
        wanted = {
            each.conversation_id
            for each in origins
            if isinstance(each, About | FromMail) and each.conversation_id
        }
        wanted |= {each.conversation_id for each in self._messages.values()}
        for each in events:
            if isinstance(each, AgentMerged) and (into := await self.tx.ticket(each.into)):
                wanted.add(into.id)
        for _ in range(MOST_HOPS):
            if absent := wanted - self._conversations.keys():
                self._remember((await self.tx.conversations(absent)).values())
            known = self._conversations.values()
            wanted = {each.merged_into for each in known if each.merged_into is not None}
            if wanted <= self._conversations.keys():
                break

    async def _load_begun(self, origins: Iterable[Origin]) -> None:
        mailed = {each.identity for each in origins if isinstance(each, FromMail)}
        if unknown := mailed - self._begun_today.keys():
            since = self.at - timedelta(days=1)
            begun = await self.tx.begun_by_mail([each.address for each in unknown], since)
            self._begun_today |= {each: begun.get(each.address, 0) for each in unknown}

    async def _load_policies(self) -> None:
        departments = await self.tx.departments()
        for each in departments:
            typical = await self.habits.typical_answer(self.tx, each.key, self.at)
            self._policies[each.key] = replace(
                self.rules.patience, departments=departments, typical_answer=typical
            )
        self._policies[None] = self._policies[departments[0].key]

    def _remember(self, conversations: Iterable[Conversation]) -> None:
        for each in conversations:
            self._conversations.setdefault(each.id, each)

    def _policy(self, conversation: Conversation) -> Policy:
        return self._policies.get(conversation.department, self._policies[None])

    async def _decide(self, incoming: Incoming) -> None:
        place = self._place(incoming)
        if place is None:
            return
        followed = self._followed(place) if goes_on_elsewhere(incoming.event) else place
        await self._take(followed, incoming.event, moved=followed.id != place.id)

    async def _take(self, conversation: Conversation, event: Event, *, moved: bool = False) -> None:
        """Decide an event of a conversation, and remember what comes of it.

        *moved*: it happened in one that was merged into this.
        """
        event = self._completed(event, conversation)
        policy = self._policy(conversation)
        message = message_of(event, conversation, policy, self._messages)
        decision = decide(conversation, event, policy)
        while decision.conversation.ticket != conversation.ticket and await self._is_taken(
            conversation, decision.conversation
        ):
            event = replace(event, fresh_ticket_id=self.ids.ticket())
            decision = decide(conversation, event, policy)
        if message is not None:
            self._messages[message.id] = message
        effects = decision.effects
        if moved:
            effects = shown_here(event, effects)
        if isinstance(event, ThreadLost):
            effects += tuple(anew(await self.tx.withdraw(lane_of_agents(conversation.id))))
        await self._plan(decision.conversation, effects)
        self._keep(decision.conversation, message)
        self._journal(conversation.id, (event, *effects))
        if isinstance(event, AgentMerged) and decision.conversation.merged_into is not None:
            into = self._conversations[decision.conversation.merged_into]
            await self._take(into, taken_in(event, conversation, await self._said_in(conversation)))

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

    def _place(self, incoming: Incoming) -> Conversation | None:
        """Return the conversation that the event belongs to; None where it belongs to none."""
        event = incoming.event
        match incoming.origin:
            case FromCustomer() as customer:
                if isinstance(event, CustomerEdited) and event.message_id in self._messages:
                    return self._conversations[self._messages[event.message_id].conversation_id]
                return self._of_customer(customer, event)
            case FromMail() as mail:
                return self._of_mail(mail, event)
            case FromThread(thread):
                if thread not in self._threads:
                    raise NotYet(of_thread(thread))
                if isinstance(event, AgentEdited) and event.message_id not in self._messages:
                    raise NotYet(of_message(event.message_id))
                return self._conversations[self._threads[thread]]
            case About(conversation_id) if isinstance(event, MailBounced):
                return self._conversations.get(conversation_id)  # it may have been erased since
            case About(conversation_id):
                return self._conversations[conversation_id]

    def _followed(self, conversation: Conversation) -> Conversation:
        """Return where a conversation goes on that was merged, or itself."""
        while conversation.merged_into is not None:
            conversation = self._conversations[conversation.merged_into]
        return conversation

    def _of_customer(self, origin: FromCustomer, event: Event) -> Conversation | None:
        latest = self._latest.get(origin.identity)
        known = self._followed(self._conversations[latest.id]) if latest else None
        elsewhere = known is not None and known.identity != origin.identity
        if elsewhere and isinstance(event, CustomerLeft | CustomerReturned):
            return None  # it goes on in another chat than the one that they left
        if known is not None and known.takes(self.at, self._policy(known)):
            return known
        if isinstance(event, CustomerLeft | CustomerReturned | CustomerFlooded | FloodEnded):
            return None
        return self._begun(origin, before=known)

    def _of_mail(self, origin: FromMail, event: Event) -> Conversation:
        """Return what the mail is tied to; it begins a conversation where that is nothing."""
        if isinstance(event, CustomerEdited) and event.message_id in self._messages:
            return self._conversations[self._messages[event.message_id].conversation_id]
        known = self._conversations.get(origin.conversation_id or ConversationId(""))
        if known is None:
            return self._crowded(origin) or self._begun(origin)
        tied = self._followed(known)
        if tied.takes(self.at, self._policy(tied)):
            return tied
        theirs = isinstance(event, CustomerMailed) and is_theirs(tied, event)
        if theirs:
            return self._begun(origin, before=tied)
        return self._crowded(origin) or self._begun(origin)

    def _crowded(self, origin: FromMail) -> Conversation | None:
        """Return the open request beside which one more of an address is put that begins too many.

        Nobody's flood opens a thread for each mail.
        """
        latest = self._latest.get(origin.identity)
        limit = self.rules.patience.limits.begun_by_mail
        if origin.by_agent or latest is None or self._begun_today[origin.identity] < limit:
            return None
        newest = self._followed(self._conversations[latest.id])
        return newest if newest.stage is Stage.TICKETED else None

    def _begun(
        self, origin: FromCustomer | FromMail, before: Conversation | None = None
    ) -> Conversation:
        contact = self._contact_of(origin, before) or Contact(
            id=self.ids.contact(),
            language=language_of(origin.language, self.rules.language),
            offered_name=origin.name,
        )
        begun = Conversation(
            id=self.ids.conversation(),
            contact=contact,
            identity=origin.identity,
            opened_at=self.at,
            department=origin.department if isinstance(origin, FromMail) else None,
            **_linked(before),
        )
        self._latest[origin.identity] = begun
        if origin.identity in self._begun_today:
            self._begun_today[origin.identity] += 1
        self._contacts[origin.identity] = contact
        self._conversations[begun.id] = begun
        return begun

    def _contact_of(
        self, origin: FromCustomer | FromMail, before: Conversation | None
    ) -> Contact | None:
        """Return who it is that begins a conversation, if that is known.

        By mail they are who has that address: a colleague whose mails count as a customer's is
        somebody else, and answers to one do not go to the other.
        """
        known = [before.contact] if before else []
        if origin.identity in self._contacts:
            known.append(self._contacts[origin.identity])
        if isinstance(origin, FromMail):
            address = origin.identity.address
            known = [each for each in known if each.email.lower() in ("", address)]
        return next(iter(known), None)

    def _split_off(self, incoming: Incoming) -> Incoming | None:
        """Return, as a mail of its own, what an agent wants out of a conversation."""
        event = incoming.event
        if not isinstance(event, AgentSplit) or not self._may_be_split_off(event.message_id):
            return None
        mailed = self._messages[event.message_id]
        return Incoming(
            key=f"{incoming.key}:apart",
            origin=FromMail(
                identity=Identity(MAIL, mailed.author),
                department=self._conversations[mailed.conversation_id].department,
                by_agent=True,
            ),
            event=CustomerMailed(
                at=event.at,
                message_id=_apart(event.message_id),
                sent_at=mailed.at,
                sender=mailed.author,
                text=mailed.text,
                attachments=mailed.attachments,
            ),
        )

    def _may_be_split_off(self, message_id: MessageId) -> bool:
        """Whether it is there, and nobody has made it a request of its own before."""
        return message_id in self._messages and _apart(message_id) not in self._messages

    def _completed(self, event: Event, conversation: Conversation) -> Event:
        """Return the event with what only the desk can know."""
        if isinstance(event, CustomerEdited) and event.message_id not in self._messages:
            # What was written before anybody listened: it is heard now, as it reads now.
            event = CustomerWrote(
                at=event.at, message_id=event.message_id, sent_at=event.at, text=event.text
            )
        event = replace(event, fresh_ticket_id=self.ids.ticket())
        if isinstance(event, AgentEdited):
            return replace(event, was_note=self._messages[event.message_id].part is Part.NOTE)
        if isinstance(event, AgentSplit) and not self._may_be_split_off(event.message_id):
            return event
        if isinstance(event, AgentAdopted | AgentSplit):
            mailed = self._messages.get(event.message_id)
            return replace(event, sender=mailed.author if mailed else "")
        if isinstance(event, AgentMerged):
            others = self._conversations.values()
            wanted = (each for each in others if each.ticket and each.ticket.id == event.into)
            into = next(wanted, None)
            return judged(event, conversation, self._followed(into) if into else None)
        if isinstance(event, AgentRetried):
            return replace(event, failed=tuple(self._failed.pop(event.delivery_id, ())))
        return event

    def _keep(self, conversation: Conversation, message: Message | None) -> None:
        self._conversations[conversation.id] = conversation
        self._contacts[conversation.identity] = conversation.contact
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
        to_it = sum(mailbox_of(each.place) == mailbox for each in planned)
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
        if absent := named - self._messages.keys():
            self._messages |= await self.tx.messages(absent)
        department = self._policy(conversation).department(conversation.department)
        planned = plan(
            effects,
            conversation,
            self._messages,
            department,
            self.rules.fits,
            at=self.at,
            new_id=self.ids.delivery,
            pieces_before=self._pieces,
        )
        for each in planned:
            match each.effect:
                case Relay(message_id=message_id, piece=Piece(attachment=None), again=False):
                    self._pieces[message_id] = self._pieces.get(message_id, 0) + 1
        self.changes.deliveries += planned


def _apart(message_id: MessageId) -> MessageId:
    """Return what a mail is called once it has become a request of its own."""
    return MessageId(f"{message_id}:apart")


def _linked(before: Conversation | None) -> dict[str, Any]:
    """Return what a new conversation knows of the one *before* it, which was over for too long."""
    if before is None:
        return {}
    tickets = ((before.ticket.id,) if before.ticket else ()) + before.earlier_tickets
    return {"continues": before.id, "earlier_tickets": tickets[:MOST_EARLIER]}
