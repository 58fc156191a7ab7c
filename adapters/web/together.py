"""What many visitors need of the store at the same time is done in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from core.ports import Store, Transaction

T = TypeVar("T")

MOST: Final = 100
"""How much is done in one transaction: others wait for the database, too."""


@dataclass(frozen=True)
class _Asked:
    work: Callable[[Transaction], Awaitable[Any]]
    done: asyncio.Future[Any]


class Together:
    """Does what is asked at once; what is asked while that is done waits, and is done together.

    To begin a transaction and to commit it costs more than what one visitor needs in it. There is
    one of these for all that write into visitors' logs: two would wait for each other's rows.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Asked] = []
        self._doing: asyncio.Task[None] | None = None

    async def do(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Return what *work* returned, once that is committed. Raises what it raised.

        It is done once more from its beginning if what shared its transaction failed. It is not
        cancelled with whom it is done for.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(work, done))
        if self._doing is None or self._doing.done():
            self._doing = asyncio.create_task(self._do_all())
        return await done

    async def _do_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await self._do(batch)

    async def _do(self, batch: list[_Asked]) -> None:
        try:
            async with self._store.transaction() as tx:
                found = [await each.work(tx) for each in batch]
        except Exception as error:
            if len(batch) > 1:  # whoever's fault it was, the others do not pay for it
                for each in batch:
                    await self._do([each])
            elif not batch[0].done.done():
                batch[0].done.set_exception(error)
            return
        for each, result in zip(batch, found, strict=True):
            if not each.done.done():  # nobody waits for it any more
                each.done.set_result(result)
