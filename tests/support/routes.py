"""The table of all addresses that an application answers at, as the application itself has it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route, WebSocketRoute

from adapters.portal.pages import STYLE_NAME

SOCKET = "SOCKET"


@dataclass(frozen=True)
class Address:
    """A method and a path, with its parameters in braces."""

    method: str
    path: str

    @property
    def parameters(self) -> bool:
        """Whether it names a thing."""
        return "{" in self.path and not self.path.endswith("{rest:path}")

    def __str__(self) -> str:
        return f"{self.method} {self.path.replace(STYLE_NAME, '<style>')}"


def addresses_of(app: FastAPI) -> list[Address]:
    """Return every address, in the order in which they are matched."""
    return list(_walk(app.routes))


def _walk(routes: Iterable[BaseRoute]) -> Iterator[Address]:
    for each in routes:
        if isinstance(each, WebSocketRoute):
            yield Address(SOCKET, each.path)
        elif isinstance(each, Route):
            methods = set(each.methods or ())
            for method in sorted(methods - {"HEAD"} if "GET" in methods else methods):
                yield Address(method, each.path)
        elif (router := getattr(each, "original_router", None)) is not None:
            yield from _walk(router.routes)
        else:
            raise AssertionError(f"nobody knows what this answers: {each!r}")
