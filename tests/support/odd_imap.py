"""An IMAP server with a mind of its own: what real ones do on their bad days, on request."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_SIZE_ALONE = "(UID RFC822.SIZE)"


@dataclass
class OddImap:
    """One folder. A mail is oddly served if its UID is among those of an oddity."""

    mails: dict[int, bytes] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    """NO, for whatever is asked together with it."""
    withheld: set[int] = field(default_factory=set)
    """OK, but without it."""
    garbled: set[int] = field(default_factory=set)
    """What is no IMAP at all."""
    broken_off: set[int] = field(default_factory=set)
    """Half of it, and the connection is gone."""
    said_sizes: dict[int, int] = field(default_factory=dict)
    """What it says of sizes, where that is not true."""
    uid_last: bool = False
    """Tells the UID behind the mail's text."""
    no_login: bool = False
    no_folder: bool = False
    read_only: bool = False
    idles: str = "deaf"
    """deaf: it tells of nothing. refused: it says it could, and cannot. never: it does not say so.
    at-once: it tells of new mail in the same breath in which it begins."""
    asked: list[str] = field(default_factory=list)
    """Every command, without its tag."""
    port: int = 0

    @property
    def url(self) -> str:
        """The IMAP_URL of it."""
        return f"imap://desk:secret@127.0.0.1:{self.port}/INBOX"

    def times(self, command: str) -> int:
        """Return how often it was asked for something."""
        return sum(command in each for each in self.asked)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its end."""
        writer.write(b"* OK at your service\r\n")
        try:
            while line := (await reader.readline()).decode().strip():
                tag, _, command = line.partition(" ")
                self.asked.append(command)
                if command == "IDLE" and self.idles != "refused":
                    told = b"* 1 EXISTS\r\n" if self.idles == "at-once" else b""
                    writer.write(b"+ idling\r\n" + told)
                    await reader.readline()
                for part in self._answers(command):
                    writer.write(part)
                writer.write(f"{tag} {self._end(command)}\r\n".encode())
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _answers(self, command: str) -> Iterable[bytes]:
        match command.split(" ", 3):
            case ["CAPABILITY"]:
                yield b"* CAPABILITY IMAP4rev1%s\r\n" % (b"" if self.idles == "never" else b" IDLE")
            case ["SELECT" | "EXAMINE", *_]:
                yield b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] stable\r\n" % len(self.mails)
                if self.read_only:
                    yield b"* OK [READ-ONLY] look, do not touch\r\n"
            case ["UID", "SEARCH", _, wanted]:
                first = int(wanted.partition(":")[0])
                last = max(self.mails, default=0) if ":" in wanted else first
                found = [uid for uid in self.mails if min(first, last) <= uid <= last]
                yield f"* SEARCH {' '.join(map(str, found))}\r\n".encode()
            case ["UID", "FETCH", uids, what]:
                asked = [int(uid) for uid in uids.split(",")]
                if not self.refused & set(asked):
                    for uid in asked:
                        if uid in self.mails:
                            told = self._fetched(uid, what)
                            if uid in self.broken_off and what != _SIZE_ALONE:
                                yield told[: len(told) // 2]
                                raise ConnectionAbortedError
                            yield told

    def _fetched(self, uid: int, what: str) -> bytes:
        raw = self.mails[uid]
        if what == _SIZE_ALONE:
            size = self.said_sizes.get(uid, len(raw))
            return b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, uid, size)
        if uid in self.withheld:
            return b"* %d FETCH (FLAGS (\\Seen))\r\n" % uid
        if uid in self.garbled:
            return b"\xff\xfe what is this?\r\n"
        raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in what else raw
        if most := re.search(r"<0\.(\d+)>", what):
            raw = raw[: int(most[1])]
        if self.uid_last:
            return b"* %d FETCH (BODY[]<0> {%d}\r\n%s UID %d)\r\n" % (uid, len(raw), raw, uid)
        return b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (uid, uid, len(raw), raw)

    def _end(self, command: str) -> str:
        match command.split(" ", 3):
            case ["UID", "FETCH", uids, _] if self.refused & {int(u) for u in uids.split(",")}:
                return "NO [SERVERBUG] ana@example.org's mail cannot be opened"
            case ["UID", "STORE", *_]:
                return "NO [OVERQUOTA] full"
            case ["LOGIN", *_] if self.no_login:
                return "NO [AUTHENTICATIONFAILED] ana@example.org is not you"
            case ["SELECT" | "EXAMINE", *_] if self.no_folder:
                return "NO [NONEXISTENT] ana@example.org has no such folder"
            case ["SELECT", *_] if self.read_only:
                return "OK [READ-ONLY] done"
            case ["IDLE"] if self.idles == "refused":
                return "BAD what?"
        return "OK done"


@asynccontextmanager
async def odd_imap(server: OddImap) -> AsyncIterator[OddImap]:
    """Let it listen on loopback inside the block."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", server.port)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
