"""A store that lives as long as its process: for simulations and tests, not for customers."""

from adapters.store.memory.store import MemoryStore

__all__ = ["MemoryStore"]
