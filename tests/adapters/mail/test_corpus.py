"""Mails of every client, language and kind of damage, each with what must come out of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.mail.letter import Letter
from adapters.mail.reading import part, read

CORPUS = Path(__file__).parents[2] / "corpus" / "mail"
MAILS = sorted(mail for mail in CORPUS.rglob("*.eml") if mail.parent.name != "spoofed")


def _shown(letter: Letter, key: str) -> Any:
    """Return what came out, in the way it is written down beside a mail."""
    match key:
        case "text":
            return letter.text.text
        case "date":
            return letter.date.isoformat() if letter.date else ""
        case "recipients" | "refers_to" | "dropped":
            return list(getattr(letter, key))
        case "enclosed":
            return [
                {"name": one.name, "mime": one.mime, "size": one.size, "inline": one.inline}
                for one in letter.enclosed
            ]
        case "headers":
            return {name: list(values) for name, values in letter.headers.items()}
        case "marks":
            return [
                [span.mark.value, letter.text.text[span.start : span.end]]
                for span in letter.text.spans
            ]
    return getattr(letter, key)


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: str(mail.relative_to(CORPUS)))
def test_what_a_mail_says_comes_out(mail: Path) -> None:
    """Every mail of the corpus is read as it is written down beside it.

    Beside `name.eml` stands `name.json`: fields of `Letter`, as many as matter. `damaged` may be
    a part of what is said; of a file, the keys that matter.
    """
    raw = mail.read_bytes()
    letter = read(raw)
    for key, expected in json.loads(mail.with_suffix(".json").read_text("utf-8")).items():
        found = _shown(letter, key)
        if key == "damaged":
            assert expected in found if expected else found == ""
        elif key == "enclosed":
            matter = [set(one) for one in expected]
            assert len(found) == len(expected), found
            pairs = zip(found, matter, strict=True)
            assert [{k: one[k] for k in keys} for one, keys in pairs] == expected
        elif key == "headers":
            assert {name: found[name] for name in expected} == expected
        else:
            assert found == expected, key


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: str(mail.relative_to(CORPUS)))
def test_a_files_bytes_are_found_again(mail: Path) -> None:
    """The number of a file leads to its bytes, as many as were announced."""
    raw = mail.read_bytes()
    for file in read(raw).enclosed:
        assert len(part(raw, file.part)) == file.size
