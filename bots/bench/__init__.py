"""Speed of the desk against the smallest relays, in one run: `podrska bench`."""

from bots.bench.bench import run

__all__ = ["run"]
