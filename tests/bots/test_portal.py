"""Whether there is a portal, and what has to be set for one."""

import pytest
from pydantic import SecretStr

from bots.portal import why_no_portal
from bots.settings import Settings


def settings(url: str, smtp: str | None = "smtp://127.0.0.1:25") -> Settings:
    """Return settings with this address, and a mail server or none."""
    secret = SecretStr("x")
    return Settings(  # type: ignore[call-arg]
        _env_file=None,
        slack_bot_token=secret,
        public_url=url,
        smtp_url=None if smtp is None else SecretStr(smtp),
        mail_from="podrska@example.com",
    )


@pytest.mark.parametrize(
    "url", ["https://desk.example.com", "https://desk.example.com/", "http://127.0.0.1:8080",
            "http://localhost:8080", "http://[::1]:8080"]
)  # fmt: skip
def test_there_is_a_portal(url: str) -> None:
    """Over https, or on this machine."""
    assert why_no_portal(settings(url)) == ""


@pytest.mark.parametrize(
    ("url", "smtp", "mend"),
    [
        ("", "smtp://127.0.0.1:25", "Set PUBLIC_URL"),
        ("https://desk.example.com", None, "Set SMTP_URL"),
        ("https://example.com/desk", "smtp://127.0.0.1:25", "without a path"),
        ("http://desk.example.com", "smtp://127.0.0.1:25", "Write https://"),
        ("http://192.168.1.5", "smtp://127.0.0.1:25", "Write https://"),
    ],
)
def test_there_is_none_and_it_is_said_why(url: str, smtp: str | None, mend: str) -> None:
    """Each time with what to do about it."""
    assert mend in why_no_portal(settings(url, smtp))
