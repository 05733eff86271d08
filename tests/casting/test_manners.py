"""A library learns how its own drawings are drawn: without names, for its own models, and only where it helps."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from casting import Engine, Library, evaluate, import_cast, rebuild
from casting.cli import bridging
from casting.cli.app import app
from casting.demo import DATA
from casting.evaluation import Truth, read_truth
from casting.progress import Silent
from casting.spaces import Space
from casting.tuning import TUNING_FILE, own_fit
from casting.tuning import manners as module
from casting.tuning.active import active_tuning, library_tuning
from casting.tuning.fitting import FitReport
from casting.tuning.manners import drop, learn, learnt_from
from casting.tuning.own_fit import OwnFit, fit_own
from castoon.errors import InputError
from castoon.images import decode, read
from embeddings.hiding import FACE, only
from embeddings.manner import Manner
from embeddings.pack import BUNDLED

ACTORS = 14
runner = CliRunner()
app.add_typer(bridging.bridge_app, name="bridge")
FACES = Space("arcface", "photo")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Some actors of the demo, read by the models that ship."""
    folder = tmp_path_factory.mktemp("manners")
    with (DATA / "cast.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept = {row.actor for row in truth()}
    shutil.copytree(DATA / "photos", folder / "photos")
    with (folder / "cast.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row["name"] in kept)
    opened = Library.create(folder / "library", spaces={str(FACES): 1.0})
    engine = Engine.of(opened)
    import_cast(opened, folder / "cast.csv", engine.finder)
    rebuild(opened, engine)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def nothing_kept(library: Library) -> Iterator[None]:
    yield
    drop(library)


def castoon(*words: object) -> Result:
    return runner.invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


def truth() -> list[Truth]:
    """Drawings of the first actors of the demo that are drawn at all."""
    rows = read_truth(DATA / "truth.csv")
    kept = sorted({row.actor for row in rows})[:ACTORS]
    return [row for row in rows if row.actor in kept]


def all_drawings() -> list[Path]:
    return [row.image for row in read_truth(DATA / "truth.csv")]


def found(library: Library, engine: Engine) -> float:
    """Mean cosine of drawings with their actors, less that with all actors."""
    from casting.evaluation.queries import QueryCache
    from casting.progress import Silent

    live = library.index.open()
    queries = QueryCache(library, engine).collect(truth(), [str(FACES)], Silent())
    names = {facts["name"]: owner for owner, facts in live.facts.items()}
    hits = live.search(str(FACES), queries.vectors[str(FACES)], len(names), sources=0)
    gains = []
    for row, mine in zip(queries.truth, hits, strict=True):
        scores = {hit.owner: hit.score for hit in mine}
        gains.append(scores[names[row.actor]] - np.mean(list(scores.values())))
    return float(np.mean(gains) / np.std(gains))


def test_drawings_find_their_actors_better_in_their_own_manner(library: Library) -> None:
    engine = Engine.of(library)
    before = found(library, engine)
    assert set(learn(library, engine, all_drawings()).manners) == {"arcface"}
    own = Engine.of(library)
    assert own.contract(FACES) == engine.contract(FACES), "photos need not be embedded again"
    assert own.reading(FACES) != engine.reading(FACES)
    assert found(library, own) > before


def test_a_few_faces_teach_most_of_a_style(library: Library) -> None:
    """Eight pictures of different characters, as anyone can cut out of an episode."""
    before = found(library, Engine.of(library))
    firsts = [path for path in all_drawings() if path.stem.endswith("-1")]
    done = learn(library, Engine.of(library), firsts[:: len(firsts) // module.ENOUGH][: module.ENOUGH])
    assert done.drawings == module.ENOUGH
    assert found(library, Engine.of(library)) > before


def test_pages_teach_by_every_face_on_them(library: Library) -> None:
    pages = [path.read_bytes() for path in sorted((DATA / "panels").glob("*.webp"))]
    finder = Engine.of(library).finder
    faces = sum(len(finder.find(decode(page).pixels, "drawn").faces) for page in pages)
    assert faces > len(pages)
    if faces < module.ENOUGH:
        pages += [all_drawings()[0]] * (module.ENOUGH - faces)  # type: ignore[list-item]
    done = learn(library, Engine.of(library), pages)
    assert done.drawings == max(faces, module.ENOUGH)
    assert len(done.shown) == min(done.drawings, module.SHOWN)
    assert learnt_from(library, Engine.of(library)) == done.drawings


def test_evaluation_shows_what_all_that_was_learnt_gains(library: Library) -> None:
    engine = Engine.of(library)
    rows = {row.name: row for row in evaluate(library, engine, truth()).ablation}
    plain = rows[f"{FACES}, nothing learnt"]
    assert next(iter(rows)) == plain.name
    assert rows[str(FACES)].against == rows["as it ranks"].against == plain.name
    drawings = [read(row.image).pixels for row in truth()]
    seen = [engine.finder.find(pixels, "drawn").faces for pixels in drawings]
    pictures = [engine.face_picture(pixels, faces[0]) for pixels, faces in zip(drawings, seen, strict=True)]
    as_photos = engine.reading_as_photos.encode_query(FACES, pictures)
    whole = only(FACE, engine.encoder("arcface"), as_photos)
    live = library.index.open()
    alike = rows[f"{FACES}, drawings read as photos"]
    assert alike.against == "as it ranks"
    for row, vectors in ((plain, whole), (alike, as_photos)):
        hits = [live.search(str(FACES), one[None], 1, sources=0)[0][0].owner for one in vectors]
        first = [live.facts[owner]["name"] == one.actor for owner, one in zip(hits, truth(), strict=True)]
        assert row.metrics["R@1"].value == pytest.approx(np.mean(first))


def test_without_a_manner_of_the_pack_photos_must_say_what_photos_look_like(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embeddings.encoders._manner", lambda *_: None)
    monkeypatch.setattr(module, "ENOUGH_PHOTOS", 10_000)
    with pytest.raises(InputError, match=r"photos: too few to say .* 10000 are needed"):
        learn(library, Engine.of(library), all_drawings()[: module.ENOUGH])
    monkeypatch.setattr(module, "_photo_faces", lambda *_: iter(()))
    with pytest.raises(InputError, match="0 photos"):
        learn(library, Engine.of(library), all_drawings()[: module.ENOUGH])


def test_stopped_learning_changes_nothing(library: Library) -> None:
    reading = Engine.of(library).reading(FACES)
    watcher = Silent()
    watcher.stopped = True
    assert not learn(library, Engine.of(library), all_drawings(), watcher).manners
    assert not library.manners.exists()
    assert Engine.of(library).reading(FACES) == reading


def test_a_manner_of_another_network_is_left_aside(library: Library) -> None:
    as_shipped = Engine.of(library).reading(FACES)
    Manner("of another file", {}, 0.75).save(library.manners / "arcface.npz")
    assert Engine.of(library).reading(FACES) == as_shipped
    assert not learnt_from(library, Engine.of(library))


def test_a_style_is_learnt_from_drawings_alone(library: Library) -> None:
    before = Engine.of(library)
    as_shipped, fitted = before.reading(FACES), (BUNDLED / "lite" / TUNING_FILE).read_bytes()
    library_tuning(library).write_bytes(fitted)
    done = castoon("bridge", "learn", DATA / "characters", "-l", library.folder, "--json")
    told = json.loads(done.stdout)
    assert told["networks"] == ["arcface"]
    assert told["drawings"] >= len(all_drawings())
    assert library_tuning(library).read_bytes() == fitted, "what was fitted on castings is not thrown away"
    after = Engine.of(library)
    assert after.reading(FACES) != as_shipped
    assert "own manner" in castoon("bridge", "show", "-l", library.folder).stdout
    assert found(library, after) > found(library, before)
    tuning, why = active_tuning(library, after)
    assert tuning is None
    assert "looked at in another way" in why
    assert json.loads(castoon("bridge", "drop", "-l", library.folder, "--json").stdout) == {"dropped": True}
    assert Engine.of(library).reading(FACES) == as_shipped


def test_nothing_is_learnt_from_a_few_drawings_or_none(library: Library, tmp_path: Path) -> None:
    shutil.copy(all_drawings()[0], tmp_path)
    few = castoon("bridge", "learn", tmp_path, "-l", library.folder, "--json")
    assert few.exit_code == 3
    assert "too few to learn from" in json.loads(few.stdout)["error"]["reason"]
    (tmp_path / "empty").mkdir()
    empty = castoon("bridge", "learn", tmp_path / "empty", "-l", library.folder, "--json")
    assert json.loads(empty.stdout)["error"]["thing"] == "0 drawings", "an empty folder is not the saved characters"
    gone = castoon("bridge", "learn", tmp_path / "nowhere", "-l", library.folder, "--json")
    assert "no such folder" in json.loads(gone.stdout)["error"]["reason"]
    with pytest.raises(InputError, match="0 drawings"):  # there are no saved characters either
        learn(library, Engine.of(library))


@pytest.mark.parametrize("helps", [True, False])
def test_the_better_way_of_reading_is_kept(helps: bool, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casting.tuning.fitting.MIN_ACTORS", 10)
    monkeypatch.setattr("casting.tuning.fitting.MIN_DRAWINGS", 20)
    real, readings = own_fit.fit_tuning, []

    def fit(library: Library, engine: Engine, *given: object, **named: object) -> FitReport:
        report = real(library, engine, *given, **named)  # type: ignore[arg-type]
        readings.append(engine.reading(FACES))
        value = 0.9 if helps == (len(readings) == 2) else 0.4
        return replace(report, after=replace(report.after, value=value))

    monkeypatch.setattr(own_fit, "fit_tuning", fit)
    engine = Engine.of(library)
    done: OwnFit = fit_own(library, engine, truth())
    assert len(set(readings)) == 2
    assert bool(done.manners) == helps
    assert done.as_dict()["reading"]["kept"] == ("own" if helps else "pack")
    done.keep(library)
    fresh = Engine.of(library)
    assert fresh.reading(FACES) == readings[1 if helps else 0]
    tuning, why = active_tuning(library, fresh)
    assert tuning is not None, why
    assert tuning.facts == done.report.tuning.facts
    assert drop(library)
    assert not library_tuning(library).exists()
    assert Engine.of(library).reading(FACES) == readings[0]
    assert not drop(library)
