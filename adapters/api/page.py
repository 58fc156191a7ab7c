"""The API's description as a page: written on the server, with nothing that runs in a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES: Final = Path(__file__).parent / "templates"
_PAGES: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
)

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a body, or a parameter."""

    name: str
    kind: str
    model: str = ""
    """What it is one of, or a list of, where that is described on its own."""
    required: bool
    meaning: str


@dataclass(frozen=True)
class Model:
    """What stands in a body."""

    name: str
    about: str
    fields: list[Field]


@dataclass(frozen=True)
class Answer:
    """How a request may end."""

    status: str
    meaning: str
    model: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Something that can be asked for."""

    id: str
    method: str
    path: str
    about: str
    parameters: list[Field]
    body: str
    """The model that it takes, if it takes one."""
    answers: list[Answer]


def page_of(document: dict[str, Any]) -> str:
    """Return the page for an OpenAPI document."""
    parts = document["components"]
    return _PAGES.get_template("docs.html").render(
        title=document["info"]["title"],
        about=document["info"]["description"],
        version=document["openapi"],
        token=parts["securitySchemes"]["token"]["description"],
        operations=list(_operations(document["paths"])),
        models=[
            Model(name, schema.get("description", ""), list(_fields(schema)))
            for name, schema in sorted(parts["schemas"].items())
        ],
    )


def style() -> str:
    """Return the page's style sheet."""
    return (_TEMPLATES / "docs.css").read_text(encoding="utf-8")


def _operations(paths: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in paths.items():
        for method, about in methods.items():
            body = about.get("requestBody", {"content": {}})["content"]
            yield Operation(
                id=about["operationId"],
                method=method.upper(),
                path=path,
                about=about["description"],
                parameters=[
                    Field(
                        name=each["name"],
                        kind=_kind(each["schema"]),
                        required=each["required"],
                        meaning=each.get("description", ""),
                    )
                    for each in about.get("parameters", ())
                ],
                body=_model(*(kind["schema"] for kind in body.values())),
                answers=[
                    Answer(
                        status,
                        answer["description"],
                        _model(*(kind["schema"] for kind in answer["content"].values())),
                    )
                    for status, answer in about["responses"].items()
                ],
            )


def _fields(schema: dict[str, Any]) -> Iterator[Field]:
    for name, about in schema["properties"].items():
        yield Field(
            name=name,
            kind=_kind(about),
            model=_model(about, about.get("items", {})),
            required=name in schema.get("required", ()),
            meaning=about.get("description", ""),
        )


def _kind(schema: dict[str, Any]) -> str:
    """Return in words what a value may be."""
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}".rstrip()
    if "$ref" in schema:
        return ""
    limits = (
        ("at least {}", "minimum"),
        ("at most {}", "maximum"),
        ("at most {} characters", "maxLength"),
    )
    kind = schema.get("format") or schema.get("type", "")
    said = [words.format(schema[limit]) for words, limit in limits if limit in schema]
    return ", ".join([kind, *said])


def _model(*schemas: dict[str, Any]) -> str:
    """Return what the first of these is called that has a description of its own."""
    named = (each["$ref"].rpartition("/")[2] for each in schemas if "$ref" in each)
    return next(named, "")
