"""The second look: points that do not depend on how far off the first ones were, and no faces where there are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from casting.demo import DATA
from castoon.errors import NotReadyError
from castoon.images import RGB, read
from embeddings import load_finder, open_pack
from embeddings.detectors import Detections
from embeddings.finder import CascadeFinder
from embeddings.second_look import MIRRORED, SecondLook


@pytest.fixture(scope="module")
def look() -> SecondLook:
    finder = load_finder(open_pack("lite"))
    assert isinstance(finder, CascadeFinder)
    first = finder.detectors["first"]
    assert isinstance(first, SecondLook)
    return first


@pytest.fixture(scope="module")
def portraits() -> list[RGB]:
    return [read(path).pixels for path in sorted((DATA / "photos").rglob("*.webp"))[::40]]


def test_points_do_not_depend_on_how_far_off_the_first_ones_were(look: SecondLook, portraits: list[RGB]) -> None:
    rng = np.random.default_rng(0)
    apart = []
    for image in portraits:
        seen = look.detect(image, 0.5)
        if not len(seen):
            continue
        eyes = float(np.linalg.norm(seen.points[0, 1] - seen.points[0, 0]))
        off = seen.points[0] + rng.normal(0, 0.08 * eyes, (6, 1, 2)).astype(np.float32)
        again, confidence = look.look(image, off)
        assert confidence.min() > 0.5
        apart.append(np.linalg.norm(again - seen.points[0], axis=2).mean() / eyes)
    assert len(apart) >= 0.8 * len(portraits)
    assert np.median(apart) < 0.03


def test_a_shuffled_picture_shows_no_face(look: SecondLook, portraits: list[RGB]) -> None:
    rng = np.random.default_rng(1)
    whole, torn = [], []
    for image in portraits:
        seen = look.detect(image, 0.5)
        if not len(seen):
            continue
        tile = max(4, int(seen.boxes[0, 2] - seen.boxes[0, 0]) // 3)
        places = [(y, x) for y in range(0, image.shape[0] - tile, tile) for x in range(0, image.shape[1] - tile, tile)]
        mixed = image.copy()
        for (y, x), (v, u) in zip(places, rng.permutation(np.array(places)).tolist(), strict=True):
            mixed[y : y + tile, x : x + tile] = image[v : v + tile, u : u + tile][::-1]
        whole.append(look.look(image, seen.points[:1])[1][0])
        torn.append(look.look(mixed, seen.points[:1])[1][0])
    assert np.mean(np.array(whole) > 0.5) > 0.9
    assert np.mean(np.array(torn) > 0.5) < 0.3


def test_a_face_is_the_same_in_a_picture_eight_times_as_large(look: SecondLook, portraits: list[RGB]) -> None:
    import cv2

    image = portraits[0]
    points = look.detect(image, 0.3).points[:1]
    large = np.asarray(cv2.resize(image, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC), np.uint8)
    small_points, _ = look.look(image, points)
    large_points, _ = look.look(large, points * 8)
    eyes = float(np.linalg.norm(points[0, 1] - points[0, 0]))
    assert np.abs(large_points / 8 - small_points).max() < 0.01 * eyes


def test_a_mirrored_face_has_mirrored_points(look: SecondLook, portraits: list[RGB]) -> None:
    """Within chance, and without a drift to one side, which half a pixel would be."""
    drifts = []
    for image in portraits:
        seen = look.detect(image, 0.5).points[:1]
        if not len(seen):
            continue
        turned = np.stack([image.shape[1] - seen[..., 0], seen[..., 1]], axis=2)[:, MIRRORED]
        points, _ = look.look(np.ascontiguousarray(image[:, ::-1]), turned)
        back = np.stack([image.shape[1] - points[..., 0], points[..., 1]], axis=2)[:, MIRRORED]
        again, _ = look.look(image, seen)
        apart = (back - again) / np.linalg.norm(seen[0, 1] - seen[0, 0])
        assert np.abs(apart).max() < 0.04
        drifts.append(apart[..., 0].mean())
    assert abs(np.mean(drifts)) < 0.002


def test_a_picture_smaller_than_its_face_shows_one(look: SecondLook, portraits: list[RGB]) -> None:
    """Cut so tightly that half of the face's box lies outside: the five points are there, and so is a face."""
    finder = CascadeFinder(look)
    for portrait in portraits[:4]:
        whole = finder.find(portrait, "photo").faces[0]
        eyes = float(np.linalg.norm(whole.points[1] - whole.points[0]))
        x1, y1 = corner = (whole.points.min(axis=0) - 0.4 * eyes).astype(int)
        x2, y2 = (whole.points.max(axis=0) + 0.35 * eyes).astype(int)
        found = finder.find(np.ascontiguousarray(portrait[y1:y2, x1:x2]), "drawn").faces
        assert found
        assert np.linalg.norm(found[0].points + corner - whole.points, axis=1).mean() < 0.15 * eyes


