"""How much one customer may bring, and what is said when it is too much."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.phrasebook import load_phrasebook
from core.contact import Identity
from core.conversation import Conversation, Stage
from core.decide import decide
from core.effects import Say, TellAgents
from core.events import (
    AgentWrote,
    CustomerAsked,
    CustomerAway,
    CustomerChose,
    CustomerEdited,
    CustomerFlooded,
    CustomerLeft,
    CustomerSaw,
    CustomerWrote,
    Event,
    Excess,
    FloodEnded,
)
from core.flood import FORGET_EVERY, KEPT, PAUSE, Floodgate
from core.ids import MessageId
from core.message import MEGABYTE, AttachmentKind
from core.policy import Allowance, Limits
from core.ports import FromCustomer, FromThread, Incoming
from core.richtext import plain
from tests.support.builders import (
    ANA,
    MILA,
    MONDAY,
    THREAD,
    conversation,
    known,
    message_id,
    photo,
    policy,
)

BOB = Identity("chat", "bob")
MINUTE = timedelta(minutes=1)
FEW = Limits(messages=Allowance(at_once=5, then=6, every=MINUTE))


class House:
    """A floodgate, and customers who bring something; all of it can be stored."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.gate = Floodgate(policy(limits=limits or Limits()))
        self._number = 0

    def brings(self, *events: Event, at: datetime, who: Identity = ANA) -> list[Event]:
        """Return what is taken of *events*, and what is to be said of it."""
        return self.take([self.incoming(each, who) for each in events], at)

    def take(self, incoming: Sequence[Incoming], at: datetime) -> list[Event]:
        judged = self.gate.judge(incoming, at)
        self.gate.count(judged, judged.happened, at)
        return [each.event for each in judged.happened]

    def incoming(self, event: Event, who: Identity = ANA) -> Incoming:
        self._number += 1
        return Incoming(key=f"k{self._number}", origin=FromCustomer(identity=who), event=event)


def said(at: datetime = MONDAY, **changes: Any) -> CustomerWrote:
    return CustomerWrote(at=at, sent_at=at, message_id=message_id("said"), **changes)


def asked(at: datetime = MONDAY, **changes: Any) -> CustomerAsked:
    return CustomerAsked(
        at=at,
        sent_at=at,
        message_id=message_id("asked"),
        name="Ana",
        email="ana@example.com",
        text=plain("My site is down"),
        **changes,
    )


def edited(at: datetime) -> CustomerEdited:
    return CustomerEdited(at=at, message_id=message_id("said"), text=plain("said better"))


def words(happened: Iterable[Event]) -> list[Event]:
    """Return what the desk has to say of a flood."""
    return [each for each in happened if isinstance(each, CustomerFlooded | FloodEnded)]


def test_a_whole_talk_is_forwarded_at_once() -> None:
    """A hundred messages pass; the next one is over the limit, and its sender is told so once."""
    house = House()

    assert house.brings(*[said()] * 100, at=MONDAY) == [said()] * 100
    told = CustomerFlooded(at=MONDAY, too_much=Excess.MESSAGES, until=MONDAY + PAUSE)
    assert house.brings(*[said()] * 50, at=MONDAY) == [told]
    assert house.brings(said(), at=MONDAY) == []


def test_who_goes_on_after_the_pause_is_told_again_and_agents_are_not() -> None:
    """What was taken in between could be misread as everything."""
    house = House(FEW)
    house.brings(*[said()] * 6, at=MONDAY)
    for second in range(10, 60, 10):
        assert house.brings(edited(MONDAY), at=MONDAY + timedelta(seconds=second)) == []
    later = MONDAY + PAUSE

    happened = house.brings(*[said(later)] * 7, at=later)

    assert happened[:-1] == [said(later)] * 5
    assert happened[-1] == CustomerFlooded(
        at=later, too_much=Excess.MESSAGES, until=later + PAUSE, again=True
    )
    over = later + PAUSE
    assert house.gate.has_news(over)
    assert house.brings(at=over) == [FloodEnded(at=over, not_taken=8)]
    assert not house.gate.has_news(over)


def test_agents_are_never_limited() -> None:
    """Whatever they write is taken."""
    answer = AgentWrote(at=MONDAY, message_id=MessageId("a"), sent_at=MONDAY, agent=MILA)
    many = [Incoming(key=f"a{n}", origin=FromThread(THREAD), event=answer) for n in range(500)]

    assert len(House(FEW).take(many, MONDAY)) == 500


def test_what_waited_on_a_platform_is_no_flood() -> None:
    """After an outage five hours of words come at once: what counts is when they were written."""
    spread = [said(MONDAY + n * timedelta(seconds=40)) for n in range(450)]
    rushed = [said(MONDAY + n * timedelta(seconds=0.1)) for n in range(450)]
    after = MONDAY + timedelta(hours=5)

    assert words(House().brings(*spread, at=after)) == []
    assert words(House().brings(*rushed, at=after)) != []


