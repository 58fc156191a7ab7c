"""Writes `docs/states.md`, the table of stages and events, from the table that the desk reads.

`python -m docs.generate` (or `make docs`) rewrites it; a test fails when it is behind the code.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

from core.conversation import Stage
from core.decide import STAGES, TABLE, nothing
from core.decision import Rule
from core.events import Event

STATES = Path(__file__).parent / "states.md"

_TITLE = """\
# Stages and events

What the desk does, by the stage of the conversation and by what happens. Generated from
`core/decide.py` by `make docs`; do not edit it here.
"""
_LEGEND = """\
A dash: nothing happens. The rules are below, each in the words of its code.
"""


def states() -> str:
    """Return the page: the table, the rules, and the pairs that do nothing."""
    parts = (_TITLE, "\n".join(_table()), _LEGEND, "\n".join(_rules()), "\n".join(_idle_pairs()))
    return "\n".join(parts)


def _table() -> Iterator[str]:
    yield f"| | {' | '.join(STAGES)} |"
    yield "|---" * (len(STAGES) + 1) + "|"
    for event, rules in TABLE.items():
        cells = ("–" if rule is nothing else f"`{_name(rule)}`" for rule in rules)
        yield f"| **{event.__name__}**<br>{_first_sentence(event)} | {' | '.join(cells)} |"
    yield ""


def _rules() -> Iterator[str]:
    yield "## The stages\n"
    for stage in STAGES:
        yield f"- **{stage}**: {_STAGES[stage]}"
    yield "\n## The rules\n"
    yield "| rule | what it does |"
    yield "|---|---|"
    distinct = dict.fromkeys(rule for rules in TABLE.values() for rule in rules)
    for rule in distinct:
        if rule is not nothing:
            yield f"| `{_name(rule)}` | {_first_sentence(rule)} |"
    yield ""


def _idle_pairs() -> Iterator[str]:
    yield "## What does nothing\n"
    for event, rules in TABLE.items():
        stages = [str(stage) for stage, rule in zip(STAGES, rules, strict=True) if rule is nothing]
        if stages:
            yield f"- {event.__name__} while {' or '.join(stages)}"
    yield ""


def _name(rule: Rule) -> str:
    return f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}"


def _first_sentence(what: type[Event] | Rule) -> str:
    """Return what its docstring promises, on one line."""
    said = inspect.getdoc(what) or ""
    return " ".join(said.split("\n\n")[0].split()).replace("|", "\\|")


_STAGES = {
    Stage.ASKING: "the desk is still learning who asks, and what",
    Stage.WAITING: "agents have been told; none has answered",
    Stage.ACTIVE: "an agent has answered",
    Stage.TICKETED: "it is a ticket now, and goes on by mail and in the chat",
    Stage.RESOLVED: "it is over, and can be reopened for a while",
}


if __name__ == "__main__":
    STATES.write_text(states(), encoding="utf-8")
