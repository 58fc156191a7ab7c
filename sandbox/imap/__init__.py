"""The sandbox's IMAP server (RFC 3501): the mail that came, as a real client reads it."""

from .server import ImapServer
from .session import CONNECT

__all__ = ["CONNECT", "ImapServer"]
