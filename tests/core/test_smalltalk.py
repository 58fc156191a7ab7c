"""Words that say nothing of a problem, in the languages of the desk."""

import pytest

from core.smalltalk import is_greeting, is_no, is_thanks, is_yes


@pytest.mark.parametrize("text", ["Hi", "Dobar dan!", "Здраво", "hello there", "Pomoć!", "", "👋"])
def test_a_greeting_says_no_more_than_hello(text: str) -> None:
    """The problem must still be asked for."""
    assert is_greeting(text)


@pytest.mark.parametrize("text", ["Hello, my site is down", "down", "hi hi hi hi hi"])
def test_more_than_a_greeting_is_a_problem(text: str) -> None:
    """Whatever it is, somebody meant it."""
    assert not is_greeting(text)


@pytest.mark.parametrize(
    "text",
    ["Thanks", "thank you very much", "Hvala puno!", "ok, hvala", "хвала", "👍", "❤️🙏🏽"],
)
def test_thanks_ask_for_nothing(text: str) -> None:
    """In words or signs."""
    assert is_thanks(text)


@pytest.mark.parametrize(
    "text",
    ["", "?", "???", "thanks, but it is down again", "very", "👎", "hvala ne radi"],
)
def test_more_than_thanks_asks_for_something(text: str) -> None:
    """A doubt is not a thank you."""
    assert not is_thanks(text)


@pytest.mark.parametrize("text", ["yes", "Da", "Јесте!", "ok"])
def test_a_plain_yes(text: str) -> None:
    """In the languages and scripts of the desk."""
    assert is_yes(text)
    assert not is_no(text)


@pytest.mark.parametrize("text", ["no", "Ne", "није."])
def test_a_plain_no(text: str) -> None:
    """Likewise."""
    assert is_no(text)
    assert not is_yes(text)


@pytest.mark.parametrize("text", ["", "yes but not this one", "maybe", "yesterday"])
def test_neither_yes_nor_no(text: str) -> None:
    """It is not guessed at."""
    assert not is_yes(text)
    assert not is_no(text)
