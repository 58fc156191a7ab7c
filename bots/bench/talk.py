"""What is said during a measurement, and how it is known again wherever it arrives."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

ROOM_ID = "C0BENCH000"
ROOM = "support"
BOT_USER = "U0BENCHBOT"
AGENT = "U0AGENT000"
TEAM = "T0BENCH000"
FIRST_CUSTOMER = 700_000_000
SITE = "https://shop.example"
"""The website that embeds the chat."""

PATIENCE = 75.0
"""Seconds: longer than the minute after which Slack tells an event for the third time."""

_MARK = re.compile(rb"k(\d+)x(\d+)x(\d+)k")
_WORDS = "the invoice page has shown an error since this morning, could you have a look at it?"


@dataclass(frozen=True, order=True)
class Mark:
    """The message *number* of a conversation, in one run of a measurement."""

    run: int
    conversation: int
    number: int

    def text(self) -> str:
        """Return words of a usual length that carry the mark."""
        return f"k{self.run}x{self.conversation}x{self.number}k {_WORDS}"


def marks_in(body: bytes) -> list[Mark]:
    """Return the marks in a call's raw body, in their order, each once."""
    return [Mark(*map(int, each)) for each in dict.fromkeys(_MARK.findall(body))]


def chat_of(conversation: int) -> int:
    """Return the Telegram chat in which this conversation is held."""
    return FIRST_CUSTOMER + conversation


def conversation_of(chat: int) -> int:
    """Return which conversation is held in this chat."""
    return chat - FIRST_CUSTOMER


def visitor_of(conversation: int) -> str:
    """Return the visitor of the website who holds this conversation."""
    return f"a{conversation:032d}"


def token_of(conversation: int) -> str:
    """Return what lets that visitor's browser in."""
    return f"bench-{conversation}"


def thread_ts(conversation: int) -> str:
    """Return the `ts` of the thread in which agents see this conversation."""
    return f"1700000000.{conversation + 1:06d}"


def conversation_in(ts: str) -> int:
    """Return which conversation this thread shows."""
    return int(ts.partition(".")[2]) - 1


@dataclass(frozen=True, kw_only=True)
class Script:
    """What is to be said in one run."""

    run: int
    agents: bool = False
    """Whether agents speak to customers, rather than customers to agents."""
    messages: int
    conversations: int
    first: int = 0
    """The first of these conversations."""
    per_second: float | None = None
    """How many are said a second; None: all at once."""
    window: int | None = None
    """How many may be under way at most; None: any number."""
    patience: float = PATIENCE
    """Seconds without an arrival after which what is missing counts as lost."""

    def marks(self) -> list[Mark]:
        """Return all that is said: each conversation has its turn, again and again."""
        return [
            Mark(self.run, self.first + number % self.conversations, number // self.conversations)
            for number in range(self.messages)
        ]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of what was said. Moments are seconds on one clock."""

    said: Mapping[Mark, float]
    heard: Mapping[Mark, float]
    """When each arrived, for the first time."""
    posts: int
    lost: int
    doubled: int
    out_of_order: int
    refused: int
    """Calls that the platform answered with 429."""

    @property
    def seconds(self) -> float:
        """From the first word to the last arrival."""
        return max(self.heard.values(), default=0.0) - min(self.said.values())

    @property
    def per_second(self) -> float:
        """How many messages arrived a second."""
        return len(self.heard) / self.seconds if self.heard else 0.0

    @property
    def posts_per_second(self) -> float:
        """How many calls it took a second."""
        return self.posts / self.seconds if self.heard else 0.0

    @property
    def delays(self) -> list[float]:
        """How many seconds each message took."""
        return [at - self.said[mark] for mark, at in self.heard.items()]
