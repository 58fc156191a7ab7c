"""What is a name, and what only looks like one."""

import pytest

from core.contact import read_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ana", "Ana"),
        (" ana ", "ana"),
        ("Ана Анић", "Ана Анић"),
        ("Jean-Luc O'Neil", "Jean-Luc O'Neil"),
        ("Maria del Carmen Ruiz", "Maria del Carmen Ruiz"),
    ],
)
def test_a_name_is_read(text: str, name: str) -> None:
    """As its owner writes it."""
    assert read_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "🙂",
        "123",
        "My site is down",
        "It says error 500",
        "why?",
        "Ana\nMy site is down",
        "ana@example.com",
        "https://example.com",
        "a" * 65,
        "One Two Three Four Five Six",
        "<script>",
    ],
)
def test_what_is_no_name_is_not_taken_for_one(text: str) -> None:
    """It is more likely the problem."""
    assert read_name(text) is None
