"""The heart of the desk: one pure, total function, and the table that it reads.

Each row is an event, each column a stage, each cell the rule that answers. What a rule does is its
docstring; `docs/states.md` is generated from here.
"""

from core import (
    away,
    commands,
    elsewhere,
    forms,
    intake,
    live,
    mailed,
    reach,
    ticket_life,
    ticket_merging,
)
from core.conversation import Conversation, Stage
from core.decision import Decision, Rule
from core.events import (
    AgentAdopted,
    AgentEdited,
    AgentFiledTicket,
    AgentHeld,
    AgentMerged,
    AgentPrioritised,
    AgentRenamed,
    AgentResolved,
    AgentRetried,
    AgentSplit,
    AgentTook,
    AgentWrote,
    CustomerAsked,
    CustomerAway,
    CustomerChose,
    CustomerCommanded,
    CustomerEdited,
    CustomerFlooded,
    CustomerLeft,
    CustomerMailed,
    CustomerProved,
    CustomerReopened,
    CustomerReplied,
    CustomerReturned,
    CustomerSaw,
    CustomerWrote,
    DeliveryFailed,
    Event,
    FloodEnded,
    MailBounced,
    ThreadLost,
    TicketTookIn,
    TimerFired,
)
from core.policy import Policy


def nothing(now: Conversation, event: Event, policy: Policy) -> Decision:
    """Nothing."""
    return Decision(now)


STAGES = (Stage.ASKING, Stage.WAITING, Stage.ACTIVE, Stage.TICKETED, Stage.RESOLVED)

# fmt: off
TABLE: dict[type[Event], tuple[Rule, ...]] = {
    #                   asking                  waiting                 active                  ticketed                       resolved
    CustomerWrote:     (intake.hear,            live.customer_wrote,    live.customer_wrote,    live.customer_wrote_to_ticket, live.customer_wrote_again),
    CustomerAsked:     (forms.asked,            forms.asked_again,      forms.asked_again,      forms.asked_again,             forms.asked_again),
    CustomerReplied:   (elsewhere.replied,      elsewhere.replied,      elsewhere.replied,      elsewhere.replied,             elsewhere.replied),
    CustomerReopened:  (nothing,                nothing,                nothing,                nothing,                       elsewhere.reopened),
    CustomerProved:    (forms.proved,           forms.proved,           forms.proved,           forms.proved,                  forms.proved),
    CustomerSaw:       (away.saw,               away.saw,               away.saw,               away.saw,                      away.saw),
    CustomerAway:      (nothing,                away.left_page,         away.left_page,         away.left_page,                away.left_page),
    CustomerEdited:    (intake.correct,         live.customer_edited,   live.customer_edited,   live.customer_edited,          live.customer_edited),
    CustomerMailed:    (mailed.begun,           mailed.mailed,          mailed.mailed,          mailed.mailed,                 mailed.mailed),
    MailBounced:       (mailed.bounced,         mailed.bounced,         mailed.bounced,         mailed.bounced,                mailed.bounced),
    CustomerChose:     (commands.choose,        commands.choose,        commands.choose,        commands.choose,               commands.choose),
    CustomerCommanded: (commands.obey,          commands.obey,          commands.obey,          commands.obey,                 commands.obey),
    CustomerLeft:      (reach.customer_left,     reach.customer_left,     reach.customer_left,     reach.customer_left,            reach.customer_left),
    CustomerReturned:  (reach.customer_returned, reach.customer_returned, reach.customer_returned, reach.customer_returned,        reach.customer_returned),
    CustomerFlooded:   (reach.customer_flooded,  reach.customer_flooded,  reach.customer_flooded,  reach.customer_flooded,         reach.customer_flooded),
    FloodEnded:        (reach.flood_ended,       reach.flood_ended,       reach.flood_ended,       reach.flood_ended,              reach.flood_ended),
    AgentWrote:        (live.agent_wrote,       live.agent_wrote,       live.agent_wrote,       live.agent_wrote,              live.agent_wrote),
    AgentEdited:       (nothing,                live.agent_edited,      live.agent_edited,      live.agent_edited,             live.agent_edited),
    AgentTook:         (nothing,                live.agent_took,        live.agent_took,        live.agent_took,               nothing),
    AgentResolved:     (nothing,                live.agent_resolved,    live.agent_resolved,    live.agent_resolved,           nothing),
    AgentFiledTicket:  (nothing,                live.agent_filed,       live.agent_filed,       nothing,                       nothing),
    AgentHeld:         (nothing,                nothing,                nothing,                ticket_life.agent_held,        nothing),
    AgentRenamed:      (nothing,                ticket_life.agent_renamed, ticket_life.agent_renamed, ticket_life.agent_renamed, ticket_life.agent_renamed),
    AgentPrioritised:  (nothing,                nothing,                nothing,                ticket_life.agent_prioritised, nothing),
    AgentMerged:       (nothing,                ticket_merging.agent_merged, ticket_merging.agent_merged, ticket_merging.agent_merged, ticket_merging.agent_merged),
    TicketTookIn:      (nothing,                nothing,                nothing,                ticket_merging.took_in,        nothing),
    AgentRetried:      (reach.agent_retried,     reach.agent_retried,     reach.agent_retried,     reach.agent_retried,            reach.agent_retried),
    AgentAdopted:      (nothing,                mailed.adopted,         mailed.adopted,         mailed.adopted,                mailed.adopted),
    AgentSplit:        (nothing,                mailed.split_off,       mailed.split_off,       mailed.split_off,              mailed.split_off),
    TimerFired:        (intake.wake,            live.wake,              live.wake,              ticket_life.wake,                       nothing),
    DeliveryFailed:    (reach.delivery_failed,   reach.delivery_failed,   reach.delivery_failed,   reach.delivery_failed,          reach.delivery_failed),
    ThreadLost:        (reach.thread_lost,       reach.thread_lost,       reach.thread_lost,       reach.thread_lost,              reach.thread_lost),
}
# fmt: on


def decide(conversation: Conversation, event: Event, policy: Policy) -> Decision:
    """Return what *conversation* becomes after *event*, and what the desk must do about it.

    Pure and total: every pair of stage and event has an answer, and the same three arguments always
    give the same one.
    """
    rule = TABLE[type(event)][STAGES.index(conversation.stage)]
    return rule(conversation, event, policy)
