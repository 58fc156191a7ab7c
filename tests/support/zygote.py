"""Starts the desk's process in a fraction of a second: `python -m tests.support.zygote`.

This process has imported everything, and has neither threads nor an event loop. For each line that
it is given, a JSON object, it forks a desk: a process with an id of its own, that is killed like
any other. It answers with that id, and when the desk has ended, with how: as `waitpid` puts it.
"""

import gc
import json
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.mail.mailbox import Rhythm
from adapters.web.doors import DoorLimits
from core.policy import MailLimits
from tests.support.run_desk import USUAL, run_desk

_TUNING = replace(
    USUAL,
    # What is tried is what becomes of words in trouble, not the pace: these platforms set none.
    hurry=10.0,
    mailbox=Rhythm(pauses=(0.1, 0.2, 0.5, 1.0), idle=3.0, poll=0.5, take=0.5, timeout=5.0),
    # Every customer begins with an automatic mail, and many begin at once.
    mail_limits=MailLimits(a_day=1000, ever=1000, an_hour_in_all=10_000, a_day_proven=1000),
    # Nobody is ever taken to read in the chat, however far the clock jumps: answers are mailed.
    reading=timedelta(days=-1),
    away_after=timedelta(seconds=3),
    doors=DoorLimits(
        sessions="1000/second", sockets="1000/second", polls="1000/second", open_at_once=1000
    ),
)


def _serve() -> None:
    gc.collect()
    gc.freeze()  # else the first collection would copy every page that is shared
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _become_the_desk(order)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become_the_desk(order: dict[str, Any]) -> None:
    """Take up an order in the fork; does not return."""
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, usual in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, usual)
    os.environ.clear()
    os.environ.update(order["environment"])
    code = 1
    try:
        code = run_desk(Path(order["offset"]), _TUNING)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
