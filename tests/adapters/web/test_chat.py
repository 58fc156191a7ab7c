"""The chat over a WebSocket: nothing is lost or doubled, and what is confirmed is stored."""

from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from adapters.web.parse import message_id
from core.events import CustomerAsked, CustomerAway, CustomerEdited, CustomerSaw, CustomerWrote
from core.ports import Incoming
from tests.support.chat_world import GRACE, ChatWorld, chat_world, talking
from tests.support.visitor import SITE, a_visitor, text_of
from tests.support.waiting import until


def is_one(there: ChatWorld, kind: type) -> bool:
    return len([each for each in there.desk.events if isinstance(each, kind)]) == 1


async def test_a_form_is_one_event_and_stands_in_the_log(tmp_path: Path) -> None:
    """What was typed goes to the desk, cleaned; what was asked is shown as the visitor's own."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes()
        await ana.connects()
        asked = await ana.asks("My site is down", name=" Ana\u202e ", email="Ana@Example.COM")

        (event,) = there.desk.events
        assert isinstance(event, CustomerAsked)
        assert (event.name, event.email) == ("Ana", "Ana@example.com")
        assert event.message_id == f"web:{there.desk.visitor()}:{asked}"
        shown = await ana.sees("My site is down")
        assert (shown["seq"], shown["id"], shown["by"]) == (1, asked, "you")


async def test_what_is_sent_twice_is_stored_once(tmp_path: Path) -> None:
    """A browser that has not heard repeats itself, and is answered the same."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        said = await ana.says("It is urgent")
        first = await ana.is_answered(said)
        before = len(ana.told)
        await ana.sends(type="say", id=said, text="It is urgent", files=[])

        again = await ana.is_answered(said, since=before)
        assert again == first
        assert is_one(there, CustomerWrote)
        await ana.sees("It is urgent")
        await there.answers(visitor, "It is mended")
        await ana.sees("It is mended")
        assert [text_of(each) for each in ana.log.values()].count("It is urgent") == 1


async def test_what_was_stored_and_not_confirmed_is_confirmed_when_it_is_repeated(
    tmp_path: Path,
) -> None:
    """As if the process had died in between: the desk has it, the log does not yet."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        said = "11111111-2222-3333-4444-555555555555"
        event = CustomerWrote(
            at=there.clock.now(),
            message_id=message_id(visitor, said),
            sent_at=there.clock.now(),
        )
        origin = there.desk.told[0].origin
        await there.desk.receive(
            [Incoming(key=f"web:{visitor}:{said}", origin=origin, event=event)]
        )

        await ana.says("It is urgent", id=said)

        assert is_one(there, CustomerWrote)
        await ana.sees("It is urgent")


async def test_a_line_that_was_lost_goes_on_after_the_last_entry(tmp_path: Path) -> None:
    """What came meanwhile is there, in order, and nothing of before comes again."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        await there.answers(visitor, "one")
        await ana.sees("one")
        await ana.loses_the_line()
        await there.answers(visitor, "two")
        await there.answers(visitor, "three")

        before = len(ana.told)
        welcome = await ana.connects()
        await ana.sees("three")

        assert welcome["seq"] == 4
        fresh = [each for each in ana.told[before:] if each["type"] == "frame"]
        assert [each["seq"] for each in fresh] == [3, 4]


async def test_a_long_absence_is_caught_up_with(tmp_path: Path) -> None:
    """However much has been said: page after page."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        await ana.disconnects()
        for number in range(230):
            await there.answers(visitor, f"answer {number}")
        await ana.connects()
        await ana.sees("answer 229")
        assert list(ana.log) == list(range(1, 232))


async def test_a_browser_that_knows_another_log_gets_this_one(tmp_path: Path) -> None:
    """As after a backup was restored: what it has is ahead of what there is."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        await ana.disconnects()
        ana.log.clear()
        welcome = await ana.connects(after=500)
        assert welcome["seq"] == 1
        await ana.sees("My site is down")


async def test_two_tabs_show_the_same(tmp_path: Path) -> None:
    """What is written in one stands in the other, and so do answers."""
    async with (
        chat_world(tmp_path) as there,
        talking(there) as (ana, visitor),
        a_visitor(there.url) as tab,
    ):
        tab.token = ana.token
        await tab.connects()
        await tab.says("from the second tab")
        await ana.sees("from the second tab")
        await there.answers(visitor, "an answer to both")
        await ana.sees("an answer to both")
        await tab.sees("an answer to both")
        assert tab.log == ana.log