def test_nobody_gains_by_lying_about_the_time() -> None:
    """Words from long ago count as a day old, words from the future as of now."""
    old = [said(MONDAY - n * KEPT) for n in range(365, 0, -1)]
    to_come = [said(MONDAY + n * MINUTE) for n in range(300)]

    assert len(House().brings(*old, at=MONDAY)) == 101
    assert len(House().brings(*to_come, at=MONDAY)) == 101


def test_what_was_not_stored_uses_up_nothing() -> None:
    """A full disk does not make a flood of those who are told to come again."""
    house = House(FEW)
    many = [house.incoming(said()) for _ in range(5)]
    for _ in range(10):
        assert house.gate.judge(many, MONDAY).declined == 0

    assert words(house.take(many, MONDAY)) == []


def test_what_was_known_already_uses_up_nothing() -> None:
    """What a platform tells again is judged, but not admitted, and so not counted."""
    house = House(FEW)
    for new in (0, 0, 1, 0, 1, 0):
        judged = house.gate.judge([house.incoming(said()) for _ in range(3)], MONDAY)
        house.gate.count(judged, judged.happened[:new], MONDAY)

    assert words(house.brings(*[said()] * 3, at=MONDAY)) == []
    assert words(house.brings(said(), at=MONDAY)) != []


def test_files_have_an_allowance_of_their_own() -> None:
    """The customer learns when the file would be taken; words go on, and so do small files then."""
    house = House()
    ten = said(attachments=(photo(size=10 * MEGABYTE),))
    assert words(house.brings(*[ten] * 20, at=MONDAY)) == []

    (told,) = house.brings(ten, ten, at=MONDAY)

    assert isinstance(told, CustomerFlooded)
    assert told.too_much is Excess.FILES
    assert told.until - MONDAY == KEPT / 20
    sticker = said(attachments=(photo(kind=AttachmentKind.STICKER, detail="👍"),))
    assert house.brings(said(), sticker, at=MONDAY) == [said(), sticker]
    then = said(told.until, attachments=ten.attachments)
    assert house.brings(then, at=told.until) == [FloodEnded(at=told.until, not_taken=2), then]


@pytest.mark.parametrize(
    ("size", "kind", "pass_at_once"),
    [
        (None, AttachmentKind.PHOTO, 10),
        (21 * MEGABYTE, AttachmentKind.DOCUMENT, 60),
        (MEGABYTE, AttachmentKind.VIDEO, 60),
    ],
)
def test_only_what_is_carried_over_counts(
    size: int | None, kind: AttachmentKind, pass_at_once: int
) -> None:
    """A file of unknown size counts as the largest; one that stays behind takes no room."""
    one = said(attachments=(photo(size=size, kind=kind),))

    assert len(House().brings(*[one] * 60, at=MONDAY)) == min(pass_at_once + 1, 60)


def test_a_form_is_a_message_with_its_files() -> None:
    """It counts from when it was sent, like words."""
    form = asked(attachments=(photo(size=150 * MEGABYTE),))
    small = asked(attachments=(photo(size=15 * MEGABYTE),))

    assert words(House(FEW).brings(*[asked()] * 6, at=MONDAY)) != []
    assert words(House().brings(*[small] * 13, at=MONDAY)) == []
    assert words(House().brings(*[small] * 14, at=MONDAY)) != []
    assert words(House().brings(*[form] * 20, at=MONDAY)) == []


def test_reading_and_leaving_cost_nothing() -> None:
    """The page tells of them by itself: nobody is declined for looking."""
    looks: list[Event] = [CustomerSaw(at=MONDAY), CustomerAway(at=MONDAY, unread=())]

    assert words(House(FEW).brings(*looks * 500, at=MONDAY)) == []


def test_buttons_are_bounded_too_and_take_nothing_from_words() -> None:
    """Agents miss nothing by them: no word about their end."""
    house = House()
    press = CustomerChose(at=MONDAY, token="lang:en")

    happened = house.brings(*[press] * 70, CustomerLeft(at=MONDAY), said(), at=MONDAY)

    assert happened.count(press) == 60
    assert words(happened) == [
        CustomerFlooded(at=MONDAY, too_much=Excess.PRESSES, until=MONDAY + PAUSE)
    ]
    assert said() in happened
    assert house.brings(at=MONDAY + PAUSE) == []


def test_a_clock_that_goes_back_ends_a_flood() -> None:
    """Else somebody would be declined for as long as the jump."""
    house = House(FEW)
    house.brings(*[said()] * 6, at=MONDAY)
    before = MONDAY - timedelta(days=1)

    happened = house.brings(said(before), at=before)

    assert happened == [FloodEnded(at=before, not_taken=1), said(before)]


def test_who_has_long_been_quiet_is_forgotten() -> None:
    """Memory does not grow with the customers of a year."""
    house = House()
    for number in range(1000):
        house.brings(said(), at=MONDAY, who=Identity("chat", str(number)))
    later = MONDAY + FORGET_EVERY

    house.brings(said(later), at=later)

    assert len(house.gate.used) == 1


