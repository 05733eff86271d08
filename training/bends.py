"""Faces bent as a caricaturist would: parts enlarged, shrunk and moved, smoothly, and their points with them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.faces import Crops
from training.finders import Points

COARSE = 5
"""Pixels of the cells for which a bend is worked out; between them it is interpolated."""


@dataclass(frozen=True, eq=False)
class Bend:
    """Smooth local zooms and moves of a picture: pixel p shows what the picture without it shows at p + shift(p)."""

    centres: npt.NDArray[np.float32]
    """[k, 2], pixels."""
    widths: npt.NDArray[np.float32]
    """[k], pixels."""
    zooms: npt.NDArray[np.float32]
    """[k, 2], shares by which columns and rows near a centre are spread or drawn together."""
    moves: npt.NDArray[np.float32]
    """[k, 2], pixels."""

    @classmethod
    def random(cls, rng: np.random.Generator, points: Points, size: float, count: int = 4) -> Bend:
        """What a caricaturist might do to a face with these points [5, 2]; `size` is a standard deviation."""
        eyes = float(np.linalg.norm(points[1] - points[0]))
        around = points[rng.integers(0, 5, count)] + rng.normal(0, 0.35 * eyes, (count, 2))
        return cls(
            around.astype(np.float32),
            (rng.uniform(0.4, 1.1, count) * eyes).astype(np.float32),
            np.clip(rng.normal(0, 1.6 * size, (count, 2)), -0.4, 0.4).astype(np.float32),
            np.clip(rng.normal(0, 0.8 * size * eyes, (count, 2)), -0.2 * eyes, 0.2 * eyes).astype(np.float32),
        )

    def shift(self, places: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """How far from each place [n, 2] what it shows comes, [n, 2] pixels."""
        offsets = places[:, None] - self.centres
        weights = np.exp(-(offsets**2).sum(2) / (2 * self.widths**2))[..., None]
        return np.asarray((weights * (offsets * self.zooms + self.moves)).mean(1) * 2, np.float32)

    def carried(self, points: Points) -> Points:
        """Where points of the picture without it come to lie."""
        there = points.astype(np.float32)
        for _ in range(12):
            there = points - self.shift(there)
        return there.astype(np.float32)


def _places(side: int, step: int) -> npt.NDArray[np.float32]:
    """Middles of a square's cells of `step` pixels, counted from its corner: [(side / step)**2, 2], row by row."""
    axis = (np.arange(side // step) + 0.5) * step
    return np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2).astype(np.float32)


def bent_square(picture: Crops, matrix: npt.NDArray[np.float64], bend: Bend, side: int, border: int) -> Crops:
    """The square that a transform [2, 3] of places, counted from the corner of a picture, describes, bent.

    `side` is a multiple of `COARSE`.
    """
    few = bend.shift(_places(side, COARSE)).reshape(side // COARSE, side // COARSE, 2)
    shift = np.asarray(cv2.resize(few, (side, side), interpolation=cv2.INTER_CUBIC)).reshape(-1, 2)
    back = np.linalg.inv(matrix[:, :2]).astype(np.float32)
    source = ((_places(side, 1) + shift - matrix[:, 2].astype(np.float32)) @ back.T).reshape(side, side, 2)
    x, y = np.ascontiguousarray(np.moveaxis(source - np.float32(0.5), 2, 0), np.float32)
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=border), np.uint8)
