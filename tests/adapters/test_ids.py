"""New ids: never the same twice, and tickets that can be read aloud."""

import re
from collections import Counter

from adapters.ids import RandomIds
from core.ticket import ALPHABET

MANY = 2000


def test_no_id_is_given_twice() -> None:
    """Contacts, conversations and deliveries are told apart for ever."""
    ids = RandomIds("MNT")
    given = [make() for make in (ids.contact, ids.conversation, ids.delivery) for _ in range(MANY)]

    assert len(set(given)) == len(given)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in given)


def test_a_ticket_s_id_can_be_read_aloud() -> None:
    """The prefix of the house, and five letters none of which is mistaken for another."""
    ids = RandomIds("HOUSE")

    for _ in range(MANY):
        assert re.fullmatch(r"HOUSE-[2-9A-HJKMNP-Z]{5}", ids.ticket())


def test_a_ticket_s_id_is_not_guessed_from_another() -> None:
    """Every letter comes at every place about equally often; hardly any ID comes twice."""
    ids = RandomIds("MNT")
    given = [ids.ticket().removeprefix("MNT-") for _ in range(MANY)]

    assert len(set(given)) > MANY - 5
    for place in range(5):
        counts = Counter(each[place] for each in given)
        assert counts.keys() == set(ALPHABET)
        assert max(counts.values()) < 3 * MANY / len(ALPHABET)
