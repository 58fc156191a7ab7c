"""Takes in what visitors do. Their browser is told so only after the desk has stored it."""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from adapters.web.files import LARGEST, MOST
from adapters.web.forms import Fault, fault_of
from adapters.web.holding import Holding
from adapters.web.parse import CHANNEL, Ask, Edit, Say, Seen, Told, message_id
from adapters.web.sessions import Session
from adapters.web.standing import LONGEST_TEXT
from adapters.web.telling import entry_of, event_of
from adapters.web.together import Together
from adapters.web.visitors import Visitors
from core.contact import Contact, Identity
from core.effects import Words
from core.events import CustomerSaw
from core.flood import PAUSE
from core.phrases import Phrase
from core.ports import Clock, FromCustomer, Incoming, Transaction
from core.web_port import Frame, Visit, WebFile
from core.wording import Phrasebook

Receive = Callable[[Sequence[Incoming]], Awaitable[None]]
"""Stores events; what it returned from is safe, or was declined as too much."""
Answer = dict[str, Any]

AGAIN_IN = 5
"""Seconds after which a browser may repeat what could not be stored."""
_DOUBTS = 1000
"""How many doubtful addresses are remembered, so that who insists is believed."""

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who speaks, and in which language they are answered."""

    session: Session
    language: str

    @property
    def visitor(self) -> str:
        """The visitor whose browser it is."""
        return self.session.visitor


class Chat:
    """The desk's ear for visitors, whatever line they are on."""

    def __init__(
        self,
        *,
        together: Together,
        clock: Clock,
        receive: Receive,
        visitors: Visitors,
        phrasebook: Phrasebook,
        grace: timedelta,
    ) -> None:
        """*grace*: how long a visitor may be gone before agents' words are mailed to them."""
        self._together = together
        self._clock = clock
        self._receive = receive
        self._visitors = visitors
        self._phrasebook = phrasebook
        self._grace = grace
        self._doubted: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._holding = Holding(clock)

    async def welcome(self, visitor: str) -> tuple[int, dict[str, str] | None]:
        """Return the newest entry of a visitor's log, and their name if that need not be asked."""
        identity = Identity(CHANNEL, visitor)

        async def look(tx: Transaction) -> tuple[Contact | None, Visit]:
            return (await tx.contacts([identity])).get(identity), await tx.visit(visitor)

        contact, visit = await self._together.do(look)
        if contact is not None and contact.name and contact.email:
            return visit.last, {"name": contact.name}
        return visit.last, {"name": visit.name} if visit.name and visit.email else None

    def is_over(self, caller: Caller) -> bool:
        """Whether what they were let in with is good no longer."""
        return caller.session.is_over(self._clock.now())

    async def after(self, visitor: str, seq: int, limit: int) -> list[Frame]:
        """Return what follows in a visitor's log."""
        return await self._together.do(lambda tx: tx.frames(visitor, seq, limit))

    async def left(self, visitor: str) -> None:
        """Count from now on how long a visitor is gone, if they are.

        Not when it is the desk that goes: the deadline that there is stands.
        """
        if not (self._visitors.are_sent_away or self._visitors.is_here(visitor)):
            until = self._clock.now() + self._grace
            await self._together.do(lambda tx: tx.await_until(visitor, until))

    async def take(self, caller: Caller, frame: Told | Seen) -> Answer | None:
        """Return what to answer, once it is stored: `taken`, or `refused` with the reason.

        What is told once more is answered once more, and changes nothing. What was refused for a
        while is not overtaken by what follows it.
        """
        if isinstance(frame, Seen):
            try:
                await self._seen(caller.visitor, frame.seq)
            except Exception as error:  # it is told again with the next one, and at the next visit
                _log.warning("web.not_marked", visitor=caller.visitor, error=type(error).__name__)
            return None
        try:
            async with self._visitors.turn(caller.visitor):
                return await self._take_in_turn(caller, frame)
        finally:
            self._visitors.wake(caller.visitor)

    async def _take_in_turn(self, caller: Caller, frame: Told) -> Answer:
        hold = self._holding.on(caller.visitor, frame.id)
        if hold is not None:
            return _refused(frame, hold.why, wait=self._holding.left(hold))
        try:
            answer = await self._take(caller, frame)
        except Exception as error:  # whatever is wrong, the browser has it still and repeats it
            _log.error("web.not_stored", visitor=caller.visitor, error=type(error).__name__)
            why = self._phrasebook.phrase(caller.language, Phrase.WEB_NOT_STORED)
            answer = _refused(frame, why, wait=AGAIN_IN)
        if answer.get("wait"):
            self._holding.begin(caller.visitor, frame.id, answer["why"], answer["wait"])
        else:
            self._holding.end(caller.visitor)
        return answer

    async def _take(self, caller: Caller, frame: Told) -> Answer:
        visitor = caller.visitor
        fault = fault_of(frame, longest=LONGEST_TEXT, most_files=MOST)
        if fault is not None and not self._insists(visitor, frame, fault):
            return self._put_right(caller, frame, fault)
        found = await self._together.do(lambda tx: _look(tx, visitor, frame))
        if isinstance(found, Fault):
            return self._put_right(caller, frame, found)
        visit = found.visit
        if isinstance(frame, Say) and not found.is_known and visit.email:
            frame = Ask(
                id=frame.id, name=visit.name, email=visit.email, text=frame.text, files=frame.files
            )
        seq = await self._tell(caller, frame, found)
        return self._too_much(caller, frame) if seq is None else _taken(frame, seq)

    async def _tell(self, caller: Caller, frame: Told, found: "_Found") -> int | None:
        """Tell the desk, then their log, and return its newest entry; None if it was declined."""
        visitor, now = caller.visitor, self._clock.now()
        key = str(message_id(visitor, frame.id))
        origin = FromCustomer(
            identity=Identity(CHANNEL, visitor), name=found.visit.name, language=caller.language
        )
        event = event_of(visitor, frame, found.files, now)
        await self._receive([Incoming(key=key, origin=origin, event=event)])
        body = entry_of(frame, found.files)

        async def write_down(tx: Transaction) -> int | None:
            if not await tx.recorded([key]):
                return None
            if body is None:
                return (await tx.visit(visitor)).last
            return (await tx.add_frame(visitor, frame.id, body, now)).seq

        return await self._together.do(write_down)

    async def _seen(self, visitor: str, seq: int) -> None:
        """Write down what was seen, and tell the desk if agents' words were among it."""
        visit = await self._together.do(lambda tx: tx.visit(visitor))
        if seq <= visit.seen:
            return
        if _sees_answers(visit, seq):
            await self._receive(
                [
                    Incoming(
                        key=f"{CHANNEL}:saw:{visitor}:{visit.answered}",
                        origin=FromCustomer(identity=Identity(CHANNEL, visitor)),
                        event=CustomerSaw(at=self._clock.now()),
                    )
                ]
            )
        await self._together.do(lambda tx: tx.mark_seen(visitor, seq))

    def _insists(self, visitor: str, frame: Told, fault: Fault) -> bool:
        """Whether it is a doubtful address that they have been asked about before."""
        if fault.suggestion is None or not isinstance(frame, Ask):
            return False
        doubt = (visitor, frame.email)
        insists = doubt in self._doubted
        self._doubted[doubt] = None
        while len(self._doubted) > _DOUBTS:
            self._doubted.popitem(last=False)
        return insists

    def _put_right(self, caller: Caller, frame: Told, fault: Fault) -> Answer:
        values = {"limit": str(fault.limit or LARGEST), "suggestion": fault.suggestion or ""}
        why = self._phrasebook.phrase(caller.language, fault.phrase, **values, **fault.values)
        return _refused(frame, why, field=fault.field, suggestion=fault.suggestion)

    def _too_much(self, caller: Caller, frame: Told) -> Answer:
        wait = PAUSE + timedelta(seconds=1)
        why = self._phrasebook.say(caller.language, Words(phrase=Phrase.TOO_FAST, span=PAUSE))
        _log.info("web.too_much", visitor=caller.visitor)
        return _refused(frame, why, wait=round(wait.total_seconds()))


