"""Who stood by: what happened on the wire that excuses a copy."""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.mail import MailServer
from sandbox.slack.state import Json
from sandbox.telegram import TelegramServer

_BEING_SENT = """
    SELECT json_extract(messages.body, '$.text.text')
    FROM deliveries JOIN messages ON messages.id = deliveries.message_id
    WHERE deliveries.channel = 'telegram' AND deliveries.state = 'sending'
"""
_WORD = re.compile(r"\b[ca]\d+x\d+\b")


def words_in(texts: list[str], of: str) -> list[str]:
    """Return what was said, as it stands in these texts, by `c`ustomers or by `a`gents."""
    return [word for text in texts for word in _WORD.findall(text) if word.startswith(of)]


def unquoted(text: str) -> str:
    """Return a mail's text without what it repeats of earlier ones."""
    return "\n".join(line for line in text.split("\n") if not line.startswith(">"))


class Traffic:
    """What the desk handed to a platform, and which faults its calls met."""

    def __init__(self, platform: str, faults: Faults, latest: Callable[[], Json], of: str) -> None:
        """*latest* returns what came with the latest call; words are those *of* one side."""
        self.struck: Counter[str] = Counter()
        """How many faults there were of each kind."""
        self.handed: set[str] = set()
        """The words that the desk has brought, whatever became of the call."""
        self.times: list[float] = []
        """When words came, on the monotonic clock."""
        self._platform = platform
        self._latest = latest
        self._of = of
        faults.on_call(self._note)

    def brought(self, text: str) -> None:
        """Note the words that came just now."""
        if words := words_in([text], self._of):
            self.handed.update(words)
            self.times.append(time.monotonic())

    def _note(self, method: str, fault: Fault | None) -> None:
        if fault:
            self.struck[f"{self._platform} {fault.kind}"] += 1
        call = self._latest()
        self.brought(f"{call.get('text', '')} {call.get('blocks', '')}")


def tell_arrivals(mail: MailServer, brought: Callable[[str], None]) -> None:
    """Tell the text of each mail, as it comes into its mailbox."""
    known: Counter[str] = Counter()

    def look() -> None:
        for address in mail.addresses:
            mails = mail.mailbox(address).mails
            for each in mails[known[address] :]:
                brought(unquoted(each.text))
            known[address] = len(mails)

    mail.on_change(look)


class Doubts:
    """Which words may come twice in Telegram, because of faults and of kills."""

    def __init__(self, telegram: TelegramServer, database: Path) -> None:
        self._telegram = telegram
        self._database = database
        self.excused: Counter[str] = Counter()
        """How many copies of a word are excused: one for each call that broke off with it."""
        telegram.faults.on_call(self._note)

    def killed(self) -> None:
        """Note what the desk, now dead, was sending, or had sent and not yet written down."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as database:
            rows = database.execute(_BEING_SENT)
            self.excused.update(words_in([text for (text,) in rows], "a"))

    def _note(self, method: str, fault: Fault | None) -> None:
        if fault and (fault.kind in (FaultKind.ERROR_AFTER, FaultKind.CUT_AFTER) or _stalls(fault)):
            text = str(self._telegram.calls[-1].params.get("text", ""))
            self.excused.update(words_in([text], "a"))


def _stalls(fault: Fault) -> bool:
    """Whether the desk does not wait for the answer."""
    return fault.kind is FaultKind.SLOW and fault.seconds > 30
