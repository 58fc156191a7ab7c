"""What can go at once is begun in the transaction that decided it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.errors import Retry
from core.ports import Transaction
from tests.support.builders import ANA, MONDAY, policy
from tests.support.dispatching import Post, meet
from tests.support.play import agent
from tests.support.waiting import until
from tests.support.whole_desk import whole_desk


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """Give a desk whose dispatcher runs, and rests because nothing is left to deliver."""
    async with whole_desk(tmp_path, policy(), MONDAY) as desk:
        post = Post(desk)
        await meet(desk, ANA)
        desk.begin = post.dispatcher.begin
        running = asyncio.create_task(post.dispatcher.run())
        await until(lambda: post.dispatcher.rests)
        yield post
        post.dispatcher.stop()
        await running
        await post.dispatcher.drain(10)


async def test_a_lone_word_waits_for_no_turn(post: Post) -> None:
    """It is on its way when it is stored, and nobody had to look for it."""
    await post.desk.tell(agent("A moment."))
    await until(lambda: post.chat.seen == ["customer < A moment."])
    await post.dispatcher.drain(10)
    await until(lambda: post.dispatcher.rests)
    looked = post.dispatcher.turned_at
    arrives = post.chat.held_up[ANA.address] = asyncio.Event()
    post.desk.clock.go_on(1)
    await post.desk.tell(agent("It is up again."))
    await until(lambda: post.chat.seen[1:] == ["customer < It is up again."])
    assert post.dispatcher.turned_at == looked
    arrives.set()


async def test_what_could_not_be_committed_is_not_said(post: Post) -> None:
    """Nobody reads what may be told once more; when it is, it goes its way."""

    async def full(tx: Transaction) -> Callable[[], None]:
        await post.dispatcher.begin(tx)
        raise OSError("the disk is full")

    post.desk.begin = full
    with pytest.raises(OSError, match="full"):
        await post.desk.tell(agent("one"))
    assert post.chat.seen == []

    post.desk.begin = post.dispatcher.begin
    post.desk.repeat_last()
    await post.desk.tell(agent("one"))
    await until(lambda: post.chat.seen == ["customer < one"])


async def test_where_something_waits_for_a_time_it_is_not_forgotten(post: Post) -> None:
    """A word that is to be tried again later, and others that go meanwhile: all arrive."""
    post.chat.ends = [Retry("the wire is cut")]
    await post.desk.tell(agent("one"))
    await until(lambda: post.chat.seen == ["customer < one"])
    await post.desk.tell(agent("two"))
    post.desk.clock.go_on(60)
    post.dispatcher.wake()
    await until(lambda: post.chat.seen == ["customer < one", "customer < one", "customer < two"])


async def test_before_it_runs_nothing_is_begun(post: Post) -> None:
    """What the last life left in doubt is looked at first."""
    post.desk.begin = post.restarted().begin
    await post.desk.tell(agent("one"))
    assert post.chat.seen == []
