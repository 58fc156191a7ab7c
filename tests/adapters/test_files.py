"""Attachments' bytes: fetched once, whole or not at all, under names of our own."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.files import Files
from core.errors import Retry
from core.message import Attachment, AttachmentKind

PIECES = (b"first ", b"second ", b"third")


class Source:
    """A channel that hands out pieces, one whenever it is let."""

    def __init__(self, *, breaks_after: int | None = None) -> None:
        self.fetched: list[str] = []
        self.breaks_after = breaks_after
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        self.fetched.append(attachment.ref)
        for number, piece in enumerate(PIECES):
            if number == self.breaks_after:
                raise Retry("the connection broke")
            yield piece
            self.begun.set()
            await self.go_on.wait()


def a_file(ref: str = "file-1", channel: str = "chat") -> Attachment:
    return Attachment(kind=AttachmentKind.DOCUMENT, channel=channel, ref=ref, name="../../etc/x")


def kinds_in(folder: Path) -> list[str]:
    """Return the endings of the names of what lies in the folder."""
    return [each.suffix for each in folder.iterdir()]


def mode_of(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "attachments"


@pytest.fixture
def files(source: Source, folder: Path) -> Files:
    files = Files(folder)
    files.fetch_with({"chat": source})
    return files


async def test_a_file_is_fetched_once_and_kept(files: Files, source: Source, folder: Path) -> None:
    """The second to ask gets what the first one fetched, also after a restart."""
    first = await files.path(a_file())
    again = await files.path(a_file())
    restarted = await Files(folder).path(a_file())

    assert first == again == restarted
    assert first.read_bytes() == b"".join(PIECES)
    assert source.fetched == ["file-1"]


async def test_files_of_the_same_name_on_two_channels_are_two(files: Files, folder: Path) -> None:
    """What one platform calls a file says nothing about another one's."""
    files.fetch_with({"mail": Source()})

    assert await files.path(a_file()) != await files.path(a_file(channel="mail"))


async def test_only_the_owner_may_look_into_the_folder(files: Files, folder: Path) -> None:
    """It holds what customers sent."""
    await files.path(a_file())

    assert mode_of(folder) == 0o700


async def test_it_is_written_in_pieces(files: Files, source: Source, folder: Path) -> None:
    """A large file never stands in memory, and is not there before it is complete."""
    source.go_on.clear()
    fetching = asyncio.create_task(files.path(a_file()))
    await source.begun.wait()

    assert kinds_in(folder) == [".part"]
    source.go_on.set()
    assert (await fetching).read_bytes() == b"".join(PIECES)
    assert kinds_in(folder) == [""]


async def test_a_download_that_breaks_leaves_nothing(
    files: Files, source: Source, folder: Path
) -> None:
    """The channel's error comes through, and the next try starts from the beginning."""
    source.breaks_after = 2
    with pytest.raises(Retry):
        await files.path(a_file())
    assert kinds_in(folder) == []

    source.breaks_after = None
    assert (await files.path(a_file())).read_bytes() == b"".join(PIECES)


async def test_a_download_that_is_called_off_leaves_nothing(
    files: Files, source: Source, folder: Path
) -> None:
    """As when the desk stops in the middle of it."""
    source.go_on.clear()
    fetching = asyncio.create_task(files.path(a_file()))
    await source.begun.wait()
    fetching.cancel()
    await asyncio.gather(fetching, return_exceptions=True)

    assert kinds_in(folder) == []


async def test_what_a_crash_left_unfinished_is_fetched_anew(files: Files, folder: Path) -> None:
    """Half a file is never taken for a whole one."""
    whole = await files.path(a_file())
    whole.rename(whole.with_suffix(".part"))
    whole.with_suffix(".part").write_bytes(b"half of something much longer than the whole")

    assert (await files.path(a_file())).read_bytes() == b"".join(PIECES)


async def test_two_who_want_the_same_file_at_once_share_it(files: Files, source: Source) -> None:
    """It is fetched once, and both get all of it."""
    source.go_on.clear()
    both = [asyncio.create_task(files.path(a_file())) for _ in range(2)]
    await source.begun.wait()
    source.go_on.set()

    first, second = await asyncio.gather(*both)
    assert first == second
    assert first.read_bytes() == b"".join(PIECES)
    assert source.fetched == ["file-1"]


async def test_who_waits_for_a_download_that_breaks_tries_again(
    files: Files, source: Source
) -> None:
    """One failure is not everybody's."""
    source.go_on.clear()
    first, second = (asyncio.create_task(files.path(a_file())) for _ in range(2))
    await source.begun.wait()
    first.cancel()
    source.go_on.set()

    assert (await second).read_bytes() == b"".join(PIECES)
    assert len(source.fetched) == 2


@pytest.mark.parametrize(
    "ref",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "a/b",
        "..",
        ".",
        "",
        "a\0b",
        "x" * 5000,
        "ћ\n",
        "C:\\x",
    ],
)
async def test_what_a_platform_calls_a_file_never_becomes_a_path(
    files: Files, folder: Path, ref: str
) -> None:
    """Whatever the reference is, the file lies in the folder under a name of our own."""
    path = await files.path(a_file(ref))

    assert path.parent == folder
    assert len(path.name) == 64
    assert path.name.isalnum()


async def test_a_file_of_a_channel_that_is_no_more_is_said_to_be_so(files: Files) -> None:
    """The channel may have been taken out of the settings since."""
    with pytest.raises(KeyError, match="fax"):
        await files.path(a_file(channel="fax"))