async def test_visitors_do_not_hear_each_other(tmp_path: Path) -> None:
    """Only the one visitor's browsers are woken."""
    async with (
        chat_world(tmp_path) as there,
        talking(there) as (ana, visitor),
        talking(there) as (
            ivo,
            other,
        ),
    ):
        assert visitor != other
        await there.answers(visitor, "for Ana")
        await there.answers(other, "for Ivo")
        await ana.sees("for Ana")
        await ivo.sees("for Ivo")
        assert "Ivo" not in ana.text
        assert "Ana" not in ivo.text


async def test_what_cannot_be_stored_is_not_confirmed(tmp_path: Path) -> None:
    """The browser is told when to repeat it, and then it is."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        there.desk.fails = True
        said = await ana.sends(type="say", text="It is urgent", files=[])
        refused = await ana.is_answered(said)
        assert (refused["type"], refused["wait"]) == ("refused", 5)
        assert "It is urgent" not in ana.text

        there.desk.fails = False
        before = len(ana.told)
        await ana.sends(type="say", id=said, text="It is urgent", files=[])
        taken = await ana.is_answered(said, since=before)
        assert taken["type"] == "taken"


async def test_what_waits_is_not_overtaken(tmp_path: Path) -> None:
    """What was on its way behind a message that could not be stored waits until it is."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        there.desk.fails = True
        first = await ana.sends(type="say", text="one", files=[])
        await ana.is_answered(first)
        there.desk.fails = False
        second = await ana.sends(type="say", text="two", files=[])
        refused = await ana.is_answered(second)
        assert (refused["type"], refused["wait"]) == ("refused", 5)

        since = len(ana.told)
        for id_, text in ((first, "one"), (second, "two")):
            await ana.sends(type="say", id=id_, text=text, files=[])
            assert (await ana.is_answered(id_, since))["type"] == "taken"
        await ana.sees("two")
        assert [text_of(each) for _, each in sorted(ana.log.items())][-2:] == ["one", "two"]


async def test_what_is_not_repeated_holds_nothing_up_for_long(tmp_path: Path) -> None:
    """Its page may be gone: after the time it was given, others go on."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        there.desk.fails = True
        await ana.is_answered(await ana.sends(type="say", text="one", files=[]))
        there.desk.fails = False
        there.clock.go_on(5)
        await ana.says("two")


async def test_too_much_is_refused_in_words(tmp_path: Path) -> None:
    """What the desk's flood gate declines is never confirmed."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        there.desk.declines = True
        refused = await ana.is_answered(await ana.sends(type="say", text="again", files=[]))
        assert refused["type"] == "refused"
        assert "faster than we can pass on" in refused["why"]
        assert refused["wait"] >= 60
        assert "again" not in ana.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " \u200b"}, "name"),
        ({"email": "ana"}, "email"),
        ({"email": "ana@example"}, "email"),
        ({"text": " \n"}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"files": [f"file-{number:04}" for number in range(11)]}, "file"),
        ({"files": ["file-of-nobody"]}, "file"),
    ],
)
async def test_a_form_that_is_not_right_is_sent_back(
    tmp_path: Path, changes: dict[str, object], field: str
) -> None:
    """With words beside the field that they are about; nothing is stored."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes()
        await ana.connects()
        form = {"type": "ask", "name": "Ana", "email": "ana@example.com", "text": "Help"}
        refused = await ana.is_answered(await ana.sends(**{**form, **changes}))
        assert (refused["type"], refused["field"]) == ("refused", field)
        assert refused["why"]
        assert there.desk.events == []


async def test_what_no_database_takes_is_left_out(tmp_path: Path) -> None:
    """Half a letter, or none at all, must not keep others' words from being stored."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes()
        await ana.connects()
        await ana.sends_raw(
            '{"type": "ask", "id": "12345678", "name": "An\\ud800a", "email": "ana@example.com", '
            '"text": "He\\u0000lp\\udfff", "department": "\\ud83d"}'
        )
        await ana.is_taken("12345678")
        (event,) = there.desk.events
        assert isinstance(event, CustomerAsked)
        assert (event.name, event.text.text, event.department) == ("Ana", "Help", None)
        await ana.sends_raw('{"type": "choose", "id": "87654321", "token": "\\ud800"}')
        await ana.is_taken("87654321")


async def test_a_browser_that_does_not_read_holds_up_nobody(tmp_path: Path) -> None:
    """What waits for it is in the database; another tab gets it all."""
    async with (
        chat_world(tmp_path) as there,
        talking(there) as (ana, visitor),
        aiohttp.ClientSession(there.url, read_bufsize=1024) as http,
        http.ws_connect("/chat/socket", headers={"Origin": SITE}) as deaf,
    ):
        hello = {"type": "hello", "token": ana.token, "after": 0, "language": "en"}
        await deaf.send_json(hello)
        for number in range(60):
            await there.answers(visitor, f"{number} " + "long " * 20_000)
        last = await ana.sees("59 long")
        assert list(ana.log) == list(range(1, last["seq"] + 1))


