"""One folder over one connection: the little of IMAP that taking mail in needs.

Everything here blocks, and is called in a thread of its own. Rules: RFC 3501 (IMAP4rev1), RFC 2177
(IDLE). Nothing that a server writes gets into an error's text except its response code in
brackets: servers repeat names and addresses.
"""

import imaplib
import re
import select
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, Self

from imap_tools.mailbox import BaseMailBox

from adapters.mail.address import Encryption
from adapters.mail.imap_url import ImapServer
from adapters.mail.trouble import MailboxTrouble, Refused, as_trouble
from core.message import MEGABYTE

LARGEST: Final = 25 * MEGABYTE
"""Bytes: of what is larger only the headers are fetched."""
_MOST_OF_HEADERS: Final = MEGABYTE

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


class Folder:
    """A folder that is open; close it, or its connection stays."""

    def __init__(self, box: "_Box", folder: str) -> None:
        self._client: Any = box.client
        self._is_readonly = _select(box, folder)
        (validity,) = self._client.response("UIDVALIDITY")[1][-1:]
        self.uid_validity = int(validity or 0)
        """As long as it is the same, so are all UIDs."""
        self.can_idle = b"IDLE" in self._capabilities()
        """Whether the server tells of new mail by itself."""

    @classmethod
    def open(
        cls, server: ImapServer, *, tls: ssl.SSLContext | None = None, timeout: float = 60
    ) -> Self:
        """Connect, encrypt, log in and select. Raises `MailboxTrouble`.

        *tls* says whose certificates are trusted: those that the system trusts, if it is None.
        *timeout* is how many seconds each answer may take.
        """
        with as_trouble("connect"):
            box = _Box(server, tls, timeout)
        try:
            with as_trouble("login"):
                box.log_in(server)
            with as_trouble("select"):
                return cls(box, server.folder)
        except BaseException:
            box.drop()
            raise

    def uids_after(self, uid: int) -> list[int]:
        """Return the UIDs of all mails behind this one, in order, whatever flags they have."""
        self._client.untagged_responses.clear()
        found = self._uid("SEARCH", f"UID {uid + 1}:*")
        uids = (int(each) for part in found if part for each in part.split())
        return sorted({each for each in uids if each > uid})  # "*" is the last one in any case

    def has(self, uid: int) -> bool:
        """Whether a mail is still there."""
        return any(self._uid("SEARCH", f"UID {uid}"))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return the bytes of these mails, as the server counts them."""
        told = self._uid("FETCH", _set(uids), "(UID RFC822.SIZE)")
        lines = [each for each in told if isinstance(each, bytes)]
        pairs = [(_UID.search(line), _SIZE.search(line)) for line in lines]
        return {int(uid[1]): int(size[1]) for uid, size in pairs if uid and size}

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return these mails, byte for byte; a byte more than the largest, if one is larger."""
        return _literals(self._uid("FETCH", _set(uids), f"(UID BODY.PEEK[]<0.{LARGEST + 1}>)"))

    def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the headers of these mails, a megabyte of them at most."""
        parts = f"(UID BODY.PEEK[HEADER]<0.{_MOST_OF_HEADERS}>)"
        return _literals(self._uid("FETCH", _set(uids), parts))

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Say that these mails were seen, for people who look; it may be refused."""
        if uids and not self._is_readonly:
            with suppress(Refused):  # a quota, or a right that the desk has not got
                self._uid("STORE", _set(uids), "+FLAGS.SILENT", r"(\Seen)")

    def idle(self, seconds: float) -> None:
        """Return when the server has told something, or after so many seconds (under 29 min)."""
        with as_trouble("read"):
            client = self._client
            tag = client._command("IDLE")
            while client._get_response() is not None:  # None is the server's "+"
                if client.tagged_commands[tag]:
                    self.can_idle = False  # it had only said so
                    return
            if not self.told_of_mail() and not _has_more(client):
                _wait_for(client.sock, seconds)
            client.send(b"DONE\r\n")
            while not client.tagged_commands[tag]:
                client._get_response()
            del client.tagged_commands[tag]

    def told_of_mail(self) -> bool:
        """Whether the server has told of new mail since it was last asked for it."""
        return "EXISTS" in self._client.untagged_responses

    def abandon(self) -> None:
        """Break the connection off, from any thread: what waits for an answer gets an error."""
        with suppress(OSError):
            # Not the method of an encrypted socket, which another thread is reading from.
            socket.socket.shutdown(self._client.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the connection back."""
        _shut(self._client)

    def _capabilities(self) -> list[bytes]:
        told = self._client.capability()[1]
        return bytes(told[-1] or b"").upper().split()

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        with as_trouble("read"):
            status, data = self._client.uid(command, *arguments)
            if status != "OK":
                raise Refused(data)
            return list(data)


class _Box(BaseMailBox):
    """A connection, encrypted as the setting says."""

    def __init__(self, server: ImapServer, tls: ssl.SSLContext | None, timeout: float) -> None:
        self._server = server
        self._tls = tls or _trusting(server.encryption)
        self._timeout = timeout
        super().__init__()

    def log_in(self, server: ImapServer) -> None:
        if (server.user + server.password).isascii():
            self.login(server.user, server.password, initial_folder=None)
        else:
            self.login_utf8(server.user, server.password, initial_folder=None)

    def drop(self) -> None:
        _shut(self.client)

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        server = self._server
        where = (server.host, server.port)
        if server.encryption is Encryption.TLS:
            return imaplib.IMAP4_SSL(*where, ssl_context=self._tls, timeout=self._timeout)
        client = imaplib.IMAP4(*where, timeout=self._timeout)
        try:
            if server.encryption is Encryption.STARTTLS or "STARTTLS" in client.capabilities:
                if "STARTTLS" not in client.capabilities:
                    raise MailboxTrouble("no_encryption", "the server offers no encryption")
                client.starttls(self._tls)
        except BaseException:
            _shut(client)
            raise
        return client


def _trusting(encryption: Encryption) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if encryption is Encryption.IF_OFFERED:  # a server on this machine
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _select(box: _Box, folder: str) -> bool:
    """Open a folder, to write flags where that is allowed; return whether it is not."""
    try:
        box.folder.set(folder)
    except imaplib.IMAP4.readonly:
        box.folder.set(folder, readonly=True)
        return True
    return False


def _shut(client: imaplib.IMAP4) -> None:
    with suppress(OSError):
        client.shutdown()


def _set(uids: Iterable[int]) -> str:
    return ",".join(map(str, uids))


def _literals(told: list[Any]) -> dict[int, bytes]:
    """Return what an answer to FETCH carries, by UID, which may stand before it or behind it."""
    found = {}
    for each, behind in zip(told, [*told[1:], b""], strict=True):
        if isinstance(each, tuple):
            uid = _UID.search(each[0]) or (_UID.search(behind) if type(behind) is bytes else None)
            if uid:
                found[int(uid[1])] = each[1]
    return found


def _has_more(client: Any) -> bool:
    """Whether something was read from the connection already, together with what came before."""
    patience = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(client.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        client.sock.settimeout(patience)


def _wait_for(line: socket.socket, seconds: float) -> None:
    poll = select.poll()
    poll.register(line, select.POLLIN)
    poll.poll(seconds * 1000)


@contextmanager
def opened(
    server: ImapServer, *, tls: ssl.SSLContext | None = None, timeout: float = 60
) -> Iterator[Folder]:
    """Open a folder inside the block, as `Folder.open` does."""
    folder = Folder.open(server, tls=tls, timeout=timeout)
    try:
        yield folder
    finally:
        folder.close()
