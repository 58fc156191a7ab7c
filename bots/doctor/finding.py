"""What a look at the settings has found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    mend: str = ""
    """How to mend it; empty when all is well."""
    well: bool = True


def wrong(what: str, mend: str) -> Finding:
    """Return what is to be mended, and how."""
    return Finding(what, mend, well=False)
