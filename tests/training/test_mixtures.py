"""Faces that nobody has: both pictures are in them, whatever the seam, and nobody but training people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.drawn import DrawnSet
from training.faces import SIDE, FaceSet
from training.looks import Looks
from training.mixtures import ANY, DRAWINGS, Pool, mixed, weights
from training.splits import actor_parts


def test_both_pictures_are_in_every_mixture() -> None:
    share = weights(np.random.default_rng(0), 200)
    assert share.shape == (200, SIDE, SIDE, 1) and share.min() >= 0 and share.max() <= 1
    kept = share.mean((1, 2, 3))
    assert kept.min() > 0.1 and kept.max() < 0.9
    seams = np.ptp(share, axis=(1, 2, 3)) > 0.5
    assert 0.5 < seams.mean() < 0.7


def test_a_mixture_of_a_picture_with_itself_is_that_picture_moved_about() -> None:
    rng = np.random.default_rng(1)
    grey = np.full((8, SIDE, SIDE, 3), 90, np.uint8)
    made = mixed(rng, grey, grey)
    assert made.shape == grey.shape and made.dtype == np.uint8
    assert np.median(made.std((1, 2, 3))) < 4


def test_only_people_of_the_training_part_are_mixed() -> None:
    names = [f"actor {number:02d}" for number in range(30)]
    parts = actor_parts(names)
    table = pd.DataFrame({"part": ["train", "val", "test"] * 10})
    faces = FaceSet(_marked([0 if part == "train" else 255 for part in table["part"]]), table)
    drawn = DrawnSet(
        _marked([1 if parts[name] == "train" else 255 for name in names]), np.array(names), np.ones(30, bool),
        np.zeros((30, 5, 2), np.float32), np.array(names), np.array(names),
    )  # fmt: skip
    looks = Looks(_marked([2] * 4), np.arange(4))
    shown = Pool(faces, looks, drawn, ANY.shares).some(np.random.default_rng(2), 300)[:, 0, 0, 0]
    assert set(shown.tolist()) == {0, 1, 2}
    assert [float((shown == kind).mean()) for kind in (0, 2, 1)] == pytest.approx([0.6, 0.15, 0.25], abs=0.08)
    assert set(Pool(faces, looks, drawn, DRAWINGS.shares).some(np.random.default_rng(3), 50)[:, 0, 0, 0]) == {1}


def _marked(values: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.broadcast_to(np.array(values, np.uint8)[:, None, None, None], (len(values), SIDE, SIDE, 3))
