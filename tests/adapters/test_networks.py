"""Where somebody is who knocks over HTTP."""

import pytest

from adapters.networks import UNKNOWN, is_this_machine, network_of


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


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("192.168.1.1", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_name_and_by_number(host: str, here: bool) -> None:
    """Nothing else counts as it, however near it is."""
    assert is_this_machine(host) is here
