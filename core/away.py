"""Who reads in the chat of a page, and who has left it: they get by mail what they have not read.

The page keeps what is written there, so the chat stays one that carries words: whoever comes back
sees everything.
"""

from core.conversation import Conversation, Stage
from core.decision import Decision
from core.effects import Mail, MailKind, TellAgents, UpdateCard, Words
from core.events import CustomerAway, CustomerSaw
from core.handover import file_ticket
from core.ids import MessageId
from core.phrases import Phrase
from core.policy import Policy
from core.ticket import FiledBecause, Ticket, TicketStatus
from core.ticket_times import timed, with_status
from core.unread import mailed, seen


def saw(now: Conversation, event: CustomerSaw, policy: Policy) -> Decision:
    """Mail nothing of what stands in the chat: it has been read there."""
    here = seen(now).evolve(heard_at=event.at, told_away=False)
    return Decision(timed(here, event.at, policy) if now.unmailed else here)


def left_page(now: Conversation, event: CustomerAway, policy: Policy) -> Decision:
    """Mail what they have not read, once; a talk goes on as a ticket."""
    if not now.handed_over:
        return Decision(now)
    gone = now.evolve(heard_at=None)
    answers = tuple(dict.fromkeys((*event.unread, *now.unmailed)))
    unread = tuple(each for each in answers if each not in now.mailed)
    if not unread:
        return Decision(gone)
    if not gone.contact.takes_mail:
        return _nowhere(gone)
    match gone.stage:
        case Stage.TICKETED:
            waiting = timed(seen(gone), event.at, policy) if now.unmailed else gone
            return _mail(waiting, unread)
        case Stage.RESOLVED:
            return _after_the_end(gone, event, unread)
    filed = file_ticket(gone, FiledBecause.UNREACHABLE, event, policy)
    ticket = filed.conversation
    if now.waiting_since is None:
        ticket = with_status(ticket, TicketStatus.ANSWERED, event.at, policy)
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_AWAY))
    shown = tuple(each for each in filed.effects if not isinstance(each, Mail))
    return _mail(ticket, unread).after(told, *shown)


def _after_the_end(
    now: Conversation, event: CustomerAway, unread: tuple[MessageId, ...]
) -> Decision:
    """Mail it although it is over; a mail is about a ticket, so there is a closed one from now."""
    if now.ticket is not None:
        return _mail(seen(now), unread)
    ticket = Ticket(
        id=event.fresh_ticket_id,
        filed_at=event.at,
        because=FiledBecause.UNREACHABLE,
        status=TicketStatus.CLOSED,
    )
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_AWAY))
    return _mail(now.evolve(ticket=ticket), unread).after(UpdateCard(), told)


def _mail(now: Conversation, unread: tuple[MessageId, ...]) -> Decision:
    return Decision(mailed(now, unread), (Mail(kind=MailKind.ANSWER, message_ids=unread),))


def _nowhere(now: Conversation) -> Decision:
    """Tell the agents, once, that nothing reaches the customer for the time being."""
    if now.told_away:
        return Decision(now)
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_AWAY_UNMAILED))
    return Decision(now.evolve(told_away=True), (told,))
