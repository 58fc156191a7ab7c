"""Links that open the portal: each holds a secret of which only the hash is kept."""

from datetime import timedelta
from typing import Final

from adapters.passes import hash_of, new_token
from core.conversation import Conversation
from core.passes_port import Pass, Purpose
from core.ports import Clock, Store

LOGIN_LASTS: Final = timedelta(minutes=15)
PROOF_LASTS: Final = timedelta(days=7)


class Links:
    """Makes links. Each call makes another one, so that no secret has to be written down."""

    def __init__(self, store: Store, clock: Clock, url: str) -> None:
        """*url*: where the desk is reached from outside, without a slash at its end."""
        self._store = store
        self._clock = clock
        self._url = url

    async def login(self, email: str) -> str:
        """Return an address that logs in whoever reads this mailbox, once."""
        token = new_token()
        await self._keep(token, Purpose.LOGIN, email, "", LOGIN_LASTS)
        return f"{self._url}/portal/in/{token}"

    async def proof(self, conversation: Conversation) -> str:
        """Return an address that proves whose mailbox it is that this is mailed to, once.

        It proves it for this conversation alone, and shows it.
        """
        token = new_token()
        email = conversation.contact.email
        await self._keep(token, Purpose.PROOF, email, conversation.id, PROOF_LASTS)
        return f"{self._url}/portal/ticket/{token}"

    async def _keep(
        self, token: str, purpose: Purpose, email: str, name: str, lasts: timedelta
    ) -> None:
        at = self._clock.now()
        made = Pass(
            hash=hash_of(token),
            purpose=purpose,
            subject=email.lower(),
            name=name,
            made_at=at,
            expires_at=at + lasts,
        )
        async with self._store.transaction() as tx:
            await tx.keep_pass(made)
