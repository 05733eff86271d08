"""Pulling packs from a local server that cuts, stalls, lies about length and serves wrong bytes."""

from __future__ import annotations

import hashlib
import io
import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from castoon.errors import InputError, NotReadyError
from embeddings import download, models
from embeddings.download import Patience, Progress, fetch, mirrored
from embeddings.models import list_packs, pull, require_sound, verify
from embeddings.pack import Pack, PackFile, open_pack, read_pack
from embeddings.packtoml import to_toml, write_pack

QUICK = Patience(attempts=4, stall_s=0.4, pause_s=0.01, longest_pause_s=0.02)
BODY = np.random.default_rng(0).bytes(700_001)
SHA = hashlib.sha256(BODY).hexdigest()


@dataclass
class Server:
    """A file server whose manners a test chooses, request by request."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    manners: list[str] = field(default_factory=list)
    """One for each coming request; `well` afterwards."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Path and Range header of every request."""
    tag: str = '"one"'

    def next_manner(self) -> str:
        return self.manners.pop(0) if self.manners else "well"


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server(files={"/w.bin": BODY})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            manner = state.next_manner()
            asked = self.headers.get("Range", "")
            state.requests.append((self.path, asked))
            body = state.files.get(self.path)
            if body is None or manner == "404":
                return self.send_error(404)
            if manner in {"500", "503"}:
                return self.send_error(int(manner))
            if manner == "wrong bytes":
                body = bytes(len(body))
            start = int(asked[6:-1]) if asked and manner != "no ranges" else 0
            if asked and self.headers.get("If-Range", state.tag) != state.tag:
                start = 0
            if start > len(body):
                return self.send_error(416)
            shift = 5 if manner == "resumes elsewhere" and start else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start - shift}-{len(body) - 1}/{len(body)}")
            part = body[start - shift :]
            length = len(part)
            if manner == "announces more":
                length += 1000
            if manner == "announces less":
                length -= 1000
            if manner == "too long":
                part += b"more"
                length += 4
            if manner != "no length":
                self.send_header("Content-Length", str(length))
            self.send_header("ETag", state.tag)
            self.send_header("Connection", "close")
            self.end_headers()
            if manner == "cuts":
                part = part[: len(part) // 3]
            if manner == "stalls":
                self.wfile.write(part[: len(part) // 2])
                self.wfile.flush()
                done.wait(3)
                part = b""
            self.wfile.write(part)
            self.close_connection = True
            return None

    done = threading.Event()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    httpd.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    yield state
    done.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "manners",
    [
        [],
        ["cuts"],
        ["cuts", "cuts", "cuts", "cuts", "cuts", "cuts"],
        ["stalls"],
        ["503", "500", "cuts", "503"],
        ["announces more"],
        ["announces less"],
        ["wrong bytes"],
        ["too long"],
        ["no length"],
        ["cuts", "no ranges"],
        ["cuts", "resumes elsewhere"],
        ["cuts", "wrong bytes"],
    ],
    ids="-".join,
)
def test_the_file_arrives_whole_all_the_same(tmp_path: Path, server: Server, manners: list[str]) -> None:
    server.manners = list(manners)
    target = tmp_path / "w.bin"
    fetch(f"{server.url}/w.bin", target, sha256=SHA, size=len(BODY), patience=QUICK)
    assert target.read_bytes() == BODY
    assert leftovers(tmp_path) == ["w.bin"]
    assert not server.manners, "the test's bad manners were all used"


def test_after_a_cut_only_the_rest_is_asked_for(tmp_path: Path, server: Server) -> None:
    server.manners = ["cuts", "cuts"]
    fetch(f"{server.url}/w.bin", tmp_path / "w.bin", sha256=SHA, patience=QUICK)
    third = len(BODY) // 3
    rest = third + (len(BODY) - third) // 3
    assert [asked for _, asked in server.requests] == ["", f"bytes={third}-", f"bytes={rest}-"]


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(tmp_path: Path, server: Server) -> None:
    server.manners = ["cuts", "503", "503", "503", "503"]
    with pytest.raises(NotReadyError, match="goes on where it stopped"):
        fetch(f"{server.url}/w.bin", tmp_path / "w.bin", sha256=SHA, patience=QUICK)
    assert not (tmp_path / "w.bin").exists()
    fetch(f"{server.url}/w.bin", tmp_path / "w.bin", sha256=SHA, patience=QUICK)
    assert server.requests[-1][1] == f"bytes={len(BODY) // 3}-"
    assert (tmp_path / "w.bin").read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_not_glued_together(tmp_path: Path, server: Server) -> None:
    server.manners = ["cuts", "503", "503", "503", "503"]
    with pytest.raises(NotReadyError):
        fetch(f"{server.url}/w.bin", tmp_path / "w.bin", patience=QUICK)
    server.files["/w.bin"], server.tag = BODY[::-1], '"two"'
    fetch(f"{server.url}/w.bin", tmp_path / "w.bin", patience=QUICK)
    assert (tmp_path / "w.bin").read_bytes() == BODY[::-1]


@pytest.mark.parametrize(
    ("manners", "words"),
    [
        (["wrong bytes"] * 2, "SHA-256"),
        (["announces less"] * 2, "announces"),
        (["404"], "404"),
        (["503"] * 9, "did not get on"),
        (["stalls"] + ["503"] * 4, "did not get on"),
    ],
)
def test_what_cannot_be_had_is_reported_and_nothing_half_written(
    tmp_path: Path, server: Server, manners: list[str], words: str
) -> None:
    server.manners = list(manners)
    target = tmp_path / "w.bin"
    target.write_bytes(b"the old one")
    with pytest.raises(NotReadyError, match=words) as caught:
        fetch(f"{server.url}/w.bin", target, sha256=SHA, size=len(BODY), patience=QUICK)
    assert caught.value.next_step
    assert target.read_bytes() == b"the old one"


def test_no_network_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="mirror"):
        fetch("http://127.0.0.1:9/w.bin", tmp_path / "w.bin", patience=QUICK)


def test_other_schemes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="http"):
        fetch((tmp_path / "x").as_uri(), tmp_path / "w.bin")


