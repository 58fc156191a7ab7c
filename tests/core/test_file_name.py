"""What files are called, whatever they are called where they come from."""

import pytest

from core.file_name import file_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("screen.png", "screen.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\bill.pdf", "bill.pdf"),
        ("\u200b.htaccess", "htaccess"),
        ("bill\u202efdp.exe", "billfdp.exe"),
        ("a\r\nSet-Cookie: x=1.txt", "a Set-Cookie: x=1.txt"),
        ("", ""),
        ("...", ""),
        ("x" * 500 + ".pdf", "x" * 60 + ".pdf"),
    ],
)
def test_a_file_is_called_by_a_harmless_name(given: str, shown: str) -> None:
    """One line, no path, nothing invisible that misleads, and its ending."""
    assert file_name(given) == shown
