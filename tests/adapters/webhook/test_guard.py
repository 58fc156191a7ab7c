"""Nothing but what is public is ever connected to, however its address is written."""

import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.webhook.channel import in_words
from adapters.webhook.guard import NotPublicError, guarded, is_public
from adapters.webhook.receiver import parse_receiver, parse_secret

INSIDE = """
127.0.0.1 127.1.2.3 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
100.64.0.1 100.127.255.255 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1
239.255.255.250 240.0.0.1 255.255.255.255 ::1 :: fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 ff02::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:7f00:1 64:ff9b::7f00:1
64:ff9b::a00:1 64:ff9b::169.254.169.254 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 2001::1
2001:db8::1 100::1 fec0::1 ::127.0.0.1 localhost
""".split()
OUTSIDE = [
    "93.184.215.14",
    "8.8.8.8",
    "2606:2800:21f:cb07::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]

WAYS_TO_WRITE_IT = """
https://127.0.0.1/ https://127.1/ https://2130706433/ https://0x7f000001/ https://0x7f.1/
https://0177.0.0.1/ https://017700000001/ https://127.0.0.1./ https://[::1]/
https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[0:0:0:0:0:ffff:127.0.0.1]/
https://localhost/ https://0/ https://0.0.0.0/ https://[::]/
""".split()


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_public(address: str) -> None:
    """Loopback, private, link-local, shared, reserved, and what stands for one of them."""
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_public(address: str) -> None:
    """The rest of the world."""
    assert is_public(address)


class Says(AbstractResolver):
    """A name server that says what it likes, another thing each time."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.addresses.pop(0)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
def listening() -> "Listener":
    return Listener()


class Listener:
    """A program on this machine that nobody may reach."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]

    def was_reached(self) -> bool:
        try:
            connection, _ = self.socket.accept()
        except BlockingIOError:
            return False
        finally:
            self.socket.close()
        connection.close()
        return True


@pytest.mark.parametrize("url", WAYS_TO_WRITE_IT)
async def test_no_way_of_writing_it_gets_through(url: str, listening: Listener) -> None:
    """What counts is where the socket goes."""
    connector = aiohttp.TCPConnector(socket_factory=guarded(local=False))
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises((aiohttp.ClientError, ValueError)):
            await session.post(f"{url[:-1]}:{listening.port}/", ssl=False)

    assert not listening.was_reached()


async def test_a_name_that_leads_inside_is_not_followed(listening: Listener) -> None:
    """Also where it led outside when somebody last looked."""
    names = Says("127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254")
    connector = aiohttp.TCPConnector(
        socket_factory=guarded(local=False), resolver=names, use_dns_cache=False
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        while names.addresses:
            with pytest.raises(aiohttp.ClientConnectorError) as caught:
                await session.post(f"http://rebinding.example:{listening.port}/")
            assert in_words(caught.value) == "the address is not public"

    assert not listening.was_reached()


def test_a_receiver_on_this_machine_is_all_there_is_on_it() -> None:
    """Who was set up to be here is not looked for elsewhere."""
    make = guarded(local=True)
    make((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))).close()
    for address in ("10.0.0.1", "8.8.8.8", "nonsense"):
        with pytest.raises(NotPublicError):
            make((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80)))


@pytest.mark.parametrize(
    "url",
    [
        "http://billing.example.com/",
        "http://10.0.0.1/",
        "http://127.0.0.1.nip.io/",
        "ftp://billing.example.com/",
        "billing.example.com",
        "https://",
        "https://user:secret@billing.example.com/",
        "https://billing.example.com/#part",
        "https://billing.example.com:port/",
        "https://billing.example.com/\nHost: evil",
        "https://[::1/",
        "",
    ],
)
def test_an_address_that_nobody_can_be_told_at(url: str) -> None:
    """It is refused at the start, and not repeated."""
    with pytest.raises(ValueError, match=r"expected|cannot be read") as caught:
        parse_receiver(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("https://billing.example.com/hook?token=x", False),
        ("http://127.0.0.1:9000/hook", True),
        ("http://localhost/hook", True),
        ("https://[::1]:9000/", True),
    ],
)
def test_an_address_to_be_told_at(url: str, is_local: bool) -> None:
    """Encrypted, or on this machine."""
    assert parse_receiver(url).is_local is is_local
    assert "token" not in repr(parse_receiver(url))


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "tooshort", "whsec_" + "A" * 200, "not base64 at all !!!!!!!!!!!!!!"]
)
def test_a_secret_that_is_none(secret: str) -> None:
    """Too short to be worth anything, or not what it should be."""
    with pytest.raises(ValueError, match="24 to 64 random bytes"):
        parse_secret(secret)


def test_a_secret_with_and_without_its_prefix() -> None:
    """As it comes out of `openssl rand -base64 32`, or as others write it."""
    key = "cG9kcsWha2EgdGVzdHMgYSBzZWNyZXQgb2YgMzI="
    assert parse_secret(key) == parse_secret(f"whsec_{key}")
