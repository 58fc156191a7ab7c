"""A pass lets in whoever shows its secret: for one purpose, for a time, and some only once."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from adapters.passes import hash_of, new_token
from core.passes_port import Pass, Purpose
from core.ports import Store
from tests.support.stored import NOON, later

SECRET = new_token()
HASH = hash_of(SECRET)


def a_pass(hash_: str = HASH, **changes: Any) -> Pass:
    """Return a login link of Ana's, made at noon and good for a quarter of an hour."""
    given: dict[str, Any] = {
        "hash": hash_,
        "purpose": Purpose.LOGIN,
        "subject": "ana@example.com",
        "name": "sr",
        "made_at": NOON,
        "expires_at": later(minutes=15),
    }
    return Pass(**given | changes)


async def kept(store: Store, *passes: Pass) -> list[bool]:
    """Keep these, and return which were new."""
    async with store.transaction() as tx:
        return [await tx.keep_pass(each) for each in passes]


async def found(store: Store, at: datetime, purpose: Purpose = Purpose.LOGIN) -> Pass | None:
    async with store.transaction() as tx:
        return await tx.pass_of(HASH, purpose, at)


def test_a_secret_cannot_be_guessed_nor_told_from_its_hash() -> None:
    """256 bits, each time others, in letters that a link may have; the hash says none of it."""
    secrets = {new_token() for _ in range(1000)}
    assert len(secrets) == 1000
    assert {len(each) for each in secrets} == {43}
    assert len(HASH) == 64
    assert SECRET not in HASH
    assert hash_of(SECRET) == HASH != hash_of(SECRET + "=")
    assert hash_of("\ud800\x00" * 5000)  # whatever a stranger shows


async def test_a_pass_is_kept_with_all_that_is_known_of_it(store: Store) -> None:
    """A nonce that was shown before is known: what is there stays as it is."""
    assert await kept(store, a_pass()) == [True]
    assert await kept(store, a_pass(subject="mallory@example.com")) == [False]
    assert await found(store, NOON) == a_pass()


async def test_a_pass_is_for_one_purpose_and_one_time(store: Store) -> None:
    """Up to the moment when it expires; an unknown one is none."""
    await kept(store, a_pass())
    assert await found(store, later(minutes=14, seconds=59)) == a_pass()
    assert await found(store, later(minutes=15)) is None
    assert [await found(store, NOON, each) for each in Purpose if each is not Purpose.LOGIN] == [
        None
    ] * 5
    async with store.transaction() as tx:
        assert await tx.pass_of(hash_of("unknown"), Purpose.LOGIN, NOON) is None
        assert await tx.use_pass(HASH, Purpose.SESSION, NOON) is None
        assert await tx.use_pass(HASH, Purpose.LOGIN, later(minutes=15)) is None
        assert await tx.use_pass(HASH, Purpose.LOGIN, later(minutes=14)) is not None


async def test_a_pass_without_an_end_is_good_for_ever(store: Store) -> None:
    """A program's token is good until somebody revokes it."""
    await kept(store, a_pass(expires_at=None))
    assert await found(store, later(days=40_000)) == a_pass(expires_at=None)


async def test_a_pass_is_used_once(store: Store) -> None:
    """Whoever comes second has nothing, and it is no longer good."""
    await kept(store, a_pass())
    async with store.transaction() as tx:
        assert await tx.use_pass(HASH, Purpose.LOGIN, later(minutes=1)) == a_pass(
            used_at=later(minutes=1)
        )
        assert await tx.use_pass(HASH, Purpose.LOGIN, later(minutes=2)) is None
    assert await found(store, later(minutes=2)) is None


async def test_of_many_at_once_one_uses_it(store: Store) -> None:
    """Two devices, or two clicks, at the same moment: one gets in."""
    await kept(store, a_pass())

    async def use() -> Pass | None:
        async with store.transaction() as tx:
            return await tx.use_pass(HASH, Purpose.LOGIN, NOON)

    used = await asyncio.gather(*(use() for _ in range(8)))
    assert sum(each is not None for each in used) == 1


async def test_a_use_that_breaks_off_is_none(store: Store) -> None:
    """What fails in between leaves the pass good, and a pass that was just made unmade."""
    await kept(store, a_pass())
    with pytest.raises(RuntimeError):
        async with store.transaction() as tx:
            await tx.use_pass(HASH, Purpose.LOGIN, NOON)
            await tx.keep_pass(a_pass("another"))
            raise RuntimeError("the power fails")
    assert await found(store, NOON) == a_pass()
    assert await kept(store, a_pass("another")) == [True]


async def test_a_pass_lasts_longer(store: Store) -> None:
    """A session goes on while somebody is there."""
    await kept(store, a_pass(purpose=Purpose.SESSION))
    async with store.transaction() as tx:
        await tx.extend_pass(HASH, later(hours=2))
        await tx.extend_pass("unknown", later(hours=2))
    assert await found(store, later(hours=1), Purpose.SESSION) == a_pass(
        purpose=Purpose.SESSION, expires_at=later(hours=2)
    )


async def test_all_passes_of_one_are_revoked_together(store: Store) -> None:
    """For that purpose; those of others, and for other purposes, stay."""
    await kept(
        store,
        a_pass("1", purpose=Purpose.SESSION),
        a_pass("2", purpose=Purpose.SESSION, made_at=later(minutes=-1)),
        a_pass("3", purpose=Purpose.SESSION, subject="bob@example.com"),
        a_pass("4"),
    )
    async with store.transaction() as tx:
        assert [each.hash for each in await tx.passes(Purpose.SESSION)] == ["2", "1", "3"]
        assert await tx.revoke_passes(Purpose.SESSION, "ana@example.com") == 2
        assert await tx.revoke_passes(Purpose.SESSION, "ana@example.com") == 0
        assert await tx.pass_of("1", Purpose.SESSION, NOON) is None
        assert [each.hash for each in await tx.passes(Purpose.SESSION)] == ["3"]
        assert [each.hash for each in await tx.passes(Purpose.LOGIN)] == ["4"]


async def test_what_expired_is_forgotten(store: Store) -> None:
    """Used up or not; what never expires stays."""
    await kept(store, a_pass("1"), a_pass("2"), a_pass("3", expires_at=None), a_pass("4"))
    async with store.transaction() as tx:
        await tx.use_pass("2", Purpose.LOGIN, NOON)
        await tx.extend_pass("4", later(hours=1))
        assert await tx.forget_passes(later(minutes=30)) == 2
        assert [each.hash for each in await tx.passes(Purpose.LOGIN)] == ["3", "4"]
