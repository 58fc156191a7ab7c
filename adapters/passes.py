"""The secrets that passes stand for, and their hashes."""

import hashlib
import secrets

_BYTES = 32  # 256 bits: nobody guesses one


def new_token() -> str:
    """Return a new secret, of letters, digits, - and _ alone."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(token: str) -> str:
    """Return what is kept of a secret.

    A plain hash is enough for 256 random bits: there is nothing to guess by trying words. Looking
    for a hash takes as long whether the secret was almost right or quite wrong.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
