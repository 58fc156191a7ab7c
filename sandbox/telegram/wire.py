"""What crosses the wire: a call's parameters on the way in, its refusal on the way out."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Json = dict[str, Any]
"""An object of the Bot API, in the API's own names."""


class ApiError(Exception):
    """A call is refused: the HTTP status, and the words in which the Bot API says why."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def answer(self) -> web.Response:
        """Return the refusal as HTTP, "Making requests" in the Bot API's documentation."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return web.json_response(body, status=self.code)


def bad_request(why: str) -> ApiError:
    """Return the refusal of a call that can never succeed as it is."""
    return ApiError(400, f"Bad Request: {why}")


def forbidden(why: str) -> ApiError:
    """Return the refusal of a call that a person does not allow."""
    return ApiError(403, f"Forbidden: {why}")


def conflict(why: str) -> ApiError:
    """Return the refusal of one of two ways of receiving updates that exclude each other."""
    return ApiError(409, f"Conflict: {why}")


def too_many_requests(seconds: float) -> ApiError:
    """Return the refusal of a call that comes too early; Telegram counts in whole seconds."""
    wait = max(1, math.ceil(seconds))
    return ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)


def refusal(error: str) -> ApiError:
    """Return the platform's refusal in the given words, "Forbidden: …" being a 403."""
    if error.startswith("Forbidden"):
        return ApiError(403, error)
    return bad_request(error.removeprefix("Bad Request: ") or "refused")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True)
class Params:
    """The parameters of one call, however they were encoded."""

    values: Mapping[str, Any]
    uploads: Mapping[str, Upload]

    def text(self, name: str) -> str:
        """Return a string, empty if it was not given."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number. Raises ApiError if it is none."""
        value = self.text(name)
        try:
            return int(value) if value else default
        except ValueError:
            raise bad_request(f"can't parse {name} as a Number") from None

    def flag(self, name: str) -> bool:
        """Return whether a Boolean was given, and is true."""
        return self.text(name).lower() in {"true", "yes", "1"}

    def json(self, name: str) -> Any:
        """Return an object or an array, None if it was not given. Raises ApiError if garbled."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def object(self, name: str) -> Json | None:
        """Return an object, None if it was not given. Raises ApiError if it is something else."""
        value = self.json(name)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {name}")
        return value

    def objects(self, name: str) -> list[Json] | None:
        """Return an array of objects, None if it was not given. Raises ApiError likewise."""
        value = self.json(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_request(f"expected an Array of Objects as {name}")
        return value

    def upload(self, name: str) -> Upload | None:
        """Return the file uploaded as *name*, or as the part that *name* points to."""
        return self.uploads.get(name) or self.uploads.get(self.text(name).removeprefix("attach://"))


async def read_params(request: web.Request) -> Params:
    """Read the parameters from the query, and from a JSON, form or multipart body."""
    values: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise bad_request("can't parse request JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("object expected as the request")
        values.update(body)
    else:
        for name, field in (await request.post()).items():
            if isinstance(field, web.FileField):
                uploads[name] = Upload(
                    name=field.filename, mime=field.content_type, content=field.file.read()
                )
            else:
                values[name] = field
    return Params(values, uploads)
