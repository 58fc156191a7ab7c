"""The command line, typed in a folder of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bots.command import main
from tests.support.logging_kept import logging_kept

Typed = Callable[..., str]
"""Types a command and returns what is printed; `fails` is the exit code that it must have."""


@contextmanager
def command_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    """Give a command line in *folder*, with the settings of a desk on `desk.db` there."""
    monkeypatch.chdir(folder)
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-canary",
        "SLACK_APP_TOKEN": "xapp-canary",
        "DATABASE_URL": "sqlite:///desk.db",
        "DATA_DIR": "things",
        "COLUMNS": "160",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def typed(*words: str, fails: int = 0) -> str:
        code: object = 0
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code or 0
        told = capsys.readouterr()
        assert code == fails, told.err
        return told.err if fails else told.out

    with logging_kept():
        yield typed
