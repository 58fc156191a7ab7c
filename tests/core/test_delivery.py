"""The dispatcher: in order, at the platform's pace, and never silently without success."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from core.channel_port import Delivered
from core.contact import Identity
from core.conversation import Stage
from core.effects import Piece, Relay, Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry, ThreadGone
from core.ids import MessageId
from core.message import Side
from core.outbox import AGENTS, Outgoing
from core.pace import Toll
from core.phrases import Phrase
from core.settling import DOUBT_PAUSE
from tests.support.builders import ANA, MONDAY, policy
from tests.support.dispatching import BOB, ROOMY, AskableChannel, Post, meet
from tests.support.play import agent, agent_edits, customer, leaves, passes
from tests.support.stored import a_conversation, a_delivery, a_message, keep
from tests.support.waiting import until
from tests.support.whole_desk import whole_desk


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """Give a desk whose customer waits, told so, with nothing left to deliver."""
    async with whole_desk(tmp_path, policy(), MONDAY) as desk:
        post = Post(desk)
        await meet(desk, ANA)
        yield post


# Order


async def test_a_lane_keeps_its_order(post: Post) -> None:
    """What was written first arrives first, one call after the other."""
    await post.desk.tell(agent("one"), agent("two"), agent("three"))

    await post.turn()
    assert post.chat.seen == ["customer < one"]
    await post.empty()

    assert post.chat.seen == ["customer < one", "customer < two", "customer < three"]


async def test_what_fails_for_now_holds_up_its_lane_and_no_other(post: Post) -> None:
    """Ana's second message waits behind the first; Bob's does not."""
    await meet(post.desk, BOB)
    post.chat.ends = [Retry("the wire is cut")]
    await post.desk.tell(agent("one"), agent("two"))
    await post.empty()
    assert post.chat.seen == ["customer < one"]

    await post.desk.tell(agent("for Bob"), who=BOB)
    await post.empty()
    assert post.chat.seen == ["customer < one", "customer < for Bob"]

    await post.wait()
    await post.empty()
    assert post.chat.seen[2:] == ["customer < one", "customer < two"]


async def test_a_call_that_hangs_holds_up_its_lane_and_no_other(post: Post) -> None:
    """Many lanes at once: whoever is slow is slow alone."""
    await meet(post.desk, BOB)
    free = post.chat.held_up["ana"] = asyncio.Event()
    await post.desk.tell(agent("one"), agent("two"))
    await post.dispatcher.turn()
    await post.desk.tell(agent("for Bob"), who=BOB)
    await post.dispatcher.turn()
    await until(lambda: "customer < for Bob" in post.chat.seen)
    await post.dispatcher.turn()

    assert post.chat.seen == ["customer < one", "customer < for Bob"]
    free.set()
    await post.dispatcher.drain(10)
    await post.empty()
    assert post.chat.seen[2:] == ["customer < two"]


# Fairness


async def test_a_flood_in_one_lane_delays_no_other(post: Post) -> None:
    """Ana has written 200 messages; those who write after her are next, and then in turn."""
    post.agents.rate = Toll("room", per_second=1)
    others = [Identity("chat", name) for name in ("bob", "eva", "ivo")]
    for each in others:
        await meet(post.desk, each)
    await post.desk.tell(*(customer(f"flood {number}") for number in range(200)))
    await post.turn()
    for each in others:
        await post.desk.tell(customer(f"{each.address} asks"), who=each)

    for _ in range(6):
        await post.wait()

    assert post.agents.seen == [
        "agents < flood 0",
        *(f"agents < {name} asks" for name in ("bob", "eva", "ivo")),
        *(f"agents < flood {number}" for number in (1, 2, 3)),
    ]


async def test_lanes_that_all_have_much_to_say_take_turns(post: Post) -> None:
    """However much earlier one of them began."""
    post.agents.rate = Toll("room", per_second=1)
    await meet(post.desk, BOB)
    await post.desk.tell(*(customer(f"Ana {number}") for number in range(3)))
    await post.desk.tell(*(customer(f"Bob {number}") for number in range(3)), who=BOB)
    await post.turn()
    for _ in range(5):
        await post.wait()

    said = [f"agents < {name} {number}" for number in range(3) for name in ("Ana", "Bob")]
    assert post.agents.seen == said


async def test_a_lane_that_fails_takes_no_more_than_its_turn(post: Post) -> None:
    """What is refused again and again waits for its own time; the others have the room."""
    post.agents.rate = Toll("room", per_second=1)
    await meet(post.desk, BOB)
    await post.desk.tell(customer("refused"))
    post.agents.ends = [Retry("down")]
    await post.turn()
    await post.desk.tell(*(customer(f"Bob {number}") for number in range(2)), who=BOB)
    await post.wait()
    await post.wait()

    assert post.agents.seen == ["agents < refused", "agents < Bob 0", "agents < refused"]


async def test_a_room_that_must_wait_holds_up_no_other_place(post: Post) -> None:
    """A pause that was demanded for the agents' room is not the customers'."""
    post.agents.ends = [Retry("429", after=3600)]
    await post.desk.tell(customer("to the room"))
    await post.turn()
    await post.desk.tell(agent("to Ana"), customer("more for the room"))
    await post.empty()
    assert post.chat.seen == ["customer < to Ana"]

    post.desk.clock.go_on(3600)
    await post.empty()
    assert [each for each in post.agents.seen if "<" in each] == [
        "agents < to the room",
        "agents < to the room",
        "agents < more for the room",
    ]


async def test_one_kind_of_call_that_must_wait_holds_up_no_other(post: Post) -> None:
    """Where a platform counts cards apart, messages are posted while cards have to wait."""
    await meet(post.desk, BOB)
    post.agents.cards = Toll("cards", per_second=1 / 60)
    await post.desk.tell(agent("I look at it"))
    await post.turn()
    await post.desk.tell(agent("I look at it, too"), who=BOB)
    await post.desk.tell(customer("Thank you"))
    await post.empty()

    assert post.agents.seen == ["agents: card updated", "agents < Thank you"]


async def test_a_turn_asks_the_store_as_often_for_many_lanes_as_for_one(joining: Post) -> None:
    """What is begun, joined and written down together is one statement, however much it is."""
    asked: list[str] = []

    def hear(*call: Any) -> None:
        asked.append(call[2])

    async def statements(*names: str) -> int:
        """Have a turn with two messages of each of these; return what the store was asked."""
        await keep(joining.desk.store, *(a_conversation(name) for name in names))
        said = [(f"{name}{number}", f"of-{name}") for name in names for number in range(2)]
        await keep(joining.desk.store, *(a_message(id_, talk) for id_, talk in said))
        at = {"created_at": joining.desk.clock.now(), "due_at": joining.desk.clock.now()}
        whole = [(whole_relay(id_), id_, talk) for id_, talk in said]
        await keep(
            joining.desk.store,
            *(a_delivery(id_, talk, effect=say, message_id=id_, **at) for say, id_, talk in whole),
        )
        asked.clear()
        await joining.turn()
        return len(asked)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        few = await statements("one")
        many = await statements(*(f"n{number}" for number in range(40)))
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert len(joining.agents.together) == 41
    assert few == many


def whole_relay(id_: str) -> Relay:
    return Relay(to=Side.AGENTS, message_id=MessageId(id_), piece=Piece(0, len(id_)))


# Joined posts


@pytest.fixture
def joining(post: Post) -> Post:
    """Give the same desk, where up to three messages go to the agents in one post."""
    post.agents.fits = replace(ROOMY, joins=3)
    return post


async def test_what_piles_up_behind_a_slow_call_goes_in_one_post(joining: Post) -> None:
    """The first goes at once and alone; nothing waits for more to come."""
    free = joining.agents.held_up["#support"] = asyncio.Event()
    await joining.desk.tell(customer("one"))
    await joining.dispatcher.turn()
    await joining.desk.tell(*(customer(each) for each in ("two", "three", "four", "five")))
    await joining.dispatcher.turn()
    free.set()
    await joining.dispatcher.drain(10)
    await joining.empty()

    assert joining.agents.seen == ["agents < one", "agents < two", "agents < five"]
    assert joining.agents.together == [["two", "three", "four"]]


async def test_a_channel_that_cannot_join_has_each_on_its_own(post: Post) -> None:
    """As before."""
    await post.desk.tell(customer("one"), customer("two"))
    await post.empty()
    assert post.agents.seen == ["agents < one", "agents < two"]
    assert post.agents.together == []


async def test_a_joined_post_that_was_refused_takes_in_what_came_since(joining: Post) -> None:
    """Nobody has seen any of it, so it may grow; as far as there is room."""
    joining.agents.ends = [Retry("down"), Retry("429", after=3)]
    await joining.desk.tell(customer("one"))
    await joining.empty()
    await joining.desk.tell(customer("two"))
    await joining.empty()
    await joining.wait()
    await joining.desk.tell(customer("three"), customer("four"))
    await joining.wait()
    await joining.empty()

    assert joining.agents.together == [["one", "two"], ["one", "two", "three"]]
    assert joining.agents.seen == ["agents < one"] * 3 + ["agents < four"]


async def test_a_joined_post_that_may_have_been_seen_stays_as_it_is(joining: Post) -> None:
    """What has come since goes into the next one, whatever is found out later."""
    joining.agents.ends = [InDoubt("the line went dead"), Retry("down")]
    await joining.desk.tell(customer("one"), customer("two"))
    await joining.empty()
    await joining.desk.tell(customer("three"))
    for _ in range(4):
        await joining.wait()
    await joining.empty()

    assert joining.agents.together == [["one", "two"]] * 3
    assert joining.agents.seen[-2:] == ["agents < one", "agents < three"]


async def test_a_post_grows_for_half_a_day(joining: Post) -> None:
    """Else what came last would be given up with the first, having hardly been tried."""
    joining.agents.ends = [Retry("down")] * 200
    await joining.desk.tell(customer("one"))
    await joining.empty()
    joining.desk.clock.go_on(timedelta(hours=12).total_seconds() + 1)
    await joining.desk.tell(customer("two"))
    await joining.empty()
    assert joining.agents.together == []


async def test_a_joined_post_in_doubt_is_looked_for_as_one(joining: Post) -> None:
    """Found once, all of it has arrived."""
    joining.agents.ends = [InDoubt("the line went dead")]
    joining.agents.has = True
    await joining.desk.tell(customer("one"), customer("two"), customer("three"))
    await joining.empty()
    await joining.wait()
    await joining.empty()

    assert joining.agents.seen == ["agents < one", "looked for"]
    assert await joining.dispatcher.turn() is None


async def test_a_joined_post_that_fails_is_a_failure_of_each_message(joining: Post) -> None:
    """None of them was passed on, and that is decided of each."""
    joining.agents.ends = [GiveUp("403", why=Words(phrase=Phrase.WHY_BLOCKED))]
    await joining.desk.tell(customer("one"), customer("two"))

    await joining.empty()

    assert joining.chat.seen.count("desk: NOT_PASSED_ON") == 2


# Pace and patience


async def test_a_place_is_spoken_to_at_the_rate_that_it_allows(post: Post) -> None:
    """Two threads of one room share its pace."""
    await meet(post.desk, BOB)
    post.agents.rate = Toll("room", per_second=1)
    await post.desk.tell(customer("from Ana"))
    await post.desk.tell(customer("from Bob"), who=BOB)
    assert await post.turn() == pytest.approx(1)
    assert post.agents.seen == ["agents < from Ana"]

    post.desk.clock.go_on(1)
    await post.turn()

    assert post.agents.seen == ["agents < from Ana", "agents < from Bob"]


async def test_a_pause_that_was_demanded_is_obeyed_to_the_second(post: Post) -> None:
    """By everything that goes to that place, and by nothing else."""
    await meet(post.desk, BOB)
    post.agents.ends = [Retry("429", after=30)]
    await post.desk.tell(customer("from Ana"))
    await post.turn()
    await post.desk.tell(customer("from Bob"), who=BOB)
    await post.desk.tell(agent("to Bob"), who=BOB)

    post.desk.clock.go_on(29)
    assert await post.turn() == pytest.approx(1)
    assert post.agents.seen == ["agents < from Ana"]
    assert post.chat.seen == ["customer < to Bob"]

    post.desk.clock.go_on(1)
    await post.empty()
    assert sorted(post.agents.seen[1:3]) == ["agents < from Ana", "agents < from Bob"]


async def test_pauses_grow_up_to_a_quarter_of_an_hour(post: Post) -> None:
    """A platform that is down is asked less and less often."""
    post.chat.ends = [Retry("down")] * 12
    await post.desk.tell(agent("one"))
    await post.empty()

    pauses = [await post.wait() for _ in range(12)]

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert post.chat.seen == ["customer < one"] * 13


async def test_after_a_day_it_is_given_up_and_said(post: Post) -> None:
    """The agent who wrote it learns that it did not arrive."""
    await post.desk.tell(agent("one"))
    post.chat.ends = [Retry("down"), Retry("down")]
    await post.empty()
    post.desk.clock.go_on(timedelta(hours=24).total_seconds() + 1)

    await post.empty()

    assert post.chat.seen == ["customer < one"] * 2
    assert "agents: AGENTS_NOT_DELIVERED" in post.agents.seen


async def test_mail_has_five_days(post: Post) -> None:
    """A mail server may be down for a week-end."""
    await post.desk.play((passes(minutes=10), *TICKET))
    post.mail.ends = [Retry("down")] * 2
    await post.desk.tell(agent("one"))
    await post.empty()
    post.desk.clock.go_on(timedelta(days=4).total_seconds())

    await post.turn()
    await post.wait()

    assert post.mail.seen == ["mail: answer, one"] * 3
    assert "agents: AGENTS_MAIL_FAILED" not in post.agents.seen


TICKET = (
    "agents: AGENTS_REMINDER (on call)",
    "desk: TICKET_UNANSWERED, TICKET_ANSWER_BOTH",
    "mail: ticket-filed",
    "agents: card updated",
    "agents: AGENTS_TICKET_MAILED",
)


# Outages


async def test_a_room_that_is_closed_for_an_hour_catches_up_by_itself(joining: Post) -> None:
    """In order, each word once, and in few posts."""
    joining.agents.ends = [Retry("429", after=3600)]
    await joining.desk.tell(customer("word 0"))
    await joining.empty()
    for minute in range(1, 60):
        joining.desk.clock.go_on(60)
        await joining.desk.tell(customer(f"word {minute}"))
        await joining.empty()
    assert joining.agents.seen == ["agents < word 0"]

    joining.desk.clock.go_on(60)
    await joining.empty()

    said = [each for together in joining.agents.together for each in together]
    assert said == [f"word {minute}" for minute in range(60)]
    assert len(joining.agents.seen) == 1 + 20
    assert await joining.dispatcher.turn() is None


async def test_an_outage_of_a_day_keeps_order(post: Post) -> None:
    """What was written every hour arrives in that order, and nothing has been given up."""
    post.chat.ends = [Retry("down")] * 10_000
    for hour in range(24):
        await post.desk.tell(agent(f"hour {hour}"))
        for _ in range(5):
            post.desk.clock.go_on(700)
            await post.empty()
    assert set(post.chat.seen) == {"customer < hour 0"}
    post.chat.ends, post.chat.seen = [], []

    post.desk.clock.go_on(900)
    await post.empty()

    assert post.chat.seen == [f"customer < hour {hour}" for hour in range(24)]
    assert "agents: AGENTS_NOT_DELIVERED" not in post.agents.seen


# A clock that is wrong


async def test_what_was_decided_while_the_clock_was_ahead_goes_at_once(post: Post) -> None:
    """Put right, it is not waited for until it is there again; not by what comes later either."""
    post.desk.clock.be_wrong(by=3600)
    await post.desk.tell(agent("one"))
    post.desk.clock.be_wrong(by=0)
    await post.desk.tell(agent("two"))

    await post.empty()

    assert post.chat.seen == ["customer < one", "customer < two"]


async def test_what_was_postponed_while_the_clock_was_ahead_is_tried_again(post: Post) -> None:
    """As soon as the clock is put right."""
    post.chat.ends = [Retry("down")]
    await post.desk.tell(agent("one"))
    post.desk.clock.be_wrong(by=3600)
    await post.empty()
    post.desk.clock.be_wrong(by=0)

    await post.empty()

    assert post.chat.seen == ["customer < one"] * 2


async def test_what_was_postponed_while_the_clock_was_ahead_outlives_no_restart(post: Post) -> None:
    """Nor does it matter that nobody saw the clock being put right."""
    post.chat.ends = [Retry("down")]
    post.desk.clock.be_wrong(by=3600)
    await post.desk.tell(agent("one"))
    await post.empty()
    post.desk.clock.be_wrong(by=0)

    post.dispatcher = post.restarted()
    await post.dispatcher.recover()
    await post.empty()

    assert post.chat.seen == ["customer < one"] * 2


async def test_a_demanded_pause_is_kept_when_the_clock_is_put_right(post: Post) -> None:
    """To the second, whatever the time of day is said to be."""
    post.chat.ends = [Retry("429", after=30)]
    await post.desk.tell(agent("one"))
    post.desk.clock.be_wrong(by=3600)
    await post.empty()
    post.desk.clock.be_wrong(by=0)

    await post.empty()
    assert post.chat.seen == ["customer < one"]
    assert await post.wait() == pytest.approx(30)
    assert post.chat.seen == ["customer < one"] * 2


# Doubt


async def test_what_is_in_doubt_is_looked_for_twice_and_then_repeated(post: Post) -> None:
    """A platform may show late what it took; then it is asked once more before it is told again."""
    post.agents.ends = [InDoubt("the line went dead")]
    await post.desk.tell(customer("Hello?"))
    await post.empty()

    for _ in range(2):
        assert await post.wait() == pytest.approx(DOUBT_PAUSE)

    said = "agents < Hello?"
    assert post.agents.seen == [said, "looked for", "looked for", said]


async def test_a_card_in_doubt_is_simply_brought_up_to_date_again(post: Post) -> None:
    """It shows the same, however often; what follows in the thread does not wait for a search."""
    post.agents.ends = [InDoubt("the line went dead")]
    await post.desk.tell(agent("I look at it"), customer("Thank you"))
    await post.empty()

    assert await post.wait() < DOUBT_PAUSE
    await post.empty()

    updated = "agents: card updated"
    assert post.agents.seen == [updated, updated, "agents < Thank you"]


async def test_what_is_found_is_not_repeated(post: Post) -> None:
    """It had arrived: exactly once."""
    post.agents.ends = [InDoubt("the line went dead")]
    post.agents.has = True
    await post.desk.tell(customer("Hello?"))
    await post.empty()

    await post.wait()

    assert post.agents.seen == ["agents < Hello?", "looked for"]
    assert await post.dispatcher.turn() is None


async def test_a_refusal_to_say_leaves_the_doubt(post: Post) -> None:
    """To be asked later does not mean that it is not there."""
    post.agents.ends = [InDoubt("the line went dead")]
    post.agents.finds_end = [Retry("429", after=3)]
    post.agents.has = True
    await post.desk.tell(customer("Hello?"))
    await post.empty()

    await post.wait()
    await post.wait()

    assert post.agents.seen == ["agents < Hello?", "looked for", "looked for"]


async def test_an_error_that_nobody_understands_leaves_a_doubt(post: Post) -> None:
    """It may have taken effect, so it is looked for."""
    post.agents.ends = [KeyError("surprise")]
    await post.desk.tell(customer("Hello?"))
    await post.empty()

    await post.wait()

    assert post.agents.seen == ["agents < Hello?", "looked for"]


async def test_doubt_after_doubt_is_not_repeated_every_few_seconds(post: Post) -> None:
    """Where nobody can be asked, a customer must not read the same words a thousand times."""
    post.chat.ends = [InDoubt("no answer")] * 30
    await post.desk.tell(agent("one"))
    await post.empty()

    for _ in range(8):
        await post.wait()

    assert post.desk.clock.monotonic() > 120
    assert len(post.chat.seen) <= 10


async def test_a_restart_doubts_what_was_being_sent(post: Post) -> None:
    """The process died in the middle of a call: it is looked for before it is told again."""
    post.agents.held_up["#support"] = asyncio.Event()
    await post.desk.tell(customer("Hello?"))
    await post.dispatcher.turn()
    await until(lambda: bool(post.agents.seen))
    post.agents.held_up.clear()
    post.agents.has = True

    restarted = post.restarted()
    await restarted.recover()
    running = asyncio.create_task(restarted.run())
    await until(lambda: len(post.agents.seen) > 1)
    restarted.stop()
    await running

    assert post.agents.seen == ["agents < Hello?", "looked for"]


# The end


async def test_a_final_failure_is_told_once_and_seen(post: Post) -> None:
    """The agent reads it in the thread; where there is an address, the answer goes by mail."""
    why = Words(phrase=Phrase.WHY_BLOCKED)
    post.chat.ends = [GiveUp("403", why=why, gone=True)]
    await post.desk.tell(agent("one"))

    await post.empty()

    assert post.agents.seen.count("agents: AGENTS_NOT_DELIVERED") == 1
    assert post.mail.seen == ["mail: ticket-filed", "mail: answer, one"]
    assert (await post.desk.conversation()).stage is Stage.TICKETED


async def test_what_follows_a_failure_still_goes(post: Post) -> None:
    """A message that the platform refuses holds nobody up."""
    post.chat.ends = [GiveUp("400", why=Words(phrase=Phrase.WHY_BLOCKED))]
    await post.desk.tell(agent("one"), agent("two"))

    await post.empty()

    assert post.chat.seen == ["customer < one", "customer < two"]


async def test_a_card_that_cannot_be_updated_is_no_lost_message(post: Post) -> None:
    """The customer is not told that their words were not passed on: they were."""
    post.agents.ends = [GiveUp("cannot edit", why=Words(phrase=Phrase.WHY_BLOCKED))]
    await post.desk.tell(agent("one"))

    await post.empty()

    assert post.agents.seen == ["agents: card updated"]
    assert post.chat.seen == ["customer < one"]


async def test_what_became_a_note_before_it_was_sent_stays_inside(post: Post) -> None:
    """The agent thought better of it in time, and reads that it was held back."""
    post.chat.ends = [Retry("down")]
    await post.desk.tell(agent("the password is 123"))
    await post.empty()
    await post.desk.tell(agent_edits("the password is 123", "// the password is 123"))

    await post.wait()
    await post.empty()

    assert post.chat.seen == ["customer < the password is 123"]  # the first call, which failed
    assert post.agents.seen == ["agents: card updated", "agents: AGENTS_NOT_DELIVERED"]


async def test_who_leaves_gets_no_more_words(post: Post) -> None:
    """What was decided after it goes by mail alone."""
    await post.desk.tell(leaves())
    await post.empty()

    assert post.chat.seen == []
    assert post.mail.seen == ["mail: ticket-filed"]


async def test_the_thread_is_written_down_and_what_waited_for_it_is_heard(post: Post) -> None:
    """An agent can be faster than the answer to our own call."""
    await post.desk.play(
        (customer("hello", id="hello"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (customer("Bob"), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),
        (
            customer("bob@example.com"),
            "desk: ASK_PROBLEM [BUTTON_CHANGE_NAME, BUTTON_CHANGE_EMAIL]",
        ),
        (customer("My site is down"),),
        who=BOB,
    )
    post.desk.clock.go_on(2)
    await post.desk.desk().tick()
    await post.desk.tell(agent("Already on it"), who=BOB)

    await post.empty()

    assert post.agents.seen[0] == "agents: card"
    assert post.chat.seen == ["desk: AGENTS_TOLD", "customer < Already on it"]
    assert (await post.desk.conversation(BOB)).thread is not None


async def test_a_thread_that_is_lost_is_replaced(post: Post) -> None:
    """What was to stand there stands in the new one."""
    post.agents.ends = [ThreadGone()]
    await post.desk.tell(customer("Hello?"))

    await post.empty()

    assert post.agents.seen == [
        "agents < Hello?",
        "agents: card",
        "agents: AGENTS_THREAD_LOST",
        "agents < Hello?",
    ]


async def test_a_new_thread_that_seems_lost_is_not_replaced_again(post: Post) -> None:
    """A platform whose answers name no thread must not have the room filled with cards."""
    post.agents = Threadless(AGENTS)
    post.dispatcher = post.restarted()
    await post.desk.tell(customer("Hello?"))

    await post.empty()

    assert post.agents.seen.count("agents: card") == 1
    assert "desk: NOT_PASSED_ON" in post.chat.seen


class Threadless(AskableChannel):
    """A platform that never says that a post stands in a thread."""

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        delivered = await super().deliver(outgoing)
        if delivered.thread is None:
            raise ThreadGone
        return delivered


def test_every_error_is_one_of_three() -> None:
    """An adapter has three ways to say that it failed, and no fourth."""
    assert set(DeliveryError.__subclasses__()) == {Retry, GiveUp, InDoubt}


async def test_one_who_may_have_been_relieved_calls_nobody(post: Post) -> None:
    """Another instance may be at work: the call waits, and is made if it turns out that none is."""
    await post.desk.tell(customer("It is urgent"))
    post.may_call = False
    await post.turn()
    assert post.agents.seen == []

    post.may_call = True
    await post.wait()
    assert post.agents.seen == ["agents < It is urgent"]
