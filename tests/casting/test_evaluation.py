"""Evaluation counts what it says: misses are misses, intervals are over actors, few actors are insufficient data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from casting import Engine, Library, evaluate, rank_image, read_truth, rebuild
from casting.evaluation.lots import casts_by_lot, drawn_together
from casting.evaluation.metrics import Metric, Resampled, calibration_error, ranking_gains, trade_off, verification
from casting.evaluation.report import CalibrationCheck
from casting.progress import Silent
from castoon.errors import InputError
from castoon.images import read

Maker = Callable[..., bytes]
PEOPLE = 6


@pytest.fixture
def truth(tmp_path: Path, draw: Maker) -> Path:
    rows = ["image,actor,group,style"]
    for person in range(PEOPLE):
        for take in range(2):
            (tmp_path / f"{person}-{take}.png").write_bytes(draw(person, 60 + take))
            rows.append(f"{person}-{take}.png,actor {person},{'odd' if person % 2 else 'even'},ink")
    path = tmp_path / "truth.csv"
    path.write_text("\n".join(rows), "utf-8-sig")
    return path


def test_a_perfect_ranking_scores_one(ready: Library, engine: Engine, truth: Path) -> None:
    report = evaluate(ready, engine, read_truth(truth))
    said = report.as_dict()
    json.dumps(said)
    assert (said["queries"], said["gallery_actors"], said["no_face"]) == (12, 6, 0)
    assert said["metrics"]["R@1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert {"R@1", "R@5", "R@10", "MRR", "mAP", "AUC"} <= set(said["metrics"])
    assert said["median_rank"]["value"] == 1
    assert set(said["per_space"]) == {"arcface:photo", "arcface:cel"}
    assert set(said["per_group"]) == {"odd", "even"}
    assert {row["ranking"] for row in said["ablation"]} >= {"arcface:photo", "arcface:cel", "as it ranks"}
    assert all(row["R@1"] == "insufficient data" for row in said["groups"])
    assert any("6 actors" in words for words in said["cautions"])


def test_the_same_drawings_among_other_casts(ready: Library, engine: Engine, truth: Path) -> None:
    rows = [row for row in read_truth(truth) if row.actor != "actor 5"]
    report = evaluate(ready, engine, rows)
    assert [(row.name, row.actors) for row in report.casts] == [("all actors", 6), ("actors of the known answers", 5)]
    assert report.casts[0].metrics == {name: report.metrics[name] for name in report.casts[0].metrics}
    assert report.casts[1].metrics["R@1"].value == 1.0
    assert [row["cast"] for row in report.as_dict()["casts"]] == ["all actors", "actors of the known answers"]
    assert "Other casts" in report.page()


def test_characters_of_several_pictures_are_measured_where_there_are_enough(
    ready: Library, engine: Engine, truth: Path, draw: Maker
) -> None:
    rows = truth.read_text("utf-8-sig").splitlines()
    for person in range(PEOPLE):
        for take in range(2, 4):
            (truth.parent / f"{person}-{take}.png").write_bytes(draw(person, 60 + take))
            rows.append(f"{person}-{take}.png,actor {person},odd,ink")
    truth.write_text("\n".join(rows), "utf-8-sig")
    report = evaluate(ready, engine, read_truth(truth))
    assert [(row.name, row.pictures) for row in report.casts] == [("all actors", count) for count in (1, 2, 3)]
    assert [row["pictures"] for row in report.as_dict()["casts"]] == [1, 2, 3]
    assert all(row.metrics["R@1"].value == 1.0 for row in report.casts)


@given(seed=st.integers(0, 500), pictures=st.integers(2, 4))
def test_drawings_that_stand_for_one_character_are_of_one_actor_and_differ(seed: int, pictures: int) -> None:
    rng = np.random.default_rng(seed)
    actors = np.array([f"p{at}" for at in rng.integers(0, 6, 30)])
    usable = rng.random(30) < 0.8
    together = drawn_together(actors, usable, pictures)
    for rows in together.tolist():
        assert len(set(rows)) == pictures and len(set(actors[rows])) == 1 and usable[rows].all()
    enough = [at for at in np.flatnonzero(usable) if (usable & (actors == actors[at])).sum() >= pictures]
    assert sorted(together[:, 0].tolist()) == enough, "each drawing once as the first"


@given(seed=st.integers(0, 500), everybody=st.integers(2, 40))
def test_a_cast_by_lot_holds_the_right_actor_once_and_nobody_twice(seed: int, everybody: int) -> None:
    right = np.random.default_rng(seed).integers(0, everybody, 12)
    sizes = []
    for casts in casts_by_lot(right, everybody, (2, 5, 10, 30)):
        for cast in casts:
            assert ((cast == right[:, None]).sum(axis=1) == 1).all()
            assert (np.diff(cast, axis=1) > 0).all()
            assert cast.min() >= 0 and cast.max() < everybody
        sizes.append(casts[0].shape[1])
    assert sizes == [size for size in (2, 5, 10, 30) if size < everybody]


def test_wrong_actors_faceless_and_unknown_ones(ready: Library, engine: Engine, truth: Path) -> None:
    Image.new("RGB", (60, 60), (5, 5, 5)).save(truth.parent / "blank.png")
    with truth.open("a") as handle:
        handle.write("\nblank.png,actor 0,\n0-0.png,actor 1,\n1-0.png,nobody,\nnone.png,actor 2,\n")
    report = evaluate(ready, engine, read_truth(truth))
    assert (report.queries, report.no_face) == (14, 1)
    assert report.metrics["R@1"].value == pytest.approx(12 / 14)
    assert report.metrics["R@10"].value == pytest.approx(13 / 14)
    assert report.metrics["R@1"].low < report.metrics["R@1"].value < report.metrics["R@1"].high
    assert sorted(error.thing.rsplit("/", 1)[-1] for error in report.refused) == ["1-0.png", "none.png"]
    assert report.worst(1)[0].rank is None
    assert report.worst(2)[1].actor == "actor 1"


def test_an_evaluation_ranks_as_ranking_does(ready: Library, engine: Engine, truth: Path) -> None:
    rows = read_truth(truth)
    report = evaluate(ready, engine, rows)
    for row, result in zip(rows, report.results, strict=True):
        ranking = rank_image(ready, engine, read(row.image).pixels, k=6)
        assert result.best == ranking.results[0].actor
        assert result.top == pytest.approx(ranking.results[0].similarity, abs=1e-3)
        assert result.rank == next(one.rank for one in ranking.results if one.actor == row.actor)


def test_drawings_are_embedded_once(
    ready: Library, engine: Engine, truth: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = evaluate(ready, engine, read_truth(truth))
    asked: list[int] = []
    encode = engine.encode_query
    monkeypatch.setattr(engine, "encode_query", lambda space, faces: asked.append(len(faces)) or encode(space, faces))
    monkeypatch.setattr(type(engine.finder), "find", lambda *_: pytest.fail("a face was looked for again"))
    assert evaluate(ready, engine, read_truth(truth)).metrics == first.metrics
    assert asked == []


def test_a_stopped_evaluation_measures_what_was_done(ready: Library, engine: Engine, truth: Path) -> None:
    with pytest.raises(InputError, match="nothing was evaluated"):
        evaluate(ready, engine, read_truth(truth), Silent(stopped=True))


def test_a_folder_is_a_truth_table_too(ready: Library, engine: Engine, tmp_path: Path, draw: Maker) -> None:
    for person in range(3):
        home = tmp_path / "drawings" / f"actor {person}"
        home.mkdir(parents=True)
        (home / "one.png").write_bytes(draw(person, 61))
    assert evaluate(ready, engine, read_truth(tmp_path / "drawings")).metrics["R@1"].value == 1.0


def test_the_page_is_whole_and_takes_nothing_from_elsewhere(ready: Library, engine: Engine, truth: Path) -> None:
    rebuild(ready, engine)
    page = evaluate(ready, engine, read_truth(truth)).page()
    assert page.count("<svg") >= 6
    assert "insufficient data" in page
    assert not re.search(r"<script|(src|href)=.https?:", page.replace("http://www.w3.org", ""))


def test_intervals_resample_actors_not_drawings() -> None:
    gain = np.array([1.0] * 50 + [0.0] * 50)
    by_actor = Resampled(["a"] * 50 + ["b"] * 50).metric(gain)
    by_drawing = Resampled([str(number) for number in range(100)]).metric(gain)
    assert (by_actor.low, by_actor.high) == (0.0, 1.0)
    assert 0.35 < by_drawing.low < by_drawing.high < 0.65


def test_a_comparison_is_paired() -> None:
    rng = np.random.default_rng(0)
    actors = [str(number // 4) for number in range(400)]
    hard = np.repeat(rng.random(100), 4) < 0.5
    first = (rng.random(400) < np.where(hard, 0.25, 0.9)).astype(float)
    slightly = np.maximum(first, rng.random(400) < 0.06)
    assert Resampled(actors).compare(slightly, first).verdict == "better"
    assert Resampled(actors).compare(first, first).verdict == "no difference shown"
    assert Resampled(actors[:16]).compare(slightly[:16], first[:16]).verdict == "insufficient data"


def test_figures_by_hand() -> None:
    gains = ranking_gains(np.array([1.0, 2.0, 7.0, 1e9]))
    assert {name: float(values.mean()) for name, values in gains.items()} == pytest.approx(
        {"R@1": 0.25, "R@5": 0.5, "R@10": 0.75, "MRR": (1 + 1 / 2 + 1 / 7) / 4}
    )
    found = np.ones(2, bool)
    pairs = verification(np.array([0.95, 0.5]), np.linspace(0, 0.99, 100), found)
    assert pairs["AUC"].tolist() == pytest.approx([0.95, 0.5])
    assert pairs["TAR@1%"].tolist() == [0.0, 0.0]
    assert calibration_error(np.full(100, 0.7), np.arange(100) < 70, bins=1) == pytest.approx(0.0)
    assert calibration_error(np.full(100, 0.9), np.arange(100) < 70, bins=1) == pytest.approx(0.2)


def test_what_any_limit_would_do() -> None:
    points = trade_off(np.arange(100.0), np.arange(100.0) - 50)
    lost, caught = np.array(points).T
    assert (np.diff(lost) >= 0).all()
    assert (np.diff(caught) >= 0).all()
    assert np.interp(0.1, lost, caught) == pytest.approx(0.6, abs=0.02)
    check = CalibrationCheck(0.0, 0.0, (), Metric(0.5, 0.4, 0.6), Metric(0.1, 0.0, 0.2), points)
    assert check.caught_at_a_tenth == pytest.approx(0.6, abs=0.02)
    assert trade_off(np.zeros(0), np.ones(3)) == ()


@pytest.mark.parametrize("content", ["", "picture,who\na,b\n", "image,actor\n"])
def test_a_truth_table_that_is_none(content: str, tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_truth(path)
    assert caught.value.next_step
