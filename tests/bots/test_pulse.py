"""Whether the database takes anything: asked by many, and never waited for long."""

import asyncio

from bots.pulse import Pulse


async def test_a_database_that_hangs_is_asked_once() -> None:
    """Whoever asks learns at once that it does not answer, and later that it does again."""
    answers, asked = asyncio.Event(), []

    async def ping() -> None:
        asked.append("ping")
        await answers.wait()

    pulse = Pulse(ping, patience=0.01)
    assert await pulse.trouble() == "does not answer"
    assert await pulse.trouble() == "does not answer"
    assert asked == ["ping"]

    answers.set()
    await pulse.stop()
    assert await pulse.trouble() is None


async def test_a_database_that_takes_nothing_is_said_so() -> None:
    """In words that name the kind of trouble and nothing that is in the database."""

    async def ping() -> None:
        raise OSError(28, "No space left on device: 'word of a customer'")

    assert await Pulse(ping).trouble() == "cannot be written (OSError)"