def _is_own(frame: Frame | None) -> bool:
    """Whether it is something that the visitor said: nobody else's words are theirs to change."""
    return frame is not None and json.loads(frame.body).get("by") == "you"


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What has to be known before something that a visitor tells is taken."""

    visit: Visit
    is_known: bool
    files: Sequence[WebFile]


async def _look(tx: Transaction, visitor: str, frame: Told) -> _Found | Fault:
    """Return what is known of a visitor, with the files they bring; or what is wrong."""
    if isinstance(frame, Edit) and not _is_own(await tx.frame(visitor, frame.message)):
        return Fault(Phrase.WEB_CANNOT_EDIT, "text")
    files: list[WebFile] = []
    if isinstance(frame, Ask | Say) and frame.files:
        theirs = await tx.use_files(visitor, frame.files, frame.id)
        if theirs is None:
            return Fault(Phrase.WEB_FILE_GONE, "file")
        files = theirs
    known = await tx.contacts([Identity(CHANNEL, visitor)])
    return _Found(visit=await tx.visit(visitor), is_known=bool(known), files=files)


def _sees_answers(visit: Visit, seq: int) -> bool:
    return visit.seen < visit.answered <= seq


def _taken(frame: Told, seq: int) -> Answer:
    return {"type": "taken", "id": frame.id, "seq": seq}


def _refused(
    frame: Told,
    why: str,
    *,
    field: str | None = None,
    wait: int | None = None,
    suggestion: str | None = None,
) -> Answer:
    answer = {"type": "refused", "id": frame.id, "why": why, "field": field, "wait": wait}
    return answer if suggestion is None else {**answer, "suggestion": suggestion}
