"""Structured logs, for people or machines, without secrets."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

_OURS = ("adapters", "bots", "core")
"""Whose lines obey the level. Libraries print addresses with a token, and what people wrote."""


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
    """Let our own lines and the libraries' warnings come out alike on standard error."""
    redactor = Redactor(secrets)
    ours = logging.getLevelNamesMapping()[level.upper()]
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
        # What is below the level returns at once, before any of the above is called.
        wrapper_class=structlog.make_filtering_bound_logger(ours),
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
    root.setLevel(max(ours, logging.WARNING))
    for name in _OURS:
        logging.getLogger(name).setLevel(ours)
