"""Bad input is refused alone, with file, reason and next step, and everything good beside it is imported."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from casting import Engine, Library, import_cast
from castoon.errors import InputError

Maker = Callable[..., bytes]
GOOD = ("anna/good.png", "berta/good.png")


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds hardly anything."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return (
        header
        + struct.pack(">I", 4)
        + b"IDAT"
        + b"\x78\x9c\x03\x00"
        + struct.pack(">I", zlib.crc32(b"IDATx\x9c\x03\x00"))
    )


def flat(size: tuple[int, int] = (64, 64)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (120, 130, 140)).save(buffer, "PNG")
    return buffer.getvalue()


# name of the bad file -> (content or a function of a good picture, words that the reason must hold)
BAD_FILES: dict[str, tuple[bytes | Callable[[bytes], bytes], str]] = {
    "anna/empty.jpg": (b"", "empty"),
    "anna/cut.png": (lambda good: good[: len(good) // 2], "damaged"),
    "anna/header-only.png": (png_header(64, 64), "damaged"),
    "anna/enormous.png": (png_header(30000, 30000), "enormous"),
    "anna/bomb.png": (png_header(2**31 - 1, 2**31 - 1), "enormous"),
    "anna/just-too-large.png": (png_header(10000, 6001), "60 megapixels"),
    "anna/program.jpg": (b"MZ\x90\x00" + b"\x00" * 200, "not a picture"),
    "anna/notes.txt": (b"not a picture at all", "not a picture"),
    "anna/page.png": (b"<html><script>alert(1)</script></html>", "not a picture"),
    "anna/faceless.png": (flat(), "one colour"),
    "anna/one-pixel.png": (flat((1, 1)), "one colour"),
    "anna/nested.zip": (b"PK\x05\x06" + b"\x00" * 18, "not a picture"),
    "anna/noise.webp": (b"RIFF\x10\x00\x00\x00WEBPVP8 garbage", "picture"),
    "anna/phone.heic": (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "damaged|codec"),
    "loose.png": (lambda good: good, "no actor's folder"),
    "carla/good-of-anna.png": (lambda good: good, "already belongs to `anna`"),
    "bell\x07/good.png": (lambda good: good + b"tail", "control characters"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, draw: Maker) -> Path:
    source = tmp_path / "source"
    for number, name in enumerate(GOOD):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(draw(number))
    return source


def refusal(errors: list[InputError], name: str) -> InputError:
    matches = [error for error in errors if name in error.thing]
    assert len(matches) == 1, f"{name}: {[str(error) for error in errors]}"
    assert matches[0].reason
    assert matches[0].next_step
    return matches[0]


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_in_a_folder(name: str, folder: Path, library: Library, engine: Engine, draw: Maker) -> None:
    content, reason = BAD_FILES[name]
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content(draw(0)))
    report = import_cast(library, folder, engine.finder)
    assert report.photos == len(GOOD)
    error = refusal(report.refused, Path(name).name)
    assert any(word in error.reason for word in reason.split("|")), error.reason


@pytest.mark.parametrize("target", ["/etc/hostname", "../outside.png", "missing.png", "loop.png"])
def test_a_link_that_leads_nowhere_good(
    target: str, folder: Path, library: Library, engine: Engine, draw: Maker
) -> None:
    (folder.parent / "outside.png").write_bytes(draw(9))
    (folder / "anna" / "loop.png").symlink_to(Path("../../outside.png") if target.startswith("..") else target)
    report = import_cast(library, folder, engine.finder)
    assert report.photos == len(GOOD)
    refusal(report.refused, "loop.png")


BAD_ROWS = {
    "no name": (",anna/other.png,,", "no name"),
    "no photo": ("Dora,,,", "no file is named"),
    "a file that is not there": ("Dora,anna/none.png,,", "no such file"),
    "a path that leaves the folder": ("Dora,../secret.png,,", "leaves the source"),
    "a path that leaves it slyly": ("Dora,anna/../../secret.png,,", "leaves the source"),
    "an absolute path": ("Dora,/etc/passwd,,", "absolute path"),
    "a Windows path": ("Dora,C:\\photos\\a.png,,", "absolute path"),
    "an address": ("Dora,https://example.org/a.png,,", "an address"),
    "a birth year in words": ("Dora,anna/other.png,nineties,", "birth_year"),
    "a birth year to come": ("Dora,anna/other.png,3021,", "birth_year"),
    "half a year": ("Dora,anna/other.png,1990.5,", "whole year"),
    "a height in feet": ("Dora,anna/other.png,,6'1\"", "height_cm"),
    "other data for a name": ("Anna,anna/other.png,1970,", "other data in birth_year"),
    "too many fields": ("Dora,anna/other.png,1980,170,more,still more", "more or fewer fields"),
    "a folder": ("Dora,anna,,", "not a regular file"),
    "an endless name": ("D" * 300 + ",anna/other.png,,", "300 characters"),
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_bad_row_in_a_table(row: str, folder: Path, library: Library, engine: Engine, draw: Maker) -> None:
    line, reason = BAD_ROWS[row]
    (folder / "anna" / "other.png").write_bytes(draw(5))
    (folder.parent / "secret.png").write_bytes(draw(6))
    rows = ["name,photo,birth_year,height_cm", "Anna,anna/good.png,1990,", line, "Berta,berta/good.png,1985,171"]
    (folder / "cast.csv").write_text("\n".join(rows), "utf-8")
    report = import_cast(library, folder / "cast.csv", engine.finder)
    assert report.photos == len(GOOD)
    error = refusal(report.refused, "row 3")
    assert reason in error.reason, error.reason


def test_an_unknown_column_is_left_out_and_said(folder: Path, library: Library, engine: Engine) -> None:
    (folder / "cast.csv").write_text("name,photo,shoe_size\nAnna,anna/good.png,38\nBerta,berta/good.png,40\n")
    report = import_cast(library, folder / "cast.csv", engine.finder)
    assert report.photos == len(GOOD)
    assert "photo" in refusal(report.refused, "shoe_size").next_step


def zip_of(path: Path, members: dict[str, bytes], links: tuple[str, ...] = ()) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if name in links:
                entry.external_attr = 0o120777 << 16
            archive.writestr(entry, content)
    return path


BAD_MEMBERS = {
    "../evil.png": "leaves the source",
    "anna/../../evil.png": "leaves the source",
    "/etc/evil.png": "absolute path",
    "C:/evil.png": "absolute path",
    "anna/link.png": "a link",
    "anna/bomb.png": "as bombs do",
    "anna/huge.png": "unpacks to 250 MB",
}


@pytest.mark.parametrize("name", BAD_MEMBERS)
def test_a_bad_member_of_a_zip(name: str, tmp_path: Path, library: Library, engine: Engine, draw: Maker) -> None:
    good = {member: draw(number) for number, member in enumerate(GOOD)}
    content = {"bomb.png": b"\x00" * 20_000_000, "huge.png": b"\x00" * 250_000_000}.get(Path(name).name, draw(7))
    source = zip_of(tmp_path / "cast.zip", {**good, name: content}, links=("anna/link.png",))
    report = import_cast(library, source, engine.finder)
    assert report.photos == len(GOOD)
    assert BAD_MEMBERS[name] in refusal(report.refused, Path(name).name).reason
    assert not list(tmp_path.rglob("evil.png"))


def test_a_zip_with_a_damaged_member(tmp_path: Path, library: Library, engine: Engine, draw: Maker) -> None:
    good = {member: draw(number) for number, member in enumerate(GOOD)}
    source = zip_of(tmp_path / "cast.zip", {**good, "carla/hurt.png": draw(7)})
    content = bytearray(source.read_bytes())
    start = content.find(b"carla/hurt.png") + len("carla/hurt.png")
    content[start + 40 : start + 60] = b"\xff" * 20
    source.write_bytes(content)
    report = import_cast(library, source, engine.finder)
    assert report.photos == len(GOOD)
    assert "damaged" in refusal(report.refused, "hurt.png").reason


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"PK\x03\x04 but no archive", "cast.zip", "not a ZIP"),
        (b"%PDF-1.7", "cast.pdf", "neither a folder"),
        (b"who,picture\na,b\n", "cast.csv", "name and photo is missing"),
        (b"name,photo,name\na,b,c\n", "cast.csv", "stands twice"),
        (b"\xff\xfe\x00\x81\x00", "cast.csv", "neither UTF-8 nor CP949"),
    ],
)
def test_a_source_that_is_none(
    content: bytes, name: str, says: str, tmp_path: Path, library: Library, engine: Engine
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        import_cast(library, tmp_path / name, engine.finder)
    assert caught.value.next_step


def test_a_failing_picture_takes_no_good_one_down(folder: Path, library: Library, engine: Engine, draw: Maker) -> None:
    """All bad files at once, among forty good ones."""
    for name, (content, _) in BAD_FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content(draw(0)))
    rng = np.random.default_rng(0)
    for take in range(40):
        (folder / ("anna", "berta")[int(rng.integers(2))] / f"more{take}.png").write_bytes(draw(100 + take))
    report = import_cast(library, folder, engine.finder)
    assert report.photos == len(GOOD) + 40
    assert len(report.refused) == len(BAD_FILES)
