"""What a mail's files are called and what they are, as far as it says so."""

import re

from adapters.mail.mime import Part
from adapters.mail.transfer import words
from core.richtext import clean_name

UNKNOWN = "application/octet-stream"
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,9}")
_UNNAMED = {
    "message/rfc822": "forwarded.eml",
    "message/global": "forwarded.eml",
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invite.ics",
    "text/html": "page.html",
    "text/plain": "text.txt",
    "text/vcard": "contact.vcf",
    "application/ms-tnef": "winmail.dat",
    "application/pdf": "document.pdf",
    "image/jpeg": "image.jpg",
    "image/png": "image.png",
    "image/gif": "image.gif",
}


def mime_of(part: Part) -> str:
    """Return a file's type as declared, in lower case."""
    return part.kind or UNKNOWN


def name_of(part: Part) -> str:
    """Return a file's name for showing: never a path, never empty, with its ending."""
    return shown_name(part.name) or _UNNAMED.get(part.kind, "file")


def shown_name(name: str) -> str:
    """Return what is left of a file's name without folders and without what misleads.

    It is brought into normal form first and judged then: nothing invisible hides a leading dot.
    """
    line = clean_name(words(name), 1_000)
    last = clean_name(line.replace("\\", "/").rpartition("/")[2], 1_000)
    bare = last.replace("\x00", "").lstrip(". ~").rstrip(". ")
    stem, dot, ending = bare.rpartition(".")
    if not _ENDING.fullmatch(dot + ending) or not stem:
        return clean_name(bare)
    return f"{clean_name(stem, 64 - len(dot + ending)).rstrip('. ')}{dot}{ending}"
