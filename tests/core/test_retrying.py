"""What could not be delivered is tried again when people ask for it, and told anew if it fails."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.effects import Words
from core.errors import GiveUp, InDoubt, Retry
from core.mending import Mending
from core.phrases import Phrase
from tests.support.builders import ANA, MONDAY, policy
from tests.support.dispatching import ROOMY, Post, meet
from tests.support.play import agent, agent_edits, customer, retries
from tests.support.whole_desk import whole_desk

REFUSED = GiveUp("400", why=Words(phrase=Phrase.WHY_BLOCKED))
BLOCKED = GiveUp("403", why=Words(phrase=Phrase.WHY_BLOCKED), gone=True)
ARCHIVED = GiveUp("is_archived", why=Words(phrase=Phrase.WHY_ROOM_ARCHIVED), gone=True)
NOT_DELIVERED = "agents: AGENTS_NOT_DELIVERED"
TRYING = "agents: AGENTS_TRYING_AGAIN"
NOTHING_LEFT = "agents: AGENTS_NOTHING_TO_RETRY"


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """Give a desk whose customer waits, told so, with nothing left to deliver."""
    async with whole_desk(tmp_path, policy(), MONDAY) as desk:
        post = Post(desk)
        await meet(desk, ANA)
        yield post


async def presses(post: Post) -> None:
    """Have an agent press the newest button, and all be delivered that can be."""
    await post.desk.tell(retries(post.agents.buttons[-1]))
    await post.empty()


async def mends(post: Post, channel: str | None = None) -> int:
    """Have an operator try everything again; return how many deliveries that were."""
    return len(await Mending(post.desk.store, post.desk.clock).retry_all(channel, who="Mila"))


# Agents


async def test_an_agent_has_an_answer_tried_again(post: Post) -> None:
    """The customer reads it, and the thread says that it was tried again."""
    post.chat.ends = [REFUSED]
    await post.desk.tell(agent("one"))
    await post.empty()
    assert post.agents.seen[-1] == NOT_DELIVERED

    await presses(post)

    assert post.chat.seen == ["customer < one"] * 2
    assert post.agents.seen[-1] == TRYING


async def test_a_second_press_does_nothing_and_says_so(post: Post) -> None:
    """Nobody reads the same twice because somebody was impatient."""
    post.chat.ends = [REFUSED]
    await post.desk.tell(agent("one"))
    await post.empty()
    button = post.agents.buttons[-1]

    await post.desk.tell(retries(button), retries(button))
    await post.empty()
    await post.desk.tell(retries(button))
    await post.empty()

    assert post.chat.seen == ["customer < one"] * 2
    assert post.agents.seen[-3:] == [TRYING, NOTHING_LEFT, NOTHING_LEFT]


async def test_another_failure_is_told_again(post: Post) -> None:
    """Each with a button of its own."""
    post.chat.ends = [REFUSED] * 3
    await post.desk.tell(agent("one"))
    await post.empty()
    for _ in range(2):
        post.desk.clock.go_on(60)
        await presses(post)

    assert post.agents.seen.count(NOT_DELIVERED) == 3
    assert len(post.agents.buttons) == 3
    await presses(post)
    assert post.chat.seen == ["customer < one"] * 4


async def test_what_is_tried_again_goes_before_what_came_after_it(post: Post) -> None:
    """It keeps its place in the lane."""
    post.chat.ends = [REFUSED, Retry("down", after=60)]
    await post.desk.tell(agent("one"))
    await post.empty()
    await post.desk.tell(agent("two"), agent("three"))
    await post.empty()
    await presses(post)
    post.desk.clock.go_on(60)
    await post.empty()

    said = [each.removeprefix("customer < ") for each in post.chat.seen]
    assert said == ["one", "two", "one", "two", "three"]


async def test_all_of_a_message_is_tried_again_at_once(post: Post) -> None:
    """However many pieces it was cut into, of which some arrived."""
    post.desk.carries(chat=replace(ROOMY, text=10))
    post.dispatcher = post.restarted()
    post.chat.ends = [REFUSED, REFUSED]
    await post.desk.tell(agent("one two three four five six"))
    await post.empty()
    pieces = len(post.chat.seen)
    assert pieces > 2

    await presses(post)

    assert len(post.chat.seen) == pieces + 2
    assert post.agents.seen.count(TRYING) == 1


async def test_what_goes_by_mail_instead_has_no_button(post: Post) -> None:
    """Else it could be read twice."""
    post.chat.ends = [BLOCKED]
    await post.desk.tell(agent("one"))
    await post.empty()

    assert NOT_DELIVERED in post.agents.seen
    assert post.agents.buttons == []


async def test_what_became_a_note_is_never_tried_again(post: Post) -> None:
    """Not by a button, and not by somebody who tries everything again."""
    post.chat.ends = [Retry("down")]
    await post.desk.tell(agent("the password is 123"))
    await post.empty()
    await post.desk.tell(agent_edits("the password is 123", "// the password is 123"))
    await post.wait()
    await post.empty()

    assert NOT_DELIVERED in post.agents.seen
    assert post.agents.buttons == []
    assert await mends(post) == 0


async def test_what_was_edited_since_is_not_told_twice(post: Post) -> None:
    """The edit has told it: there is nothing left to be tried again, for nobody."""
    post.chat.ends = [REFUSED]
    await post.desk.tell(agent("one"))
    await post.empty()
    await post.desk.tell(agent_edits("one", "two"))
    await post.empty()

    await presses(post)

    assert post.chat.seen == ["customer < one", "customer < one (edited)"]
    assert post.agents.seen[-1] == NOTHING_LEFT
    assert await mends(post) == 0


# Operators


async def test_a_room_that_was_archived_and_is_mended_has_it_all_in_order(post: Post) -> None:
    """The customer is told each time; afterwards agents read every word."""
    post.agents.ends = [ARCHIVED] * 100
    for each in ("one", "two", "three"):
        await post.desk.tell(customer(each))
        await post.empty()
    assert post.chat.seen.count("desk: NOT_PASSED_ON") == 3
    post.agents.ends, post.agents.seen = [], []

    assert await mends(post) >= 3
    await post.empty()

    said = [each for each in post.agents.seen if "<" in each]
    assert said == ["agents < one", "agents < two", "agents < three"]
    assert await mends(post) == 0


async def test_what_may_have_arrived_is_looked_for_before_it_is_told_again(post: Post) -> None:
    """It failed while nobody could say whether it was there; it was."""
    post.agents.ends = [InDoubt("the line went dead")]
    post.agents.finds_end = [InDoubt("no answer")]
    await post.desk.tell(customer("Hello?"))
    await post.empty()
    post.desk.clock.go_on(timedelta(hours=24).total_seconds() + 1)
    await post.empty()
    assert "desk: NOT_PASSED_ON" in post.chat.seen
    post.agents.seen.clear()
    post.agents.has = True

    assert await mends(post) == 1
    await post.empty()

    assert "looked for" in post.agents.seen
    assert "agents < Hello?" not in post.agents.seen


async def test_patience_begins_anew_with_a_retry(post: Post) -> None:
    """What was given up after a day is tried for another one."""
    post.chat.ends = [Retry("down")] * 3
    await post.desk.tell(agent("one"))
    await post.empty()
    post.desk.clock.go_on(timedelta(hours=24).total_seconds() + 1)
    await post.empty()
    assert post.agents.seen.count(NOT_DELIVERED) == 1

    await mends(post, "chat")
    await post.empty()
    await post.wait()

    assert post.chat.seen == ["customer < one"] * 4
    assert post.agents.seen.count(NOT_DELIVERED) == 1


async def test_what_was_dropped_is_gone(post: Post) -> None:
    """It holds up its lane no more, and no button brings it back."""
    post.chat.ends = [Retry("down", after=3600)]
    await post.desk.tell(agent("one"), agent("two"))
    await post.empty()
    mending = Mending(post.desk.store, post.desk.clock)
    post.desk.clock.go_on(600)
    (waits, behind) = await mending.undelivered("chat", 9)

    assert await mending.drop([waits.id], who="Mila") == [waits.id]
    post.desk.clock.go_on(3000)
    await post.empty()

    assert post.chat.seen == ["customer < one", "customer < two"]
    assert [each.id for each in await mending.undelivered(None, 9)] == []
    async with post.desk.store.transaction() as tx:
        (entry,) = await tx.audits(1)
    assert (entry.who, entry.what, entry.after) == ("Mila", f"deliveries {waits.id}", "dropped")
    assert behind.id != waits.id
