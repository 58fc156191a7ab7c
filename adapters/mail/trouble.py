"""Why a mailbox cannot be read just now, in words without an address or a secret."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from imap_tools.errors import UnexpectedCommandStatusError

Step = Literal["connect", "login", "select", "read"]

_CODE = re.compile(r"\[([A-Z][A-Z0-9-]{1,30})\b")
_REFUSED: Final[dict[Step, tuple[str, str]]] = {
    "connect": ("not_understood", "the server does not speak IMAP as it should"),
    "login": ("login_refused", "the server does not accept user and password"),
    "select": ("folder_refused", "the server does not open the folder"),
    "read": ("refused", "the server refuses to hand mail out"),
}


class MailboxTrouble(Exception):
    """The mailbox cannot be read. The text is for people, `code` for logs."""

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        super().__init__(words)


class Refused(MailboxTrouble):
    """The server answered NO or BAD, or left out what it was asked for."""

    def __init__(self, answer: object, step: Step = "read") -> None:
        code, words = _REFUSED[step]
        match = _CODE.search(str(answer))
        super().__init__(code, f"{words} ({match[1]})" if match else words)


@contextmanager
def as_trouble(step: Step) -> Iterator[None]:
    """Turn whatever goes wrong inside the block into `MailboxTrouble`."""
    try:
        yield
    except MailboxTrouble:
        raise
    except imaplib.IMAP4.abort as error:  # not imaplib.IMAP4.error, which it is as well
        raise MailboxTrouble("broken_off", "the connection broke off") from error
    except (imaplib.IMAP4.error, UnexpectedCommandStatusError) as error:
        raise Refused(error, step) from error
    except OSError as error:
        raise MailboxTrouble(*_of_line(error)) from error
    except Exception as error:  # answers that nobody could foresee
        code = type(error).__name__
        raise MailboxTrouble(code, f"the server's answers are not understood ({code})") from error


def _of_line(error: OSError) -> tuple[str, str]:
    match error:
        case ssl.SSLCertVerificationError():
            return "certificate", "the server's certificate is not trusted"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "broken_off", "the connection broke off"
        case ssl.SSLError():
            return "no_encryption", "no encrypted connection can be made"
        case socket.gaierror():
            return "unknown_host", "the server's name is not known"
        case ConnectionRefusedError():
            return "unreachable", "nobody listens where the server should be"
        case TimeoutError():
            return "timeout", "the server does not answer"
    return "broken_off", "the connection broke off"
