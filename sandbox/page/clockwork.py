"""What the page does with the clock."""

from datetime import UTC, datetime, timedelta

from sandbox.clock import Clock
from sandbox.page.actions import Action, Json
from sandbox.page.moments import MOMENTS, ZONE


class Clockwork:
    """The sandbox's clock, as the page shows and moves it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def actions(self) -> dict[str, Action]:
        """Return what can be done, by name."""
        return {"move": self.move, "move-to": self.move_to}

    def snapshot(self) -> Json:
        """Return the time in milliseconds since 1970, how far that is moved, and the zone."""
        return {
            "now": round(self._clock.now().timestamp() * 1000),
            "moved": self._clock.offset.total_seconds(),
            "zone": ZONE.key,
        }

    async def move(self, body: Json) -> None:
        """Move the clock by `seconds`."""
        self._clock.move(timedelta(seconds=body["seconds"]))

    async def move_to(self, body: Json) -> None:
        """Set the clock to the next of the named moments, or back to `now`, the real time."""
        name = body["moment"]
        if name == "now":
            self._clock.move_to(datetime.now(UTC))
        else:
            self._clock.move_to(MOMENTS[name].after(self._clock.now()))