def test_no_space_left_is_said_before_anything_is_written(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(NotReadyError, match="no space left"):
        fetch(f"{server.url}/w.bin", tmp_path / "w.bin", size=len(BODY), patience=QUICK)
    assert leftovers(tmp_path) == []


def test_no_space_left_half_way_gives_the_room_back(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download, "_copy", full)
    with pytest.raises(NotReadyError, match="no space left"):
        fetch(f"{server.url}/w.bin", tmp_path / "w.bin", patience=QUICK)
    assert leftovers(tmp_path) == []


def test_progress_grows_to_the_whole(tmp_path: Path, server: Server) -> None:
    seen: list[Progress] = []
    server.manners = ["cuts"]
    fetch(f"{server.url}/w.bin", tmp_path / "w.bin", progress=seen.append, patience=QUICK)
    assert seen[-1].done == seen[-1].total == len(BODY) and seen[-1].seconds_left == 0
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert all(one.file == "w.bin" for one in seen)


def test_mirrors_keep_host_and_path() -> None:
    assert mirrored("https://a.example/b/c.onnx", "http://m/x/") == "http://m/x/a.example/b/c.onnx"
    assert mirrored("https://a.example/b", "") == "https://a.example/b"


# ---- packs ----------------------------------------------------------------------------------------------------


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def wanted(server: Server) -> Pack:
    server.files["/p.zip"] = zipped({"inner/a.onnx": b"A" * 5000, "other.txt": b"no"})
    server.files["/card.md"] = b"what it is"
    return Pack(
        "research2",
        Path("nowhere"),
        "non-commercial",
        False,
        "here",
        files=(
            PackFile(
                "a.onnx", "arcface", hashlib.sha256(b"A" * 5000).hexdigest(), 5000, f"{server.url}/p.zip", "a.onnx"
            ),
            PackFile("deep/w.bin", "clip", SHA, len(BODY), f"{server.url}/w.bin"),
            PackFile("card.md", "card", url=f"{server.url}/card.md"),
        ),
        settings={"arcface": {"mean": 127.5, "std": [1.0, 2.0, 3.0], "colour": "rgb"}},
        measured={"R@1, all drawings": 0.5},
    )


def test_a_pulled_pack_is_complete_and_vouched_for(tmp_path: Path, server: Server, wanted: Pack) -> None:
    server.manners = ["cuts"]
    pack = pull("research2", tmp_path, definition=wanted, patience=QUICK)
    assert pack.folder == (tmp_path / "research2").resolve()
    assert (pack.folder / "deep" / "w.bin").read_bytes() == BODY
    assert (pack.folder / "a.onnx").read_bytes() == b"A" * 5000
    assert leftovers(tmp_path) == ["a.onnx", "card.md", "pack.toml", "w.bin"]
    assert not list(tmp_path.glob(".*"))
    card = next(one for one in pack.files if one.path == "card.md")
    assert card.first_use and card.sha256 == hashlib.sha256(b"what it is").hexdigest()
    assert (pack.licence, pack.commercial_use, dict(pack.measured)) == ("non-commercial", False, dict(wanted.measured))
    assert verify(pack) == [] and open_pack("research2", tmp_path) == pack


def test_pulling_again_fetches_nothing_when_all_is_well(tmp_path: Path, server: Server, wanted: Pack) -> None:
    pull("research2", tmp_path, definition=wanted, patience=QUICK)
    before = len(server.requests)
    pull("research2", tmp_path, definition=wanted, patience=QUICK)
    assert len(server.requests) == before


def test_damage_is_named_and_mended_alone(tmp_path: Path, server: Server, wanted: Pack) -> None:
    pack = pull("research2", tmp_path, definition=wanted, patience=QUICK)
    path = pack.folder / "deep" / "w.bin"
    path.write_bytes(BODY[:-1] + b"?")
    assert [(bad.path, bad.reason[:7]) for bad in verify(pack)] == [("deep/w.bin", "SHA-256")]
    with pytest.raises(NotReadyError, match="castoon models pull research2"):
        require_sound(pack)
    path.unlink()
    assert verify(pack)[0].reason == "missing"
    server.requests.clear()
    mended = pull("research2", tmp_path, definition=wanted, patience=QUICK)
    assert [asked for asked, _ in server.requests] == ["/w.bin"] and verify(mended) == []
    assert mended == pack


def test_an_interrupted_pull_is_never_opened_and_goes_on(tmp_path: Path, server: Server, wanted: Pack) -> None:
    server.manners = ["well", "cuts", "503", "503", "503", "503"]
    with pytest.raises(NotReadyError):
        pull("research2", tmp_path, definition=wanted, patience=QUICK)
    with pytest.raises(NotReadyError, match="not installed"):
        open_pack("research2", tmp_path)
    assert not (tmp_path / "research2").exists()
    server.requests.clear()
    server.manners.clear()
    pull("research2", tmp_path, definition=wanted, patience=QUICK)
    assert server.requests == [("/w.bin", f"bytes={len(BODY) // 3}-"), ("/card.md", "")]


def test_a_first_use_hash_holds_from_then_on(tmp_path: Path, server: Server, wanted: Pack) -> None:
    pack = pull("research2", tmp_path, definition=wanted, patience=QUICK)
    (pack.folder / "card.md").unlink()
    server.files["/card.md"] = b"what it ?s"
    with pytest.raises(NotReadyError, match="SHA-256"):
        pull("research2", tmp_path, definition=wanted, patience=QUICK)
    server.files["/card.md"] = b"what it is"
    assert verify(pull("research2", tmp_path, definition=wanted, patience=QUICK)) == []


@pytest.mark.parametrize("content", [b"no zip", zipped({"b.onnx": b"A"}), zipped({"a.onnx": b"A" * 4999 + b"B"})])
def test_a_wrong_archive_is_reported(tmp_path: Path, server: Server, wanted: Pack, content: bytes) -> None:
    server.files["/p.zip"] = content
    with pytest.raises(NotReadyError, match="archive"):
        pull("research2", tmp_path, definition=wanted, patience=QUICK)
    assert not (tmp_path / "research2").exists()


def test_a_mirror_in_front_of_every_address(tmp_path: Path, server: Server, wanted: Pack) -> None:
    server.files = {f"/mirror/files.example{path}": body for path, body in server.files.items()}
    far = tuple(replace(one, url=one.url.replace(server.url, "https://files.example")) for one in wanted.files)
    pack = pull(
        "research2", tmp_path, definition=replace(wanted, files=far), mirror=f"{server.url}/mirror", patience=QUICK
    )
    assert verify(pack) == [] and pack.files[0].url.startswith("https://files.example")


def test_a_models_folder_that_cannot_be_written(tmp_path: Path, wanted: Pack) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(NotReadyError, match="cannot be written"):
        pull("research2", tmp_path / "models", definition=wanted, patience=QUICK)


def test_only_known_packs_can_be_pulled(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="research"):
        pull("nonsense", tmp_path)


def test_the_list_tells_states_apart(tmp_path: Path, server: Server, wanted: Pack) -> None:
    states = {status.pack.name: status.state for status in list_packs(tmp_path)}
    assert states["research"] == "available"
    models._staging(tmp_path, "research").mkdir()
    pull("research2", tmp_path, definition=wanted, patience=QUICK)
    states = {status.pack.name: status.state for status in list_packs(tmp_path)}
    assert states["research"] == "begun" and states["research2"] == "installed"


def test_the_research_definition_is_honest() -> None:
    pack = read_pack(models.BUNDLED / "research")
    assert pack.commercial_use is False and "non-commercial" in pack.licence
    assert all(one.url.startswith("https://") for one in pack.files)
    assert {one.role for one in pack.files} == {"detection", "arcface", "clip", "stylizer"}
    assert all(not one.sha256 or len(bytes.fromhex(one.sha256)) == 32 for one in pack.files)


def test_a_description_survives_writing_and_reading(tmp_path: Path, wanted: Pack) -> None:
    odd = replace(wanted, title='quote " back\\slash\nline\x7f 한글', folder=tmp_path.resolve(), name=tmp_path.name)
    write_pack(odd, tmp_path)
    assert read_pack(tmp_path) == odd
    assert to_toml(read_pack(tmp_path)) == to_toml(odd)


@pytest.mark.parametrize(
    "text", ["name = ", 'title = "no name"', 'name = "x"\n[[files]]\npath = "../../etc"\nrole = "card"', "\xff"]
)
def test_a_damaged_description_is_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / "pack.toml").write_text(text, encoding="latin-1")
    with pytest.raises(NotReadyError, match=r"pack\.toml"):
        read_pack(tmp_path)
