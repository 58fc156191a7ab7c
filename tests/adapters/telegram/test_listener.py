"""What customers do reaches the desk, whatever breaks: Telegram is told only what is stored."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from aiohttp import web

from adapters.clock import SystemClock
from adapters.telegram.listener import TelegramPolling, TelegramWebhook, register_commands
from adapters.telegram.request import RawBot, open_bot
from core.events import CustomerChose, CustomerCommanded, CustomerEdited, CustomerWrote
from core.phrases import Phrase
from core.ports import FromCustomer, Incoming
from core.wording import Phrasebook
from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.telegram import SECRET_HEADER, UNLIMITED, Customer, TelegramServer
from tests.support.ports import held_port
from tests.support.waiting import PATIENCE, until

PAUSES = (0.01, 0.02)
SECRET = "a-secret-of-the-desk"


class Desk:
    """Stands where the desk will stand: keeps what it is given, once, or fails as it is told."""

    def __init__(self) -> None:
        self.stored: dict[str, Incoming] = {}
        self.unreadable: dict[int, dict[str, Any]] = {}
        self.batches = 0
        self.failures = 0
        self.open = asyncio.Event()
        self.open.set()
        self._changed = asyncio.Condition()

    async def receive(self, incoming: Sequence[Incoming]) -> None:
        self.batches += 1
        await self._tell()
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise RuntimeError("database is locked")
        self.stored |= {each.key: each for each in incoming}
        await self._tell()

    async def keep(self, update_id: int, raw: dict[str, Any]) -> None:
        self.unreadable[update_id] = raw
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)

    @property
    def texts(self) -> list[str]:
        events = [incoming.event for incoming in self.stored.values()]
        return [event.text.text for event in events if isinstance(event, CustomerWrote)]


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    with held_port() as port:
        server = TelegramServer(Clock(), limits=UNLIMITED, port=port)
        await server.start()
        yield server
        await server.stop()


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[RawBot]:
    async with open_bot(server.token, server.url) as bot:
        yield bot


@pytest.fixture
def ana(server: TelegramServer) -> Customer:
    return server.customer("Ana", last_name="Petrović", language_code="sr")


@pytest.fixture
async def desk() -> Desk:
    return Desk()


@pytest.fixture
async def polling(bot: RawBot, desk: Desk) -> AsyncIterator[TelegramPolling]:
    polling = polling_of(bot, desk)
    yield polling
    await polling.stop()


def polling_of(bot: RawBot, desk: Desk) -> TelegramPolling:
    return TelegramPolling(bot, desk.receive, SystemClock(), on_unreadable=desk.keep, pauses=PAUSES)


async def waiting(server: TelegramServer) -> int:
    """Return how many updates Telegram still keeps for the desk."""
    async with open_bot(server.token, server.url) as onlooker:
        return (await onlooker.get_webhook_info()).pending_update_count


def offsets(server: TelegramServer) -> list[int]:
    return [int(c.params.get("offset", 0)) for c in server.calls if c.method == "getUpdates"]


async def polls(server: TelegramServer, at_least: int) -> None:
    await until(lambda: len(offsets(server)) >= at_least)


# Polling


async def test_what_customers_do_arrives(
    polling: TelegramPolling, desk: Desk, ana: Customer
) -> None:
    """Words, edits, and commands arrive in order, with who they are from."""
    await polling.start()
    ana.write("/start")
    said = ana.write("Sajt ne radi")
    ana.edit(said, "Sajt mi ne radi")
    await desk.until(lambda: len(desk.stored) == 3)
    kinds = [type(incoming.event) for incoming in desk.stored.values()]
    assert kinds == [CustomerCommanded, CustomerWrote, CustomerEdited]
    origin = next(iter(desk.stored.values())).origin
    assert isinstance(origin, FromCustomer)
    assert (origin.identity.address, origin.name) == (str(ana.chat_id), "Ana Petrović")


async def test_nothing_is_confirmed_before_it_is_stored(
    polling: TelegramPolling, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """While the desk is storing, Telegram keeps the update; afterwards it is confirmed."""
    desk.open.clear()
    ana.write("Sajt ne radi")
    await polling.start()
    await desk.until(lambda: desk.batches == 1)
    assert await waiting(server) == 1
    assert len(offsets(server)) == 1
    desk.open.set()
    await desk.until(lambda: desk.texts == ["Sajt ne radi"])
    await polls(server, 2)
    assert await waiting(server) == 0


async def test_what_could_not_be_stored_comes_again(
    polling: TelegramPolling, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """The desk fails, and fails again: the same updates are asked for until they are stored."""
    desk.failures = 3
    ana.write("prvo")
    ana.write("drugo")
    await polling.start()
    await desk.until(lambda: desk.texts == ["prvo", "drugo"])
    assert desk.batches == 4
    assert set(offsets(server)[:4]) == {0}


async def test_a_killed_desk_loses_nothing(
    bot: RawBot, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """Cancelled in the middle of storing, it finds everything there when it starts again."""
    desk.open.clear()
    first = polling_of(bot, desk)
    await first.start()
    (killed,) = (task for task in asyncio.all_tasks() if task.get_name() == "telegram polling")
    for number in range(5):
        ana.write(f"poruka {number}")
    await desk.until(lambda: desk.batches >= 1)
    killed.cancel()
    await first.stop()
    desk.open.set()
    again = polling_of(bot, desk)
    await again.start()
    await desk.until(lambda: len(desk.stored) == 5)
    await again.stop()
    assert desk.texts == [f"poruka {number}" for number in range(5)]


async def test_a_stop_waits_for_the_batch(
    bot: RawBot, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """What is being stored is stored; what came later stays with Telegram."""
    desk.open.clear()
    ana.write("prvo")
    polling = polling_of(bot, desk)
    await polling.start()
    await desk.until(lambda: desk.batches == 1)
    ana.write("drugo")
    stopping = asyncio.create_task(polling.stop())
    desk.open.set()
    await stopping
    again = polling_of(bot, desk)
    await again.start()
    await desk.until(lambda: desk.texts == ["prvo", "drugo"])
    await again.stop()


async def test_a_repeated_update_keeps_its_key(
    polling: TelegramPolling, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """The inbox can tell that it has it already."""
    await polling.start()
    ana.write("jednom")
    await desk.until(lambda: desk.batches == 1)
    server.repeat_last_update()
    await desk.until(lambda: desk.batches == 2)
    assert desk.texts == ["jednom"]


async def test_an_unreadable_update_blocks_nobody(
    polling: TelegramPolling, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """It is kept as it came, and what came with it is received."""
    # Nobody in the sandbox can do this with a phone.
    garbled = {"message_id": 1, "text": ["?"]}
    server._state.queue.add("message", ana.chat_id, garbled)
    ana.write("Dobar dan")
    await polling.start()
    await desk.until(lambda: desk.texts == ["Dobar dan"])
    await polls(server, 2)
    ((update_id, raw),) = desk.unreadable.items()
    assert raw == {"update_id": update_id, "message": garbled}
    assert await waiting(server) == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.ERROR),
        Fault(kind=FaultKind.CUT_BEFORE),
        Fault(kind=FaultKind.CUT_AFTER),
        Fault(kind=FaultKind.REFUSE, error="Bad Request: no"),
    ],
)
async def test_polling_goes_on_after_a_failure(
    polling: TelegramPolling, desk: Desk, server: TelegramServer, ana: Customer, fault: Fault
) -> None:
    """Not even an answer that was lost on its way loses an update."""
    server.faults.plan("deleteWebhook", fault)
    server.faults.plan("getUpdates", fault, times=2)
    ana.write("Dobar dan")
    await polling.start()
    await desk.until(lambda: desk.texts == ["Dobar dan"])


async def test_an_outage_is_survived(
    polling: TelegramPolling, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """Telegram may be out of reach at the start, and come back."""
    await server.stop()
    await polling.start()
    ana.write("Dobar dan")
    await server.start()
    await desk.until(lambda: desk.texts == ["Dobar dan"])


async def test_a_webhook_left_behind_is_removed(
    polling: TelegramPolling, desk: Desk, bot: RawBot, server: TelegramServer, ana: Customer
) -> None:
    """A desk that was called before can poll now, even if that takes two attempts."""
    ana.write("Dobar dan")
    await bot.set_webhook("http://127.0.0.1:9/", secret_token=SECRET)
    server.faults.plan("deleteWebhook", Fault(kind=FaultKind.ERROR))
    await polling.start()
    await desk.until(lambda: desk.texts == ["Dobar dan"])


async def test_a_rival_is_outlived(
    polling: TelegramPolling, desk: Desk, bot: RawBot, server: TelegramServer, ana: Customer
) -> None:
    """Another program polls with the token for a while: the desk goes on afterwards."""
    await polling.start()
    await polls(server, 1)
    rival = asyncio.create_task(bot.get_updates(timeout=1, allowed_updates=["message"]))
    await polls(server, 3)
    await asyncio.gather(rival, return_exceptions=True)
    ana.write("Dobar dan")
    await desk.until(lambda: desk.texts == ["Dobar dan"])


class HandClock(SystemClock):
    """A clock whose seconds pass when it is told."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


