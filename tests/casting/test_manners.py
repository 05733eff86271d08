"""A library learns how its own drawings are drawn: without names, for its own models, and only where it helps."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from casting import Engine, Library, import_cast, rebuild
from casting.demo import DATA
from casting.evaluation import Truth, read_truth
from casting.spaces import Space
from casting.tuning import manners as module
from casting.tuning.active import active_tuning, library_tuning
from casting.tuning.fitting import FitReport
from casting.tuning.manners import OwnFit, drop, find_manners, fit_own
from embeddings.manner import Manner

ACTORS = 14
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


def test_drawings_find_their_actors_better_in_their_own_manner(library: Library, tmp_path: Path) -> None:
    engine = Engine.of(library)
    manners = find_manners(library, engine, all_drawings())
    assert set(manners) == {"arcface"}
    manners["arcface"].save(tmp_path / "arcface.npz")
    own = engine.reading_by(tmp_path)
    assert own.contract(FACES) == engine.contract(FACES), "photos need not be embedded again"
    assert own.reading(FACES) != engine.reading(FACES)
    assert found(library, own) > found(library, engine)


def test_too_few_drawings_teach_nothing(library: Library) -> None:
    assert find_manners(library, Engine.of(library), all_drawings()[: module.ENOUGH - 1]) == {}


def test_a_manner_of_another_network_is_left_aside(library: Library) -> None:
    engine = Engine.of(library)
    Manner("of another file", {}).save(library.manners / "arcface.npz")
    assert Engine.of(library).reading(FACES) == engine.reading(FACES)


@pytest.mark.parametrize("helps", [True, False])
def test_the_better_way_of_reading_is_kept(helps: bool, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casting.tuning.fitting.MIN_ACTORS", 10)
    monkeypatch.setattr("casting.tuning.fitting.MIN_DRAWINGS", 20)
    monkeypatch.setattr(module, "ENOUGH", 20)
    real, readings = module.fit_tuning, []

    def fit(library: Library, engine: Engine, *given: object, **named: object) -> FitReport:
        report = real(library, engine, *given, **named)  # type: ignore[arg-type]
        readings.append(engine.reading(FACES))
        value = 0.9 if helps == (len(readings) == 2) else 0.4
        return replace(report, after=replace(report.after, value=value))

    monkeypatch.setattr(module, "fit_tuning", fit)
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
    assert Engine.of(library).reading(FACES) == engine.reading(FACES)
    assert not drop(library)
