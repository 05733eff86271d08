"""Everything that the Library and Map pages do, on the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casting import Engine, Library, import_cast, rebuild
from casting.cli import curation, mapping
from casting.cli.app import app

_ = mapping  # importing it registers its command
runner = CliRunner()
if not any(one.name == "actors" for one in app.registered_groups):
    app.add_typer(curation.actors_app, name="actors")
    app.add_typer(curation.photos_app, name="photos")


def castoon(*words: object) -> Result:
    return runner.invoke(app, [str(word) for word in words], env={"CASTOON_PACK": "fake", "COLUMNS": "200"})


def document(result: Result) -> dict:  # type: ignore[type-arg]
    assert result.exit_code == 0, result.output
    loaded: dict = json.loads(result.stdout)  # type: ignore[type-arg]
    return loaded


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, draw: Callable[..., bytes]) -> Path:
    home = tmp_path_factory.mktemp("commands")
    for person in range(4):
        (home / "cast" / f"actor {person}").mkdir(parents=True)
        for take in range(2):
            (home / "cast" / f"actor {person}" / f"{take}.png").write_bytes(draw(person, take))
    library = Library.create(home / "library", pack="fake")
    engine = Engine(library.settings)
    import_cast(library, home / "cast", engine.finder)
    rebuild(library, engine)
    library.close()
    return home / "library"


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "library")
    return tmp_path / "library"


def test_actors_are_edited_renamed_and_merged(home: Path) -> None:
    at = ("--library", home)
    edited = castoon("actors", "edit", "actor 1", "--set", "gender=Female", "--set", "tags=a;b", *at, "--json")
    assert document(edited)["changed"]
    (row,) = document(castoon("actors", "list", "--where", "gender=female", *at, "--json"))
    assert (row["name"], row["tags"], row["photos"]) == ("actor 1", ["a", "b"], 2)
    assert document(castoon("actors", "rename", "actor 1", "Kim", *at, "--json"))["actor"] == "Kim"
    assert document(castoon("actors", "merge", "Kim", "actor 2", *at, "--json"))["actor"] == "Kim"
    shown = castoon("actors", "list", *at)
    assert "3 actors" in shown.stdout
    assert castoon("actors", "list", "--order", "height", *at).exit_code == 3
    assert castoon("actors", "edit", "nobody", "--set", "gender=x", *at).exit_code == 3
    assert castoon("actors", "edit", "Kim", "--set", "gender", *at).exit_code == 3


def test_photos_are_added_cleared_moved_and_removed(home: Path, tmp_path: Path, draw: Callable[..., bytes]) -> None:
    at = ("--library", home)
    (tmp_path / "new.png").write_bytes(draw(9))
    (tmp_path / "bad.png").write_bytes(b"MZ")
    words = ("photos", "add", tmp_path / "new.png", tmp_path / "bad.png", "--actor", "Lee", "--set", "consent=signed")
    added = document(castoon(*words, *at, "--json"))
    assert (added["photos"], [one["file"] for one in added["refused"]]) == (1, ["bad.png"])
    lacking = document(castoon("photos", "list", "--lacks", "consent", *at, "--json"))
    assert len(lacking) == 8
    number = lacking[0]["id"]
    assert document(castoon("photos", "rights", number, "--set", "licence=own", *at, "--json"))["photos"] == 1
    assert document(castoon("photos", "move", number, "--to", "Lee", *at, "--json"))["actor"] == "Lee"
    assert len(document(castoon("photos", "list", "--actor", "Lee", *at, "--json"))) == 2
    assert document(castoon("photos", "remove", number, *at, "--json"))["photos"] == 1
    assert castoon("photos", "remove", number, *at, "--yes").exit_code == 3


def test_review_and_map_answer(home: Path, tmp_path: Path) -> None:
    found = document(castoon("review", "--library", home, "--json"))
    assert found["photos"] == 8
    assert found["duplicates"]
    assert "same picture twice" in castoon("review", "--library", home, "--dismiss").stdout
    again = document(castoon("review", "--library", home, "--json"))
    assert (again["duplicates"], again["dismissed"]) == ([], len(found["duplicates"]))
    csv = tmp_path / "map.csv"
    drawn = document(castoon("map", "--library", home, "--csv", csv, "--json"))
    assert [point["name"] for point in drawn["points"]] == [f"actor {number}" for number in range(4)]
    assert csv.read_text("utf-8-sig").startswith("kind,name,x,y")
    assert castoon("map", "--library", home, "--space", "clip:oil").exit_code == 3
