"""Mailboxes that answer by themselves, well-behaved and not, and the post between all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count

from core.effects import MailKind
from core.email_address import mailbox_of
from core.ticket_times import WAITS_FOR_US
from tests.support.builders import ManualClock
from tests.support.mail_world import MailedDesk, Sent, bounce_of, written

HOP = 30
"""Seconds that a mail is under way."""
MOST_HOPS = 2000
"""How many mails may follow from one: more is a loop that does not end."""

Answers = Callable[[Sent], Iterator[Sent]]
"""What a mailbox sends when it gets a mail."""

_NUMBERS = count(1)


@dataclass(kw_only=True)
class Post:
    """Carries mails between desks and mailboxes until nobody has anything more to say."""

    clock: ManualClock
    desks: list[MailedDesk]
    mailboxes: dict[str, Answers]
    carried: list[Sent] = field(default_factory=list)
    """Everything that desks sent, in order."""

    async def bring(self, *mails: Sent) -> None:
        """Bring these to where they go, and whatever comes of them."""
        waiting = list(mails)
        for hops in count():
            if not waiting:
                return
            assert hops < MOST_HOPS, f"a loop without an end: {waiting[0]}"
            self.clock.go_on(HOP)
            waiting += await self._bring(waiting.pop(0))

    async def pass_days(self, days: int, *, hours_between: int = 1) -> None:
        """Let days go by; once in each, agents answer whatever waits for them."""
        for hour in range(0, days * 24, hours_between):
            self.clock.go_on(hours_between * 3600)
            for desk in self.desks:
                await desk.desk.tick()
                if hour % 24 == 0:
                    for ticket in await desk.tickets(*WAITS_FOR_US):
                        await desk.answer(ticket)
                await self.bring(*self._noted(await desk.carry_out(), 0))

    async def _bring(self, mail: Sent) -> list[Sent]:
        to = mailbox_of(mail.to)
        for desk in self.desks:
            if desk.address == to:
                await desk.take(b"Delivered-To: " + mail.to.encode() + b"\r\n" + mail.raw)
                return self._noted(await desk.carry_out(), mail.round)
        return [replace(each, round=mail.round) for each in self.mailboxes[to](mail)]

    def _noted(self, mails: list[Sent], before: int) -> list[Sent]:
        noted = [replace(each, round=before + each.automatic) for each in mails]
        self.carried += noted
        return noted

    def automatic(self, sender: str, to: str, *kinds: MailKind) -> list[datetime]:
        """Return when a desk sent a mailbox automatic mails, of any kind or of these."""
        sent = [each for each in self.carried if (each.sender, each.to) == (sender, to)]
        return [each.at for each in sent if each.automatic and (not kinds or each.kind in kinds)]


def most_in_a_day(times: list[datetime]) -> int:
    """Return how many of these there are within any 24 hours, at most."""
    day = timedelta(days=1)
    return max((sum(at <= each < at + day for each in times) for at in times), default=0)


def a_mail(sender: str, to: str, subject: str, text: str, **headers: str) -> Sent:
    """Return a mail like no other."""
    domain = sender.rpartition("@")[2].strip(">")
    name = f"<{next(_NUMBERS)}@{domain}>"
    raw = written(sender, to, subject, text, message_id=name, **headers)
    return Sent(sender=sender, to=to, raw=raw, at=_LONG_AGO)


def read(mail: Sent) -> EmailMessage:
    return message_from_bytes(mail.raw, EmailMessage, policy=default)


def said_in(mail: Sent) -> str:
    body = read(mail).get_body(("plain",))
    return "" if body is None else str(body.get_content())


def _reply(mail: Sent, to: str, text: str, **headers: str) -> Sent:
    subject = str(read(mail)["Subject"])
    return a_mail(mail.to, to, f"Re: {subject}"[:150], text, **headers)


def _thread(mail: Sent) -> dict[str, str]:
    name = str(read(mail)["Message-ID"])
    return {"In_Reply_To": name, "References": name}


def _reply_to(mail: Sent) -> str:
    return str(read(mail)["Reply-To"].addresses[0].addr_spec)


def silent(mail: Sent) -> Iterator[Sent]:
    """Answer nothing: a robot that only sends."""
    yield from ()


def on_holiday(mail: Sent) -> Iterator[Sent]:
    """Answer as RFC 3834 has it: no machines, the envelope's sender, and marked as automatic."""
    if "auto" not in str(read(mail)["Auto-Submitted"]):
        yield _reply(
            mail,
            mail.sender,
            "I am away.",
            Auto_Submitted="auto-replied",
            Return_Path="<>",
            **_thread(mail),
        )


def rude(mail: Sent) -> Iterator[Sent]:
    """Answer everything, machines as well, with a quoted copy and without a sign of a machine."""
    quoted = "\r\n".join(f"> {line}" for line in said_in(mail).splitlines())
    yield _reply(mail, _reply_to(mail), f"Thank you!\r\n\r\n{quoted}", **_thread(mail))


def rude_to_from(mail: Sent) -> Iterator[Sent]:
    """Answer everything to the address in From, as if it were a mail of its own."""
    yield _reply(mail, mail.sender, f"Thank you for your mail number {next(_NUMBERS)}!")


def two_faced(mail: Sent) -> Iterator[Sent]:
    """Prove the address in one mail, and begin something new with the other."""
    yield from rude(mail)
    yield from rude_to_from(mail)


def bouncer(mail: Sent) -> Iterator[Sent]:
    """Say of each mail that there is nobody, and say it in nobody's name."""
    raw = bounce_of(mail.raw, to=mail.to, by="mx.gone.example")
    yield Sent(sender="", to=mail.sender, raw=raw, at=_LONG_AGO)


def reflector(mail: Sent) -> Iterator[Sent]:
    """Send it to all who are on the list, whoever wrote it, in the list's name; we are on it."""
    yield _reply(mail, mail.sender, said_in(mail), List_Id="<all.list.example>", Precedence="list")


def ticket_system(mail: Sent) -> Iterator[Sent]:
    """Acknowledge each mail, with a number of its own, and never say that it is a machine."""
    number = next(_NUMBERS)
    text = f"Your request has been received, and is known as #{number}."
    yield a_mail(mail.to, mail.sender, f"[#{number}] Request received", text)


def forwarded(to: str) -> Answers:
    """Return a mailbox whose owner has everything sent on to *to*: our own mail comes back."""

    def send_on(mail: Sent) -> Iterator[Sent]:
        received = b"Received: from mx.loop.example by mx.example.com\r\n"
        yield Sent(sender=mail.sender, to=to, raw=received + mail.raw, at=_LONG_AGO)

    return send_on


_LONG_AGO = ManualClock().now()
