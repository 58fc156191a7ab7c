"""Several instances of the desk on one database: one works, the others stand by."""

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

import structlog
from prometheus_client import CollectorRegistry

from adapters.store import Lease, SqlStore, Tenure, Terms
from adapters.web.app import make_app
from adapters.web.server import WebServer

log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[socket.socket, SqlStore, Tenure | None], AbstractAsyncContextManager[object]]
"""Does the desk's work inside the block: answers on this socket, which it closes, and keeps in this
store. The tenure is None where there can be no other instance."""


async def take_turns(
    store: SqlStore,
    listening: socket.socket,
    working: Work,
    stop: asyncio.Event,
    *,
    terms: Terms,
    monotonic: Callable[[], float],
) -> None:
    """Work until *stop* is set, but only while no other instance does; else stand by.

    Raises what *working* raises, unless the lease has been lost: then whatever went wrong in the
    middle of it was to be expected, and this instance stands by again.
    """
    name = f"{socket.gethostname()}:{os.getpid()}"
    lease = store.lease(holder=name, terms=terms, monotonic=monotonic)
    if lease is None:  # a file of this machine: whoever has the port is alone
        async with working(listening, store, None):
            gc.freeze()  # what is loaded by now stays: garbage need not be looked for there
            await stop.wait()
        return
    tenure = await lease.take()
    while not stop.is_set():
        if tenure is None:
            async with _standing_by(lease, listening.dup()):
                tenure = await _unless(stop, lease.wait())
        if tenure is not None:
            with listening.dup() as door:
                await _work(tenure, working(door, store.during(tenure), tenure), stop)
            tenure = None


async def _work(
    tenure: Tenure, working: AbstractAsyncContextManager[object], stop: asyncio.Event
) -> None:
    """Work until the lease is lost or *stop* is set."""
    log.info("lease.ours", token=tenure.token)
    try:
        async with tenure, working:
            gc.freeze()
            await _unless(stop, tenure.lost.wait())
    except Exception as error:
        if not tenure.lost.is_set():
            raise
        log.warning("desk.interrupted", error=type(error).__name__)


@asynccontextmanager
async def _standing_by(lease: Lease, listening: socket.socket) -> AsyncIterator[None]:
    """Have the web server say, inside the block, that this instance lives and does not work."""

    async def why() -> str:
        if lease.is_answered:
            return "stands by: another instance works"
        return "stands by: the database does not answer"

    async def no_figures() -> None:
        """Leave the figures to the instance that works."""

    log.info("desk.stands_by")
    app = make_app(checks={"lease": why}, registry=CollectorRegistry(), refresh_metrics=no_figures)
    web = WebServer(app, listening)
    web.start()
    try:
        yield
    finally:
        await web.stop()


async def _unless(stop: asyncio.Event, waiting: Coroutine[Any, Any, T]) -> T | None:
    """Return what is waited for, or None if *stop* is set before."""
    awaited, stopping = asyncio.ensure_future(waiting), asyncio.ensure_future(stop.wait())
    await asyncio.wait({awaited, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for each in (awaited, stopping):
        each.cancel()
    await asyncio.wait({awaited, stopping}, timeout=1)  # a database that hangs is not waited for
    return awaited.result() if awaited.done() and not awaited.cancelled() else None
