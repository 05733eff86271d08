"""The command line: exit codes, one JSON document a command, errors that help, and an instant `--help`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casting import load_settings
from casting.cli import libraries, models, rebuilding, styles, system, versions
from casting.cli.app import app
from casting.styles import style_root

Maker = Callable[..., bytes]
runner = CliRunner()
ENVIRONMENT = {
    "CASTOON_PACK": "fake", "CASTOON_SPACES": '{"arcface:photo": 1.0, "arcface:cel": 0.25}', "COLUMNS": "200"
}  # fmt: skip
_ = (libraries, rebuilding, system)
app.add_typer(styles.style_app, name="style")
app.add_typer(models.app, name="models")
app.add_typer(versions.app, name="index")


def castoon(*words: object) -> Result:
    return runner.invoke(app, [str(word) for word in words], env=ENVIRONMENT)


def document(result: Result) -> dict:  # type: ignore[type-arg]
    assert result.exit_code == 0, result.output
    loaded: dict = json.loads(result.stdout)  # type: ignore[type-arg]
    return loaded


@pytest.fixture
def home(tmp_path: Path, cast_folder: Path) -> Path:
    folder = tmp_path / "lib"
    imported = document(castoon("import", cast_folder, "--library", folder, "--json"))
    assert (imported["photos"], imported["actors"], imported["refused"]) == (18, 6, [])
    rebuilt = document(castoon("rebuild", "--library", folder, "--json"))
    assert (rebuilt["computed"], rebuilt["published"]) == (36, True)
    return folder


@pytest.fixture
def hero(tmp_path: Path, draw: Maker) -> Path:
    path = tmp_path / "hero.png"
    path.write_bytes(draw(2, 70))
    return path


def test_rank_answers_in_the_documented_schema(home: Path, hero: Path, tmp_path: Path) -> None:
    csv, page = tmp_path / "out" / "r.csv", tmp_path / "out" / "r.html"
    answer = document(castoon("rank", hero, "--library", home, "-k", 4, "--csv", csv, "--html", page, "--json"))
    assert {"character", "results", "model_contracts", "took_ms"} <= set(answer)
    assert len(answer["results"]) == 4
    first = answer["results"][0]
    assert {"rank", "actor", "score", "spaces", "photo", "margin", "flags"} <= set(first)
    assert (first["rank"], first["actor"]) == (1, "actor 2")
    assert set(first["spaces"]) == {"arcface:photo", "arcface:cel"} == set(answer["model_contracts"])
    assert set(answer["query_contracts"]) == set(first["spaces"])
    assert csv.read_text("utf-8-sig").splitlines()[1].startswith("1,actor 2,")
    text = page.read_text()
    assert text.count('<div class="card">') == 4
    assert "not probabilities" in text
    assert answer["index_version"] in text


def test_several_pictures_are_one_character(home: Path, hero: Path, draw: Maker) -> None:
    other = hero.with_name("again.png")
    other.write_bytes(draw(2, 71))
    answer = document(castoon("rank", hero, other, "--library", home, "-k", 1, "--json"))
    assert [one["picture"] for one in answer["character"]["pictures"]] == ["hero.png", "again.png"]
    assert {"faces", "face", "box"} <= set(answer["character"]["pictures"][1])
    assert answer["results"][0]["actor"] == "actor 2"
    alone = document(castoon("rank", hero, "--library", home, "-k", 1, "--json"))
    assert answer["results"][0]["similarity"] != alone["results"][0]["similarity"]
    refused = castoon("rank", hero, "--library", home, "--face", 0, "--face", 0)
    assert refused.exit_code == 3
    assert "more faces are chosen than there are pictures" in refused.stderr


def test_people_read_a_table_and_a_warning_about_stand_ins(home: Path, hero: Path) -> None:
    result = castoon("rank", hero, "--library", home)
    assert result.exit_code == 0
    assert "actor 2" in result.stdout
    assert "this ranking means nothing" in result.stderr


def test_evaluate_answers_in_the_documented_schema(home: Path, hero: Path, tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("image,actor\nhero.png,actor 2\n")
    answer = document(castoon("evaluate", "--library", home, "--truth", tmp_path / "truth.csv", "--json"))
    assert (answer["queries"], answer["gallery_actors"], answer["no_face"]) == (1, 6, 0)
    assert answer["metrics"]["R@1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert set(answer["per_space"]["arcface:photo"]) == {"R@1", "R@5", "R@10", "MRR"}


def test_forget_proves_itself(home: Path) -> None:
    answer = document(castoon("forget", "actor 1", "--library", home, "--json"))
    assert (answer["photos"], answer["proven"], answer["left"]) == (3, True, [])
    assert castoon("forget", "actor 1", "--library", home, "--yes").exit_code == 3


def test_stylize_writes_what_it_can_and_says_what_it_could_not(hero: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"")
    result = castoon("stylize", hero, tmp_path / "bad.png", "--style", "cel", "-o", tmp_path / "styled", "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert [Path(one["result"]).name for one in answer["written"]] == ["hero.cel.png"]
    assert (tmp_path / "styled" / "hero.cel.png").is_file()
    assert [error["reason"] for error in answer["refused"]] == ["the file is empty."]


def test_styles_are_listed_with_parameters_that_stylize_takes(hero: Path, tmp_path: Path) -> None:
    listed = {one["name"]: one for one in document(castoon("style", "list", "--json"))}
    assert listed["cel"]["installed"]
    name = next(p["name"] for p in listed["cel"]["parameters"] if p["kind"] == "float")
    value = next(p["high"] for p in listed["cel"]["parameters"] if p["name"] == name)
    words = ("stylize", hero, "-o", tmp_path / "out", "--json")
    plain = document(castoon(*words))["written"][0]["result"]
    before = Path(plain).read_bytes()
    document(castoon(*words, "--param", f"{name}={value}"))
    assert Path(plain).read_bytes() != before
    assert castoon(*words, "--param", f"{name}=much").exit_code == 3
    assert castoon(*words, "--param", "nothing").exit_code == 3


def test_a_style_in_a_pulled_pack_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "models" / "research" / "stylizers" / "cartoongan"
    place.mkdir(parents=True)
    (place / "hayao.npz").write_bytes(b"not yet a checkpoint")
    monkeypatch.setenv("CASTOON_MODELS", str(tmp_path / "models"))
    listed = {one["name"]: one["installed"] for one in document(castoon("style", "list", "--json"))}
    assert listed["cartoongan:hayao"]
    assert style_root(load_settings(), "cartoongan:hayao") == tmp_path / "models" / "research"
    assert style_root(load_settings(), "cel") == tmp_path / "models"


def test_a_style_report_has_every_column_and_a_sheet(cast_folder: Path, tmp_path: Path) -> None:
    photos = sorted(cast_folder.rglob("*.png"))[:6]
    answer = document(castoon("stylize", *photos, "--report", "-o", tmp_path / "out", "--json"))
    (row,) = answer["report"]
    assert row["style"] == "cel"
    assert row["photos"] == 6
    assert not [name for name, value in row.items() if value is None or str(value) == "nan"]
    assert Path(answer["sheet"]).is_file()


def test_index_versions_are_listed_verified_and_rolled_back(home: Path) -> None:
    document(castoon("forget", "actor 5", "--library", home, "--json"))
    (only,) = document(castoon("index", "list", "--library", home, "--json"))
    assert only["live"]
    assert document(castoon("index", "verify", "--library", home, "--json"))["sound"]
    assert castoon("index", "rollback", "--library", home).exit_code == 4
    victim = next((home / "index" / "versions" / only["version"]).glob("*.npy"))
    victim.write_bytes(victim.read_bytes()[:-4])
    broken = castoon("index", "verify", "--library", home, "--json")
    assert broken.exit_code == 4
    assert victim.name in json.loads(broken.stdout)["error"]["thing"]


def test_doctor_and_models_answer(home: Path) -> None:
    checks = {check["name"]: check for check in document(castoon("doctor", "--library", home, "--json"))["checks"]}
    assert checks["library"]["found"] == "6 actors, 18 photos"
    assert checks["index"]["state"] == "ok"
    assert "castoon models list" in checks["model pack"]["next_step"]
    assert isinstance(document(castoon("models", "list", "--json")), list)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["rank", "none.png", "--library", "{home}"], 3, "cannot be read"),
        (["rank", "{hero}", "--library", "{home}", "--face", "7"], 3, "numbered 0 to 0"),
        (["rank", "{hero}", "--library", "{home}", "--where", "age>3"], 3, "Columns are"),
        (["rank", "{hero}", "--library", "nowhere"], 4, "castoon import"),
        (["rank", "{hero}", "--library", "{home}", "--pack", "nosuch"], 4, "castoon models"),
        (["rank", "{hero}", "-k", "0"], 2, "Invalid value"),
        (["rebuild", "--library", "nowhere"], 4, "castoon import"),
        (["import", "nowhere", "--library", "{home}"], 3, "no such file"),
        (["evaluate", "--library", "{home}", "--truth", "none.csv"], 3, "cannot be read"),
        (["stylize", "{hero}", "--style", "oil", "-o", "out"], 3, "engine"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_exit_codes_and_next_steps(words: list[str], code: int, says: str, home: Path, hero: Path) -> None:
    filled = [word.format(home=home, hero=hero) for word in words]
    result = castoon(*filled)
    assert result.exit_code == code, result.output
    assert says in " ".join(result.output.split())
    if code in {3, 4}:
        error = json.loads(castoon(*filled, "--json").stdout)["error"]
        assert error["reason"]
        assert error["next_step"]


def test_a_new_library_remembers_the_pack_it_was_made_with(cast_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lib"
    document(castoon("import", cast_folder, "--library", folder, "--pack", "fake", "--json"))
    assert (folder / "castoon.toml").read_text() == 'pack = "fake"\n'


def test_settings_that_make_no_sense_are_named(home: Path, hero: Path) -> None:
    (home / "castoon.toml").write_text('threads = "many"\n')
    result = castoon("rank", hero, "--library", home, "--json")
    assert result.exit_code == 3
    assert "castoon.toml" in json.loads(result.stdout)["error"]["thing"]
    (home / "castoon.toml").write_text("colour = 3\n")
    assert "Settings are" in json.loads(castoon("rank", hero, "--library", home, "--json").stdout)["error"]["next_step"]


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, castoon, casting, toonify, embeddings, index\n"
        "from casting.cli import app, libraries, models, styles, system, versions\n"
        "heavy = {'torch', 'torchvision', 'streamlit', 'insightface', 'open_clip', 'onnxruntime', 'cv2', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
    helped = subprocess.run(
        [str(Path(sys.executable).with_name("castoon")), "--help"], capture_output=True, text=True, check=True
    )
    assert "Rank the library's actors" in helped.stdout