async def test_a_likely_slip_is_asked_about_once(tmp_path: Path) -> None:
    """Who insists is believed."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes()
        await ana.connects()
        form = {"type": "ask", "name": "Ana", "email": "ana@gmial.com", "text": "Help"}
        refused = await ana.is_answered(await ana.sends(**form))
        assert (refused["field"], refused["suggestion"]) == ("email", "ana@gmail.com")
        await ana.is_taken(await ana.sends(**form))


async def test_what_was_said_can_be_said_otherwise_or_taken_back(tmp_path: Path) -> None:
    """In every tab; and nothing can be changed that was never said."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        said = await ana.says("It is urgent")
        await ana.is_taken(await ana.sends(type="edit", message=said, text="It can wait"))
        changed = await ana.hears(lambda frame: frame.get("kind") == "changed")
        assert (changed["id"], changed["text"]) == (said, [{"t": "It can wait"}])
        await ana.is_taken(await ana.sends(type="edit", message=said, text=""))
        assert (await ana.hears(lambda frame: frame.get("kind") == "gone"))["id"] == said

        await there.answers(visitor, "an agent's words")
        theirs = (await ana.sees("an agent's words"))["id"]
        refused = await ana.is_answered(await ana.sends(type="edit", message=theirs, text="x"))
        assert refused["type"] == "refused"
        unknown = await ana.is_answered(await ana.sends(type="edit", message=f"{said}0", text="x"))
        assert unknown["type"] == "refused"
        edits = [each for each in there.desk.events if isinstance(each, CustomerEdited)]
        assert [each.text.text for each in edits] == ["It can wait", ""]
        assert {each.message_id for each in edits} == {f"web:{visitor}:{said}"}


async def test_the_desk_is_told_once_that_answers_were_seen(tmp_path: Path) -> None:
    """For each batch of them; not for the desk's own words, nor for one's own."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        await ana.sends(type="seen", seq=1)
        await there.answers(visitor, "one")
        await there.answers(visitor, "two")
        await ana.sees("two")
        for seq in (2, 3, 3, 99):
            await ana.sends(type="seen", seq=seq)
        await ana.says("thanks")

        assert is_one(there, CustomerSaw)
        there.clock.go_on(600)
        await ana.disconnects()
        await there.rounds.go()
        assert not any(isinstance(each, CustomerAway) for each in there.desk.events)


async def test_who_leaves_without_looking_is_said_to_be_away(tmp_path: Path) -> None:
    """After a while, once, with what they have not seen; also when the desk was away meanwhile."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        await there.answers(visitor, "one")
        await ana.sees("one")
        there.clock.go_on(600)
        await there.rounds.go()
        assert there.desk.events[1:] == []  # the page is open: they may look any moment

        await ana.disconnects()
        await until_gone(there, visitor)
        await there.answers(visitor, "two")
        there.clock.go_on(GRACE.total_seconds() - 1)
        await there.rounds.go()
        assert there.desk.events[1:] == []
        there.clock.go_on(1)
        await there.rounds.go()
        await there.rounds.go()

        (away,) = there.desk.events[1:]
        assert isinstance(away, CustomerAway)
        assert away.unread == ("one", "two")


async def until_gone(there: ChatWorld, visitor: str) -> None:
    """Return when the server has noticed that a visitor has left, and written it down."""

    async def is_gone() -> bool:
        async with there.store.transaction() as tx:
            deadline = (await tx.visit(visitor)).away_at
        return not there.visitors.is_here(visitor) and deadline == there.clock.now() + GRACE

    await until(is_gone)


async def test_opening_and_closing_are_told_to_who_is_here(tmp_path: Path) -> None:
    """In a few words and in a sentence."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        assert (await ana.hears(lambda frame: frame["type"] == "state"))["open"] is True
        await there.rounds.go()
        there.clock.go_on(timedelta(hours=11).total_seconds())
        await there.rounds.go()
        state = await ana.hears(lambda frame: frame["type"] == "state" and not frame["open"])
        assert state["says"] == "Opens tomorrow at 08:00"
        assert "the answer comes by e-mail" in state["more"]


async def test_logging_out_ends_the_talk_in_every_tab(tmp_path: Path) -> None:
    """The token opens nothing any more, and the next one finds nothing of it."""
    async with (
        chat_world(tmp_path) as there,
        talking(there) as (ana, _),
        a_visitor(there.url) as tab,
    ):
        tab.token = ana.token
        await tab.connects()
        assert await ana.logs_out() == 204
        assert await ana.is_closed() == 1008
        assert await tab.is_closed() == 1008
        assert tab.told[-1]["type"] == "bye"
        assert (await tab.connects())["type"] == "bye"
        old = tab.token
        assert (await tab.comes())["seq"] == 0
        assert tab.token != old
