"""A long history, quickly: a conversation as the desk leaves it, many times over in SQL."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Table

from adapters.store import SqlStore
from adapters.store.tables import (
    contacts,
    conversations,
    deliveries,
    identities,
    inbox,
    journal,
    messages,
)
from bots.bench.rig import database_in
from bots.bench.seed import conversation_with_problem
from core.contact import Identity
from core.conversation import Stage
from core.effects import Piece, Relay
from core.events import CustomerWrote
from core.ids import ContactId, ConversationId, DeliveryId, MessageId, Receipt
from core.message import Side
from core.outbox import AGENTS, Delivery, DeliveryState
from core.ports import Changes, Entry, FromCustomer, Incoming

_IN_EACH = 10
"""Messages of one conversation."""
_DAYS = 700
"""How far the history goes back."""
_ONE = "one"


async def add_history(folder: Path, count: int) -> None:
    """Add so many old messages to the database in *folder*, with all that is kept of each."""
    store = await SqlStore.open(f"sqlite:///{database_in(folder)}")
    try:
        await _save_one(store)
    finally:
        await store.close()
    await asyncio.to_thread(_multiply, database_in(folder), count)


async def _save_one(store: SqlStore) -> None:
    """Write what is left of a conversation of one message, which was resolved."""
    now = datetime.now(UTC) - timedelta(days=1)
    talk, said = conversation_with_problem(0, now)
    talk = talk.evolve(
        id=ConversationId(_ONE),
        contact=replace(talk.contact, id=ContactId(_ONE)),
        identity=Identity("telegram", _ONE),
        stage=Stage.RESOLVED,
        thread=None,
        wake=None,
        resolved_at=now,
    )
    said = replace(said, id=MessageId(_ONE), conversation_id=talk.id)
    wrote = CustomerWrote(at=now, sent_at=said.at, message_id=said.id, text=said.text)
    relay = Relay(to=Side.AGENTS, message_id=said.id, piece=Piece(0, len(said.text.text)))
    delivery = Delivery(
        id=DeliveryId(_ONE),
        conversation_id=talk.id,
        channel=AGENTS,
        lane=f"{AGENTS}:{talk.id}",
        place="#support",
        effect=relay,
        message_id=said.id,
        state=DeliveryState.DELIVERED,
        attempts=1,
        created_at=now,
        due_at=now,
        receipt=Receipt("C0BENCH000:1600000000.000001"),
    )
    changes = Changes(
        conversations={talk.id: talk},
        messages={said.id: said},
        journal=[Entry(talk.id, now, wrote), Entry(talk.id, now, relay)],
        deliveries=[delivery],
    )
    async with store.transaction() as tx:
        await tx.admit(
            [Incoming(key=_ONE, origin=FromCustomer(identity=talk.identity), event=wrote)], now
        )
        await tx.save(changes)


def _multiply(database: Path, count: int) -> None:
    """Write conversations of ten messages after the model of the one."""
    talk, moment = f"'past-' || (i / {_IN_EACH})", f"'-' || (i % {_DAYS * 1440}) || ' minutes'"
    past = f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {moment})"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous=OFF")  # nothing of it is dear
        connection.execute("CREATE TEMP TABLE numbers (i INTEGER PRIMARY KEY)")
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
            " INSERT INTO numbers SELECT i FROM n",
            (count,),
        )
        own = {"contact_id": talk, "address": talk, "conversation_id": talk}
        of_talk = {**own, "id": talk, "opened_at": past, "answered_at": past, "resolved_at": past}
        of_talk |= {
            "opened_hour": "i % 24",
            "thread": f"'C0BENCH000:1600000000.' || printf('%06d', i / {_IN_EACH})",
        }
        for table in (contacts, identities, conversations):
            _copy(connection, table, of_talk, where=f"i % {_IN_EACH} = 0")
        of_message = {
            **own,
            "id": "'past-' || i",
            "key": "'past-' || i",
            "message_id": "'past-' || i",
        }
        of_message |= {"lane": f"'{AGENTS}:' || {talk}", "at": past, "received_at": past}
        for table in (messages, inbox, journal, deliveries):
            _copy(connection, table, of_message)
        connection.commit()


def _copy(
    connection: sqlite3.Connection, table: Table, new: dict[str, str], where: str = "1"
) -> None:
    """Copy the one's rows of a table for every number, with these columns made new."""
    names = [each for each in table.columns.keys() if each != "seq"]  # noqa: SIM118
    mine = next(each for each in ("conversation_id", "contact_id", "id", "key") if each in names)
    values = ", ".join(new.get(each, f'one."{each}"') for each in names)
    columns = ", ".join(f'"{each}"' for each in names)
    connection.execute(
        f'INSERT INTO "{table.name}" ({columns}) SELECT {values}'  # noqa: S608, names of our own
        f' FROM numbers, "{table.name}" AS one'
        f" WHERE one.{mine} = '{_ONE}' AND {where} ORDER BY i"
    )
