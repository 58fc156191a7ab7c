"""Visitors find room, as far as the machine allows."""

import json
import subprocess
import sys

SCRIPT = """
import json, resource, sys
from bots.open_files import allow_connections
now, most, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))
room = allow_connections(wanted)
print(json.dumps([room, *resource.getrlimit(resource.RLIMIT_NOFILE)]))
"""


def test_a_service_makes_the_room_that_it_is_allowed() -> None:
    """It is started with 1,024 files, as services are, and 5,000 visitors shall fit."""
    room, now, most = _allowed(1024, 8000, wanted=5000)

    assert room == 5000
    assert 5000 < now < most


def test_what_the_machine_does_not_allow_is_said() -> None:
    """As many as there is room for, with some left for all else."""
    room, now, most = _allowed(512, 1024, wanted=5000)

    assert 0 < room < 1024
    assert now == most == 1024


def test_a_wide_limit_is_left_as_it_is() -> None:
    """There is room already."""
    assert _allowed(8000, 8000, wanted=5000) == (5000, 8000, 8000)


def _allowed(now: int, most: int, *, wanted: int) -> tuple[int, int, int]:
    """Return the room, and the limits afterwards, of a process that starts with these limits."""
    command = [sys.executable, "-c", SCRIPT, str(now), str(most), str(wanted)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    room, soft, hard = json.loads(done.stdout)
    return room, soft, hard
