"""A second look at every face that a detector saw: five exact points, and whether it is a face at all.

A small detector reads points from one coarse cell of the whole picture, and takes buttons for eyes. The second network
sees the candidate alone, brought upright by those points. A pack that has one names it in the role `points`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import sha256_file, short_hash
from castoon.words import Words
from embeddings.alignment import TEMPLATE, TEMPLATE_SIDE, Matrix, similarity
from embeddings.blob import Scaling
from embeddings.contract import RGB
from embeddings.detectors import Detections, Detector, Floats, suppress
from embeddings.runtime import open_session

MARGIN = 16.0
"""Pixels of the 112 x 112 template that the network sees beyond it on every side."""
MOST = 64
"""Candidates of one picture that are looked at again, best first."""
SAME = 0.25
"""Mean distance of five points, in eye distances, below which two candidates turn out to be one face."""


class SecondLook:
    """A detector whose faces are looked at again; what does not look like a face from near by is dropped.

    The score of a face is the lower of what the two networks give it.
    """

    def __init__(
        self,
        first: Detector,
        path: Path,
        threads: int = 1,
        providers: Sequence[str] | None = None,
        rounds: int = 2,
    ) -> None:
        self._first, self._rounds = first, rounds
        self._session = open_session(path, threads, providers)
        taken = self._session.get_inputs()[0]
        shapes = [output.shape[1:] for output in self._session.get_outputs()]
        if len(taken.shape) != 4 or taken.shape[2] != taken.shape[3] or shapes != [[5, 2], []]:
            raise NotReadyError(
                str(path),
                Words(
                    "it does not turn square crops into five points and a confidence (outputs {shapes}).", shapes=shapes
                ),
                "Name another file in the role `points`, or none.",
            )
        self._input, self._side = taken.name, int(taken.shape[2])
        share = self._side / (TEMPLATE_SIDE + 2 * MARGIN)
        self._frame = (TEMPLATE.astype(np.float64) + MARGIN) * share
        self._scaling = Scaling((127.5,) * 3, (127.5,) * 3)
        self._contract = short_hash(
            "second look 2", first.contract, sha256_file(path), str(rounds), str(MOST), str(SAME)
        )

    @property
    def name(self) -> str:
        """The first detector's."""
        return self._first.name

    @property
    def first(self) -> Detector:
        """The detector whose faces are looked at again."""
        return self._first

    @property
    def contract(self) -> str:
        """Hash over both networks."""
        return self._contract

    def detect(self, image: RGB, threshold: float) -> Detections:
        """Faces that both score `threshold` or more."""
        seen = self._first.detect(image, threshold)
        if not len(seen):
            return seen
        seen = Detections(seen.boxes[:MOST], seen.points[:MOST], seen.scores[:MOST])
        points, confidence = self.look(image, seen.points)
        scores = np.minimum(seen.scores, confidence)
        kept = np.flatnonzero(scores >= threshold)
        return _distinct(suppress(Detections(seen.boxes[kept], points[kept], scores[kept])))

    def look(self, image: RGB, points: Floats) -> tuple[Floats, Floats]:
        """Better points [n, 5, 2] and confidences [n] for faces that lie near `points` [n, 5, 2]."""
        confidence = np.zeros(len(points), np.float32)
        for _ in range(self._rounds):
            matrices = [similarity(five, self._frame) for five in points]
            crops = [self._crop(image, matrix) for matrix in matrices]
            found, confidence = self._session.run(None, {self._input: self._scaling.blob(crops)})
            points = np.stack([_back(five, matrix) for five, matrix in zip(found, matrices, strict=True)])
        return points, np.asarray(confidence, np.float32)

    def _crop(self, image: RGB, matrix: Matrix) -> RGB:
        """The upright crop; of a face much larger than the crop an average is taken first, not single pixels."""
        import cv2

        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        if scale < 0.6:
            image, matrix = _reduced(image, matrix, self._side, scale * 1.4)
        size = (self._side, self._side)
        return np.asarray(cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _distinct(seen: Detections) -> Detections:
    """Of candidates that led to the same five points, however far apart their boxes are, the best."""
    kept: list[int] = []
    for at in np.argsort(-seen.scores, kind="stable").tolist():
        five = seen.points[at]
        near = SAME * float(np.linalg.norm(five[1] - five[0]))
        if all(float(np.linalg.norm(five - seen.points[other], axis=1).mean()) > near for other in kept):
            kept.append(at)
    return Detections(seen.boxes[kept], seen.points[kept], seen.scores[kept])


def _reduced(image: RGB, matrix: Matrix, side: int, factor: float) -> tuple[RGB, Matrix]:
    """The part of the picture that the crop shows, made smaller by `factor`, and the transform from there."""
    import cv2

    shown = _back(np.array([[0, 0], [side, 0], [0, side], [side, side]], np.float64), matrix)
    height, width = image.shape[:2]
    edge = 2.0 / factor
    x1, y1 = (
        max(0, min(int(v - edge), extent - 1)) for v, extent in zip(shown.min(axis=0), (width, height), strict=True)
    )
    x2, y2 = (int(np.ceil(v + edge)) for v in shown.max(axis=0))
    part = image[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)]
    fx, fy = (max(factor, 1 / extent) for extent in (part.shape[1], part.shape[0]))
    small = cv2.resize(part, None, fx=fx, fy=fy, interpolation=cv2.INTER_AREA)
    from_part = matrix[:, 2] + matrix[:, :2] @ np.array([x1, y1], np.float64)
    return np.asarray(small, np.uint8), np.hstack([matrix[:, :2] / factor, from_part[:, None]])


def _back(points: npt.NDArray[Any], matrix: Matrix) -> Floats:
    """Points of the crop in pixels of the picture."""
    return np.asarray((points - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T, np.float32)
