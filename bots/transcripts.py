"""A transcript as a page that stands on its own: no script, nothing fetched, safe to pass on."""

import hashlib
from base64 import b64encode
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.mail.richtext import to_html
from core.transcript import Transcript

_ENVIRONMENT = Environment(
    loader=PackageLoader("bots"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
# to_html escapes what people wrote.
_ENVIRONMENT.filters["rich"] = lambda text: Markup(to_html(text))  # noqa: S704


def as_html(document: Transcript) -> str:
    """Return a transcript as HTML, whose policy allows its own style and nothing else."""
    style = files("bots").joinpath("templates/transcript.css").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _ENVIRONMENT.get_template("transcript.html").render(
        document=document,
        style=Markup(style),  # noqa: S704 (it is ours)
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'",
    )
