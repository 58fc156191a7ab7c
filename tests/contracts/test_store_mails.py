"""Mails are kept as they came, each once, together with how far their mailbox was read."""

from typing import Any

import pytest

from core.mail_port import Cursor, Extent, KeptMail, MailRecord, MailState
from core.ports import Store
from tests.support.stored import NOON

EVERY_BYTE = bytes(range(256)) * 5000
"""More than one page of a database, and nothing that is text."""


def a_mail(key: str, raw: bytes = b"Subject: x\r\n\r\nHello", **changes: Any) -> KeptMail:
    """Return a mail that was fetched at noon."""
    given: dict[str, Any] = {
        "key": key,
        "fingerprint": f"fingerprint of {key}",
        "mailbox": "desk@example.com/INBOX",
        "uid_validity": 4294967295,  # the largest that there may be
        "uid": 4294967295,
        "size": len(raw),
        "extent": Extent.WHOLE,
        "received_at": NOON,
    }
    return KeptMail(MailRecord(**given | changes), raw)


async def kept(store: Store, *mails: KeptMail) -> list[str]:
    """Keep these, and return the keys of those that were new."""
    async with store.transaction() as tx:
        return [each.record.key for each in await tx.keep_mails(mails)]


async def listed(store: Store, *states: MailState, limit: int = 9) -> list[str]:
    async with store.transaction() as tx:
        return [each.key for each in await tx.list_mails(states, limit)]


async def test_a_mail_is_kept_byte_for_byte(store: Store) -> None:
    """With all that is known of it."""
    mail = a_mail("1", EVERY_BYTE, error="odd", extent=Extent.HEADERS, state=MailState.SKIPPED)
    await kept(store, mail)
    async with store.transaction() as tx:
        assert await tx.mail("1") == mail
        assert await tx.mail("unknown") is None


async def test_the_same_mail_is_kept_once(store: Store) -> None:
    """Wherever it was put, and however often it is fetched: in one batch or in two."""
    copies = [a_mail("one", fingerprint="same", uid=uid) for uid in (5, 6)]
    assert await kept(store, *copies, a_mail("two")) == ["one", "two"]
    assert await kept(store, a_mail("two"), a_mail("three"), copies[1]) == ["three"]
    assert await kept(store) == []
    async with store.transaction() as tx:
        assert await tx.mail("one") == copies[0]


async def test_many_mails_are_kept_in_their_order(store: Store) -> None:
    """The new ones are returned in order, and given out in order."""
    keys = [f"{number:03}" for number in range(200)]
    await kept(store, a_mail("007"))
    assert await kept(store, *map(a_mail, keys)) == [key for key in keys if key != "007"]
    async with store.transaction() as tx:
        found = [each.key for each in await tx.mails_to_take(5)]
    assert found == ["007", "000", "001", "002", "003"]


async def test_a_mailbox_has_one_cursor(store: Store) -> None:
    """None before it was ever read; each mailbox its own."""
    async with store.transaction() as tx:
        assert await tx.cursor("a") is None
        await tx.set_cursor("a", Cursor(uid_validity=1, last_uid=5))
        await tx.set_cursor("b", Cursor(uid_validity=4294967295, last_uid=4294967295))
        await tx.set_cursor("a", Cursor(uid_validity=2, last_uid=3))
    async with store.transaction() as tx:
        assert await tx.cursor("a") == Cursor(uid_validity=2, last_uid=3)
        assert await tx.cursor("b") == Cursor(uid_validity=4294967295, last_uid=4294967295)


async def test_a_mail_and_the_cursor_are_kept_together_or_not_at_all(store: Store) -> None:
    """What breaks in between leaves neither behind."""
    with pytest.raises(RuntimeError):
        async with store.transaction() as tx:
            await tx.keep_mails([a_mail("1")])
            await tx.set_cursor("a", Cursor(uid_validity=1, last_uid=1))
            raise RuntimeError("the power fails")
    async with store.transaction() as tx:
        assert await tx.cursor("a") is None
    assert await kept(store, a_mail("1")) == ["1"]


async def test_what_became_of_a_mail_is_written_down(store: Store) -> None:
    """Only new ones are to be taken; the others are found by what became of them."""
    await kept(store, *map(a_mail, "1234"))
    async with store.transaction() as tx:
        await tx.mark_mail("1", MailState.TAKEN)
        await tx.mark_mail("2", MailState.UNREADABLE, "LookupError")
        await tx.mark_mail("3", MailState.SKIPPED, "too big")
        await tx.mark_mail("unknown", MailState.TAKEN)
        assert [each.key for each in await tx.mails_to_take(9)] == ["4"]
        (unreadable,) = await tx.list_mails([MailState.UNREADABLE], 9)
        assert unreadable.error == "LookupError"
    assert await listed(store, MailState.SKIPPED, MailState.UNREADABLE) == ["2", "3"]
    assert await listed(store, *MailState) == ["1", "2", "3", "4"]
    assert await listed(store, *MailState, limit=2) == ["1", "2"]


async def test_mails_are_tried_again(store: Store) -> None:
    """Those that nobody could read and those that were skipped; not what was taken."""
    await kept(store, *map(a_mail, "1234"), a_mail("5", b"", extent=Extent.NOTHING))
    async with store.transaction() as tx:
        await tx.mark_mail("1", MailState.TAKEN)
        for key in "235":
            await tx.mark_mail(key, MailState.UNREADABLE, "KeyError")
        assert await tx.retry_mails(["1", "2", "4", "5", "unknown"]) == ["2"]
        assert await tx.retry_mails([]) == []
        assert [each.key for each in await tx.mails_to_take(9)] == ["2", "4"]
        await tx.mark_mail("2", MailState.SKIPPED)
        assert sorted(await tx.retry_mails()) == ["2", "3"]
    assert await listed(store, MailState.UNREADABLE) == ["5"]


async def test_what_could_not_be_fetched_is_fetched_again(store: Store) -> None:
    """The mailbox is read from there once more, and the mail takes its record's place."""
    absent = {"extent": Extent.NOTHING, "state": MailState.SKIPPED}
    lost = [a_mail(f"lost{uid}", b"", uid=uid, uid_validity=1, **absent) for uid in (5, 9)]
    others = [
        a_mail("moved", b"", uid=3, uid_validity=2, **absent),  # its UID means nothing any more
        a_mail("elsewhere", b"", uid=2, uid_validity=1, mailbox="b", **absent),
        a_mail("here", uid=4, uid_validity=1),
    ]
    await kept(store, *lost, *others)
    mailbox = lost[0].record.mailbox
    async with store.transaction() as tx:
        await tx.set_cursor(mailbox, Cursor(uid_validity=1, last_uid=20))
        assert await tx.fetch_again(["lost9", "here", "moved", "elsewhere", "unknown"]) == ["lost9"]
        assert await tx.cursor(mailbox) == Cursor(uid_validity=1, last_uid=8)
        assert sorted(await tx.fetch_again()) == ["lost5", "lost9"]
        assert await tx.fetch_again(["lost9"]) == ["lost9"]
        assert await tx.cursor(mailbox) == Cursor(uid_validity=1, last_uid=4)

    assert await kept(store, a_mail("found", uid=9, uid_validity=1), lost[0]) == ["found"]
    assert await listed(store, *MailState) == ["lost5", "moved", "elsewhere", "here", "found"]
