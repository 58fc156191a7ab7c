"""Hypothesis strategies for the desk's own types, made from their annotations."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from core.conversation import Conversation, Stage
from core.richtext import RichText, clean
from core.ticket import TicketStatus
from tests.support.richtexts import richtexts, texts

_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: texts().map(clean),
    int: st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    type(None): st.none(),
    datetime: st.datetimes(
        min_value=datetime(1970, 1, 1),  # noqa: DTZ001  (the zone is the next argument)
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    timedelta: st.timedeltas(timedelta(days=-400), timedelta(days=400)),
    RichText: richtexts(),
}


@cache
def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for every value that an annotation allows, with every field drawn."""
    if hint in _LEAVES:
        return _LEAVES[hint]
    if isinstance(hint, NewType):
        return values_of(hint.__supertype__)
    if get_origin(hint) in (Union, UnionType):
        return st.one_of([values_of(each) for each in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=3).map(tuple)
    if get_origin(hint) is Mapping:
        keys, values = get_args(hint)
        later = st.deferred(lambda: values_of(values))  # words may stand within words
        return st.dictionaries(values_of(keys), later, max_size=2)
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    hints = get_type_hints(hint)
    drawn = {each.name: values_of(hints[each.name]) for each in fields(hint)}
    return st.fixed_dictionaries(drawn).map(lambda given: hint(**_lawful(hint, given)))


def _lawful(kind: type, given: dict[str, Any]) -> dict[str, Any]:
    """Return a conversation's fields brought into a state that its rules allow."""
    if kind is not Conversation:
        return given
    stage, over = given["stage"], given["stage"] is Stage.RESOLVED
    if stage is not Stage.ASKING:
        given["question"] = None
    if stage is Stage.TICKETED and given["ticket"] is None:
        given["stage"] = Stage.ACTIVE
    if over:
        given["wake"] = None
        given["resolved_at"] = given["resolved_at"] or given["opened_at"]
    else:
        given["resolved_at"] = None
        given["merged_into"] = None
    if over and given["ticket"] and given["ticket"].status is not TicketStatus.CLOSED:
        given["ticket"] = None
    return given
