"""A visitor's log: in order, each entry once, and who has not seen what."""

import asyncio

from core.ids import MessageId
from core.message import Attachment, AttachmentKind
from core.ports import Store
from core.web_port import Frame, Unseen, Visit, WebFile
from tests.support.stored import NOON, later


async def add(store: Store, key: str, visitor: str = "ana", *, answers: str = "") -> Frame:
    """Add an entry; *answers* names the agents' message whose words it has."""
    answer = MessageId(answers) if answers else None
    async with store.transaction() as tx:
        return await tx.add_frame(
            visitor, key, f"body of {key}", NOON, answer=answer, away_at=later(minutes=2)
        )


async def log(store: Store, visitor: str = "ana", after: int = 0, limit: int = 100) -> list[str]:
    async with store.transaction() as tx:
        return [f"{each.seq} {each.key}" for each in await tx.frames(visitor, after, limit)]


async def visit(store: Store, visitor: str = "ana") -> Visit:
    async with store.transaction() as tx:
        return await tx.visit(visitor)


async def unseen(store: Store, minutes: float, limit: int = 10) -> list[Unseen]:
    async with store.transaction() as tx:
        return await tx.unseen(later(minutes=minutes), limit)


def a_file(id_: str, visitor: str = "ana", size: int = 10, hours: float = 0) -> WebFile:
    attachment = Attachment(kind=AttachmentKind.PHOTO, channel="web", ref=id_, size=size)
    return WebFile(id=id_, visitor=visitor, attachment=attachment, at=later(hours=hours))


async def test_a_log_is_numbered_for_each_visitor(store: Store) -> None:
    """From one, without a gap, and read from anywhere."""
    for key in "abc":
        assert (await add(store, key)).body == f"body of {key}"
    await add(store, "a", "ivo")

    assert await log(store) == ["1 a", "2 b", "3 c"]
    assert await log(store, after=1, limit=1) == ["2 b"]
    assert await log(store, after=9) == []
    assert await log(store, "ivo") == ["1 a"]
    assert await log(store, "nobody") == []


async def test_what_is_added_twice_is_there_once(store: Store) -> None:
    """The first one counts, wherever it stands by now."""
    first = await add(store, "a")
    await add(store, "b")

    async with store.transaction() as tx:
        again = await tx.add_frame("ana", "a", "other words", later(hours=1))

        assert await tx.frame("ana", "a") == first
        assert await tx.frame("ana", "c") is None
        assert await tx.frame("ivo", "a") is None

    assert again == first
    assert await log(store) == ["1 a", "2 b"]


async def test_what_is_added_at_once_gets_numbers_of_its_own(store: Store) -> None:
    """Two browsers and the desk write into one log at the same time."""
    await asyncio.gather(*(add(store, key) for key in "abcdabcd"))

    assert sorted(each.split()[1] for each in await log(store)) == list("abcd")
    assert [each.split()[0] for each in await log(store)] == ["1", "2", "3", "4"]


async def test_what_was_rolled_back_has_left_no_gap(store: Store) -> None:
    """A number is taken with its entry, or not at all."""
    await add(store, "a")
    try:
        async with store.transaction() as tx:
            await tx.add_frame("ana", "b", "", NOON)
            raise KeyError
    except KeyError:
        pass
    await add(store, "c")

    assert await log(store) == ["1 a", "2 c"]


async def test_who_leaves_without_looking_is_known_with_what_they_miss(store: Store) -> None:
    """Each message once, however many pieces; what the desk itself says does not count."""
    await add(store, "mine")
    await add(store, "p1", answers="m1")
    await add(store, "p2", answers="m1")
    await add(store, "p3", answers="m2")
    await add(store, "said by the desk")

    assert await unseen(store, minutes=1) == []
    assert await unseen(store, minutes=2) == [
        Unseen(visitor="ana", last=4, messages=(MessageId("m1"), MessageId("m2")))
    ]


async def test_who_has_looked_misses_nothing(store: Store) -> None:
    """What was seen is not said to be missed; what comes later is."""
    await add(store, "p1", answers="m1")
    await add(store, "p2", answers="m2")
    async with store.transaction() as tx:
        await tx.mark_seen("ana", 1)
    assert (await unseen(store, minutes=3))[0].messages == ("m2",)

    async with store.transaction() as tx:
        await tx.mark_seen("ana", 99)
        await tx.mark_seen("ana", 1)
    assert (await visit(store)).seen == 2
    assert await unseen(store, minutes=3) == []
    await add(store, "p3", answers="m3")
    assert (await unseen(store, minutes=3))[0].messages == ("m3",)


