"""What ties a mail to its conversation: a token in our reply addresses and Message-IDs.

A token says which conversation a mail of ours belonged to and whom it was sent to, and nobody but
the desk can make one. It is 48 letters and digits, and means the same in capitals, for some
servers rewrite addresses. Whoever holds one has seen a mail of ours, or a copy: it proves no
sender, and what may be done with it is decided in `adapters.mail.trust`.
"""

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import RFC_4122, UUID

from adapters.mail.address import ascii_address, lowered
from core.ids import ConversationId

_ID: Final = 16
_TAG: Final = 4
_SIGNATURE: Final = 10
"""Bytes of each of a token's parts. Together 30, which base32 writes without padding."""

_LETTERS: Final = (_ID + _TAG + _SIGNATURE) * 8 // 5
_SHORTEST_KEY: Final = 16
_LONGEST_LOCAL_PART: Final = 64
"""What every server takes before the @ (RFC 5321, section 4.5.3.1.1)."""

_UUID_VERSION: Final = 4
_ABOVE_ASCII: Final = 0x80
_WORD: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Token:
    """What a valid token says."""

    conversation: ConversationId
    recipient_tag: bytes
    """Stands for the address that it was sent to: `Tokens.was_sent_to` compares it."""


class Tokens:
    """Makes and reads the tokens of one desk."""

    def __init__(self, keys: Sequence[bytes], address: str, *, plus: bool = True) -> None:
        """Prepare to sign for *address*, which mail is sent from, such as podrska@example.com.

        *keys*: the newest comes first and signs; what any of them signed is valid. Without *plus*
        no token goes into reply addresses, only into Message-IDs. Raises ValueError if there is no
        key, if one is shorter than 16 bytes, or if *address* has no @.
        """
        if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
            raise ValueError("tokens are signed with one or more keys of at least 16 bytes")
        self._local, at, self._domain = address.rpartition("@")
        if not (self._local and at and self._domain):
            raise ValueError(f"not an address to reply to: {address!r}")
        self._keys = tuple(keys)
        self._plus = plus
        token = rf"[a-z2-7]{{{_LETTERS}}}"
        self._ours = re.compile(
            rf"(?<![^\s<>,;:\"'()\[\]])(?:{re.escape(self._local)}\+({token})|({token})\.[\w-]+)"
            rf"@{re.escape(self._domain)}(?![\w-]|\.[\w-])",
            re.ASCII | re.IGNORECASE,
        )

    def reply_address(self, conversation: ConversationId, recipient: str) -> str:
        """Return the address to which *recipient* answers in this conversation.

        The plain address, where addresses take no token or would be too long for some servers.
        Raises ValueError as `message_id` does.
        """
        local = f"{self._local}+{self._sign(conversation, recipient)}"
        if not self._plus or len(local) > _LONGEST_LOCAL_PART:
            local = self._local
        return f"{local}@{self._domain}"

    def message_id(self, conversation: ConversationId, recipient: str, of: str) -> str:
        """Return the Message-ID of the mail *of* (a delivery's id, or "first") to *recipient*.

        The same for the same arguments, as long as the newest key is the same. Raises ValueError
        for a conversation whose id is neither a random UUID's hex digits nor at most 16 printable
        ASCII characters, and for an *of* that is not made of letters, digits, - and _.
        """
        if not _WORD.fullmatch(of):
            raise ValueError(f"cannot stand in a Message-ID: {of!r}")
        return f"<{self._sign(conversation, recipient)}.{of}@{self._domain}>"

    def read(self, *texts: str) -> Token | None:
        """Return the first valid token in addresses or message ids; None where there is none."""
        return next(self.read_all(*texts), None)

    def read_all(self, *texts: str) -> Iterator[Token]:
        """Return every valid token in addresses or message ids of ours, in their order.

        A token counts only where the desk puts it: `podrska+TOKEN@example.com`, or
        `TOKEN.something@example.com`, with nothing else about it that could be a part of a name.
        """
        for text in texts:
            for found in self._ours.finditer(text):
                token = self._verified(b32decode((found[1] or found[2]).upper()))
                if token is not None:
                    yield token

    def was_sent_to(self, token: Token, address: str) -> bool:
        """Whether *token* stood in a mail to *address*. Capitals make no difference."""
        tags = [_recipient_tag(key, address) for key in self._keys]
        return any(hmac.compare_digest(tag, token.recipient_tag) for tag in tags)

    def _sign(self, conversation: ConversationId, recipient: str) -> str:
        key = self._keys[0]
        said = _packed(conversation) + _recipient_tag(key, recipient)
        return b32encode(said + _signature(key, said)).decode().lower()

    def _verified(self, token: bytes) -> Token | None:
        said, signature = token[:-_SIGNATURE], token[-_SIGNATURE:]
        valid = [hmac.compare_digest(_signature(key, said), signature) for key in self._keys]
        if not any(valid):
            return None
        return Token(_unpacked(said[:_ID]), said[_ID:])


def _signature(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, b"token\0" + said, "sha256")[:_SIGNATURE]


def _recipient_tag(key: bytes, address: str) -> bytes:
    """Return four bytes for *address*, which nobody without the key can compute.

    Were it a plain hash, who got hold of a token could search for an address of his own with the
    same four bytes.
    """
    same = lowered(ascii_address(address) or address)
    said = b"recipient\0" + same.encode(errors="surrogatepass")
    return hmac.digest(key, said, "sha256")[:_TAG]


def _packed(conversation: ConversationId) -> bytes:
    """Return the id in 16 bytes. The ninth tells a random UUID (from 0x80 on) from ASCII."""
    if re.fullmatch(r"[0-9a-f]{32}", conversation):
        uuid = UUID(hex=conversation)
        if uuid.variant == RFC_4122 and uuid.version == _UUID_VERSION:
            return uuid.bytes
    if re.fullmatch(rf"[!-~]{{1,{_ID}}}", conversation):
        return conversation.encode().ljust(_ID, b"\0")
    raise ValueError(f"this conversation's id does not fit into a token: {conversation!r}")


def _unpacked(packed: bytes) -> ConversationId:
    if packed[8] >= _ABOVE_ASCII:
        return ConversationId(packed.hex())
    return ConversationId(packed.rstrip(b"\0").decode())
