"""What a batch of events touches: loaded for all of them at once, and kept up to date."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.contact import Contact, Identity
from core.conversation import Conversation
from core.events import (
    AgentAdopted,
    AgentEdited,
    AgentMerged,
    AgentRetried,
    AgentSplit,
    CustomerAway,
    CustomerEdited,
)
from core.habits import Habits
from core.ids import ConversationId, DeliveryId, MessageId, Thread
from core.message import Message
from core.outbox import Fits
from core.policy import Policy
from core.ports import About, FromCustomer, FromMail, FromThread, Incoming, Origin, Transaction

MOST_HOPS = 20
"""From how many tickets to the next one is followed where they were merged one after another."""

_TOUCHES = CustomerEdited | AgentEdited | AgentAdopted | AgentSplit
"""What is about something said before."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the desk was set up with."""

    language: str
    """What it speaks where a platform says nothing of the customer's language."""
    fits: Mapping[str, Fits]
    patience: Policy
    """Its patience and limits; the departments in it are replaced by those of the store."""


def apart(message_id: MessageId) -> MessageId:
    """Return what a mail is called once it has become a request of its own."""
    return MessageId(f"{message_id}:apart")


@dataclass(kw_only=True)
class Known:
    """What is known while a batch is decided; what was decided in it is newer than the store."""

    tx: Transaction
    at: datetime
    rules: Rules
    habits: Habits
    policies: dict[str | None, Policy] = field(default_factory=dict)
    contacts: dict[Identity, Contact] = field(default_factory=dict)
    latest: dict[Identity, Conversation] = field(default_factory=dict)
    begun_today: dict[Identity, int] = field(default_factory=dict)
    """How many requests each address has begun by mail in the last 24 hours."""
    threads: dict[Thread, ConversationId] = field(default_factory=dict)
    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    messages: dict[MessageId, Message] = field(default_factory=dict)
    pieces: dict[MessageId, int] = field(default_factory=dict)
    """How many text pieces a message was relayed in."""
    failed: dict[DeliveryId, list[DeliveryId]] = field(default_factory=dict)

    async def load(self, incoming: Iterable[Incoming]) -> None:
        """Fetch all that these events touch and is not here yet."""
        if not self.policies:
            await self._load_policies()
        events = [each.event for each in incoming]
        touched = {each.message_id for each in events if isinstance(each, _TOUCHES)}
        touched |= {apart(each.message_id) for each in events if isinstance(each, AgentSplit)}
        touched |= {
            answer for each in events if isinstance(each, CustomerAway) for answer in each.unread
        }
        if touched := touched - self.messages.keys():
            self.messages |= await self.tx.messages(touched)
            self.pieces |= await self.tx.pieces_of(touched)
        retried = {each.delivery_id for each in events if isinstance(each, AgentRetried)}
        if retried:
            self.failed |= await self.tx.failed_with(retried)
        origins = [each.origin for each in incoming]
        identities = {
            each.identity for each in origins if isinstance(each, FromCustomer | FromMail)
        }
        if unknown := identities - self.contacts.keys():
            latest = await self.tx.latest_conversations(unknown)
            self.latest |= latest
            self.remember(latest.values())
            self.contacts |= {each: talk.contact for each, talk in latest.items()}
            if strangers := unknown - latest.keys():
                self.contacts |= await self.tx.contacts(strangers)
        await self._load_begun(origins)
        threads = {each.thread for each in origins if isinstance(each, FromThread)}
        if strange := threads - self.threads.keys():
            found = await self.tx.conversations_in(strange)
            self.threads |= {thread: each.id for thread, each in found.items()}
            self.remember(found.values())
        wanted = {
            each.conversation_id
            for each in origins
            if isinstance(each, About | FromMail) and each.conversation_id
        }
        wanted |= {each.conversation_id for each in self.messages.values()}
        for each in events:
            if isinstance(each, AgentMerged) and (into := await self.tx.ticket(each.into)):
                wanted.add(into.id)
        for _ in range(MOST_HOPS):
            if absent := wanted - self.conversations.keys():
                self.remember((await self.tx.conversations(absent)).values())
            known = self.conversations.values()
            wanted = {each.merged_into for each in known if each.merged_into is not None}
            if wanted <= self.conversations.keys():
                break

    async def _load_begun(self, origins: Iterable[Origin]) -> None:
        mailed = {each.identity for each in origins if isinstance(each, FromMail)}
        if unknown := mailed - self.begun_today.keys():
            since = self.at - timedelta(days=1)
            begun = await self.tx.begun_by_mail([each.address for each in unknown], since)
            self.begun_today |= {each: begun.get(each.address, 0) for each in unknown}

    async def _load_policies(self) -> None:
        departments = await self.tx.departments()
        for each in departments:
            typical = await self.habits.typical_answer(self.tx, each.key, self.at)
            self.policies[each.key] = replace(
                self.rules.patience, departments=departments, typical_answer=typical
            )
        self.policies[None] = self.policies[departments[0].key]

    def remember(self, conversations: Iterable[Conversation]) -> None:
        """Keep these, where nothing newer is known."""
        for each in conversations:
            self.conversations.setdefault(each.id, each)

    def policy(self, conversation: Conversation) -> Policy:
        """Return what decisions of this conversation depend on."""
        return self.policies.get(conversation.department, self.policies[None])

    def followed(self, conversation: Conversation) -> Conversation:
        """Return where a conversation goes on that was merged, or itself."""
        while conversation.merged_into is not None:
            conversation = self.conversations[conversation.merged_into]
        return conversation
