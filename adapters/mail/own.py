"""What tells our own mail from others'."""

import re
from collections.abc import Iterable
from typing import Final

_OUR_MESSAGE: Final = re.compile(r"<?[a-z2-7]{48}\.[\w-]+@(.+?)>?", re.ASCII | re.IGNORECASE)


class Own:
    """The addresses that are ours, and the Message-IDs that we made."""

    def __init__(self, addresses: Iterable[str], domain: str) -> None:
        """*addresses*: those that mail is sent from or fetched for. *domain*: of Message-IDs."""
        self._addresses = frozenset(_lower(address) for address in addresses)
        self._domain = _lower(domain)

    def has(self, address: str) -> bool:
        """Whether mail to *address* comes to us, whatever it has after a plus."""
        local, _, domain = _lower(address).rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return bool({plain, f"{local}@{domain}"} & self._addresses)

    def made(self, message_id: str) -> bool:
        """Whether a Message-ID has our form. Nothing is proven by it, nor need its key be known."""
        found = _OUR_MESSAGE.fullmatch(message_id)
        return found is not None and _lower(found[1]) == self._domain


def _lower(address: str) -> str:
    """Lower-case only ASCII: no letter of another alphabet becomes one of ours."""
    return address.encode(errors="surrogatepass").lower().decode(errors="surrogatepass")
