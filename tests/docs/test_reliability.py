"""What docs/reliability.md says is held by tests is held by tests."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")

_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its own head."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@cache
def functions_of(path: Path) -> set[str]:
    """Return the names of the functions in a file."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, functions)}


@pytest.mark.parametrize(("file", "test"), sorted(set(_NAMED.findall(PAGE))))
def test_every_test_that_the_page_names_exists(file: str, test: str) -> None:
    """Whoever renames one finds out here."""
    assert (ROOT / file).is_file()
    assert not test or (test.startswith("test_") and test in functions_of(ROOT / file))


@pytest.mark.parametrize(("heading", "columns"), [("The promises", 3), ("The faults", 4)])
def test_every_promise_and_every_fault_is_held_by_a_test(heading: str, columns: int) -> None:
    """It says what is promised or breaks, what becomes of it, and which tests hold that."""
    for row in rows(heading):
        assert len(row) == columns
        assert all(row)
        assert all(_NAMED.fullmatch(name) for name in row[-1].split("<br>")), row[0]
        assert all(test for _, test in _NAMED.findall(row[-1])), row[0]


def test_promises_and_faults_are_counted() -> None:
    """The README's six promises, and the faults without a gap."""
    assert [row[0].partition(".")[0] for row in rows("The promises")] == list("123456")
    faults = rows("The faults")
    assert [row[0] for row in faults] == [str(number) for number in range(1, len(faults) + 1)]