WAITS = st.lists(st.sampled_from((0.0, 0.0, 0.0, 0.5, 3.0, 20.0, 61.0)), min_size=1, max_size=80)
ALLOWED = st.builds(
    Allowance, at_once=st.integers(1, 20), then=st.integers(1, 60), every=st.just(MINUTE)
)


@given(waits=WAITS, allowance=ALLOWED)
def test_no_window_ever_holds_more_than_the_limit(waits: list[float], allowance: Allowance) -> None:
    """However they come: at most what is allowed at once and what time adds, in any stretch."""
    house, at, taken = House(Limits(messages=allowance)), MONDAY, list[datetime]()
    for wait in waits:
        at += timedelta(seconds=wait)
        if said(at) in house.brings(said(at), at=at):
            taken.append(at)

    for first in range(len(taken)):
        for last in range(first, len(taken)):
            span = (taken[last] - taken[first]).total_seconds()
            assert last - first + 1 <= allowance.at_once + span * allowance.a_second + 1e-6


@given(waits=WAITS, allowance=ALLOWED)
def test_a_flood_never_touches_another_customer(waits: list[float], allowance: Allowance) -> None:
    """Bob is taken and declined exactly as if Ana were not there."""
    limits = Limits(messages=allowance)
    alone, crowded, at = House(limits), House(limits), MONDAY
    for wait in waits:
        at += timedelta(seconds=wait)
        for house in (alone, crowded):
            house.brings(at=at)  # what is over is said before
        crowded.brings(*[said(at)] * 30, at=at)

        assert crowded.brings(said(at), at=at, who=BOB) == alone.brings(said(at), at=at, who=BOB)


@given(waits=WAITS)
def test_after_the_pause_everything_is_taken_again(waits: list[float]) -> None:
    """Who does as they are told, and waits a minute, can send thirty messages at once."""
    house, at = House(), MONDAY
    for wait in waits:
        at += timedelta(seconds=wait)
        house.brings(*[said(at)] * 40, at=at)
    at += PAUSE

    assert house.brings(*[said(at)] * 30, at=at)[-30:] == [said(at)] * 30


@given(jumps=st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_a_clock_that_jumps_declines_nobody(jumps: list[float]) -> None:
    """One word every ten seconds is taken, whatever the clock says meanwhile."""
    house, at = House(FEW), MONDAY
    for jump in jumps:
        at += timedelta(seconds=jump)
        for _ in range(4):
            at += timedelta(seconds=10)
            assert house.brings(said(at), at=at) == [said(at)]


# What is said


def read(now: Conversation, event: Event) -> dict[type, str]:
    """Return what the customer and the agents read, in English."""
    book = load_phrasebook()
    effects = decide(now, event, policy()).effects
    return {
        type(each): book.say("en", each.words)
        for each in effects
        if isinstance(each, Say | TellAgents)
    }


LIVE = conversation(known(), stage=Stage.WAITING, handed_over=True)


def test_the_customer_reads_what_to_do() -> None:
    """What did not arrive, what to do, and when; agents read of whom, and how many."""
    flooded = CustomerFlooded(at=MONDAY, too_much=Excess.MESSAGES, until=MONDAY + PAUSE)

    assert read(LIVE, flooded) == {
        Say: "You write faster than we can pass on. What you wrote last did not reach us: please "
        "wait 1 minute and send what matters once more.",
        TellAgents: "Ana writes faster than can be passed on. What is over the limit does not "
        "come here; the customer has been told.",
    }
    assert read(LIVE, FloodEnded(at=MONDAY, not_taken=12)) == {
        TellAgents: "Messages and edits from Ana that were over the limit and did not come here: "
        "12. Please ask for what is missing."
    }


def test_who_sends_too_many_files_reads_when_to_go_on() -> None:
    """In the time of the department."""
    until = MONDAY + timedelta(hours=3)
    told = read(LIVE, CustomerFlooded(at=MONDAY, too_much=Excess.FILES, until=until))

    assert told[Say].endswith(
        "Please send it once more today at 13:00 (in 3 hours), or a link to it now."
    )
    assert told[TellAgents].startswith("Ana has sent more files")


def test_agents_are_told_once_and_of_buttons_never() -> None:
    """Only what they miss concerns them."""
    until = MONDAY + PAUSE
    again = CustomerFlooded(at=MONDAY, too_much=Excess.MESSAGES, until=until, again=True)
    pressed = CustomerFlooded(at=MONDAY, too_much=Excess.PRESSES, until=until)

    assert list(read(LIVE, again)) == [Say]
    assert list(read(LIVE, pressed)) == [Say]


def test_nothing_is_said_to_who_has_left() -> None:
    """Nobody would read it."""
    left = LIVE.evolve(reachable=False)
    flooded = CustomerFlooded(at=MONDAY, too_much=Excess.MESSAGES, until=MONDAY + PAUSE)

    assert list(read(left, flooded)) == [TellAgents]