async def test_what_was_told_is_not_told_again(store: Store) -> None:
    """But what came in between is."""
    await add(store, "p1", answers="m1")
    (first,) = await unseen(store, minutes=3)
    await add(store, "p2", answers="m2")
    async with store.transaction() as tx:
        await tx.mark_told("ana", first.last)
    (second,) = await unseen(store, minutes=3)
    assert second.messages == ("m2",)
    async with store.transaction() as tx:
        await tx.mark_told("ana", second.last)
    assert await unseen(store, minutes=30) == []


async def test_who_is_still_there_is_waited_for(store: Store) -> None:
    """The deadline moves for whom there is one, and is made for nobody else."""
    await add(store, "p1", answers="m1")
    await add(store, "own", "ivo")
    async with store.transaction() as tx:
        await tx.await_until("ana", later(minutes=9))
        await tx.await_until("ivo", later(minutes=1))

    assert await unseen(store, minutes=8) == []
    assert [each.visitor for each in await unseen(store, minutes=9)] == ["ana"]


async def test_the_longest_gone_come_first(store: Store) -> None:
    """And no more of them than are asked for."""
    for visitor in ("ana", "ivo"):
        await add(store, "p", visitor, answers="m")
    async with store.transaction() as tx:
        await tx.await_until("ana", later(minutes=5))
    assert [each.visitor for each in await unseen(store, minutes=9)] == ["ivo", "ana"]
    assert [each.visitor for each in await unseen(store, minutes=9, limit=1)] == ["ivo"]


async def test_who_a_visitor_is_is_kept(store: Store) -> None:
    """As the website signed it last."""
    async with store.transaction() as tx:
        await tx.vouch("ana", "Ana", "ana@example.com")
    await add(store, "a")
    async with store.transaction() as tx:
        await tx.vouch("ana", "Ana A.", "ana@example.com")

    known = await visit(store)
    assert (known.name, known.email, known.last) == ("Ana A.", "ana@example.com", 1)
    assert (await visit(store, "nobody")).name == ""


async def test_a_file_is_its_visitor_s_alone(store: Store) -> None:
    """Another one learns no more than of a file that does not exist."""
    async with store.transaction() as tx:
        await tx.keep_file(a_file("f1"))
        assert await tx.file_of("ana", "f1") == a_file("f1")
        assert await tx.file_of("ivo", "f1") is None
        assert await tx.file_of("ana", "f2") is None
        assert await tx.use_files("ivo", ["f1"], "m") is None
        assert (await tx.file_of("ana", "f1")) == a_file("f1")


async def test_a_file_is_used_by_one_message(store: Store) -> None:
    """All that a message names, or none; told once more it gets the same ones."""
    async with store.transaction() as tx:
        for name in ("f1", "f2", "f3"):
            await tx.keep_file(a_file(name))
        used = await tx.use_files("ana", ["f2", "f1"], "m1")
        assert used is not None
        assert [each.id for each in used] == ["f2", "f1"]
        again = await tx.use_files("ana", ["f2", "f1"], "m1")
        assert again is not None
        assert [each.id for each in again] == ["f2", "f1"]
        assert await tx.use_files("ana", ["f3", "f1"], "m2") is None
        third = await tx.file_of("ana", "f3")
        assert third is not None
        assert third.used_by is None
        assert await tx.use_files("ana", [], "m2") == []


async def test_what_was_brought_is_counted_and_what_is_not_used_forgotten(store: Store) -> None:
    """Bytes of one visitor since a moment; files of messages stay."""
    async with store.transaction() as tx:
        await tx.keep_file(a_file("old"))
        await tx.keep_file(a_file("used"))
        await tx.keep_file(a_file("new", hours=2))
        await tx.keep_file(a_file("ivo's", "ivo", hours=2))
        await tx.use_files("ana", ["used"], "m")

        assert await tx.brought_since("ana", later(hours=-1)) == 30
        assert await tx.brought_since("ana", later(hours=1)) == 10
        assert await tx.brought_since("nobody", NOON) == 0

        forgotten = await tx.forget_unused(later(hours=1), 10)
        assert [each.id for each in forgotten] == ["old"]
        assert await tx.file_of("ana", "old") is None
        assert await tx.file_of("ana", "used") is not None
