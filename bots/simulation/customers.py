"""Customers: they tell their problem, answer what the desk asks, and lose patience one day."""

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from bots.simulation.mouth import Mouth
from bots.simulation.platforms import CHAT
from bots.simulation.scenario import Scenario
from core.buttons import Choice
from core.contact import Identity
from core.effects import Effect, Relay, Say
from core.events import CustomerChose, CustomerLeft, CustomerWrote, Event
from core.ids import MessageId
from core.phrases import Phrase
from core.ports import FromCustomer
from core.richtext import plain

PATIENCE = 1800.0
"""Seconds that a customer waits for the first answer, on average."""
SILENCE = 3600.0
"""Seconds after an answer until a customer looks elsewhere."""
_THINKS = 8.0
"""Seconds that it takes to answer a question of the desk's, on average."""
_VANISH = 0.03
_ANSWERS_BACK = 0.6
_THANKS = 0.4
_RETURNS = 0.05

_ASKS = {
    Phrase.ASK_NAME: "name",
    Phrase.ASK_NAME_AGAIN: "name",
    Phrase.ASK_EMAIL: "e-mail",
    Phrase.EMAIL_NO_AT: "e-mail",
    Phrase.ASK_DEPARTMENT: "department",
    Phrase.ASK_DEPARTMENT_AGAIN: "department",
}


@dataclass(frozen=True, kw_only=True)
class Chat:
    """What a customer can do besides writing."""

    block: Callable[[str], None]
    """Blocks the bot in the chat of this address."""
    gave_up: Callable[[], None]
    """Is called when the customer has waited too long."""


class Customer:
    """One person with one problem. What they know is what the chat shows them."""

    def __init__(
        self, number: int, scenario: Scenario, mouth: Mouth, dice: random.Random, chat: Chat
    ) -> None:
        self.address = str(number)
        self._scenario = scenario
        self._mouth = mouth
        self._dice = dice
        self._chat = chat
        self._origin = FromCustomer(identity=Identity(CHAT, self.address), name="Ana")
        self._heard: asyncio.Queue[Effect] = asyncio.Queue()
        self._mouth_free = asyncio.Lock()
        self._numbers = count()
        self._told: set[str] = set()
        self._answered = False
        self._blocks = dice.random() < scenario.trouble.blocked

    def hear(self, effect: Effect) -> None:
        """Read what came into the chat, when there is time for it."""
        self._heard.put_nowait(effect)

    async def live(self) -> None:
        """Tell the problem, and talk until it is over."""
        await self._write()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell_more())
            tasks.create_task(self._listen())

    async def _tell_more(self) -> None:
        more = self._scenario.messages - 1
        for _ in range(whole(self._dice, more)):
            await self._think(self._scenario.gap)
            await self._write()

    async def _listen(self) -> None:
        patience = self._dice.expovariate(1 / PATIENCE)
        while True:
            try:
                async with asyncio.timeout(SILENCE if self._answered else patience):
                    effect = await self._heard.get()
            except TimeoutError:
                if not self._answered:
                    self._chat.gave_up()
                return
            if not await self._react(effect):
                return

    async def _react(self, effect: Effect) -> bool:
        """Do what one does about it; return whether the talk goes on."""
        match effect:
            case Say(words=words) if words.phrase in _ASKS:
                return await self._tell(_ASKS[words.phrase])
            case Say(words=words) if words.phrase is Phrase.RESOLVED:
                await self._part()
                return False
            case Relay():
                self._answered = True
                if self._blocks:
                    await self._block()
                    return False
                if self._dice.random() < _ANSWERS_BACK:
                    await self._think(self._scenario.gap)
                    await self._write()
        return True

    async def _tell(self, asked: str) -> bool:
        """Answer a question, once; return False where the customer has gone."""
        if asked in self._told:
            return True
        self._told.add(asked)
        if self._dice.random() < _VANISH:
            return False
        await self._think(_THINKS)
        match asked:
            case "e-mail":
                await self._write(f"ana{self.address}@example.com", awaited=False)
            case "name" if self._dice.random() < 0.5:
                await self._write("Ana Anić", awaited=False)
            case "name":
                await self._press(Choice("name"))
            case _:
                await self._press(Choice("dept", f"d{int(self.address) % self._scenario.rooms}"))
        return True

    async def _part(self) -> None:
        if self._dice.random() < _THANKS:
            await self._think(_THINKS)
            await self._write("Thank you")
        if self._dice.random() < _RETURNS:
            await self._think(SILENCE / 4)
            await self._write()

    async def _block(self) -> None:
        self._chat.block(self.address)
        if self._dice.random() < 0.5:
            await self._say("left", CustomerLeft(at=self._mouth.clock.now()))

    async def _write(
        self, text: str = "And it still does not work", *, awaited: bool = True
    ) -> None:
        async with self._mouth_free:
            number = next(self._numbers)
            now = self._mouth.clock.now()
            said = CustomerWrote(
                at=now,
                message_id=MessageId(f"c{self.address}-{number}"),
                sent_at=now,
                text=plain(text),
            )
            await self._mouth.say(said.message_id, self._origin, said, awaited=awaited)

    async def _press(self, choice: Choice) -> None:
        await self._say(choice.token, CustomerChose(at=self._mouth.clock.now(), token=choice.token))

    async def _say(self, what: str, event: Event) -> None:
        async with self._mouth_free:
            key = f"c{self.address}-{next(self._numbers)} {what}"
            await self._mouth.say(key, self._origin, event)

    async def _think(self, mean: float) -> None:
        await asyncio.sleep(self._dice.expovariate(1 / mean))


def whole(dice: random.Random, mean: float) -> int:
    """Return a whole number that is *mean* on average, and each time one more is as likely."""
    return int(dice.expovariate(math.log1p(1 / mean))) if mean > 0 else 0