async def test_health_is_the_time_of_the_last_success(
    bot: RawBot, desk: Desk, ana: Customer
) -> None:
    """A desk that asks, and cannot store, is not healthy; once it can, it is."""
    clock = HandClock()
    polling = TelegramPolling(bot, desk.receive, clock, pauses=PAUSES)
    desk.failures = 1_000_000
    ana.write("Dobar dan")
    await polling.start()
    clock.seconds = 60
    assert polling.is_alive(within=60)
    clock.seconds = 61
    await desk.until(lambda: desk.batches >= 3)
    assert not polling.is_alive(within=60)
    desk.failures = 0
    await until(polling.is_alive)
    await polling.stop()


async def test_a_dead_poll_task_is_noticed_and_replaced(
    bot: RawBot, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """Whoever cancelled it: until there is another, the desk is not healthy."""
    polling = TelegramPolling(bot, desk.receive, SystemClock(), pauses=(0.2,))
    await polling.start()
    await polls(server, 1)
    assert polling.is_alive()
    (killed,) = (task for task in asyncio.all_tasks() if task.get_name() == "telegram polling")
    killed.cancel()
    await until(lambda: not polling.is_alive())
    await until(polling.is_alive)
    ana.write("Dobar dan")
    await desk.until(lambda: desk.texts == ["Dobar dan"])
    await polling.stop()
    assert not polling.is_alive()


async def test_a_poll_on_a_half_open_line_is_given_up(
    bot: RawBot, desk: Desk, server: TelegramServer, ana: Customer
) -> None:
    """No answer comes, and no end of the connection: it is asked again, without waiting."""
    server.faults.plan("getUpdates", Fault(kind=FaultKind.SLOW, seconds=3600))
    polling = TelegramPolling(
        bot, desk.receive, SystemClock(), pauses=PAUSES, long_poll=1, grace=0.5
    )
    await polling.start()
    await polls(server, 2)
    waits = [int(c.params.get("timeout", 0)) for c in server.calls if c.method == "getUpdates"]
    assert waits[:2] == [1, 0]
    ana.write("Dobar dan")
    await desk.until(lambda: desk.texts == ["Dobar dan"])
    await polling.stop()


async def test_the_log_names_no_secret_and_no_words(
    polling: TelegramPolling,
    desk: Desk,
    server: TelegramServer,
    ana: Customer,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever goes wrong, neither the token nor what a customer wrote is written down."""
    caplog.set_level("INFO")
    desk.failures = 1
    server._state.queue.add("message", ana.chat_id, {"message_id": 1, "text": "lozinka"})
    ana.write("lozinka")
    await server.stop()
    await polling.start()
    await until(lambda: "NotSentError" in capsys.readouterr().out)
    await server.start()
    server.faults.plan("getUpdates", Fault(kind=FaultKind.ERROR))
    await desk.until(lambda: desk.texts == ["lozinka"])
    await polls(server, 1 + len(offsets(server)))
    logged = capsys.readouterr().out + caplog.text
    assert "telegram_update_unreadable" in logged
    assert "RuntimeError" in logged
    assert "lozinka" not in logged
    assert server.token not in logged


async def test_a_pressed_button_is_answered(
    polling: TelegramPolling, desk: Desk, bot: RawBot, ana: Customer
) -> None:
    """The progress bar on the customer's button ends once the press is stored."""
    ana.write("/start")
    markup = {"inline_keyboard": [[{"text": "Ana", "callback_data": "name:Ana"}]]}
    await bot.do_api_request(
        "sendmessage", {"chat_id": ana.chat_id, "text": "?", "reply_markup": markup}
    )
    press = ana.press("Ana")
    await polling.start()
    await ana.answer(press)
    events = [incoming.event for incoming in desk.stored.values()]
    assert [e.token for e in events if isinstance(e, CustomerChose)] == ["name:Ana"]


# The webhook


def webhook_of(bot: RawBot, desk: Desk, url: str = "https://example.com/hook") -> TelegramWebhook:
    return TelegramWebhook(
        bot,
        desk.receive,
        SystemClock(),
        url=url,
        secret=SECRET,
        on_unreadable=desk.keep,
        pauses=PAUSES,
    )


def update(text: str) -> bytes:
    person = {"id": 5, "is_bot": False, "first_name": "Ana"}
    message = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": text}
    return json.dumps({"update_id": 1, "message": {**message, "from": person}}).encode()


async def test_a_webhook_delivers(bot: RawBot, desk: Desk, ana: Customer) -> None:
    """Telegram calls until it is told that the update is stored: here the second time."""
    hooks: list[TelegramWebhook] = []

    async def handle(request: web.Request) -> web.Response:
        secret = request.headers.get(SECRET_HEADER)
        return web.Response(status=await hooks[0].handle(secret, await request.read()))

    app = web.Application()
    app.router.add_post("/hook", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        hooks.append(webhook_of(bot, desk, url))
        desk.failures = 1
        await hooks[0].start()
        ana.write("Dobar dan")
        await desk.until(lambda: desk.texts == ["Dobar dan"])
        assert desk.batches == 2
        await until(lambda: hooks[0].is_set)
        await hooks[0].stop()
        await bot.delete_webhook()
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("secret", [None, "", "a-secret", SECRET + "x", "š"])
async def test_a_stranger_is_turned_away(bot: RawBot, desk: Desk, secret: str | None) -> None:
    """Only Telegram knows the secret."""
    assert await webhook_of(bot, desk).handle(secret, update("Dobar dan")) == 403
    assert not desk.batches


async def test_a_webhook_without_a_secret_is_refused(bot: RawBot, desk: Desk) -> None:
    """An empty secret would let everybody in."""
    with pytest.raises(ValueError, match="secret"):
        TelegramWebhook(bot, desk.receive, SystemClock(), url="https://x.example", secret="")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b'{"update_id": "1"}', b"[" * 9**5])
async def test_what_is_no_update_is_refused(bot: RawBot, desk: Desk, body: bytes) -> None:
    """Whatever it is, it is not repeated for the desk's sake."""
    assert await webhook_of(bot, desk).handle(SECRET, body) == 400


async def test_the_answer_is_200_only_when_it_is_stored(bot: RawBot, desk: Desk) -> None:
    """500 makes Telegram come again; what cannot be read is kept and not asked for again."""
    hook = webhook_of(bot, desk)
    desk.failures = 1
    assert await hook.handle(SECRET, update("Dobar dan")) == 500
    assert await hook.handle(SECRET, update("Dobar dan")) == 200
    assert desk.texts == ["Dobar dan"]
    assert await hook.handle(SECRET, b'{"update_id": 7, "message": 3}') == 200
    assert desk.unreadable == {7: {"update_id": 7, "message": 3}}


async def test_the_webhook_is_set_as_soon_as_telegram_can_be_reached(
    bot: RawBot, desk: Desk, server: TelegramServer
) -> None:
    """A failure at the start is no reason not to start."""
    server.faults.plan("setWebhook", Fault(kind=FaultKind.ERROR), times=2)
    hook = webhook_of(bot, desk, "http://127.0.0.1:9/hook")
    await hook.start()
    await until(lambda: hook.is_set)
    await hook.stop()
    params = [call.params for call in server.calls if call.method == "setWebhook"][-1]
    assert params["secret_token"] == SECRET
    assert "callback_query" in params["allowed_updates"]
    await bot.delete_webhook()


# The menu


async def test_the_menu_lists_the_commands(bot: RawBot, server: TelegramServer) -> None:
    """People see what they can ask for; a failure for one language does not stop the other."""
    server.faults.plan("setMyCommands", Fault(kind=FaultKind.ERROR))
    await register_commands(bot, Phrasebook({}))
    assert "" not in server.commands
    await register_commands(bot, Phrasebook({}))
    assert set(server.commands) == {"", "sr"}
    shown = {command["command"]: command["description"] for command in server.commands[""]}
    assert list(shown) == ["start", "help", "status", "cancel", "language", "end"]
    assert shown["status"] == Phrase.COMMAND_STATUS
