"""What a mail may do: which conversation it belongs to, and whether its sender is proven."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.mail.authentic import Verdict, is_authentic
from adapters.mail.automatic import MailNature, kind_of
from adapters.mail.bounces import Bounce, bounce_in
from adapters.mail.head import raw_head
from adapters.mail.letter import Letter
from adapters.mail.own import Own
from adapters.mail.tokens import Token, Tokens

_RECIPIENTS: Final = (
    "to",
    "cc",
    "bcc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-forwarded-to",
    "apparently-to",
    "resent-to",
)
"""Where servers and programs note whom a mail is for."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_IN_THEIR_OWN_NAME: Final = frozenset({MailNature.PERSON, MailNature.AUTO_REPLY})


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What is known of a mail beyond what it says."""

    nature: MailNature
    token: Token | None
    """Ties it to a conversation. Somebody had a mail of ours; who that was is not said by it."""
    proven: bool
    """Whether the address in From is the one our mail went to, and its owner wrote this."""
    verdict: Verdict
    bounce: Bounce | None
    """What did not arrive, if it tells of that."""


def judge(letter: Letter, raw: bytes, *, tokens: Tokens, own: Own, authserv_id: str) -> Judgement:
    """Judge a mail, read from *raw*. *authserv_id* is our mail server's name, or empty.

    Only tokens tie: in whom it is addressed to, and in the messages that it answers. What stands in
    the subject or the text ties nothing, and Reply-To, Sender and Resent-From say nothing of who
    wrote. The sender is proven who is the only one in From, was sent that very token, and whom our
    mail server vouches for; where there is no server to trust (*authserv_id* is empty), it is
    enough that none tells against him.
    """
    head = raw_head(raw)
    bounce = bounce_in(raw, tokens)
    nature = kind_of(letter, own)
    if bounce is not None and nature is not MailNature.OUR_OWN:
        nature = MailNature.BOUNCE
    verdict = is_authentic(head, authserv_id=authserv_id, sender=letter.sender)
    tied = _tie(head, letter.sender, tokens)
    believed = verdict is Verdict.PASS or (not authserv_id and verdict is not Verdict.FAIL)
    return Judgement(
        nature=nature,
        token=(bounce.token or tied) if bounce else tied,
        proven=tied is not None
        and nature in _IN_THEIR_OWN_NAME
        and _names_one_author(head)
        and tokens.was_sent_to(tied, letter.sender)
        and believed,
        verdict=verdict,
        bounce=bounce,
    )


def _names_one_author(head: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether there is one From, with nothing in it at which a program could stop reading."""
    named = head.get("from", ())
    return len(named) == 1 and not _CONTROL.search(named[0])


def _tie(head: Mapping[str, tuple[str, ...]], sender: str, tokens: Tokens) -> Token | None:
    """Return the token that a mail is tied by.

    Several conversations in one mail are either a ticket that went on from another, or a trick. So
    the nearest place decides (whom it is addressed to, then what it answers, then what that
    answered), but only if it names one conversation, of the sender's own; else the mail is tied to
    none, and becomes a new one.
    """
    places = [
        _found(tokens, head, _RECIPIENTS),
        _found(tokens, head, ("in-reply-to",)),
        _found(tokens, head, ("references",)),
    ]
    everywhere = [token for place in places for token in place]
    nearest = next((place for place in places if place), [])
    own = [token for token in everywhere if tokens.was_sent_to(token, sender)]
    if _one_conversation(everywhere):
        return (own or nearest)[0]
    if _one_conversation(nearest):
        return next((token for token in nearest if token in own), None)
    return None


def _found(
    tokens: Tokens, head: Mapping[str, tuple[str, ...]], names: Iterable[str]
) -> list[Token]:
    values = (value for name in names for value in head.get(name, ()))
    return list(dict.fromkeys(tokens.read_all(*values)))


def _one_conversation(found: list[Token]) -> bool:
    return len({token.conversation for token in found}) == 1
