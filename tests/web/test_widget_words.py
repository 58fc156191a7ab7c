"""The widget and what is said: changes, buttons, files, and whatever looks like markup."""

import pytest
from playwright.async_api import FilePayload, expect

from tests.support.attacks import attacks
from tests.support.browsing import nothing_in_the_way
from tests.support.widget_page import PROBLEM, There, asks, box, log

pytestmark = pytest.mark.chromium

HOSTILE = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c48900"
    "00000d49444154789c63e0ad2af80f00038601f7235490aa0000000049454e44ae426082"
)


async def test_hostile_text_stays_text(there: There) -> None:
    """Names, words, buttons and file names are shown as written; a link leads nowhere odd."""
    async with there.page() as page:
        await asks(page, HOSTILE)
        file = there.desk.keep(HOSTILE, b"x", "text/html")
        await there.desk.say(
            HOSTILE, name=HOSTILE, files=[file], buttons=[{"token": "t", "label": HOSTILE}]
        )
        links = [
            {"t": "one", "href": "javascript:window.pwned=1"},
            {"t": "two", "href": "https://example.com/", "m": ["bold"]},
            {"t": " https://example.org/x. "},
            {"t": "data", "href": "data:text/html,x"},
        ]
        await there.desk.frame("said", by="agent", name="Marko", text=links)
        shown = log(page).get_by_role("link")
        await expect(shown).to_have_text(["two", "https://example.org/x"])
        assert await shown.first.get_attribute("rel") == "noopener noreferrer"
        assert await log(page).locator("img, script").count() == 0
        assert await page.evaluate("window.pwned") is None


async def test_five_hundred_attacks_do_nothing(there: There) -> None:
    """By an agent's name, words, link, file name and button: nothing runs, nothing is loaded."""
    async with there.page() as page:
        asked: list[str] = []
        await asks(page)
        page.on("request", lambda request: asked.append(request.url))
        for attack in attacks():
            file = there.desk.keep(attack, b"x", "text/html")
            button = {"token": attack, "label": attack}
            text = [{"t": attack, "href": attack, "m": ["bold", attack]}]
            said = {"by": "agent", "name": attack, "text": text, "files": [file]}
            await there.desk.frame("said", **said, buttons=[button])
        await there.desk.say("That was all", name="Marko")
        await expect(log(page)).to_contain_text("That was all")
        assert await log(page).locator("article").count() > 500
        strange = (
            "img, script, iframe, svg:not(.icon), style, object, embed, form, [style], [onerror]"
        )
        assert await log(page).locator(strange).count() == 0
        links = (
            await log(page).get_by_role("link").evaluate_all("all => all.map((a) => a.protocol)")
        )
        assert set(links) <= {"http:", "https:", "mailto:"}
        assert await page.evaluate("window.pwned") is None
        assert [each for each in asked if not each.startswith(there.desk_url)] == []


async def test_words_are_changed_and_taken_back(there: There) -> None:
    """An agent's change and deletion show; so does the visitor's own change."""
    async with there.page() as page:
        await asks(page)
        said = await there.desk.say("It is dwon")
        await there.desk.frame("changed", id=said["id"], text=[{"t": "It is down"}])
        await expect(log(page)).to_contain_text("It is down")
        await expect(log(page)).to_contain_text("changed")
        await there.desk.frame("gone", id=said["id"])
        await expect(log(page)).to_contain_text("This message was deleted.")
        await box(page).press("ArrowUp")
        await box(page).fill("My shop shows error 503")
        await page.keyboard.press("Enter")
        await expect(log(page)).to_contain_text("My shop shows error 503")
        await expect(log(page)).not_to_contain_text(PROBLEM)
        await box(page).press("ArrowUp")
        await nothing_in_the_way(page)
        await page.get_by_role("button", name="Delete this message").click()
        await expect(log(page)).not_to_contain_text("My shop shows error 503")
        await expect(box(page)).to_have_value("")


async def test_a_button_of_the_desk_is_pressed_once(there: There) -> None:
    """The choice is told, and the buttons go."""
    async with there.page() as page:
        await asks(page)
        buttons = [{"token": "h", "label": "Hosting"}, {"token": "d", "label": "Domains"}]
        await there.desk.say("Who should look at it?", by="desk", name="", buttons=buttons)
        await expect(log(page).get_by_role("button", name="Domains")).to_be_visible()
        await nothing_in_the_way(page)
        await log(page).get_by_role("button", name="Domains").click()
        await expect(log(page).get_by_role("button", name="Hosting")).to_be_hidden()
    chosen = [each["token"] for each in there.desk.heard if each["type"] == "choose"]
    assert chosen == ["d"]


async def test_files_go_both_ways(there: There) -> None:
    """Progress while it goes; a picture is shown, can be looked at, and a file saved."""
    async with there.page() as page:
        await asks(page)
        there.desk.upload_gate.clear()
        picture = FilePayload(name="screen.png", mimeType="image/png", buffer=PNG)
        await page.locator(".chatting input[type=file]").set_input_files(picture)
        await expect(page.get_by_role("progressbar", name="Sending screen.png")).to_be_visible()
        await nothing_in_the_way(page)
        await box(page).fill("See here")
        await page.keyboard.press("Enter")
        there.desk.upload_gate.set()
        await expect(log(page).get_by_role("button", name="Picture screen.png")).to_be_visible()
        await expect(log(page).get_by_role("img", name="screen.png")).to_be_visible()
        await nothing_in_the_way(page)
        await log(page).get_by_role("button", name="Picture screen.png").click()
        await expect(page.get_by_role("dialog", name="Picture screen.png")).to_be_visible()
        await nothing_in_the_way(page)
        await page.keyboard.press("Escape")

        note = there.desk.keep("guide.txt", b"First, breathe.", "text/plain")
        await there.desk.say("Read this", files=[note])
        async with page.expect_download() as saving:
            await log(page).get_by_role("button", name="guide.txt").click()
        saved = await saving.value
        assert saved.suggested_filename == "guide.txt"
        assert (await saved.path()).read_bytes() == b"First, breathe."


async def test_a_file_that_is_too_big_is_not_even_sent(there: There) -> None:
    """It is said at once, and what was written stays."""
    async with there.page() as page:
        await asks(page)
        big = FilePayload(name="big.bin", mimeType="application/x", buffer=bytes(1_000_001))
        await page.locator(".chatting input[type=file]").set_input_files(big)
        await expect(page.get_by_text("big.bin is too big (at most 1 MB).")).to_be_visible()
        await nothing_in_the_way(page)
        await page.get_by_role("button", name="Remove big.bin").click()
        await expect(page.get_by_text("big.bin is too big")).to_be_hidden()
