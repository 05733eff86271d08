"""Asking the makers of the labels again: their answers come back to the picture as it was, and to one mean."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.dots import COLOURS, dotted, middle
from training.asking import SMALLER, mean_of, ways
from training.evaluate_detector import distance
from training.finders import TEMPLATE
from training.scenes import MIRROR


def _dotted() -> tuple[np.ndarray, np.ndarray]:
    points = (TEMPLATE * 1.6 + 12).astype(np.float32)
    return dotted(points, 218, 201, radius=6), points


def test_what_is_said_of_every_way_of_asking_lies_where_the_face_has_it() -> None:
    """A maker names points as they are seen: of a mirrored face the left eye is the right one."""
    picture, points = _dotted()
    asked = list(ways(picture))
    assert [one.way for one in asked][:2] == ["as it is", "as it is, mirrored"] and len({a.way for a in asked}) == 6
    for one in asked:
        seen = np.stack([middle(one.image, colour) for colour in COLOURS])
        said = seen[MIRROR] if one.mirrored else seen
        assert np.abs(one.back(said) - points).max() < 0.4, one.way


def test_the_ways_differ_in_size_and_place() -> None:
    picture, _ = _dotted()
    shapes = {one.way: one.image.shape[:2] for one in ways(picture)}
    assert shapes["smaller"] == (round(218 * SMALLER), round(201 * SMALLER))
    assert shapes["moved"] == shapes["moved, mirrored"] == (223, 208)


def test_a_distance_is_in_eye_distances_of_the_label() -> None:
    label = TEMPLATE.astype(np.float32)
    eyes = float(np.linalg.norm(label[1] - label[0]))
    assert distance(label + np.float32([0.1 * eyes, 0]), label) == pytest.approx(0.1, abs=1e-4)


def _said(shift: float = 0.0, apart: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """What both makers say: moved sideways, and the right corners of the mouth apart, in pixels."""
    first = TEMPLATE + np.float32([shift, 0])
    second = first.copy()
    second[4, 1] += apart
    return first, second


def test_the_mean_of_answers_leaves_out_what_is_of_something_else() -> None:
    pairs = [_said(shift) for shift in (-1.0, 0.0, 1.0, 2.0, -2.0)] + [_said(60.0)]
    said = mean_of(pairs)
    assert said is not None
    points, known = said
    assert known.all() and np.abs(points - TEMPLATE).max() < 1e-4


def test_a_point_on_which_the_makers_seldom_agree_is_not_known() -> None:
    often = mean_of([_said(apart=20.0)] * 4 + [_said()] * 2)
    seldom = mean_of([_said(apart=20.0)] * 2 + [_said()] * 4)
    assert often is not None and often[1].tolist() == [True] * 4 + [False]
    assert seldom is not None and seldom[1].all() and np.abs(seldom[0] - TEMPLATE).max() < 1e-4


def test_too_few_answers_are_none() -> None:
    assert mean_of([]) is None and mean_of([_said()] * 2) is None
    assert mean_of([_said(), _said(50.0), _said(-50.0)]) is None, "three answers of three faces"
