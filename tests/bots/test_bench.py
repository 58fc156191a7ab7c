"""The measurement of speed prints what it promises."""

import re

import pytest

from bots import bench


async def test_it_prints_a_ratio_and_two_speeds(capsys: pytest.CaptureFixture[str]) -> None:
    """From rounds of its own, small ones here."""
    await bench.run(events=20, rounds=2)

    told = capsys.readouterr().out
    assert "20 messages" in told
    for line in ("together / one by one", "events a second, together", "events a second, one by"):
        assert re.search(rf"{line}.*\d", told)
