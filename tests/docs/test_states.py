"""The generated pages say what the code says."""

from docs.generate import STATES, states


def test_the_state_table_is_current() -> None:
    """`make docs` brings it up to date."""
    assert STATES.read_text(encoding="utf-8") == states()
