"""Where an event belongs: to a conversation that there is, or to one that it begins."""

from dataclasses import dataclass
from typing import Any

from core.contact import Contact
from core.conversation import Conversation, Stage
from core.events import (
    AgentEdited,
    CustomerAsked,
    CustomerAway,
    CustomerEdited,
    CustomerFlooded,
    CustomerLeft,
    CustomerMailed,
    CustomerReturned,
    CustomerSaw,
    Event,
    FloodEnded,
    MailBounced,
)
from core.ids import ConversationId, Ids, MessageId, Thread
from core.known import Known
from core.mailed import is_theirs
from core.ports import About, FromCustomer, FromMail, FromThread, Incoming
from core.wording import language_of

MOST_EARLIER = 5
"""How many tickets of the past a conversation names."""

_OF_ONE_CHAT = CustomerLeft | CustomerReturned | CustomerSaw | CustomerAway
"""What says something of the chat that it happened in, and of no other."""
_BEGINS_NOTHING = _OF_ONE_CHAT | CustomerFlooded | FloodEnded


class NotYet(Exception):
    """What the event refers to is not there; it may come."""

    def __init__(self, waits_for: str) -> None:
        super().__init__(waits_for)
        self.waits_for = waits_for


def of_thread(thread: Thread) -> str:
    """Return what an event waits for whose thread is not known yet."""
    return f"thread:{thread}"


def of_message(message_id: MessageId) -> str:
    """Return what an event waits for whose message is not known yet."""
    return f"message:{message_id}"


@dataclass(frozen=True)
class Placing:
    """Finds conversations for the events of a batch, and begins new ones."""

    known: Known
    ids: Ids

    def place(self, incoming: Incoming) -> Conversation | None:
        """Return the conversation that the event belongs to; None where it belongs to none."""
        event = incoming.event
        match incoming.origin:
            case FromCustomer() as customer:
                return self._of_edited(event) or self._of_customer(customer, event)
            case FromMail() as mail:
                return self._of_edited(event) or self._of_mail(mail, event)
            case FromThread(thread):
                if thread not in self.known.threads:
                    raise NotYet(of_thread(thread))
                if isinstance(event, AgentEdited) and event.message_id not in self.known.messages:
                    raise NotYet(of_message(event.message_id))
                return self.known.conversations[self.known.threads[thread]]
            case About(conversation_id) if isinstance(event, MailBounced):
                # It may have been erased since.
                return self.known.conversations.get(conversation_id)
            case About(conversation_id):
                return self.known.conversations[conversation_id]

    def _of_edited(self, event: Event) -> Conversation | None:
        if isinstance(event, CustomerEdited) and event.message_id in self.known.messages:
            return self.known.conversations[self.known.messages[event.message_id].conversation_id]
        return None

    def _of_customer(self, origin: FromCustomer, event: Event) -> Conversation | None:
        latest = self.known.latest.get(origin.identity)
        known = self.known.followed(self.known.conversations[latest.id]) if latest else None
        elsewhere = known is not None and known.identity != origin.identity
        if elsewhere and isinstance(event, _OF_ONE_CHAT):
            return None  # it goes on in another chat than the one that they left
        takes = known is not None and known.takes(self.known.at, self.known.policy(known))
        if isinstance(event, CustomerAway) and (talk := self._of_unread(event, origin)):
            return talk
        if takes and isinstance(event, CustomerAsked) and event.as_ticket:
            return self._begun(origin)
        if takes:
            return known
        if isinstance(event, _BEGINS_NOTHING):
            return None
        return self._begun(origin, before=known)

    def _of_unread(self, event: CustomerAway, origin: FromCustomer) -> Conversation | None:
        """Return the talk of this chat in which their newest unread answer was said.

        Agents may have written in the thread of one that is over, while another one goes on.
        """
        said = [self.known.messages[each] for each in event.unread if each in self.known.messages]
        if not said:
            return None
        talk = self.known.conversations[said[-1].conversation_id]
        return talk if talk.identity == origin.identity else None

    def _of_mail(self, origin: FromMail, event: Event) -> Conversation:
        """Return what the mail is tied to; it begins a conversation where that is nothing."""
        known = self.known.conversations.get(origin.conversation_id or ConversationId(""))
        if known is None:
            return self._crowded(origin) or self._begun(origin)
        tied = self.known.followed(known)
        if tied.takes(self.known.at, self.known.policy(tied)):
            return tied
        theirs = isinstance(event, CustomerMailed) and is_theirs(tied, event)
        if theirs:
            return self._begun(origin, before=tied)
        return self._crowded(origin) or self._begun(origin)

    def _crowded(self, origin: FromMail) -> Conversation | None:
        """Return the open request beside which one more of an address is put that begins too many.

        Nobody's flood opens a thread for each mail.
        """
        latest = self.known.latest.get(origin.identity)
        limit = self.known.rules.patience.limits.begun_by_mail
        if origin.by_agent or latest is None or self.known.begun_today[origin.identity] < limit:
            return None
        newest = self.known.followed(self.known.conversations[latest.id])
        return newest if newest.stage is Stage.TICKETED else None

    def _begun(
        self, origin: FromCustomer | FromMail, before: Conversation | None = None
    ) -> Conversation:
        contact = self._contact_of(origin, before) or Contact(
            id=self.ids.contact(),
            language=language_of(origin.language, self.known.rules.language),
            offered_name=origin.name,
        )
        begun = Conversation(
            id=self.ids.conversation(),
            contact=contact,
            identity=origin.identity,
            opened_at=self.known.at,
            department=origin.department if isinstance(origin, FromMail) else None,
            **_linked(before),
        )
        self.known.latest[origin.identity] = begun
        if origin.identity in self.known.begun_today:
            self.known.begun_today[origin.identity] += 1
        self.known.contacts[origin.identity] = contact
        self.known.conversations[begun.id] = begun
        return begun

    def _contact_of(
        self, origin: FromCustomer | FromMail, before: Conversation | None
    ) -> Contact | None:
        """Return who it is that begins a conversation, if that is known.

        By mail they are who has that address: a colleague whose mails count as a customer's is
        somebody else, and answers to one do not go to the other.
        """
        known = [before.contact] if before else []
        if origin.identity in self.known.contacts:
            known.append(self.known.contacts[origin.identity])
        if isinstance(origin, FromMail):
            address = origin.identity.address
            known = [each for each in known if each.email.lower() in ("", address)]
        return next(iter(known), None)


def _linked(before: Conversation | None) -> dict[str, Any]:
    """Return what a new conversation knows of the one *before* it, which was over for too long."""
    if before is None:
        return {}
    tickets = ((before.ticket.id,) if before.ticket else ()) + before.earlier_tickets
    return {"continues": before.id, "earlier_tickets": tickets[:MOST_EARLIER]}
