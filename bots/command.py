"""The command line: `podrska run`, `podrska doctor`, and what admins and operators look at."""

import sys
from collections.abc import Sequence

from cyclopts import App

from adapters.slack.login import SlackLoginError
from adapters.store import CannotOpen
from adapters.web.server import CannotListen
from bots import desk
from bots import doctor as doctor_
from bots.commands import shared
from bots.commands.deliveries import deliveries
from bots.commands.departments import departments
from bots.commands.events import events
from bots.commands.hours import hours
from bots.commands.mail import mail
from bots.commands.operating import backup, restore
from bots.commands.shared import complain, load_settings, say, stop
from bots.commands.tickets import tickets
from bots.commands.tokens import tokens
from bots.settings import SettingsError
from core.admin import ChangedMeanwhile

app = App(name="podrska", help="A support desk that lives where people already are.")
for part in (hours, departments, tickets, deliveries, events, mail, tokens, backup, restore):
    app.command(part)
# Imported when it is asked for: the desk itself needs none of it in its memory.
app.command(
    "bots.commands.simulate:simulate",
    help="""Find how many agents and rooms a day's conversations need, and see what waiting is like.

    The desk itself runs, in virtual time, between modelled platforms, customers and agents.
    """,
)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command that these words are, or those that were typed."""
    try:
        app(words)
    except SettingsError as error:
        complain("Podrška cannot start: these settings are wrong.", "bold red")
        for line in error.problems:
            complain(f"  {line}")
        complain("Every setting is explained in .env.example; `podrska doctor` checks them.")
        sys.exit(2)
    except CannotOpen as error:
        stop(f"The database cannot be used: {error}")
    except CannotListen as error:
        stop(f"The web server cannot listen on {error}. Is the desk running already?")
    except SlackLoginError as error:
        stop(f"Slack does not accept {error}. `podrska doctor` says how to mend it.")
    except ChangedMeanwhile:
        stop("Somebody else changed the same thing just now. Look again, and repeat it if need be.")


@app.command
def run() -> None:
    """Run the desk until it is told to stop (SIGTERM, or Ctrl-C)."""
    sys.exit(shared.run(lambda: desk.run(load_settings())))


@app.command
def demo(*, port: int = 8100, browser: bool = False) -> None:
    """Try the desk on this machine, with no account: one page with phone, Slack and mailbox.

    Parameters
    ----------
    port
        The port of the page.
    browser
        Open the page in a browser.

    """
    try:
        from bots import demo as sandbox  # its mail server comes with an extra of its own
    except ModuleNotFoundError as missing:
        stop(f"{missing.name} is not installed: pip install 'podrska[demo]'")
    try:
        sys.exit(shared.run(lambda: sandbox.run(port=port, browser=browser)))
    except OSError as error:
        stop(f"The demo cannot start: {error.strerror or error}. Try another --port.")


@app.command
def doctor() -> None:
    """Check every setting against the real thing, and say how to mend what is wrong."""
    settings = load_settings()
    found = shared.run(lambda: doctor_.examine(settings))
    for line in found:
        mark, style = ("✓", "green") if line.well else ("✗", "red")
        say(f"{mark} {line.what}", style)
        if line.mend:
            say(f"    {line.mend}")
    sys.exit(0 if all(line.well for line in found) else 1)


@app.command
def bench() -> None:
    """Measure how fast the desk is, against the smallest relays; takes about ten minutes."""
    from bots import bench as measurements  # as with `simulate`

    shared.run(measurements.run)
