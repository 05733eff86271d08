"""What goes wrong with packs - full disks, damaged files, wrong hashes: a clear error and nothing half-written."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from casting.cli.models import app
from castoon.errors import NotReadyError
from embeddings import download, load_encoders, load_finder, models, open_pack
from embeddings.download import fetch
from embeddings.models import pull, verify
from embeddings.pack import BUNDLED, Pack
from tests.embeddings.bad_server import BODY, QUICK, SHA, Server, leftovers

LITE = BUNDLED / "lite"


class FullAfter:
    """A file on a disk that is full after so many bytes."""

    def __init__(self, handle: Any, room: int) -> None:
        self.handle, self.room = handle, room

    def __getattr__(self, name: str) -> Any:
        return getattr(self.handle, name)

    def write(self, block: bytes) -> int:
        if len(block) > self.room:
            self.handle.write(block[: self.room])
            raise OSError(28, "No space left on device")
        self.room -= len(block)
        return int(self.handle.write(block))


def test_no_space_left_is_said_before_anything_is_written(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(NotReadyError, match="no space left") as caught:
        fetch(f"{server.url}/w.bin", tmp_path / "w.bin", size=len(BODY), patience=QUICK)
    assert "Make room" in caught.value.next_step
    assert leftovers(tmp_path) == []


def test_no_space_left_half_way_gives_the_room_back(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = download._copy
    monkeypatch.setattr(
        download, "_copy", lambda answer, handle, *rest: real(answer, FullAfter(handle, 300_000), *rest)
    )
    (tmp_path / "w.bin").write_bytes(b"the old one")
    with pytest.raises(NotReadyError, match="no space left"):
        fetch(f"{server.url}/w.bin", tmp_path / "w.bin", patience=QUICK)
    assert leftovers(tmp_path) == ["w.bin"] and (tmp_path / "w.bin").read_bytes() == b"the old one"
    monkeypatch.undo()
    fetch(f"{server.url}/w.bin", tmp_path / "w.bin", sha256=SHA, patience=QUICK)
    assert (tmp_path / "w.bin").read_bytes() == BODY


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=False)


@pytest.mark.parametrize("room", [2_000, 200_000, 702_000])
def test_a_full_disk_at_any_stage_of_a_pull(
    small_disk: Path, server: Server, wanted: Pack, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too small for the archive, for the large file, and for what follows it; the free space is not asked before."""
    usage = shutil.disk_usage(small_disk)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=1 << 40))
    system = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(bytes(system.f_bavail * system.f_frsize - room))
    with pytest.raises(NotReadyError, match=r"[Nn]o space left") as caught:
        pull("research2", small_disk / "models", definition=wanted, patience=QUICK)
    assert "Make room" in caught.value.next_step
    with pytest.raises(NotReadyError, match="not installed"):
        open_pack("research2", small_disk / "models")
    (small_disk / "ballast").unlink()
    assert verify(pull("research2", small_disk / "models", definition=wanted, patience=QUICK)) == []


def test_a_folder_without_the_right_to_write_is_no_network_trouble(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(download, "_copy", refused)
    with pytest.raises(NotReadyError, match="cannot be written") as caught:
        fetch(f"{server.url}/w.bin", tmp_path / "w.bin", patience=QUICK)
    assert "network" not in str(caught.value) and len(server.requests) == 1


def copied(folder: Path) -> Pack:
    """The lite pack in a folder of its own."""
    shutil.copytree(LITE, folder)
    return open_pack(folder)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def junk(content: bytes) -> bytes:
    return b"\x08\x07" * (len(content) // 2)


@pytest.mark.parametrize("damage", [cut, junk])
@pytest.mark.parametrize(
    ("role", "load"),
    [("detection", load_finder), ("points", load_finder), ("arcface", load_encoders)],
    ids=["detection", "points", "arcface"],
)
def test_a_damaged_network_is_named_with_a_way_on(
    tmp_path: Path, role: str, load: Callable[[Pack], Any], damage: Callable[[bytes], bytes]
) -> None:
    pack = copied(tmp_path / "pack")
    path = pack.file(role)
    assert path is not None
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(NotReadyError) as caught:
        load(pack)
    assert str(path.parent) in str(caught.value) and "castoon models" in caught.value.next_step
    assert [bad.path for bad in verify(pack)] == [path.name]


@pytest.mark.parametrize(("file", "place"), [("face.onnx", -2000), ("clip/open_clip_model.safetensors", 4_000_000)])
def test_one_flipped_bit_is_found_by_verifying(tmp_path: Path, file: str, place: int) -> None:
    pack = copied(tmp_path / "lite2")
    content = bytearray((pack.folder / file).read_bytes())
    content[place] ^= 1
    (pack.folder / file).write_bytes(content)
    assert [(bad.path, bad.reason[:7]) for bad in verify(pack)] == [(file, "SHA-256")]
    said = CliRunner().invoke(app, ["verify", str(pack.folder)], env={"COLUMNS": "300"})
    words = said.output.replace("\n", "")  # long paths are folded anywhere
    assert said.exit_code == 4 and file in words
    assert "Restore the file from the repository" in words and "models pull" not in words


def test_what_can_be_pulled_is_mended_by_pulling(wanted: Pack) -> None:
    assert models.mending(wanted) == "Run `castoon models pull research2`."


def test_a_wrong_hash_is_never_installed(tmp_path: Path, server: Server, wanted: Pack) -> None:
    files = tuple(replace(one, sha256=hashlib.sha256(b"x").hexdigest()) for one in wanted.files)
    with pytest.raises(NotReadyError, match="SHA-256") as caught:
        pull("research2", tmp_path, definition=replace(wanted, files=files[1:]), patience=QUICK)
    assert "mirror" in caught.value.next_step
    assert leftovers(tmp_path) == [] and not (tmp_path / "research2").exists()
    assert {status.state for status in models.list_packs(tmp_path) if status.pack.name == "research"} == {"available"}
