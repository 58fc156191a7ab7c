"""What the desk's buttons carry, at most 64 bytes each."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["name", "email-yes", "email-no", "change-name", "change-email", "dept", "lang"]


@dataclass(frozen=True)
class Choice:
    """What a customer chose by pressing a button."""

    kind: Kind
    value: str = ""

    @property
    def token(self) -> str:
        """The choice as a button carries it."""
        return f"{self.kind}:{self.value}"


def read_choice(token: str) -> Choice | None:
    """Return the choice that *token* carries; None for anything the desk did not make."""
    kind, _, value = token.partition(":")
    for known in get_args(Kind):
        if kind == known:
            return Choice(known, value)
    return None