def test_two_boxes_that_lead_to_the_same_points_are_one_face(look: SecondLook, portraits: list[RGB]) -> None:
    class Twice:
        name, contract = "twice", "twice"

        def detect(self, image: RGB, threshold: float) -> Detections:
            seen = look.first.detect(image, threshold)
            aside = np.array([0.6, 0.0, 0.6, 0.0], np.float32) * (seen.boxes[0, 2] - seen.boxes[0, 0])
            scores = np.array([seen.scores[0], seen.scores[0] - 0.1], np.float32)
            return Detections(np.stack([seen.boxes[0], seen.boxes[0] + aside]), seen.points[[0, 0]], scores)

    path = open_pack("lite").file("points")
    assert path is not None
    seen = SecondLook(Twice(), path).detect(portraits[0], 0.3)
    assert len(seen) == 1
    assert seen.boxes[0] == pytest.approx(look.first.detect(portraits[0], 0.3).boxes[0])


def test_what_the_detector_doubts_is_told_from_near_by(look: SecondLook, portraits: list[RGB]) -> None:
    """The first detector names places; a face it doubts is found all the same, and a place it is sure of is dropped."""

    class Doubting:
        name, contract = "doubting", "doubting"

        def detect(self, image: RGB, threshold: float) -> Detections:
            seen = look.first.detect(image, 0.5)
            aside = np.float32(0.9) * (seen.boxes[:1, 2:] - seen.boxes[:1, :2])
            boxes = np.concatenate([seen.boxes[:1] + np.tile(aside, 2), seen.boxes[:1]])
            points = np.concatenate([seen.points[:1] * np.float32(0.2), seen.points[:1]])
            return Detections(boxes, points, np.array([0.95, 0.2], np.float32))

    path = open_pack("lite").file("points")
    assert path is not None
    for portrait in portraits[:4]:
        usual, seen = look.detect(portrait, 0.5), SecondLook(Doubting(), path).detect(portrait, 0.5)
        assert len(seen) == 1
        assert seen.scores[0] > 0.8
        assert np.abs(seen.points[0] - usual.points[0]).max() < 1.0


def test_its_contract_is_that_of_both_networks(look: SecondLook) -> None:
    path = open_pack("lite").file("points")
    assert path is not None
    assert look.contract != look.first.contract
    assert SecondLook(look.first, path).contract == look.contract
    assert SecondLook(look.first, path, scales=(1.0,)).contract != look.contract


def test_another_network_in_its_place_is_refused(look: SecondLook, face_onnx: Callable[..., Path]) -> None:
    with pytest.raises(NotReadyError, match="five points and a confidence"):
        SecondLook(look.first, face_onnx())


def test_nothing_seen_is_nothing_looked_at(look: SecondLook) -> None:
    seen = look.detect(np.full((64, 64, 3), 128, np.uint8), 0.5)
    assert isinstance(seen, Detections) and not len(seen)


def test_points_outside_a_large_picture_lead_to_nothing(look: SecondLook) -> None:
    """What a detector takes for a face beside the picture was reduced to a picture without any pixels."""
    picture = np.full((900, 1200, 3), 90, np.uint8)
    face = np.array([[0, 0], [400, 0], [200, 230], [40, 460], [360, 460]], np.float32)
    for place in ((-900, -900), (1900, 100), (300, 1800)):
        _, confidence = look.look(picture, (face + np.float32(place))[None])
        assert confidence[0] < 0.5
