"""How much one customer may bring: what is over the limit is declined before it is stored.

Each identity is counted for itself, in memory: after a restart everybody may bring a burst again.
What counts is when something was written, so that what a platform kept while the desk was away is
no flood.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from core.contact import Identity
from core.events import (
    CustomerAsked,
    CustomerChose,
    CustomerCommanded,
    CustomerEdited,
    CustomerFlooded,
    CustomerLeft,
    CustomerReturned,
    CustomerWrote,
    Event,
    Excess,
    FloodEnded,
)
from core.policy import Allowance, Policy
from core.ports import FromCustomer, Incoming

PAUSE = timedelta(minutes=1)
"""How long at least nothing more is taken from somebody who is over a limit: a word now and then
that slips through would say less than none. A flood that rests so long is over."""

KEPT = timedelta(days=1)
"""How long platforms keep what people write while the desk is away."""

FORGET_EVERY = timedelta(minutes=10)


class Used(NamedTuple):
    """How much of an allowance had been used up at a moment (UTC)."""

    amount: float
    at: datetime

    def by(self, moment: datetime, allowance: Allowance) -> "Used":
        """Return what is left of it at a later *moment*; an earlier one counts as the same."""
        if moment <= self.at:
            return self
        back = (moment - self.at).total_seconds() * allowance.a_second
        return Used(max(self.amount - back, 0), moment)


@dataclass(frozen=True, kw_only=True)
class Flood:
    """What one customer brings over the limits, until it rests."""

    closed: Mapping[Excess, datetime]
    """Until when nothing more is taken, as they have been told."""
    last: datetime
    """When something was declined last."""
    messages: int
    """How many messages and edits have been declined."""

    def is_over(self, at: datetime) -> bool:
        """Whether it has rested long enough; a clock that went back ends it too."""
        return not self.last <= at < self.last + PAUSE


_Count = tuple[Identity, Excess]
_Costs = tuple[tuple[Excess, float], ...]
_Excess = tuple[Excess, datetime]
"""What there is too much of, and until when."""

_MESSAGE: _Costs = ((Excess.MESSAGES, 1),)
_PRESS: _Costs = ((Excess.PRESSES, 1),)


@dataclass(frozen=True)
class Judged:
    """What is to become of events; nothing has been counted yet."""

    happened: list[Incoming]
    """What is taken, and what is to be said of floods, in order."""
    declined: int
    floods: Mapping[Identity, Flood]
    used: Mapping[_Count, Used]
    """What is used up of the allowances, if all of this is stored."""


class Floodgate:
    """Judges what customers bring; who stays within the limits never notices."""

    def __init__(self, policy: Policy) -> None:
        limits = policy.limits
        self._allowances = {
            Excess.MESSAGES: limits.messages,
            Excess.FILES: limits.files,
            Excess.PRESSES: limits.presses,
        }
        self._largest = policy.largest_from_customer
        self.used: dict[_Count, Used] = {}
        """What is used up and has not come back yet, of everybody."""
        self._floods: Mapping[Identity, Flood] = {}
        self._forgot_at: datetime | None = None

    def has_news(self, at: datetime) -> bool:
        """Whether a flood is over, and it has not been said."""
        return any(each.is_over(at) for each in self._floods.values())

    def judge(self, incoming: Sequence[Incoming], at: datetime) -> Judged:
        """Return what is taken of what came *at* (UTC), without counting it: see `count`."""
        floods = dict(self._floods)
        over = [who for who, flood in floods.items() if flood.is_over(at)]
        ended = [_ended(who, floods.pop(who), at) for who in over]
        used: dict[_Count, Used] = {}
        taken: list[Incoming] = []
        flooded: list[Incoming] = []
        for each in incoming:
            if not isinstance(each.origin, FromCustomer):
                taken.append(each)
                continue
            who = each.origin.identity
            costs = self._costs(each.event)
            excess = _closed(floods.get(who), costs, at) or self._spend(
                used, who, costs, _written(each.event, at), at
            )
            if excess is None:
                taken.append(each)
                continue
            floods[who], word = _declined(each, floods.get(who), *excess, at)
            flooded += word
        happened = [*(each for each in ended if each), *taken, *flooded]
        return Judged(happened, len(incoming) - len(taken), floods, used)

    def count(self, judged: Judged, admitted: Sequence[Incoming], at: datetime) -> None:
        """Count what was stored of what was *judged*; what had come before is not counted again."""
        all_new = len(admitted) == len(judged.happened)
        self.used.update(judged.used if all_new else self.judge(admitted, at).used)
        self._floods = judged.floods
        self._forget(at)

    def _spend(
        self,
        used: dict[_Count, Used],
        who: Identity,
        costs: _Costs,
        written: datetime,
        at: datetime,
    ) -> _Excess | None:
        """Add these costs to what is *used*, on top of what was before.

        Or return what they are too much of, and when there will be room, and add nothing.
        """
        after: dict[_Count, Used] = {}
        for what, amount in costs:
            allowance = self._allowances[what]
            count = (who, what)
            before = used.get(count) or self.used.get(count)
            if before is None or before.at > at:  # the clock went back: what it said is worthless
                before = Used(0, written)
            now = before.by(written, allowance)
            wanted = now.amount + min(amount, allowance.at_once)
            if wanted > allowance.at_once:
                missing = timedelta(seconds=(wanted - allowance.at_once) / allowance.a_second)
                return what, at + max(missing, PAUSE)
            after[count] = Used(wanted, now.at)
        used.update(after)
        return None

    def _costs(self, event: Event) -> _Costs:
        match event:
            case CustomerWrote(attachments=files) | CustomerAsked(attachments=files) if files:
                carried = [each for each in files if each.is_carried(self._largest)]
                if not carried:
                    return _MESSAGE
                sizes = (self._largest if each.size is None else each.size for each in carried)
                return (*_MESSAGE, (Excess.FILES, sum(sizes)))
            case CustomerWrote() | CustomerAsked() | CustomerEdited():
                return _MESSAGE
            case CustomerChose() | CustomerCommanded() | CustomerLeft() | CustomerReturned():
                return _PRESS
        return ()

    def _forget(self, at: datetime) -> None:
        """Drop now and then what limits nothing any more: memory must not grow with customers."""
        if self._forgot_at is not None and timedelta() <= at - self._forgot_at < FORGET_EVERY:
            return
        self._forgot_at = at
        self.used = {
            (who, what): used
            for (who, what), used in self.used.items()
            if used.at <= at and used.by(at, self._allowances[what]).amount > 0
        }


def _written(event: Event, at: datetime) -> datetime:
    """Return when it was written, as far as that can be believed."""
    said = event.sent_at if isinstance(event, CustomerWrote | CustomerAsked) else event.at
    return max(min(said, at), at - KEPT)


def _closed(flood: Flood | None, costs: _Costs, at: datetime) -> _Excess | None:
    """Return what of this is not taken at all for the time being."""
    if flood is None:
        return None
    return next(
        ((what, flood.closed[what]) for what, _ in costs if flood.closed.get(what, at) > at), None
    )


def _declined(
    incoming: Incoming, flood: Flood | None, what: Excess, until: datetime, at: datetime
) -> tuple[Flood, list[Incoming]]:
    """Return the flood with one more event declined, and the word that it wants, if it does."""
    before = flood or Flood(closed={}, last=at, messages=0)
    counted = before.messages + (what is not Excess.PRESSES)
    known = before.closed.get(what, at) > at
    now = replace(before, closed={**before.closed, what: until}, last=at, messages=counted)
    if known:
        return now, []
    event = CustomerFlooded(at=at, too_much=what, until=until, again=before.messages > 0)
    key = f"{incoming.key}:{what}:{at.isoformat()}"
    return now, [Incoming(key=f"flood:{key}", origin=incoming.origin, event=event)]


def _ended(who: Identity, flood: Flood, at: datetime) -> Incoming | None:
    """Return the word that a flood is over; None if agents miss nothing."""
    if not flood.messages:
        return None
    return Incoming(
        key=f"flood-ended:{who.channel}:{who.address}:{at.isoformat()}",
        origin=FromCustomer(identity=who),
        event=FloodEnded(at=at, not_taken=flood.messages),
    )
