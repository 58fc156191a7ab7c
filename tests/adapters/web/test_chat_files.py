"""Files in the chat: a visitor's own, told by what is in them, and saved rather than shown."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.browser_files import type_of
from core.events import CustomerWrote
from core.message import AttachmentKind
from tests.support.chat_world import chat_world, talking
from tests.support.visitor import Visitor
from tests.support.waiting import until

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def uploaded(ana: Visitor, content: bytes, name: str = "shot.png") -> dict[str, object]:
    """Bring a file; return what it is called."""
    headers = {**ana.bearer, "X-File-Name": name}
    answer = await ana.post("/chat/files", data=io.BytesIO(content), headers=headers)
    assert answer.status == 201, answer.content
    kept: dict[str, object] = answer.json()
    return kept


async def test_a_picture_goes_to_the_desk_and_back_to_the_page(tmp_path: Path) -> None:
    """With its type, so that the page can show it; the address alone shows nothing."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        kept = await uploaded(ana, PNG, "%D1%81%D0%BB%D0%B8%D0%BA%D0%B0.png")
        assert (kept["name"], kept["size"]) == ("слика.png", len(PNG))
        assert (kept["mime"], kept["picture"]) == ("image/png", True)

        await ana.says("this is what I see", files=[kept["id"]])
        event = there.desk.events[-1]
        assert isinstance(event, CustomerWrote)
        (attachment,) = event.attachments
        assert (attachment.kind, attachment.channel) == (AttachmentKind.PHOTO, "web")
        assert (await there.files.path(attachment)).read_bytes() == PNG
        assert (await ana.sees("this is what I see"))["files"] == [kept]

        answer = await ana.get(f"/chat/files/{kept['id']}")
        assert answer.status == 200
        assert answer.content == PNG
        assert answer.headers["Content-Type"] == "image/png"
        disposition = answer.headers["Content-Disposition"]
        plain, encoded = "_____.png", "%D1%81%D0%BB%D0%B8%D0%BA%D0%B0.png"
        assert disposition == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (SVG, "logo.svg"),
        (SVG, "logo.png"),
        (b"<html><script>alert(1)</script>", "page.html"),
        (b"GIF8", "short.gif"),
        (b" " + PNG, "almost.png"),
        (b"RIFF____WAVE", "sound.webp"),
    ],
)
async def test_what_is_no_picture_is_a_file_without_a_type(
    tmp_path: Path, content: bytes, name: str
) -> None:
    """Whatever its name says: it is saved, and never shown."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        kept = await uploaded(ana, content, name)
        assert (kept["mime"], kept["picture"]) == ("application/octet-stream", False)
        answer = await ana.get(f"/chat/files/{kept['id']}")
        assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"", "application/octet-stream"),
        (b"BM", "application/octet-stream"),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(head: bytes, mime: str) -> None:
    """Four kinds, and no others."""
    assert type_of(head) == mime


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("..%5Cboot.ini", "boot.ini"),
        ("%E2%80%AEgnp.exe", "gnp.exe"),
        ("%00%0D%0ASet-Cookie:x", "Set-Cookie:x"),
        ("", "file"),
        ("%FF%FE", "\ufffd\ufffd"),
        ("a" * 200 + ".jpeg", "a" * 59 + ".jpeg"),
        ("%E2%80%8B.htaccess", "htaccess"),
    ],
)
async def test_a_file_s_name_is_made_harmless(tmp_path: Path, given: str, kept: str) -> None:
    """It is never part of a path; on the disk the file has a name of ours."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        file = await uploaded(ana, b"content", given)
        assert file["name"] == kept
        names = names_in(tmp_path / "attachments")
        assert len(names) == 1
        assert set(names[0]) <= set("0123456789abcdef")


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_files_of_others_are_not_there(tmp_path: Path) -> None:
    """The same answer for what is not theirs and for what never was; nor can they be sent on."""
    async with (
        chat_world(tmp_path) as there,
        talking(there) as (ana, _),
        talking(there) as (ivo, _),
    ):
        kept = await uploaded(ana, PNG)
        theirs = await ivo.get(f"/chat/files/{kept['id']}")
        assert (await ivo.get("/chat/files/%00")).status == 404
        nothing = await ivo.get("/chat/files/" + "0" * 32)
        assert theirs.status == nothing.status == 404
        assert theirs.content == nothing.content
        assert _telling(theirs.headers) == _telling(nothing.headers)
        refused = await ivo.is_answered(
            await ivo.sends(type="say", text="look", files=[kept["id"]])
        )
        unknown = await ivo.is_answered(await ivo.sends(type="say", text="look", files=["0" * 32]))
        assert refused["field"] == unknown["field"] == "file"
        assert refused["why"] == unknown["why"]


