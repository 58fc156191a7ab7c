"""Pages in a browser in which nothing that people wrote may do anything."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page

TRAPS = """
const caught = (...what) => console.error("caught:", ...what.map(String));
for (const name of ["trap", "alert", "confirm", "prompt", "print", "open"])
  Object.defineProperty(window, name, { value: (...what) => caught(name, ...what) });
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
  caught("policy", violatedDirective, blockedURI, sample));
"""

_WHAT_IS_THERE = """root => {
  const all = [...root.querySelectorAll("*")];
  return {
    tags: [...new Set(all.map(each => each.tagName.toLowerCase()))],
    handlers: all.flatMap(each => each.getAttributeNames()).filter(each => each.startsWith("on")),
    schemes: [...new Set(all.flatMap(each => [each.href, each.src, each.action, each.formAction])
      .filter(each => typeof each === "string" && each).map(each => new URL(each).protocol))],
  };
}"""


@dataclass
class Trapped:
    """A profile of a browser, and all that went on in it that should not have."""

    context: BrowserContext
    caught: list[str] = field(default_factory=list)

    async def page(self) -> Page:
        """Open a page."""
        page = await self.context.new_page()
        page.on("console", lambda said: self.caught.append(said.text))
        page.on("pageerror", lambda error: self.caught.append(str(error)))
        page.on("popup", lambda other: self.caught.append(f"popup {other.url}"))
        page.on("dialog", lambda dialog: self.caught.append(f"dialog {dialog.message}"))
        return page


@asynccontextmanager
async def trapped(browser: Browser, *ours: str, **given: Any) -> AsyncIterator[Trapped]:
    """Open a profile inside the block; nothing may be fetched but from *ours*.

    A page's refusal to be found is the one complaint that is expected: a browser says that, too.
    """
    context = await browser.new_context(
        reduced_motion="reduce", locale="en-GB", viewport={"width": 1200, "height": 860}, **given
    )
    await context.add_init_script(TRAPS)
    there = Trapped(context)

    def look(url: str) -> None:
        origin = "/".join(url.split("/")[:3])
        if origin not in ours and not url.startswith("blob:"):
            there.caught.append(f"request {url}")

    context.on("request", lambda request: look(request.url))
    yield there
    await context.close()
    refusals = "Failed to load resource: the server responded with a status of 4"
    assert [each for each in there.caught if not each.startswith(refusals)] == []


async def only(root: Locator, tags: Collection[str]) -> None:
    """Check that there is nothing in *root* but such elements, and links that lead to pages."""
    found = await root.evaluate(_WHAT_IS_THERE)
    assert set(found["tags"]) <= set(tags), found["tags"]
    assert found["handlers"] == []
    assert set(found["schemes"]) <= {"http:", "https:", "mailto:", "tel:", "blob:"}


def as_read(text: str) -> str:
    """Return a text with its spaces as a page shows them."""
    return " ".join(text.replace("\u00a0", " ").split())
