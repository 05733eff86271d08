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
from embeddings.contract import RGB
from embeddings.runtime import open_analysis

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
    """The detector of an insightface pack, run by `insightface.app.FaceAnalysis` itself."""

    def __init__(self, folder: Path, threads: int = 1, providers: Sequence[str] | None = None) -> None:
        self._analysis = open_analysis(folder, ("detection",), threads, providers)
        self._model: Any = self._analysis.det_model
        if not self._model.use_kps:
            raise NotReadyError(str(folder), "its detector gives no five points.", "Choose a pack with SCRFD *_kps.")
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
    def input_sizes(self) -> list[tuple[int, int]]:
        """Width and height of the squares into which every picture is fitted."""
        return [(int(w), int(h)) for w, h in self._model.input_sizes]

    def detect(self, image: RGB, threshold: float) -> Detections:
        """Faces that score `threshold` or more."""
        self._model.det_thresh = threshold
        faces = self._analysis.get(np.ascontiguousarray(image[..., ::-1]))
        if not faces:
            return NOTHING
        return Detections(
            np.array([face.bbox for face in faces], np.float32),
            np.array([face.kps for face in faces], np.float32),
            np.array([face.det_score for face in faces], np.float32),
        )
