"""A crowd panel and a tall strip drawn here: every face found or reported, none twice, with a real detector."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from embeddings import Finding, load_finder
from embeddings.contract import FaceFinder
from embeddings.detectors import YunetDetector, overlaps
from embeddings.finder import CascadeFinder

RGB = npt.NDArray[np.uint8]
Boxes = list[tuple[float, float, float, float]]
Draw = Callable[[RGB, int, int, int, int], tuple[float, float, float, float]]


@pytest.fixture(scope="module", params=["bundled", "research"])
def finder(request: pytest.FixtureRequest) -> FaceFinder:
    """The bundled pack, and SCRFD with YuNet beside it."""
    if request.param == "bundled":
        return load_finder(request.getfixturevalue("detecting_pack"))
    base = load_finder(request.getfixturevalue("small_pack"))
    assert isinstance(base, CascadeFinder)
    yunet = request.getfixturevalue("research_weights") / "detection" / "yunet_n_dynamic.onnx"
    return CascadeFinder(base.detectors["first"], YunetDetector(yunet))


def crowd(draw: Draw) -> tuple[RGB, Boxes]:
    canvas = np.full((1000, 1600, 3), (214, 222, 235), np.uint8)
    canvas[600:] = (150, 160, 150)
    rng, boxes = np.random.default_rng(1), []
    for top, count, size in ((40, 8, 90), (230, 6, 130), (480, 5, 200)):
        for place in range(count):
            left, lower = int(40 + place * 1500 / count + rng.integers(0, 30)), int(rng.integers(0, 25))
            boxes.append(draw(canvas, left, top + lower, size + int(rng.integers(-8, 8)), len(boxes)))
    return canvas, boxes


def strip(draw: Draw, height: int) -> tuple[RGB, Boxes]:
    canvas = np.full((height, 800, 3), (235, 235, 240), np.uint8)
    rng, boxes, top = np.random.default_rng(2), [], 300
    while True:
        size = int(rng.choice([90, 140, 220, 330, 480]))
        if top + round(size * 1.3) > height - 100:
            return canvas, boxes
        boxes.append(draw(canvas, int(rng.integers(20, 800 - size - 20)), top, size, len(boxes)))
        top += round(size * 1.3) + int(rng.integers(60, 900))


def check(finding: Finding, truth: Boxes) -> None:
    boxes = np.array([face.box for face in finding.faces], np.float32)
    hits = overlaps(np.array(truth, np.float32), boxes) > 0.35
    assert hits.any(axis=1).all(), f"missed {[box for box, hit in zip(truth, hits, strict=True) if not hit.any()]}"
    assert (hits.sum(axis=1) == 1).all(), "a face is reported twice"
    assert hits.any(axis=0).all(), "something that is no face is reported"


def test_every_face_of_a_crowd_panel_once(finder: FaceFinder, draw_face: Draw) -> None:
    canvas, truth = crowd(draw_face)
    finding = finder.find(canvas, "drawn")
    check(finding, truth)
    sizes = [face.box[2] - face.box[0] for face in finding.faces]
    assert sizes[0] > 1.5 * sizes[-1]


def test_every_face_of_a_tall_strip_once(finder: FaceFinder, draw_face: Draw) -> None:
    canvas, truth = strip(draw_face, 6000)
    check(finder.find(canvas, "auto"), truth)


@pytest.mark.slow
def test_every_face_of_a_very_tall_strip_once(finder: FaceFinder, draw_face: Draw) -> None:
    canvas, truth = strip(draw_face, 20_000)
    assert len(truth) > 15
    check(finder.find(canvas, "drawn"), truth)


def test_a_panel_without_people_says_so(finder: FaceFinder) -> None:
    canvas = np.full((900, 1400, 3), (200, 220, 250), np.uint8)
    canvas[500:] = (90, 140, 80)
    canvas[300:600, 200:420] = (160, 90, 60)
    finding = finder.find(canvas, "drawn")
    assert finding.faces == () and finding.reason and "box" in finding.next_step
