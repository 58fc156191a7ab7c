"""The customer's word from elsewhere than a chat: by mail, in the portal, through the API.

It counts like one that was said in the chat, but for one thing: who speaks elsewhere may not have
read what stands there, and nothing is answered where there is no chat.
"""

from core import intake, live
from core.conversation import Conversation, Stage
from core.decision import Decision
from core.events import (
    CustomerAsked,
    CustomerMailed,
    CustomerReopened,
    CustomerReplied,
    CustomerWrote,
)
from core.handover import reopen
from core.phrases import Phrase
from core.policy import Policy
from core.ticket_times import timed

_RULES = {
    Stage.WAITING: live.customer_wrote,
    Stage.ACTIVE: live.customer_wrote,
    Stage.TICKETED: live.customer_wrote_to_ticket,
    Stage.RESOLVED: live.customer_wrote_again,
}


def words_of(event: CustomerAsked | CustomerMailed | CustomerReplied) -> CustomerWrote:
    """Return the words alone, as if they had been said in the chat."""
    return CustomerWrote(
        at=event.at,
        fresh_ticket_id=event.fresh_ticket_id,
        message_id=event.message_id,
        sent_at=event.sent_at,
        text=event.text,
        attachments=event.attachments,
    )


def spoken(now: Conversation, said: CustomerWrote, policy: Policy) -> Decision:
    """Take it as what a customer says whose question agents have been shown."""
    return _RULES[now.stage](now, said, policy)


def heard(now: Conversation, said: CustomerWrote, policy: Policy) -> Decision:
    """Take it as if it were said in the chat, of which it says nothing."""
    decision = spoken(now, said, policy)
    after = decision.conversation.evolve(
        reachable=now.reachable, heard_at=now.heard_at, told_away=now.told_away
    )
    if now.unmailed:
        after = after.evolve(unmailed=now.unmailed, mail_at=now.mail_at)
        after = timed(after, said.at, policy)
    decision = Decision(after, decision.effects)
    return decision if now.reachable else decision.in_silence()


def replied(now: Conversation, event: CustomerReplied, policy: Policy) -> Decision:
    """Take it as the customer's word; that they have read the chat it does not say."""
    said = words_of(event)
    if now.stage is Stage.ASKING:
        return intake.hear_problem(now, said, policy)
    return heard(now, said, policy)


def reopened(now: Conversation, event: CustomerReopened, policy: Policy) -> Decision:
    """Take it up again, and tell the agents who wanted that."""
    if not now.handed_over:
        return Decision(now)
    decision = reopen(now, event, policy, Phrase.AGENTS_REOPENED_BY_BUTTON)
    return decision if now.reachable else decision.in_silence()
