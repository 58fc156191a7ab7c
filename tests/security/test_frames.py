"""What a visitor's browser may name in the chat: what is its own, and nothing else."""

from pathlib import Path
from uuid import uuid4

from tests.support.open_desk import open_desk
from tests.support.visitor import Frame, Visitor, a_visitor, text_of


async def answered(eve: Visitor, **frame: object) -> Frame:
    """Send a frame; return what is said to it, without its own id."""
    since = len(eve.told)
    answer = await eve.is_answered(await eve.sends(**frame), since)
    return {name: value for name, value in answer.items() if name not in ("id", "seq")}


async def test_another_visitor_s_things_are_not_there(tmp_path: Path) -> None:
    """Their messages to edit, their files to send, their buttons to press: as if never made."""
    async with (
        open_desk(tmp_path) as desk,
        a_visitor(desk.url) as ana,
        a_visitor(desk.url) as eve,
    ):
        for each in (ana, eve):
            await each.comes()
            await each.connects()
        await eve.asks("I am somebody else", email="eve@example.com", name="Eve")
        file = await ana.uploads(b"of Ana's", "a.txt")
        unused = await ana.uploads(b"of Ana's, too", "b.txt")
        await ana.asks("My site is down", files=[file])
        own = await ana.sees("My site is down")
        theirs = str(own["id"]).rpartition(":")[2]
        there, nowhere = [
            await answered(eve, type="edit", message=each, text="x")
            for each in (theirs, str(uuid4()))
        ]
        assert there == nowhere
        assert there["type"] == "refused"
        for theirs_ in (file, unused):
            there = await answered(eve, type="say", text="look", files=[theirs_])
            nowhere = await answered(eve, type="say", text="look", files=[uuid4().hex])
            assert there == nowhere
            assert there["type"] == "refused"
        before = list(ana.log.values())
        await ana.says("Is anybody there?")
        await ana.sees("Is anybody there?")
        assert [each for each in ana.log.values() if each in before] == before
        assert "x" not in [text_of(each) for each in ana.log.values()]
        assert "b.txt" not in eve.text
        await ana.says("here it is", files=[unused])  # it is still hers
