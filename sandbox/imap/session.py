"""One client's session: what it may do now (RFC 3501, section 3), and what is answered."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Final

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.mailbox import Mailbox

from . import folders, login
from .faulty import Cut, after, before
from .grammar import Bad, No, Scanner
from .idling import idle
from .line import Line, TooLong
from .view import Restored, View
from .visit import Visit

CONNECT: Final = "CONNECT"
"""The name by which a fault of the next greeting is planned."""

Command = Callable[[Scanner], Awaitable[str]]


class State(Enum):
    """How far a client has come."""

    STRANGER = auto()
    """Not authenticated."""
    INSIDE = auto()
    """Authenticated, in no mailbox."""
    SELECTED = auto()


_ANY: Final = frozenset(State)
_STRANGERS: Final = frozenset({State.STRANGER})
_KNOWN: Final = frozenset({State.INSIDE, State.SELECTED})
_IN_A_MAILBOX: Final = frozenset({State.SELECTED})
_NUMBERED: Final = frozenset({"FETCH", "STORE", "SEARCH"})
"""While these run, no message may change its number (RFC 3501, 7.4.1)."""


@dataclass(frozen=True, kw_only=True)
class House:
    """What all sessions have in common."""

    open: Callable[[str, str], Mailbox | None]
    """Returns the mailbox of a user with this password."""
    faults: Faults
    idle: bool
    starttls: ssl.SSLContext | None
    """How clients encrypt before they log in; None if they need not."""


class Session:
    """Answers one client, command by command."""

    def __init__(self, line: Line, house: House) -> None:
        self._line = line
        self._house = house
        self._must_encrypt = house.starttls is not None
        self._inbox: Mailbox | None = None
        self._visit: Visit | None = None
        self._fault: Fault | None = None
        self._encrypts_next: ssl.SSLContext | None = None
        self._over = False
        self._commands = self._all_commands()

    async def run(self) -> None:
        """Greet the client and answer it until one of the two hangs up."""
        try:
            await self._greet()
            while not self._over:
                await self._answer(await self._line.command())
                if self._encrypts_next:
                    await self._line.encrypt(self._encrypts_next)
                    self._encrypts_next, self._must_encrypt = None, False
        except EOFError:
            pass
        except TooLong:
            await self._bye("[TOOBIG] That was too long")
        except Restored:
            await self._bye("[UNAVAILABLE] The mailbox was restored: its numbers have changed")
        except Cut:
            self._line.cut()

    async def _greet(self) -> None:
        fault = self._house.faults.take(CONNECT)
        try:
            before(fault)
        except No as refused:
            await self._bye(str(refused))
            self._over = True
            return
        self._line.say(f"* OK [CAPABILITY {self._capabilities()}] Sandbox ready".encode())
        self._over = await after(fault, self._line)

    async def _bye(self, why: str) -> None:
        self._line.say(f"* BYE {why}".encode())
        await self._line.flush()

    async def _answer(self, command: bytes) -> None:
        tag, self._fault = "*", None
        try:
            args = Scanner(command)
            tag = args.tag()
            args.space()
            said = f"OK {await self._perform(args)}"
            if self._fault and self._fault.kind is FaultKind.ERROR_AFTER:
                said = "NO [SERVERBUG] Something went wrong"
        except Bad as broken:
            said = f"BAD {broken}"
        except No as refused:
            said = f"NO {refused}"
        self._line.say(f"{tag} {said}".encode())
        self._over = await after(self._fault, self._line) or self._over

    async def _perform(self, args: Scanner) -> str:
        verb = name = args.atom()
        if name == "UID":
            args.space()
            verb = args.atom()
            name = f"UID {verb}"
        self._fault = self._house.faults.take(verb)
        if name not in self._commands:
            raise Bad(f"Unknown command {name}")
        states, command = self._commands[name]
        if self._state not in states:
            raise Bad(f"{name} is not allowed in this state")
        before(self._fault)
        try:
            return await command(args)
        finally:
            if self._visit:
                self._line.say(*self._visit.view.news(removals=name not in _NUMBERED))

    @property
    def _state(self) -> State:
        if self._inbox is None:
            return State.STRANGER
        return State.INSIDE if self._visit is None else State.SELECTED

    def _capabilities(self) -> str:
        offered = ["IMAP4rev1", "LITERAL+", "UNSELECT", *(["IDLE"] if self._house.idle else [])]
        if self._inbox is None:
            offered += ["STARTTLS", "LOGINDISABLED"] if self._must_encrypt else ["AUTH=PLAIN"]
        return " ".join(offered)

    def _all_commands(self) -> Mapping[str, tuple[frozenset[State], Command]]:
        commands: dict[str, tuple[frozenset[State], Command]] = {
            "CAPABILITY": (_ANY, self._capability),
            "NOOP": (_ANY, self._nothing),
            "LOGOUT": (_ANY, self._logout),
            "LOGIN": (_STRANGERS, self._login),
            "AUTHENTICATE": (_STRANGERS, self._authenticate),
            "SELECT": (_KNOWN, partial(self._select, read_only=False)),
            "EXAMINE": (_KNOWN, partial(self._select, read_only=True)),
            "STATUS": (_KNOWN, self._status),
            "LIST": (_KNOWN, partial(self._list, "LIST")),
            "LSUB": (_KNOWN, partial(self._list, "LSUB")),
            "CHECK": (_IN_A_MAILBOX, self._nothing),
            "UNSELECT": (_IN_A_MAILBOX, self._unselect),
            "CLOSE": (_IN_A_MAILBOX, self._close),
            "EXPUNGE": (_IN_A_MAILBOX, partial(self._visiting, "EXPUNGE", by_uid=False)),
        }
        for name in ("APPEND", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE"):
            commands[name] = (_KNOWN, self._refuse)
        for name in ("COPY", "UID COPY"):
            commands[name] = (_IN_A_MAILBOX, self._refuse)
        for prefix in ("", "UID "):
            for name in ("FETCH", "STORE", "SEARCH"):
                commands[prefix + name] = (
                    _IN_A_MAILBOX,
                    partial(self._visiting, name, by_uid=bool(prefix)),
                )
        if self._house.starttls:
            commands["STARTTLS"] = (_STRANGERS, self._starttls)
        if self._house.idle:
            commands["IDLE"] = (_KNOWN, self._idle)
        return commands

    # At any time

    async def _capability(self, args: Scanner) -> str:
        args.end()
        self._line.say(f"* CAPABILITY {self._capabilities()}".encode())
        return "Capability completed"

    async def _nothing(self, args: Scanner) -> str:
        args.end()
        return "Done"

    async def _logout(self, args: Scanner) -> str:
        args.end()
        self._line.say(b"* BYE Logging out")
        self._visit, self._over = None, True
        return "Logout completed"

    # Before the login

    async def _starttls(self, args: Scanner) -> str:
        args.end()
        if not self._must_encrypt:
            raise Bad("The connection is encrypted already")
        self._encrypts_next = self._house.starttls
        return "Begin the handshake"

    async def _login(self, args: Scanner) -> str:
        return self._enter(*login.told(args))

    async def _authenticate(self, args: Scanner) -> str:
        return self._enter(*await login.asked_for(self._line, args))

    def _enter(self, user: str, password: str) -> str:
        if self._must_encrypt:
            raise No("[PRIVACYREQUIRED] Encrypt the connection first")
        self._inbox = self._house.open(user, password)
        if self._inbox is None:
            raise No("[AUTHENTICATIONFAILED] Invalid user name or password")
        return f"[CAPABILITY {self._capabilities()}] Logged in"

    # Inside

    async def _list(self, command: str, args: Scanner) -> str:
        self._line.say(*folders.listed(command, args))
        return f"{command.capitalize()} completed"

    async def _status(self, args: Scanner) -> str:
        self._line.say(folders.status(self._mailbox, args))
        return "Status completed"

    async def _refuse(self, args: Scanner) -> str:
        raise No("[CANNOT] The sandbox has one folder, into which mail comes by SMTP")

    async def _select(self, args: Scanner, *, read_only: bool) -> str:
        self._visit = None  # also if it fails (RFC 3501, 6.3.1)
        args.space()
        name = args.astring()
        args.end()
        if not folders.is_inbox(name):
            raise No("[NONEXISTENT] There is no such folder")
        self._visit = Visit(View(self._mailbox, read_only=read_only))
        self._line.say(*self._visit.opening())
        return f"[READ-{'ONLY' if read_only else 'WRITE'}] The folder is open"

    async def _idle(self, args: Scanner) -> str:
        args.end()
        slow = self._fault and self._fault.kind is FaultKind.SLOW
        quiet = self._fault.seconds if self._fault and slow else 0
        await idle(self._line, self._mailbox, self._visit.view if self._visit else None, quiet)
        return "Idle completed"

    @property
    def _mailbox(self) -> Mailbox:
        if self._inbox is None:
            raise Bad("Log in first")
        return self._inbox

    # In a mailbox

    @property
    def _there(self) -> Visit:
        if self._visit is None:
            raise Bad("Select a folder first")
        return self._visit

    async def _visiting(self, name: str, args: Scanner, *, by_uid: bool) -> str:
        self._line.say(*self._there.commands[name](args, by_uid))
        return f"{name.capitalize()} completed"

    async def _unselect(self, args: Scanner) -> str:
        args.end()
        self._visit = None
        return "The folder is closed"

    async def _close(self, args: Scanner) -> str:
        if not self._there.view.read_only:
            self._there.expunge(args, by_uid=False)
        return await self._unselect(args)  # before anybody is told what was removed
