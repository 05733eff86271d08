"""Pulling packs from a local server that cuts, stalls, lies about length and serves wrong bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from castoon.errors import InputError, NotReadyError
from embeddings import models
from embeddings.download import Progress, fetch, mirrored
from embeddings.models import list_packs, pull, require_sound, verify
from embeddings.pack import Pack, open_pack, read_pack
from embeddings.packtoml import to_toml, write_pack
from tests.embeddings.bad_server import BODY, QUICK, SHA, Server, leftovers, zipped


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
