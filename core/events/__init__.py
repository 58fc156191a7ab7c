"""What can happen to a conversation: told in the past tense, each event with its time (UTC)."""

from core.events.agents import (
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
    Survivor,
    TicketTookIn,
)
from core.events.customer import (
    Command,
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
    Excess,
    FloodEnded,
)
from core.events.desk import DeliveryFailed, MailBounced, ThreadLost, TimerFired
from core.events.happened import Happened

Event = (
    CustomerWrote
    | CustomerAsked
    | CustomerReplied
    | CustomerReopened
    | CustomerProved
    | CustomerSaw
    | CustomerAway
    | CustomerEdited
    | CustomerMailed
    | MailBounced
    | CustomerChose
    | CustomerCommanded
    | CustomerLeft
    | CustomerReturned
    | CustomerFlooded
    | FloodEnded
    | AgentWrote
    | AgentEdited
    | AgentTook
    | AgentResolved
    | AgentFiledTicket
    | AgentHeld
    | AgentRenamed
    | AgentPrioritised
    | AgentMerged
    | TicketTookIn
    | AgentRetried
    | AgentAdopted
    | AgentSplit
    | TimerFired
    | DeliveryFailed
    | ThreadLost
)

__all__ = [
    "AgentAdopted",
    "AgentEdited",
    "AgentFiledTicket",
    "AgentHeld",
    "AgentMerged",
    "AgentPrioritised",
    "AgentRenamed",
    "AgentResolved",
    "AgentRetried",
    "AgentSplit",
    "AgentTook",
    "AgentWrote",
    "Command",
    "CustomerAsked",
    "CustomerAway",
    "CustomerChose",
    "CustomerCommanded",
    "CustomerEdited",
    "CustomerFlooded",
    "CustomerLeft",
    "CustomerMailed",
    "CustomerProved",
    "CustomerReopened",
    "CustomerReplied",
    "CustomerReturned",
    "CustomerSaw",
    "CustomerWrote",
    "DeliveryFailed",
    "Event",
    "Excess",
    "FloodEnded",
    "Happened",
    "MailBounced",
    "Survivor",
    "ThreadLost",
    "TicketTookIn",
    "TimerFired",
]
