"""Evaluation counts what it says: misses are misses, intervals are over actors, unknown actors are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from casting import Engine, Library, evaluate, read_truth
from casting.evaluation import _interval
from castoon.errors import InputError

Maker = Callable[..., bytes]


@pytest.fixture
def truth(tmp_path: Path, draw: Maker) -> Path:
    rows = ["image,actor,group"]
    for person in range(6):
        for take in range(2):
            (tmp_path / f"{person}-{take}.png").write_bytes(draw(person, 60 + take))
            rows.append(f"{person}-{take}.png,actor {person},{'odd' if person % 2 else 'even'}")
    path = tmp_path / "truth.csv"
    path.write_text("\n".join(rows), "utf-8-sig")
    return path


def test_a_perfect_ranking_scores_one(ready: Library, engine: Engine, truth: Path) -> None:
    report = evaluate(ready, engine, read_truth(truth)).as_dict()
    assert (report["queries"], report["gallery_actors"], report["no_face"]) == (12, 6, 0)
    assert report["metrics"]["R@1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert set(report["metrics"]) == {"R@1", "R@5", "R@10", "MRR"}
    assert set(report["per_space"]) == {"arcface:photo", "arcface:cel"}
    assert set(report["per_group"]) == {"odd", "even"}


def test_wrong_actors_faceless_and_unknown_ones(ready: Library, engine: Engine, truth: Path) -> None:
    Image.new("RGB", (60, 60), (5, 5, 5)).save(truth.parent / "blank.png")
    with truth.open("a") as handle:
        handle.write("\nblank.png,actor 0,\n0-0.png,actor 1,\n1-0.png,nobody,\nnone.png,actor 2,\n")
    report = evaluate(ready, engine, read_truth(truth))
    assert (report.queries, report.no_face) == (14, 1)
    assert report.metrics["R@1"].value == pytest.approx(12 / 14)
    assert report.metrics["R@10"].value == pytest.approx(13 / 14)
    assert report.metrics["R@1"].low < report.metrics["R@1"].value < report.metrics["R@1"].high
    assert [error.thing.rsplit("/", 1)[-1] for error in report.refused] == ["1-0.png", "none.png"]


def test_intervals_resample_actors_not_drawings() -> None:
    gain = np.array([1.0] * 50 + [0.0] * 50)
    by_actor = _interval(gain, ["a"] * 50 + ["b"] * 50)
    by_drawing = _interval(gain, [str(number) for number in range(100)])
    assert (by_actor.low, by_actor.high) == (0.0, 1.0)
    assert 0.35 < by_drawing.low < by_drawing.high < 0.65


@pytest.mark.parametrize("content", ["", "picture,who\na,b\n", "image,actor\n"])
def test_a_truth_table_that_is_none(content: str, tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_truth(path)
    assert caught.value.next_step
