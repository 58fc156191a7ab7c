"""The mails as a browser shows them: legible in light and dark, and never wider than a phone."""

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Page, ViewportSize

from adapters.mail.heading import Desk
from adapters.mail.render import render
from core.effects import Mail, MailKind
from core.outbox import Outgoing
from core.richtext import Mark, Span, rich
from docs.mail_images import html_of, samples
from tests.support.browsing import chromium
from tests.support.mailing import answer, asked, outgoing
from tests.support.sent_mail import PHRASEBOOK, SENDER

LONGEST_HTML = 20 * 1024
NARROW: ViewportSize = {"width": 320, "height": 568}

CONTRASTS = """() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map(c => c / 255)
    .map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    if (!text) continue;
    const element = texts.currentNode.parentElement;
    const pair = [light(channels(getComputedStyle(element).color)), light(behind(element))];
    found.push([(Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05), text]);
  }
  return found;
}"""
"""For every text: how it stands out from what is behind it (WCAG 2.2, contrast ratio)."""


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """Open the window of the narrowest phone."""
    async with chromium() as browser:
        yield await browser.new_page(viewport=NARROW)


def html(sent: Outgoing) -> str:
    assert isinstance(sent.delivery.effect, Mail)
    return html_of(render(sent, sent.delivery.effect, PHRASEBOOK, Desk(SENDER, None)))


def unwieldy() -> str:
    """Return a mail with all that does not want to be broken, on both sides of the talk."""
    word = "Donaudampfschifffahrtsgesellschaft" * 5
    said = rich(
        f"{word}\nquoted {word}\nlink\n{word} code\npre  {word}",
        [
            Span(171, 171 + 177, Mark.QUOTE),
            Span(349, 353, Mark.LINK, f"https://example.com/{word}"),
            Span(354, 354 + 175, Mark.CODE),
            Span(530, 530 + 175, Mark.PRE),
        ],
    )
    answers = answer(said, f"{word}.pdf", by=word), answer(said, by="Mira")
    return html(
        outgoing(
            MailKind.ANSWER,
            message=answers[0],
            others=answers[1:],
            before=[asked(said, f"{word}.pdf", by=word)],
            email_proven=True,
        )
    )


async def unfold(page: Page, html: str) -> None:
    """Show a mail with all of it unfolded."""
    await page.set_content(html)
    await page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")


def without_style(html: str) -> str:
    """Return what is left by mail programs that take only style attributes."""
    before, _, rest = html.partition("<style>")
    return before + rest.partition("</style>")[2]


@pytest.mark.chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_can_be_read(page: Page, scheme: Literal["light", "dark"]) -> None:
    """All text has the contrast that WCAG asks for (AA), in both colour schemes."""
    await page.emulate_media(color_scheme=scheme)
    for mail in (*(each.html for each in samples()), unwieldy()):
        await unfold(page, mail)
        contrasts = await page.evaluate(CONTRASTS)
        assert contrasts
        assert [each for each in contrasts if each[0] < 4.5] == []


@pytest.mark.chromium
async def test_nothing_is_wider_than_the_narrowest_phone(page: Page) -> None:
    """Not even the longest word, address or line of code; nor where <style> is dropped."""
    for mail in (*(each.html for each in samples()), unwieldy()):
        for kept in (mail, without_style(mail)):
            await unfold(page, kept)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= NARROW["width"]


@pytest.mark.chromium
async def test_the_mail_is_whole_by_itself(page: Page) -> None:
    """Nothing is asked of the network; ID and agent are there to be seen; the past is folded."""
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    sr, en = (each.html for each in samples() if each.name.startswith("answer"))
    for mail, agent in ((sr, "Марко Илић"), (en, "Marko Ilić")):
        await page.set_content(mail)
        assert await page.get_by_text("MNT-4K7Q2").first.is_visible()
        assert await page.get_by_text(agent).first.is_visible()
        assert not await page.locator(".said").first.is_visible()
        await page.locator("summary").click()
        assert await page.locator(".said").first.is_visible()
    assert asked_for == []


def test_a_mail_is_small() -> None:
    """With all that can be quoted, in the letters that take the most room, it is under 20 kB."""
    before = [asked("реч " * 300) for _ in range(10)]
    long = outgoing(MailKind.ANSWER, message=answer(), before=before, email_proven=True)
    for mail in (*(each.html for each in samples()), html(long)):
        assert len(mail.encode()) <= LONGEST_HTML
