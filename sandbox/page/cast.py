"""The people of the demo: three customers with phones and mail, two agents, and their room."""

from typing import Final

from sandbox.mail import MailServer
from sandbox.slack import SlackServer
from sandbox.telegram import TelegramServer

ROOM: Final = "support"
ON_CALL: Final = "on-call"
SUPPORT: Final = "podrska@example.com"
"""Where customers write to."""
MAIL_PASSWORD: Final = "opens-the-support-mailbox"


def cast(telegram: TelegramServer, slack: SlackServer, mail: MailServer) -> None:
    """Bring Ana and Dragan (Serbian), Grace (English), Marko (an admin), Jelena and #support in."""
    telegram.customer("Ana", last_name="Anić", username="ana_anic", language_code="sr")
    telegram.customer("Dragan", last_name="Dragić", language_code="sr")
    telegram.customer("Grace", last_name="Hopper", username="grace", language_code="en")
    mail.customer("ana@example.com", "Ana Anić", "sr-Latn")
    mail.customer("dragan@example.com", "Dragan Dragić", "sr")
    mail.customer("grace@example.com", "Grace Hopper", "en")
    marko = slack.agent("Marko", admin=True, locale="en-US")
    jelena = slack.agent("Jelena", locale="sr-RS")
    slack.room(ROOM, [marko, jelena])
    slack.group(ON_CALL, [marko, jelena])
