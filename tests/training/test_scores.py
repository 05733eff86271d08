"""The figures mean what their names say, on cases small enough to know the answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.evaluate_face import age_band
from training.scores import cosines, fold_hits, verification_pairs
from training.targets import principal_axes, towards_person
from training.teacher import unit


def test_fold_hits_of_perfect_and_of_random_scores() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(2000) < 0.5
    clear = np.where(truth, 0.6, 0.1).astype(np.float32) + rng.normal(0, 0.01, 2000).astype(np.float32)
    assert fold_hits(clear, truth).all()
    noise = rng.normal(0, 1, 2000).astype(np.float32)
    assert 0.4 < fold_hits(noise, truth).mean() < 0.6


def test_cosines_ignore_length() -> None:
    vectors = np.array([[1, 0], [5, 0], [0, 2]], np.float32)
    assert cosines(vectors, np.array([[0, 1], [0, 2]])) == pytest.approx([1.0, 0.0])


def test_principal_axes_keep_cosines_of_what_they_hold() -> None:
    rng = np.random.default_rng(1)
    basis = np.linalg.qr(rng.normal(size=(640, 8)))[0]
    vectors = unit(rng.normal(size=(200, 8)) @ basis.T)
    small = unit(vectors @ principal_axes(vectors, 8).T)
    assert np.allclose(small @ small.T, vectors @ vectors.T, atol=1e-4)


def test_towards_person_moves_only_people_with_more_than_one_photo() -> None:
    vectors = unit(np.random.default_rng(2).normal(size=(3, 16)))
    moved = towards_person(vectors, np.array(["a", "a", "b"]), 0.3)
    assert moved[0] @ moved[1] > vectors[0] @ vectors[1]
    assert moved[2] == pytest.approx(vectors[2], abs=1e-6)


def test_pairs_need_two_photos_of_a_person() -> None:
    table = pd.DataFrame({"identity": ["x", "x", "y", "z"], "part": ["test"] * 4})
    pairs, truth = verification_pairs(table, "test", 2)
    assert truth.sum() == 1
    assert set(pairs[truth][0]) == {0, 1}


@pytest.mark.parametrize(("given", "band"), [("30-39", "20-39"), ("0-2", "0-12"), ("more than 70", "60+"), ("", "")])
def test_age_band(given: str, band: str) -> None:
    assert age_band(given) == band
