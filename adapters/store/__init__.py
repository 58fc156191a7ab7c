"""Where the desk keeps everything: a file of this machine (SQLite), or PostgreSQL."""

from adapters.store.engine import CannotOpen
from adapters.store.lease import Lease, LeaseLost, Tenure, Terms
from adapters.store.store import SqlStore

__all__ = ["CannotOpen", "Lease", "LeaseLost", "SqlStore", "Tenure", "Terms"]
