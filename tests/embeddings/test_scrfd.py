"""Faster steps around SCRFD: the very boxes, points and scores of insightface's own."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from castoon.images import RGB
from embeddings import Pack
from embeddings.detectors import InsightfaceDetector
from embeddings.runtime import open_analysis
from embeddings.scrfd import QuickScrfd


def crowd(draw_face: Callable[..., object], seed: int) -> RGB:
    """Drawn faces of several sizes on noise."""
    rng = np.random.default_rng(seed)
    canvas = cv2.GaussianBlur(rng.integers(0, 255, (500 + 90 * seed, 700, 3)).astype(np.uint8), (0, 0), 3)
    for place, size in enumerate((60, 110, 180)):
        draw_face(canvas, 30 + 190 * place + seed, 40 + 70 * place, size, seed + place)
    return np.asarray(canvas, np.uint8)


@pytest.mark.parametrize("pack", ["detecting_pack", "small_pack"])
def test_what_is_seen_is_what_insightface_sees(
    pack: str, draw_face: Callable[..., object], request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(pack).folder
    theirs, ours = open_analysis(folder).det_model, InsightfaceDetector(folder)
    seen = 0
    for seed in range(3):
        image = crowd(draw_face, seed)
        for threshold in (0.02, 0.3, 0.5, 0.999):
            boxes, points = theirs.detect(np.ascontiguousarray(image[..., ::-1]), det_thresh=threshold)
            found = ours.detect(image, threshold)
            seen += len(found)
            assert len(found) == len(boxes)
            assert np.array_equal(found.boxes, boxes[:, :4]) and np.array_equal(found.scores, boxes[:, 4])
            assert np.array_equal(found.points, points.reshape(-1, 5, 2))
    assert seen > 20


def test_pictures_of_many_shapes_leave_nothing_of_the_one_before(
    detecting_pack: Pack, draw_face: Callable[..., object]
) -> None:
    theirs, ours = open_analysis(detecting_pack.folder).det_model, InsightfaceDetector(detecting_pack.folder)
    image = crowd(draw_face, 1)
    for part in (image, image[:, :200], image[:170], image[:, :200], image[3:90, 5:60]):
        boxes, points = theirs.detect(np.ascontiguousarray(part[..., ::-1]), det_thresh=0.05)
        found = ours.detect(part, 0.05)
        assert np.array_equal(found.boxes, boxes[:, :4])
        assert np.array_equal(found.points, points.reshape(-1, 5, 2))


def test_other_detectors_are_left_to_insightface(detecting_pack: Pack) -> None:
    model = open_analysis(detecting_pack.folder).det_model
    assert QuickScrfd.can_run(model)
    model.use_kps = False
    assert not QuickScrfd.can_run(model)
