"""What a rule is: from a conversation and an event to a conversation and effects."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.conversation import Conversation
from core.effects import Effect, Say
from core.policy import Policy


@dataclass(frozen=True)
class Decision:
    """What the conversation becomes, and what the desk must do about it, in order."""

    conversation: Conversation
    effects: tuple[Effect, ...] = ()

    def then(self, *effects: Effect) -> "Decision":
        """Return this decision with *effects* after its own."""
        return Decision(self.conversation, self.effects + effects)

    def after(self, *effects: Effect) -> "Decision":
        """Return this decision with *effects* before its own."""
        return Decision(self.conversation, effects + self.effects)

    def in_silence(self) -> "Decision":
        """Return this decision without what the desk says in the chat: there may be none."""
        unsaid = tuple(each for each in self.effects if not isinstance(each, Say))
        return Decision(self.conversation, unsaid)


Rule = Callable[[Conversation, Any, Policy], Decision]
"""One cell of the table. Its docstring is what the generated table says."""
