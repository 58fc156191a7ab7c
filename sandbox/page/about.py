"""What the page says of itself: its title, what this is, and what to try."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, kw_only=True)
class About:
    """The words at the top of the page, all of them plain text."""

    title: str
    lead: str
    """Two sentences: what this is, and what to try first."""
    steps: tuple[str, ...]


ABOUT = About(
    title="Podrška",
    lead=(
        "A whole support desk runs on this machine: customers write in Telegram or on a website, "
        "agents answer in Slack, and what nobody answers in time becomes a ticket that goes on by "
        "mail. "
        "Play every part yourself, beginning on the phone: nothing leaves this computer."
    ),
    steps=(
        "On the phone, as Ana, write that your site is down, and answer what the desk asks.",
        "In Slack, as Marko, open the thread under Ana's card and reply: it arrives on the phone.",
        "As Dragan, ask something that nobody answers; press +5 min twice, and reply to his mail.",
        "Press “Sunday noon” and write as Grace: the desk is closed, and takes the question "
        "all the same.",
        "On the phone, choose Website and open the chat: a web host's page with the desk in it.",
        "In #support, as Marko, type /podrska hours and change when the desk is open.",
    ),
)
"""What the page says where nothing else is given."""


def with_words(template: str, about: About) -> str:
    """Return the page with these words in it, escaped."""
    steps = "".join(f"<li>{escape(step)}</li>" for step in about.steps)
    words = {"{title}": escape(about.title), "{lead}": escape(about.lead), "{steps}": steps}
    for place, word in words.items():
        template = template.replace(place, word)
    return template
