"""From a model pack to its face finder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from castoon.files import short_hash
from embeddings.contract import RGB, Face, FaceFinder, FaceKind, FindHint, Finding
from embeddings.detectors import InsightfaceDetector
from embeddings.fakes import FakeFinder
from embeddings.pack import Pack
from embeddings.quality import judge


def load_finder(pack: Pack, threads: int = 1, providers: Sequence[str] | None = None) -> FaceFinder:
    """The finder of a pack, for photos and drawings alike."""
    if pack.fake:
        return FakeFinder()
    return PaddedFinder(InsightfaceDetector(pack.folder, threads, providers))


class PaddedFinder:
    """Looks at the picture as it is, then with a grey border."""

    def __init__(self, detector: InsightfaceDetector) -> None:
        self._detector = detector

    @property
    def contract(self) -> str:
        """Hash over the detector and the border."""
        return short_hash("padded", self._detector.contract)

    def find(self, image: RGB, hint: FindHint = "auto") -> Finding:
        """All faces, largest first."""
        kind: FaceKind = "drawn" if hint == "drawn" else "photo"
        for border in (0.0, 0.5):
            by = int(border * max(image.shape[:2]))
            seen = self._detector.detect(np.pad(image, ((by, by), (by, by), (0, 0)), constant_values=127), 0.5)
            faces = [
                Face(box, points - by, float(score), kind, judge(image, box, points - by))
                for box, points, score in zip(
                    [(float(b[0] - by), float(b[1] - by), float(b[2] - by), float(b[3] - by)) for b in seen.boxes],
                    seen.points,
                    seen.scores,
                    strict=True,
                )
            ]
            if faces:
                return Finding(tuple(sorted(faces, key=lambda f: f.box[0] - f.box[2])), tried=("whole picture",))
        return Finding((), "no face was found.", "Draw a box around the face.", ("whole picture", "border"))
