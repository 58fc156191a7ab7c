"""What tells our own mail from others'."""

import re
from collections.abc import Iterable
from typing import Final

from adapters.mail.address import lowered

_OUR_MESSAGE: Final = re.compile(r"<?[a-z2-7]{48}\.[\w-]+@(.+?)>?", re.ASCII | re.IGNORECASE)


class Own:
    """The addresses that are ours, and the Message-IDs that we made."""

    def __init__(self, addresses: Iterable[str], domain: str) -> None:
        """*addresses*: those that mail is sent from or fetched for. *domain*: of Message-IDs."""
        self._addresses = frozenset(lowered(address) for address in addresses)
        self._domain = lowered(domain)

    def has(self, address: str) -> bool:
        """Whether mail to *address* comes to us, whatever it has after a plus."""
        local, _, domain = lowered(address).rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return bool({plain, f"{local}@{domain}"} & self._addresses)

    def made(self, message_id: str) -> bool:
        """Whether a Message-ID has our form. Nothing is proven by it, nor need its key be known."""
        found = _OUR_MESSAGE.fullmatch(message_id)
        return found is not None and lowered(found[1]) == self._domain
