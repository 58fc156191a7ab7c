"""Files that customers send: kept under names of ours, and theirs alone."""

from io import BytesIO
from pathlib import Path

import pytest

from adapters.browser_files import Brought
from adapters.files import Files
from adapters.portal.uploads import Uploads
from core.errors import GiveUp
from core.message import AttachmentKind

ANA, EVE = "ana@example.com", "eve@example.com"
PNG = b"\x89PNG\r\n\x1a\n...."


class Sent:
    """A file in a form."""

    def __init__(self, content: bytes) -> None:
        self._content = BytesIO(content)

    async def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        return self._content.read(size)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "attachments")


@pytest.fixture
def uploads(tmp_path: Path, files: Files) -> Uploads:
    return Uploads(tmp_path / "waiting", files)


async def test_a_file_waits_and_then_stays(uploads: Uploads, files: Files) -> None:
    """A form that is sent again attaches the same file."""
    secret = await uploads.put(ANA, Sent(PNG), 100)
    assert secret is not None
    attached = uploads.attach(ANA, secret, "screen.png")
    assert attached == uploads.attach(ANA, secret, "screen.png")
    assert (attached.kind, attached.mime) == (AttachmentKind.PHOTO, "image/png")
    assert (await files.path(attached)).read_bytes() == PNG
    assert secret not in attached.ref


async def test_nobody_else_attaches_it(uploads: Uploads) -> None:
    """Neither with its secret, nor with one that is a path."""
    secret = await uploads.put(ANA, Sent(PNG), 100)
    assert secret is not None
    assert uploads.is_there(ANA, secret)
    assert not uploads.is_there(EVE, secret)
    assert not uploads.is_there(ANA, "../../etc/passwd")
    with pytest.raises(FileNotFoundError):
        uploads.attach(EVE, secret, "screen.png")


async def test_what_is_too_large_leaves_nothing_behind(uploads: Uploads, tmp_path: Path) -> None:
    """Up to the limit it is taken, and one byte more is not."""
    assert await uploads.put(ANA, Sent(bytes(101)), 100) is None
    assert list((tmp_path / "waiting").iterdir()) == []
    assert await uploads.put(ANA, Sent(bytes(100)), 100) is not None


async def test_a_picture_is_told_by_its_content(uploads: Uploads) -> None:
    """Whatever its name says: a page that is called a picture is bytes."""
    secret = await uploads.put(ANA, Sent(b"<svg onload=alert(1)>"), 100)
    assert secret is not None
    attached = uploads.attach(ANA, secret, "screen.png")
    assert (attached.kind, attached.mime) == (AttachmentKind.DOCUMENT, "application/octet-stream")


async def test_what_is_gone_is_given_up(uploads: Uploads, files: Files) -> None:
    """Whoever waits for it is told, rather than kept waiting."""
    files.fetch_with({"portal": Brought()})
    secret = await uploads.put(ANA, Sent(PNG), 100)
    assert secret is not None
    attached = uploads.attach(ANA, secret, "screen.png")
    files.forget(attached)
    with pytest.raises(GiveUp):
        await files.path(attached)
