"""The widget in a real browser: a visit, on a website whose policy is as strict as can be."""

import pytest
from playwright.async_api import expect

from tests.support.browsing import nothing_in_the_way
from tests.support.widget_page import PROBLEM, There, asks, box, fill, launcher, log
from tests.support.widget_world import CLOSED

pytestmark = pytest.mark.chromium


async def test_a_first_visit_in_working_hours(there: There) -> None:
    """Asked once, written once, answered in the chat; every state can be used by everybody."""
    async with there.page() as page:
        await expect(launcher(page)).to_have_accessible_name("Ask us. Open now")
        await nothing_in_the_way(page)
        await launcher(page).click()
        await expect(page.get_by_label("Your name")).to_be_focused()
        await nothing_in_the_way(page)

        await page.get_by_role("button", name="Start the conversation").click()
        await expect(page.get_by_label("Your name")).to_be_focused()
        await expect(page.get_by_label("Your name")).to_have_accessible_description(
            "Please write your name."
        )
        await nothing_in_the_way(page)
        await page.keyboard.press("Escape")
        await expect(launcher(page)).to_be_focused()

        await asks(page)
        await expect(box(page)).to_be_focused()
        answer = await there.desk.say("Hello Ana, I am on it")
        await expect(log(page)).to_contain_text("Hello Ana, I am on it")
        await expect(log(page)).to_contain_text("Marko")
        await there.desk.hears("seen", seq=answer["seq"])
        await nothing_in_the_way(page)

        (asked,) = there.desk.asked
        assert (asked["name"], asked["email"], asked["text"]) == ("Ana", "ana@example.com", PROBLEM)


async def test_nobody_is_there_and_the_question_is_taken(there: There) -> None:
    """The button says when the desk opens, the form that nobody is there; it sends all the same."""
    there.desk.state = CLOSED
    async with there.page() as page:
        await expect(launcher(page)).to_contain_text("Opens Monday 08:00")
        await fill(page)
        await expect(page.locator(".lead")).to_contain_text("Nobody is available now.")
        await nothing_in_the_way(page)
        await page.get_by_role("button", name="Send the question").click()
        await expect(log(page).get_by_label("Delivered")).to_have_count(1)
        await nothing_in_the_way(page)


async def test_who_comes_back_is_asked_only_for_the_problem(there: There) -> None:
    """The talk is there again after a reload, and what was not seen is counted on the button."""
    async with there.page() as page:
        await asks(page)
        await page.get_by_role("button", name="Close the chat").first.click()
        await there.desk.say("Try it now")
        await expect(launcher(page)).to_have_accessible_name("Ask us. Open now. Unread: 1")
        await page.reload()
        await expect(launcher(page)).to_have_accessible_name("Ask us. Open now. Unread: 1")
        await launcher(page).click()
        await expect(log(page)).to_contain_text("Try it now")
        await expect(page.get_by_label("Your name")).to_be_hidden()
        await box(page).fill("It works")
        await page.keyboard.press("Enter")
        await expect(log(page).get_by_label("Delivered")).to_have_count(2)
        await expect(launcher(page)).to_have_accessible_name("Close the chat")


async def test_a_refused_address_is_put_right(there: There) -> None:
    """The desk's words stand beside the field, with what was probably meant; nothing is lost."""
    doubt = {"why": "Did you mean ana@gmail.com?", "field": "email", "suggestion": "ana@gmail.com"}
    there.desk.refusals.append(doubt)
    async with there.page() as page:
        await fill(page, email="ana@gmial.com")
        await page.get_by_role("button", name="Start the conversation").click()
        email = page.get_by_label("Your e-mail address")
        await expect(email).to_be_focused()
        await expect(email).to_have_accessible_description(
            "Did you mean ana@gmail.com? Use ana@gmail.com The answer finds you there even if you "
            "leave this page."
        )
        await nothing_in_the_way(page)
        await page.get_by_role("button", name="Use ana@gmail.com").click()
        await page.get_by_role("button", name="Start the conversation").click()
        await expect(log(page).get_by_label("Delivered")).to_have_count(1)
        await expect(log(page)).to_contain_text(PROBLEM)
    assert [each["email"] for each in there.desk.asked] == ["ana@gmial.com", "ana@gmail.com"]


async def test_what_was_not_taken_is_shown_and_can_be_tried_again(there: There) -> None:
    """With the desk's reason, across a reload, until it is tried again."""
    async with there.page() as page:
        await asks(page)
        there.desk.refusals.append({"why": "Not today.", "field": None, "wait": None})
        await box(page).fill("And the shop?")
        await page.keyboard.press("Enter")
        await expect(log(page)).to_contain_text("Not today.")
        await nothing_in_the_way(page)
        await page.reload()
        await expect(log(page)).to_contain_text("Not today.")
        await log(page).get_by_role("button", name="Try again").click()
        await expect(log(page).get_by_label("Delivered")).to_have_count(2)
        await expect(log(page)).not_to_contain_text("Not today.")


async def test_where_there_are_departments_one_is_chosen(there: There) -> None:
    """It is asked in the form, and told with the question."""
    departments = [{"key": "hosting", "name": "Hosting"}, {"key": "domains", "name": "Domains"}]
    there.desk.state["departments"] = departments
    async with there.page() as page:
        await fill(page)
        choice = page.get_by_label("Who should look at it?")
        await expect(choice).to_be_visible()
        await page.get_by_role("button", name="Start the conversation").click()
        await expect(choice).to_be_focused()
        await expect(choice).to_have_accessible_description("Please choose one of these.")
        await nothing_in_the_way(page)
        await choice.select_option("Domains")
        await page.get_by_role("button", name="Start the conversation").click()
        await expect(log(page).get_by_label("Delivered")).to_have_count(1)
    (asked,) = there.desk.asked
    assert asked["department"] == "domains"
