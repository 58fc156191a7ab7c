"""What the parts of a transaction share."""

from adapters.store.memory.tables import Tables


class Part:
    """A part of a transaction on these tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
