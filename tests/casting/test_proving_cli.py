"""Commands that explain, evaluate and fit answer in JSON, write what they are asked to, and refuse with a next step."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casting import Engine, Library
from casting.cli import bridging, libraries, proving, rebuilding
from casting.cli.app import app

Maker = Callable[..., bytes]
runner = CliRunner()
_ = (libraries, proving, rebuilding)
if not any(group.name == "bridge" for group in app.registered_groups):
    app.add_typer(bridging.bridge_app, name="bridge")


def castoon(*words: object) -> Result:
    spaces = '{"arcface:photo": 1.0, "arcface:cel": 0.25}'
    return runner.invoke(
        app, [str(word) for word in words], env={"CASTOON_PACK": "fake", "CASTOON_SPACES": spaces, "COLUMNS": "200"}
    )


def document(result: Result) -> dict:  # type: ignore[type-arg]
    assert result.exit_code == 0, result.output
    loaded: dict = json.loads(result.stdout)  # type: ignore[type-arg]
    return loaded


@pytest.fixture
def hero(tmp_path: Path, draw: Maker) -> Path:
    path = tmp_path / "hero.png"
    path.write_bytes(draw(2, 70))
    return path


def test_explain_writes_heat_maps(ready: Library, hero: Path, tmp_path: Path) -> None:
    told = document(castoon("explain", hero, "-l", ready.folder, "-o", tmp_path / "out", "--json"))
    assert (told["actor"], told["rank"]) == ("actor 2", 1)
    assert len(told["parts"]) == 6
    assert all(Path(path).is_file() for path in told["heat_maps"].values())
    other = document(castoon("explain", hero, "-l", ready.folder, "--actor", "actor 4", "--json"))
    assert other["actor"] == "actor 4"
    assert other["rank"] > 1
    assert castoon("explain", hero, "-l", ready.folder, "--actor", "nobody").exit_code == 3


def test_explain_takes_several_pictures(ready: Library, hero: Path, tmp_path: Path, draw: Maker) -> None:
    second = tmp_path / "second.png"
    second.write_bytes(draw(2, 71))
    told = document(castoon("explain", hero, second, "--shown", 1, "-l", ready.folder, "-o", tmp_path, "--json"))
    assert (told["actor"], told["rank"]) == ("actor 2", 1)
    assert set(told["heat_maps"].values()) == {str(tmp_path / f"second.{side}.png") for side in ("drawing", "photo")}
    assert castoon("explain", hero, second, "--shown", 2, "-l", ready.folder).exit_code == 3


def test_evaluate_writes_a_page_and_a_table(ready: Library, engine: Engine, tmp_path: Path, draw: Maker) -> None:
    for person in range(6):
        (tmp_path / "d" / f"actor {person}").mkdir(parents=True)
        (tmp_path / "d" / f"actor {person}" / "1.png").write_bytes(draw(person, 60))
    words = ("evaluate", "-l", ready.folder, "--truth", tmp_path / "d", "--html", tmp_path / "e.html")
    said = document(castoon(*words, "--csv", tmp_path / "e.csv", "--json"))
    assert said["metrics"]["R@1"]["value"] == 1.0
    assert "<svg" in (tmp_path / "e.html").read_text()
    assert len((tmp_path / "e.csv").read_text("utf-8-sig").splitlines()) == 7
    shown = castoon(*words)
    assert "no difference shown" in shown.stdout or "insufficient data" in shown.stdout


def test_bridge_refuses_little_data_and_shows_what_is_in_use(ready: Library, tmp_path: Path, draw: Maker) -> None:
    (tmp_path / "actor 1.png").write_bytes(draw(1, 60))
    (tmp_path / "t.csv").write_text("image,actor\nactor 1.png,actor 1\n")
    refused = castoon("bridge", "fit", "-l", ready.folder, "--truth", tmp_path / "t.csv", "--json")
    assert refused.exit_code == 3
    assert "too few" in json.loads(refused.stdout)["error"]["reason"]
    shown = document(castoon("bridge", "show", "-l", ready.folder, "--json"))
    assert (shown["tuning"], shown["calibrated"]) == ("none", False)
    assert document(castoon("bridge", "drop", "-l", ready.folder, "--json")) == {"dropped": False}


def test_a_bridge_is_fitted_kept_and_used(tmp_path: Path, draw: Maker) -> None:
    people = 16
    for person in range(people):
        for kind, takes in (("photos", 2), ("drawings", 3)):
            home = tmp_path / kind / f"p{person:02d}"
            home.mkdir(parents=True)
            for take in range(takes):
                (home / f"{take}.png").write_bytes(draw(person, take + (60 if kind == "drawings" else 0)))
    folder = tmp_path / "lib"
    document(castoon("import", tmp_path / "photos", "-l", folder, "--json"))
    document(castoon("rebuild", "-l", folder, "--json"))
    fitted = document(castoon("bridge", "fit", "-l", folder, "--truth", tmp_path / "drawings", "--json"))
    assert (fitted["actors"], fitted["drawings"], fitted["kept"]) == (people, 3 * people, True)
    assert set(fitted["weights"]) <= {"arcface:photo", "arcface:cel"}
    assert fitted["gain"]["verdict"] in {"better", "worse", "no difference shown"}
    assert document(castoon("bridge", "show", "-l", folder, "--json"))["tuning"] == "library"
    said = document(castoon("evaluate", "-l", folder, "--truth", tmp_path / "drawings", "--json"))
    assert any("fitted on these very drawings" in words for words in said["cautions"])
    assert document(castoon("bridge", "drop", "-l", folder, "--json")) == {"dropped": True}
