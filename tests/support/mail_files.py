"""Agents' files for mails, without a platform to fetch them from."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from adapters.files import Files
from core.message import Attachment


class Shelf:
    """Where agents' files are fetched from: by their name, and some cannot be had."""

    def __init__(self, contents: Mapping[str, bytes | Exception]) -> None:
        self._contents = contents
        self.fetched: list[str] = []

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Yield a file in one piece, or raise what stands in its place."""
        self.fetched.append(attachment.name)
        content = self._contents[attachment.name]
        if isinstance(content, Exception):
            raise content
        yield content


def files_from(folder: Path, shelf: Shelf) -> Files:
    """Return the files of a desk whose agents' platform is *shelf*."""
    files = Files(folder)
    files.fetch_with({"agents": shelf})
    return files
