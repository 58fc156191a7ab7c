"""Lets a test set up logging as the desk does, and gives the tests their own back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def logging_kept() -> Iterator[None]:
    """Put logging back, at the end of the block, as it was at its beginning."""
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    levels = {each: each.level for each in loggers}
    handlers = logging.root.handlers[:]
    try:
        yield
    finally:
        logging.root.handlers[:] = handlers
        for each in map(logging.getLogger, logging.root.manager.loggerDict):
            each.setLevel(levels.get(each, logging.NOTSET))
        logging.root.setLevel(levels[logging.root])
        structlog.reset_defaults()
