"""Who a browser is: what it was given before, or what the website signs; nobody else's history."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.web.sessions import Sessions, SignedIdentity, signature
from core.events import CustomerAsked
from core.passes_port import Pass, Purpose
from tests.support.builders import MONDAY
from tests.support.chat_world import SECRET, ChatWorld, chat_world, talking
from tests.support.visitor import a_visitor

SOON = int(MONDAY.timestamp()) + 3600


def signed(nonce: str = "n-1", *, secret: str = SECRET, **changes: Any) -> dict[str, Any]:
    """Return what a website puts into its page for user 42."""
    given: dict[str, Any] = {
        "id": "42",
        "email": "ana@example.com",
        "name": "Ana",
        "expires": SOON,
        "nonce": nonce,
    }
    given |= changes
    return {**given, "hmac": signature(secret, SignedIdentity(**given, hmac=""))}


async def test_a_browser_is_known_by_its_token(tmp_path: Path) -> None:
    """And each other browser is somebody else."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        token = ana.token
        assert (await ana.comes())["seq"] == 1
        assert ana.token == token
        async with a_visitor(there.url) as other:
            assert (await other.comes())["seq"] == 0
            assert other.token != token


async def test_a_token_is_good_for_ninety_days_after_the_last_visit(tmp_path: Path) -> None:
    """Who stays away for longer begins anew."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        there.clock.go_on(60 * 24 * 3600)
        assert (await ana.comes())["seq"] == 1
        there.clock.go_on(60 * 24 * 3600)
        assert (await ana.comes())["seq"] == 1
        there.clock.go_on(91 * 24 * 3600)
        await ana.sends(type="say", text="still here?", files=[])
        assert (await ana.hears(lambda frame: frame["type"] == "bye"))["why"]
        assert (await ana.comes())["seq"] == 0


async def test_who_the_website_knows_is_the_same_in_every_browser(tmp_path: Path) -> None:
    """They are asked for the problem alone, and the desk gets name and address all the same."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as phone:
        assert (await phone.comes(signed("n-1")))["known"] == {"name": "Ana"}
        await phone.connects()
        await phone.says("My site is down")
        (event,) = there.desk.events
        assert isinstance(event, CustomerAsked)
        assert (event.name, event.email, event.proven) == ("Ana", "ana@example.com", False)

        async with a_visitor(there.url) as laptop:
            assert (await laptop.comes(signed("n-2")))["seq"] == 1
            await laptop.connects()
            await laptop.sees("My site is down")


WRONG: list[Mapping[str, Any]] = [
    signed(secret="another secret, as long as the right one"),
    {**signed(), "id": "43"},
    {**signed(), "email": "ivo@example.com"},
    {**signed(), "expires": SOON + 1},
    {**signed(), "nonce": "n-9"},
    {**signed(), "hmac": ""},
    {**signed(), "hmac": "0" * 64},
    {**signed(), "hmac": signed("n-2")["hmac"]},
    signed(expires=int(MONDAY.timestamp())),
    signed(expires=0),
    signed(expires=-1),
    signed(id="42\nana@example.com", email=""),
    {**signed(), "expires": True},
    {**signed(), "expires": str(SOON)},
    {},
]


@pytest.mark.parametrize("identity", WRONG)
async def test_what_the_website_did_not_sign_lets_nobody_in(
    tmp_path: Path, identity: Mapping[str, Any]
) -> None:
    """Swapped, changed, over, or joined otherwise: refused in words, and no token is given."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as mallory:
        answer = await mallory.post("/chat/session", json={"identity": identity, "language": "en"})
        assert answer.status == 403
        assert "could not tell us who you are" in answer.json()["why"]


async def test_a_signature_is_good_in_one_browser(tmp_path: Path) -> None:
    """Which may reload its page; whoever copied it gets nowhere."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes(signed())
        token = ana.token
        await ana.comes(signed())
        assert ana.token == token
        async with a_visitor(there.url) as mallory:
            for given in (None, "nonsense"):
                answer = await mallory.post(
                    "/chat/session", json={"identity": signed(), "token": given}
                )
                assert answer.status == 403
            await mallory.comes()
            answer = await mallory.post(
                "/chat/session", json={"identity": signed(), "token": mallory.token}
            )
            assert answer.status == 403


async def test_a_signature_that_is_over_ends_what_it_opened(tmp_path: Path) -> None:
    """Also on the line that is open."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes(signed())
        await ana.connects()
        await ana.says("My site is down")
        there.clock.go_on(3601)
        await ana.sends(type="say", text="and now?", files=[])
        assert (await ana.hears(lambda frame: frame["type"] == "bye"))["why"]
        assert await ana.is_closed() == 1008
        assert (await ana.get("/chat/files/12345678")).status == 401


async def test_another_user_of_the_same_browser_finds_nothing(tmp_path: Path) -> None:
    """Neither who is signed for next, nor who is not."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as browser:
        await browser.comes(signed())
        await browser.connects()
        await browser.says("My site is down")
        ana = browser.token
        assert (await browser.comes(signed("n-2", id="43")))["seq"] == 0
        ivo = browser.token
        assert ivo != ana
        begun = await browser.comes()
        assert (begun["seq"], begun["known"]) == (0, None)
        assert browser.token not in (ana, ivo)


async def test_a_token_is_good_on_the_website_it_was_made_for(tmp_path: Path) -> None:
    """On another page it opens nothing, even if that may embed the chat, too."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        async with there.store.transaction() as tx:
            assert (await tx.visit(visitor)).last == 1
        sessions = Sessions(there.store, there.clock, SECRET)
        assert await sessions.of(ana.token, "https://shop.example.com") is None
        token, _ = await sessions.begin(ana.token, None, "https://shop.example.com")
        assert token != ana.token


def database(folder: Path) -> bytes:
    """Return every byte that was written."""
    return b"".join(each.read_bytes() for each in folder.glob("desk.db*"))


async def test_secrets_are_nowhere_in_the_database(tmp_path: Path) -> None:
    """Whoever steals it cannot come in with what is there."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        token = ana.token
    assert token.encode() not in database(tmp_path)


async def test_what_is_over_for_long_is_forgotten(tmp_path: Path) -> None:
    """Visitors come and go for years: their tokens and nonces do not stay."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes()
        there.clock.go_on(91 * 24 * 3600)
        await there.rounds.go()
        assert len(await kept(there)) == 1
        there.clock.go_on(2 * 24 * 3600)
        await there.rounds.go()
        assert await kept(there) == []


async def kept(there: ChatWorld) -> list[Pass]:
    """Return what is known of browsers that were let in."""
    async with there.store.transaction() as tx:
        return await tx.passes(Purpose.VISITOR)
