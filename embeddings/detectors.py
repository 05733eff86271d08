"""Face detectors behind one small Protocol: whatever insightface opens, and YuNet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import sha256_file, short_hash
from castoon.words import Words
from embeddings.contract import RGB
from embeddings.runtime import open_analysis, open_session
from embeddings.scrfd import QuickScrfd

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Detections:
    """What one run of one detector saw, best score first, in pixels of the picture handed in."""

    boxes: Floats
    """x1, y1, x2, y2: float32 [n, 4]."""
    points: Floats
    """float32 [n, 5, 2]."""
    scores: Floats
    """0 to 1: float32 [n]."""

    def __len__(self) -> int:
        return len(self.scores)


NOTHING = Detections(np.empty((0, 4), np.float32), np.empty((0, 5, 2), np.float32), np.empty(0, np.float32))


class Detector(Protocol):
    """One network that looks at one picture once."""

    @property
    def name(self) -> str:
        """Short, for reports: `scrfd`, `yunet`."""
        ...

    @property
    def contract(self) -> str:
        """Hash over weights and preprocessing."""
        ...

    def detect(self, image: RGB, threshold: float) -> Detections:
        """Faces that score `threshold` or more."""
        ...


class InsightfaceDetector:
    """The detector of an insightface pack, opened and run by `insightface.app.FaceAnalysis`; threads may share it."""

    def __init__(self, folder: Path, threads: int = 1, providers: Sequence[str] | None = None) -> None:
        self._analysis = open_analysis(folder, ("detection",), threads, providers)
        self._model: Any = self._analysis.det_model
        if not self._model.use_kps:
            raise NotReadyError(str(folder), "its detector gives no five points.", "Choose a pack with SCRFD *_kps.")
        self._quick = QuickScrfd(self._model) if QuickScrfd.can_run(self._model) else None
        self._contract = short_hash("insightface", sha256_file(Path(self._model.model_file)), repr(self.input_sizes))

    @property
    def name(self) -> str:
        """All detectors that insightface opens are of the SCRFD family."""
        return "scrfd"

    @property
    def contract(self) -> str:
        """Hash over the weights and the sizes at which a picture is looked at."""
        return self._contract

    @property
    def model(self) -> Any:
        """insightface's own detection model."""
        return self._model

    @property
    def input_sizes(self) -> list[tuple[int, int]]:
        """Width and height of the squares into which every picture is fitted."""
        return [(int(w), int(h)) for w, h in self._model.input_sizes]

    def detect(self, image: RGB, threshold: float) -> Detections:
        """Faces that score `threshold` or more."""
        if self._quick is not None:
            found, points = self._quick.detect(image, threshold)
        else:
            found, points = self._model.detect(np.ascontiguousarray(image[..., ::-1]), det_thresh=threshold)
        if not len(found):
            return NOTHING
        return Detections(found[:, :4].astype(np.float32), points.astype(np.float32), found[:, 4].astype(np.float32))


class YunetDetector:
    """YuNet (Wu et al., 2023): a tiny detector that is far less bound to photos than SCRFD.

    Pictures are brought to `side` pixels on the longer side, so that what it sees does not depend on resolution.
    """

    STRIDES = (8, 16, 32)

    def __init__(self, path: Path, threads: int = 1, providers: Sequence[str] | None = None, side: int = 320) -> None:
        self._session = open_session(path, threads, providers)
        names = {output.name for output in self._session.get_outputs()}
        if missing := {f"{part}_{stride}" for part in _YUNET_PARTS for stride in self.STRIDES} - names:
            raise NotReadyError(
                str(path),
                Words("this is not YuNet: it has no output {output}.", output=sorted(missing)[0]),
                "Choose another detector.",
            )
        self._input = self._session.get_inputs()[0].name
        self._side = side
        self._contract = short_hash("yunet", sha256_file(path), str(side))

    @property
    def name(self) -> str:
        """For reports."""
        return "yunet"

    @property
    def contract(self) -> str:
        """Hash over the weights and the size at which a picture is looked at."""
        return self._contract

    def detect(self, image: RGB, threshold: float) -> Detections:
        """Faces that score `threshold` or more."""
        import cv2

        height, width = image.shape[:2]
        scale = self._side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        canvas = np.zeros((-(-size[1] // 32) * 32, -(-size[0] // 32) * 32, 3), np.float32)
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=method)[..., ::-1]
        names = [f"{part}_{stride}" for stride in self.STRIDES for part in _YUNET_PARTS]
        outputs = self._session.run(names, {self._input: canvas.transpose(2, 0, 1)[None]})
        boxes, points, scores = [], [], []
        for level, stride in enumerate(self.STRIDES):
            cls, obj, box, kps = (part[0] for part in outputs[4 * level : 4 * level + 4])
            score = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
            at = np.flatnonzero(score >= threshold)
            columns = canvas.shape[1] // stride
            corner = np.stack([at % columns, at // columns], axis=1).astype(np.float32)
            centre = (corner + box[at, :2]) * stride
            half = np.exp(box[at, 2:]) * stride / 2
            boxes.append(np.concatenate([centre - half, centre + half], axis=1))
            points.append((kps[at].reshape(-1, 5, 2) + corner[:, None]) * stride)
            scores.append(score[at])
        to_picture = np.array([width / size[0], height / size[1]], np.float32)
        return suppress(
            Detections(
                np.concatenate(boxes) * np.tile(to_picture, 2),
                np.concatenate(points) * to_picture,
                np.concatenate(scores).astype(np.float32),
            )
        )


_YUNET_PARTS = ("cls", "obj", "bbox", "kps")


def overlaps(boxes: Floats, others: Floats) -> Floats:
    """Intersection over union of every box [n, 4] with every other [m, 4]: float32 [n, m]."""
    top_left = np.maximum(boxes[:, None, :2], others[None, :, :2])
    low_right = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(low_right - top_left, 0, None).prod(axis=2)
    area, other_area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1), (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum(area[:, None] + other_area[None] - shared, 1e-6), np.float32)


def suppress(seen: Detections, limit: float = 0.4) -> Detections:
    """Keep the best of detections that overlap by more than `limit`; best score first."""
    left = list(np.argsort(-seen.scores, kind="stable"))
    kept: list[int] = []
    while left:
        best = left.pop(0)
        kept.append(best)
        if left:
            share = overlaps(seen.boxes[[best]], seen.boxes[left])[0]
            left = [one for one, ratio in zip(left, share, strict=True) if ratio <= limit]
    return Detections(seen.boxes[kept], seen.points[kept], seen.scores[kept])
