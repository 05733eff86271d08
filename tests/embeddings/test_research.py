"""What the finder must reach on all research pictures; `bench.find_faces` says what each step adds and costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from castoon.images import read
from embeddings import Pack, load_finder
from embeddings.contract import FindHint
from embeddings.detectors import YunetDetector
from embeddings.finder import CascadeFinder


@pytest.fixture(scope="module")
def both(small_pack: Pack, research_weights: Path) -> CascadeFinder:
    finder = load_finder(small_pack)
    assert isinstance(finder, CascadeFinder)
    yunet = YunetDetector(research_weights / "detection" / "yunet_n_dynamic.onnx")
    return CascadeFinder(finder.detectors["first"], yunet)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "hint", "count", "least"), [("drawings", "drawn", 1066, 0.97), ("photos", "photo", 2015, 0.995)]
)
def test_nearly_every_picture_gives_a_face_with_five_points(
    both: CascadeFinder, shared_dir: Path, folder: str, hint: FindHint, count: int, least: float
) -> None:
    paths = sorted((shared_dir / "drawn" / folder).glob("*/*.jpg"))
    assert len(paths) == count
    found = 0
    for path in paths:
        image = read(path).pixels
        finding = both.find(image, hint)
        assert finding.faces or (finding.reason and finding.next_step)
        if not finding.faces:
            continue
        points = finding.faces[0].points
        size = np.array([image.shape[1], image.shape[0]])
        is_upright = points[0, 0] < points[1, 0] and points[3, 0] < points[4, 0]
        found += bool(is_upright and (points > -0.25 * size).all() and (points < 1.25 * size).all())
    assert found >= least * count


def test_yunet_and_scrfd_mean_the_same_points(both: CascadeFinder, shared_dir: Path) -> None:
    path = sorted((shared_dir / "drawn" / "photos").glob("*/*.jpg"))[3]
    image = np.pad(read(path).pixels, ((80, 80), (80, 80), (0, 0)), constant_values=127)
    first, second = (detector.detect(image, 0.5) for detector in both.detectors.values())
    width = first.boxes[0, 2] - first.boxes[0, 0]
    assert np.abs(first.points[0] - second.points[0]).max() < 0.12 * width
