"""Label makers: published face finders (SCRFD-500M, YuNet) behind one call each, and alignment by five points.

Points are pixels, [5, 2]: left eye, right eye, nose tip, left and right mouth corner as seen in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.faces import LEFT, SIDE, TOP, Crops

TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""Where the five points lie in an aligned 112x112 face."""

Points = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Found:
    """One face: box x1, y1, x2, y2, five points, score 0..1, in pixels of the picture handed in."""

    box: npt.NDArray[np.float32]
    points: Points
    score: float
    by: str

    def moved(self, dx: float, dy: float, scale: float = 1.0) -> Found:
        """The same face after subtracting an offset and dividing by a scale."""
        shift = np.array([dx, dy], np.float32)
        return Found(
            (self.box - np.tile(shift, 2)) / scale,
            ((self.points - shift) / scale).astype(np.float32),
            self.score,
            self.by,
        )


class Scrfd:
    """SCRFD-500M through insightface's own decoder."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        import onnxruntime as ort
        from insightface.model_zoo.scrfd import SCRFD

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._model: Any = SCRFD(str(path), session=session, static_shape_sessions=False)
        self._model.prepare(-1)

    def find(self, image: Crops, size: int, threshold: float = 0.4) -> list[Found]:
        """Faces of an RGB picture laid into a square of `size` pixels."""
        boxes, points = self._model.detect(image[..., ::-1], input_size=(size, size), det_thresh=threshold)
        return [Found(box[:4], kps, float(box[4]), "scrfd") for box, kps in zip(boxes, points, strict=True)]


class Yunet:
    """YuNet through OpenCV."""

    def __init__(self, path: Path) -> None:
        self._model: Any = cv2.FaceDetectorYN.create(str(path), "", (320, 320), 0.3, 0.4, 500)

    def find(self, image: Crops, threshold: float = 0.5) -> list[Found]:
        """Faces of an RGB picture at its own size."""
        self._model.setInputSize((image.shape[1], image.shape[0]))
        self._model.setScoreThreshold(threshold)
        rows = self._model.detect(np.ascontiguousarray(image[..., ::-1]))[1]
        found = []
        for row in [] if rows is None else rows:
            x, y, w, h = row[:4]
            box = np.array([x, y, x + w, y + h], np.float32)
            found.append(Found(box, row[4:14].reshape(5, 2).astype(np.float32), float(row[14]), "yunet"))
        return found


def label_makers(shared: Path) -> tuple[Scrfd, Yunet]:
    """Both, from the research weights, on one thread."""
    weights = shared / "weights"
    scrfd = Scrfd(weights / "insightface-small" / "det_500m.onnx", threads=1)
    return scrfd, Yunet(weights / "detection" / "yunet_n_dynamic.onnx")


def similarity(points: Points, target: Points) -> npt.NDArray[np.float64]:
    """Least-squares similarity transform [2, 3] that takes `points` to `target` (Umeyama)."""
    mean_p, mean_t = points.mean(0), target.mean(0)
    p, t = (points - mean_p).astype(np.float64), (target - mean_t).astype(np.float64)
    u, s, vt = np.linalg.svd(t.T @ p)
    sign = np.array([1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ np.diag(sign) @ vt
    scale = float((s * sign).sum() / (p**2).sum())
    linear = scale * rotation
    return np.concatenate([linear, (mean_t - linear @ mean_p)[:, None]], axis=1)


def align(image: Crops, points: Points, side: int = SIDE) -> Crops:
    """The aligned 160x160 crop whose 112x112 window lies at row 28, column 24; the border is replicated."""
    matrix = similarity(points, TEMPLATE + np.array([LEFT, TOP], np.float32))
    shrink = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if shrink < 0.6:  # an area average first, else the warp picks single pixels
        image = cv2.resize(image, None, fx=shrink * 1.4, fy=shrink * 1.4, interpolation=cv2.INTER_AREA).astype(np.uint8)
        matrix = similarity(points * (shrink * 1.4), TEMPLATE + np.array([LEFT, TOP], np.float32))
    out = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8)
