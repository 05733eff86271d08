"""A detector made for photos of real people finds the faces that we draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from casting.demo import DATA


@pytest.fixture(scope="module")
def detector(shared_dir: Path) -> Any:
    analysis = pytest.importorskip("insightface.app").FaceAnalysis(
        name=str(shared_dir / "weights" / "insightface-small"),
        allowed_modules=["detection"],
        providers=["CPUExecutionProvider"],
    )
    analysis.prepare(ctx_id=-1, det_size=(320, 320), det_thresh=0.5)
    return analysis


def found(detector: Any, path: Path) -> bool:
    with Image.open(path) as image:
        bgr = np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])
    return any(face.kps is not None and face.kps.shape == (5, 2) for face in detector.get(bgr))


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "share"), [("photos", 0.98), ("characters", 0.95)])
def test_faces_are_found_with_five_points(detector: Any, folder: str, share: float) -> None:
    paths = sorted((DATA / folder).rglob("*.webp"))
    missed = [path.name for path in paths if not found(detector, path)]
    assert len(missed) <= (1 - share) * len(paths), missed


@pytest.mark.slow
def test_several_faces_are_found_in_each_panel(detector: Any) -> None:
    for path in sorted((DATA / "panels").glob("*.webp")):
        with Image.open(path) as image:
            bgr = np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])
        assert len(detector.get(bgr)) >= 2, path.name
