"""A second look at every face that a detector saw: five exact points, and whether it is a face at all.

A small detector reads points from one coarse cell of the whole picture, and takes buttons for eyes. The second network
sees the candidate alone, brought upright by those points. A pack that has one names it in the role `points`.

Places are counted from the picture's corner, as the published detectors do: the middle of the first pixel lies at a
half. Only so a picture that is made smaller or mirrored keeps its points where the numbers say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import sha256_file, short_hash
from castoon.words import Words
from embeddings.alignment import TEMPLATE, TEMPLATE_SIDE, back, crop, similarity
from embeddings.blob import Scaling
from embeddings.contract import RGB
from embeddings.detectors import NOTHING, Detections, Detector, Floats, overlaps
from embeddings.runtime import open_session

MARGIN = 16.0
"""Pixels of the 112 x 112 template that the network sees beyond it on every side."""
MOST = 64
"""Candidates of one picture that are looked at again, best first."""
NAMED = 0.25
"""Score from which the first detector's candidates are looked at again. It only names them; what is a face is told far
better from near by. One look loses 17 of 541 training actors' drawings; with 0.5 it would lose 29, with 0.1 eleven, at
three times the cost. Of candidates that are none, on training people's pictures and 600 without a face, 47 passed where
both scores had to be a half; where the second alone has to, with its half further up, 10 do."""
LARGE, SPARE = 0.6, 1.4
"""Scale below which a candidate's picture is averaged before it is cut out, and its detail then; as in training."""
HOPELESS = 0.01
"""Confidence below which a candidate is not looked at a second time."""
SCALES = (1.03, 1.26)
"""Sizes at which a face is seen in the last round, each as it is and mirrored; the mean of these answers counts. Two
that lie far apart err less together than three close ones: chosen on validation people, docs/ranking.md."""
MIRRORED = (1, 0, 2, 4, 3)
"""The five points of a mirrored face, in the order of those of the face."""
OVERLAP = 0.4
"""Share of two boxes that overlaps beyond which they are of one face."""
SAME = 0.25
"""Mean distance of five points, in eye distances, below which two candidates turn out to be one face."""


@dataclass(frozen=True, eq=False)
class _View:
    """How a face lies in the crop that the network sees."""

    frame: npt.NDArray[np.float64]
    """Where the five points of an average face lie, [5, 2]."""
    mirrored: bool = False


class SecondLook:
    """A detector whose candidates are looked at again; what does not look like a face from near by is dropped.

    The score of a face is the confidence of the second network: the first only says where to look.
    """

    def __init__(
        self,
        first: Detector,
        path: Path,
        threads: int = 1,
        providers: Sequence[str] | None = None,
        scales: Sequence[float] = SCALES,
    ) -> None:
        self._first = first
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
        frame = (TEMPLATE.astype(np.float64) + MARGIN) * share
        middle = frame.mean(axis=0)
        self._once = (_View(frame),)
        self._often = tuple(
            _View((frame - middle) * scale + middle, mirrored) for scale in scales for mirrored in (False, True)
        )
        self._scaling = Scaling((127.5,) * 3, (127.5,) * 3)
        self._contract = short_hash(
            "second look 4", first.contract, sha256_file(path), repr((MOST, OVERLAP, SAME, NAMED, HOPELESS, *scales))
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
        """Faces that score `threshold` or more."""
        seen = self._first.detect(image, min(NAMED, threshold))
        if not len(seen):
            return seen
        boxes, points, named = seen.boxes[:MOST], seen.points[:MOST], seen.scores[:MOST]
        points, confidence = self._answers(image, points, self._once)
        kept = np.flatnonzero(confidence >= HOPELESS)
        kept = kept[_distinct(boxes[kept], points[kept], named[kept])]
        if not len(kept):
            return NOTHING
        points, confidence = self._answers(image, points[kept], self._often)
        sure = np.flatnonzero(confidence >= threshold)
        sure = sure[_distinct(boxes[kept[sure]], points[sure], named[kept[sure]])]
        sure = sure[np.argsort(-confidence[sure], kind="stable")]
        return Detections(boxes[kept[sure]], points[sure], confidence[sure])

    def look(self, image: RGB, points: Floats) -> tuple[Floats, Floats]:
        """Better points [n, 5, 2] and confidences [n] for faces that lie near `points` [n, 5, 2]."""
        nearer, _ = self._answers(image, points, self._once)
        return self._answers(image, nearer, self._often)

    def _answers(self, image: RGB, points: Floats, views: Sequence[_View]) -> tuple[Floats, Floats]:
        """Mean of what the network says of each face in every view: points, and the logits of its confidence."""
        matrices = [similarity(five, view.frame) for five in points for view in views]
        crops = [crop(image, matrix, self._side, LARGE, SPARE, "edge") for matrix in matrices]
        turned = [
            np.ascontiguousarray(cut[:, ::-1]) if view.mirrored else cut
            for cut, view in zip(crops, len(points) * tuple(views), strict=True)
        ]
        found, confidence = self._session.run(None, {self._input: self._scaling.blob(turned)})
        found = found.reshape(len(points), len(views), 5, 2)
        for place, view in enumerate(views):
            if view.mirrored:
                found[:, place, :, 0] = self._side - found[:, place, :, 0]
                found[:, place] = found[:, place, MIRRORED]
        moved = [back(five, matrix) for five, matrix in zip(found.reshape(-1, 5, 2), matrices, strict=True)]
        sure = np.clip(confidence.astype(np.float64), 1e-7, 1 - 1e-7).reshape(len(points), len(views))
        logits = np.log(sure / (1 - sure)).mean(axis=1)
        middle = np.stack(moved).reshape(len(points), len(views), 5, 2).mean(axis=1)
        return np.asarray(middle, np.float32), np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _distinct(boxes: Floats, points: Floats, named: Floats) -> npt.NDArray[np.int64]:
    """Rows of candidates, one of those that overlap or that led to the same five points, however far apart their boxes.

    It is the one that the first detector thought most of, for it has the best box.
    """
    kept: list[int] = []
    for at in np.argsort(-named, kind="stable").tolist():
        near = SAME * float(np.linalg.norm(points[at, 1] - points[at, 0]))
        far = np.linalg.norm(points[kept] - points[at], axis=2).mean(axis=1) > near
        if np.all(far & (overlaps(boxes[[at]], boxes[kept])[0] <= OVERLAP)):
            kept.append(at)
    return np.array(kept, np.int64)
