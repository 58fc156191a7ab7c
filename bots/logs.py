"""Structured logs, for people or machines, without secrets."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

_QUIET = ("httpx", "httpcore", "apscheduler", "slack_bolt", "slack_sdk", "telegram", "mail.log")
"""Libraries whose INFO lines are noise, or print addresses that contain a token."""


class Redactor:
    """Takes every secret out of every line, whoever wrote it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(each for each in secrets if len(each) > 3)

    def __call__(
        self, logger: Any, method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Return the line with each secret replaced."""
        return {key: self._without(value) for key, value in line.items()}

    def _without(self, value: Any) -> Any:
        if not isinstance(value, str):
            text = repr(value)
            if not any(secret in text for secret in self._secrets):
                return value
            value = text
        for secret in self._secrets:
            value = value.replace(secret, "[secret]")
        return value


def set_up(*, form: Literal["console", "json"], level: str, secrets: Iterable[str] = ()) -> None:
    """Let our own lines and the libraries' come out alike on standard error."""
    redactor = Redactor(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redactor,
    ]
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
