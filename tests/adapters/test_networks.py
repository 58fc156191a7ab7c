"""Who knocks over HTTP, and how often one network may."""

import pytest

from adapters.networks import UNKNOWN, Allowance, network_of


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("203.0.113.77, 10.0.0.1", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_neighbours_share_a_network(host: str, network: str) -> None:
    """However an address is written; what is no address is all one."""
    assert network_of(host) == network


async def test_an_allowance_is_used_up_by_each_for_himself() -> None:
    """Who has had enough is told how long to wait; others are not held up."""
    allowance = Allowance("2/hour")
    assert [await allowance.takes("a") for _ in range(3)] == [True, True, False]
    assert await allowance.takes("b")
    assert 3500 < await allowance.seconds_to_wait("a") <= 3600
    assert await allowance.seconds_to_wait("b") == 0
