"""The people of the demo: three customers with phones, two agents, and the room they answer in."""

from typing import Final

from sandbox.slack import SlackServer
from sandbox.telegram import TelegramServer

ROOM: Final = "support"
ON_CALL: Final = "on-call"


def cast(telegram: TelegramServer, slack: SlackServer) -> None:
    """Bring Ana and Dragan (Serbian), Grace (English), Marko (an admin), Jelena and #support in."""
    telegram.customer("Ana", last_name="Anić", username="ana_anic", language_code="sr")
    telegram.customer("Dragan", last_name="Dragić", language_code="sr")
    telegram.customer("Grace", last_name="Hopper", username="grace", language_code="en")
    marko = slack.agent("Marko", admin=True, locale="en-US")
    jelena = slack.agent("Jelena", locale="sr-RS")
    slack.room(ROOM, [marko, jelena])
    slack.group(ON_CALL, [marko, jelena])
