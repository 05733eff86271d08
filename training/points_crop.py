"""Cutting a square out of a picture, upright or bent, without single pixels standing for many.

Places are counted from the corner of a picture, as both label makers do: the middle of its first pixel lies at a half.
Only so a picture that is made smaller or mirrored keeps its points where the numbers say.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from embeddings.alignment import from_middle
from training.bends import Bend, bent_square
from training.faces import Crops


def rotation(angle: float) -> npt.NDArray[np.float64]:
    """The matrix [2, 2] that turns by an angle in radians."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def cut(
    picture: Crops,
    matrix: npt.NDArray[np.float64],
    side: int,
    border: int = cv2.BORDER_REPLICATE,
    bend: Bend | None = None,
) -> Crops:
    """The square that a transform [2, 3] from picture to square describes; large pictures are averaged first."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.6:
        factor = scale * 1.4
        picture = np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = np.concatenate([matrix[:, :2] / factor, matrix[:, 2:]], axis=1)
    if bend is not None:
        return bent_square(picture, matrix, bend, side, border)
    return np.asarray(
        cv2.warpAffine(picture, from_middle(matrix), (side, side), flags=cv2.INTER_LINEAR, borderMode=border), np.uint8
    )
