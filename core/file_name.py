"""What a file is called, safe to show and to save under."""

from core.richtext import clean_name

_LONGEST = 64
_LONGEST_ENDING = 12


def file_name(name: str) -> str:
    """Return a file's name: one line, no folder, not hidden, nothing that misleads. May be empty.

    A long one is cut before its ending.
    """
    last = clean_name(name, 1000).replace("\\", "/").rpartition("/")[2]
    bare = last.lstrip(". ~").rstrip(". ")
    stem, dot, ending = bare.rpartition(".")
    if not dot or not stem or len(ending) > _LONGEST_ENDING:
        return clean_name(bare, _LONGEST)
    return f"{clean_name(stem, _LONGEST - 1 - len(ending)).rstrip('. ')}.{ending}"
