"""The order of events that arrived in any."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from core.events import AgentWrote
from core.ids import Thread
from core.ports import FromThread, Incoming


def in_order(incoming: Collection[Incoming]) -> list[Incoming]:
    """Return the events in order, with what agents wrote in a thread in the order of writing.

    Slack delivers a thread's messages in any order when they come fast; their times tell.
    """
    places: defaultdict[Thread, list[int]] = defaultdict(list)
    ordered = list(incoming)
    for place, each in enumerate(ordered):
        if isinstance(each.origin, FromThread) and isinstance(each.event, AgentWrote):
            places[each.origin.thread].append(place)
    for thread_places in places.values():
        written = sorted((ordered[place] for place in thread_places), key=_written_at)
        for place, each in zip(thread_places, written, strict=True):
            ordered[place] = each
    return ordered


def _written_at(incoming: Incoming) -> datetime:
    event = incoming.event
    return event.sent_at if isinstance(event, AgentWrote) else event.at
