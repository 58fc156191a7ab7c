"""The last look before a call: what has become a note stays inside."""

from core.attempt import attempt
from core.channel_port import Delivered
from core.effects import MailKind
from core.errors import Withdrawn
from core.message import Part
from core.outbox import MAIL
from tests.support.dispatching import FakeChannel
from tests.support.mailing import answer, outgoing

NOTE = answer("// the password is 123", part=Part.NOTE)


async def test_a_mail_goes_as_long_as_one_of_its_answers_may() -> None:
    """The channel is handed all of them, and leaves out what is a note."""
    sent = outgoing(MailKind.ANSWER, message=NOTE, others=[answer("Try again.")])

    ended = await attempt(FakeChannel(MAIL), sent, lambda: True)

    assert isinstance(ended.end, Delivered)


async def test_a_mail_of_nothing_but_notes_is_withdrawn() -> None:
    """Whether it was to carry one answer or several."""
    for others in ([], [NOTE]):
        channel = FakeChannel(MAIL)
        sent = outgoing(MailKind.ANSWER, message=NOTE, others=others)

        ended = await attempt(channel, sent, lambda: True)

        assert isinstance(ended.end, Withdrawn)
        assert channel.seen == []
