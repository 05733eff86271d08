"""A pack is taught to look before its last layers from photos of people, and is whole afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from casting import deepening
from casting.cli.models import app
from casting.deepening import deepen
from casting.demo import DATA
from casting.progress import Silent
from castoon.errors import InputError, NotReadyError
from embeddings import load_encoders, open_pack
from embeddings.concat import parts_of
from embeddings.models import verify
from embeddings.pack import read_pack
from embeddings.packtoml import write_pack

BUNDLED = open_pack("lite").folder
PEOPLE, PHOTOS = 8, 32


@pytest.fixture(autouse=True)
def fewer_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deepening, "ENOUGH_PEOPLE", PEOPLE)
    monkeypatch.setattr(deepening, "ENOUGH_PHOTOS", PHOTOS)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Finder and face encoder of the lite pack, in a folder of their own, without earlier layers."""
    folder = tmp_path / "models" / "mine"
    folder.mkdir(parents=True)
    pack = read_pack(BUNDLED)
    files = tuple(one for one in pack.files if one.role in {"detection", "points", "arcface", "arcface_drawn"})
    for one in files:
        shutil.copyfile(BUNDLED / one.path, folder / one.path)
    write_pack(type(pack)(**{**vars(pack), "name": "mine", "files": files}), folder)
    return folder


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Just enough of the demo's cast, and a folder of pictures that shows nobody twice."""
    folder = tmp_path / "people"
    homes = sorted(path for path in (DATA / "photos").iterdir() if len(list(path.iterdir())) >= 4)[:PEOPLE]
    assert len(homes) * 4 == PHOTOS
    for home in homes:
        (folder / home.name).mkdir(parents=True)
        for photo in sorted(home.iterdir())[:4]:
            shutil.copyfile(photo, folder / home.name / photo.name)
    (folder / "once").mkdir()
    (folder / "once" / "broken.png").write_bytes(b"no picture")
    return folder


def test_vectors_hold_more_and_every_file_is_vouched_for(
    plain: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_encoders(read_pack(plain))["arcface"]
    monkeypatch.setenv("CASTOON_MODELS", str(plain.parent))
    told = CliRunner().invoke(app, ["deepen", "mine", "--photos", str(people), "--weight", "0.5"])
    assert told.exit_code == 0, told.output
    assert "trunk.17/Add_output_0" in told.output and "castoon rebuild" in told.output
    pack = read_pack(plain)
    assert pack.file("arcface_earlier") == pack.folder / "face-earlier.npz"
    assert not verify(pack)
    encoder = load_encoders(pack)["arcface"]
    assert parts_of(encoder) == (256, PHOTOS - 1, 256, 256)
    assert encoder.contract != before.contract
    (plain / "face-earlier.npz").write_bytes(b"damaged")
    again = deepen(pack, people, layer="/net/trunk/trunk.16/act/PRelu_output_0")
    assert list(again) == ["arcface"]
    assert [one.role for one in read_pack(plain).files].count("arcface_earlier") == 1
    assert not verify(read_pack(plain)), "a damaged one is mended by teaching it again"


def test_too_few_people_are_refused_and_nothing_is_written(plain: Path, people: Path) -> None:
    for home in sorted(people.iterdir())[3:]:
        shutil.rmtree(home)
    described = (plain / "pack.toml").read_bytes()
    with pytest.raises(InputError, match="12 faces of 3 people"):
        deepen(read_pack(plain), people)
    with pytest.raises(InputError, match="no such folder"):
        deepen(read_pack(plain), people / "nowhere")
    assert (plain / "pack.toml").read_bytes() == described
    assert not list(plain.glob("*-earlier.npz"))


def test_a_folder_without_a_description_is_refused(plain: Path, people: Path) -> None:
    (plain / "pack.toml").unlink()
    with pytest.raises(NotReadyError, match="no pack"):
        deepen(read_pack(plain), people)


def test_stopped_half_way_it_leaves_the_pack_alone(plain: Path, people: Path) -> None:
    class Impatient(Silent):
        def begin(self, what: str, total: int | None) -> None:
            super().begin(what, total)
            self.stopped = what == "look before the last layers"

    described = (plain / "pack.toml").read_bytes()
    assert deepen(read_pack(plain), people, progress=Impatient()) == {}
    assert (plain / "pack.toml").read_bytes() == described
    assert not list(plain.glob("*-earlier.npz"))