def _telling(headers: object) -> dict[str, str]:
    return {name: value for name, value in dict(headers).items() if name.lower() != "date"}  # type: ignore[call-overload]


async def test_a_file_goes_with_one_message(tmp_path: Path) -> None:
    """Told once more, that has it still; another one does not get it."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        kept = await uploaded(ana, PNG)
        said = await ana.says("", files=[kept["id"]])
        before = len(ana.told)
        await ana.sends(type="say", id=said, text="", files=[kept["id"]])
        assert (await ana.is_answered(said, since=before))["type"] == "taken"
        other = await ana.is_answered(await ana.sends(type="say", text="", files=[kept["id"]]))
        assert (other["type"], other["field"]) == ("refused", "file")


async def test_what_is_too_large_or_empty_is_refused_in_words(tmp_path: Path) -> None:
    """And leaves nothing on the disk."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        large = await ana.post(
            "/chat/files", data=io.BytesIO(b"x" * (20 * 1024 * 1024 + 1)), headers=ana.bearer
        )
        assert large.status == 413
        assert "at most 20 MB" in large.json()["why"]
        empty = await ana.post("/chat/files", data=b"", headers=ana.bearer)
        assert empty.status == 415
        assert names_in(tmp_path / "attachments") == []


async def test_one_visitor_brings_so_much_a_day(tmp_path: Path) -> None:
    """Then they are asked for a link; the next day there is room again."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        chunk = b"x" * (20 * 1024 * 1024)
        for _ in range(5):
            await uploaded(ana, chunk, "backup.zip")
        refused = await ana.post("/chat/files", data=b"x", headers=ana.bearer)
        assert refused.status == 429
        assert "in a day" in refused.json()["why"]
        there.clock.go_on(24 * 3600 + 1)
        await uploaded(ana, b"x")


async def test_what_comes_at_once_is_counted_together(tmp_path: Path) -> None:
    """Each was within the limit when it began: all but what fits are refused, and leave nothing."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        for _ in range(4):
            await uploaded(ana, b"x" * (20 * 1024 * 1024), "backup.zip")
        goes_on = asyncio.Event()

        async def large() -> AsyncIterator[bytes]:
            yield b"x"
            await goes_on.wait()
            for _ in range(15):
                yield b"x" * (1024 * 1024)

        folder = tmp_path / "attachments"
        at_once = [
            asyncio.create_task(ana.post("/chat/files", data=large(), headers=ana.bearer))
            for _ in range(3)
        ]
        await until(lambda: len([*folder.glob("*.part")]) == len(at_once))
        goes_on.set()
        answers = await asyncio.gather(*at_once)
        assert sorted(each.status for each in answers) == [201, 429, 429]
        assert len(names_in(folder)) == 5


async def test_the_last_of_the_disk_is_left_to_words(tmp_path: Path) -> None:
    """No files are taken for the time being; what is said is."""
    async with chat_world(tmp_path, spare=2**62) as there, talking(there) as (ana, _):
        refused = await ana.post("/chat/files", data=b"x", headers=ana.bearer)
        assert refused.status == 503
        assert "try again in a minute" in refused.json()["why"]
        await ana.says("no picture, then")


async def test_what_was_never_sent_is_deleted_after_a_day(tmp_path: Path) -> None:
    """What was is kept."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        sent = await uploaded(ana, b"sent")
        await ana.says("", files=[sent["id"]])
        left = await uploaded(ana, b"left behind")
        there.clock.go_on(24 * 3600 + 1)
        await there.rounds.go()
        assert (await ana.get(f"/chat/files/{left['id']}")).status == 404
        assert (await ana.get(f"/chat/files/{sent['id']}")).status == 200
        assert len(names_in(tmp_path / "attachments")) == 1
