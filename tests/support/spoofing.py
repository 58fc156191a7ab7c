"""The desk that the spoofed mails of the corpus were written to."""

from adapters.mail.own import Own
from adapters.mail.tokens import Tokens
from core.ids import ConversationId

DESK = "podrska@example.com"
AUTHSERV_ID = "mx.example.com"
OLD_KEY, KEY = b"a key of the corpus, an old one", b"a key of the corpus, the new one"
TOKENS = Tokens([KEY, OLD_KEY], DESK)
OWN = Own([DESK, "support@example.com"], "example.com")

ANAS = ConversationId("0f8fad5bd9cb469fa165708677289501")
ANAS_NEXT = ConversationId("7c9e6679742540de944be07fc1f90ae7")
MALLORYS = ConversationId("16fd2706887342b69db8f20d5a9d5ad4")
"""Tickets: one of Ana's (ana@gmail.com), the one it went on in, and one of the attacker's own."""
