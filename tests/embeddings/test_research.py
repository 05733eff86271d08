"""What the finder must reach on a sample of the research pictures; the benches look at all of them."""

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
@pytest.mark.parametrize(("folder", "hint", "least"), [("drawings", "drawn", 0.97), ("photos", "photo", 0.985)])
def test_nearly_every_picture_gives_a_face_with_five_points(
    both: CascadeFinder, shared_dir: Path, folder: str, hint: FindHint, least: float
) -> None:
    paths = sorted((shared_dir / "drawn" / folder).glob("*/*.jpg"))[::7]
    findings = [both.find(read(path).pixels, hint) for path in paths]
    assert sum(bool(finding.faces) for finding in findings) >= least * len(paths)
    assert all(finding.reason and finding.next_step for finding in findings if not finding.faces)


def test_yunet_and_scrfd_mean_the_same_points(both: CascadeFinder, shared_dir: Path) -> None:
    path = sorted((shared_dir / "drawn" / "photos").glob("*/*.jpg"))[3]
    image = np.pad(read(path).pixels, ((80, 80), (80, 80), (0, 0)), constant_values=127)
    first, second = (detector.detect(image, 0.5) for detector in both.detectors.values())
    width = first.boxes[0, 2] - first.boxes[0, 0]
    assert np.abs(first.points[0] - second.points[0]).max() < 0.12 * width
