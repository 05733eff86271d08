"""Parts of a face in an upright portrait crop, as soft masks placed by its five points."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Part = Literal["eyes", "brows", "nose", "mouth", "jaw", "hair"]
PARTS: tuple[Part, ...] = ("eyes", "brows", "nose", "mouth", "jaw", "hair")
Mask = npt.NDArray[np.float32]
"""[side, side], 0 to 1."""
Points = npt.NDArray[np.float32]


def part_masks(points: Points, side: int) -> dict[Part, Mask]:
    """A mask for each part; `points` are the five of `embeddings.contract`, in pixels of the crop [side, side]."""
    left, right, nose, mouth_left, mouth_right = np.asarray(points, np.float64)
    eyes, mouth = (left + right) / 2, (mouth_left + mouth_right) / 2
    d = max(float(np.hypot(*(right - left))), 0.12 * side)
    down = np.array([0.0, max(float(mouth[1] - eyes[1]), 0.5 * d)])
    lower = mouth + 0.45 * down
    shapes: dict[Part, list[Mask]] = {
        "eyes": [_ellipse(eye, 0.34 * d, 0.20 * d, side) for eye in (left, right)],
        "brows": [_ellipse(eye - (0.0, 0.36 * d), 0.42 * d, 0.15 * d, side) for eye in (left, right)],
        "nose": [_ellipse(0.35 * eyes + 0.65 * nose, 0.27 * d, 0.40 * float(down[1]), side)],
        "mouth": [_ellipse(mouth, 0.50 * d, 0.24 * d, side)],
        "jaw": [_ellipse(lower + np.array([0.0, 0.05 * d]), 0.95 * d, 0.42 * d, side)],
        "hair": [_hair(eyes, d, down, side)],
    }
    masks = {name: np.max(found, axis=0) for name, found in shapes.items()}
    masks["jaw"] = masks["jaw"] * (1 - masks["mouth"])
    return {name: _softened(mask, 0.02 * side) for name, mask in masks.items()}


def patch_masks(side: int, cells: int) -> list[Mask]:
    """Overlapping soft squares, `cells` a row and a column; together they cover the crop."""
    step = side / cells
    centres = (np.arange(cells) + 0.5) * step
    at = np.arange(side) + 0.5
    bumps = [np.clip(1.5 - np.abs(at - centre) / step, 0.0, 1.0) for centre in centres]
    return [np.asarray(np.outer(y, x), np.float32) for y in bumps for x in bumps]


def _ellipse(centre: npt.NDArray[np.float64], width: float, height: float, side: int) -> Mask:
    y, x = np.mgrid[0:side, 0:side] + 0.5
    inside = ((x - centre[0]) / width) ** 2 + ((y - centre[1]) / height) ** 2 <= 1
    return np.asarray(inside, np.float32)


def _hair(eyes: npt.NDArray[np.float64], d: float, down: npt.NDArray[np.float64], side: int) -> Mask:
    """Everything above the brows, and what lies beside the face down to the mouth."""
    y, x = np.mgrid[0:side, 0:side] + 0.5
    above = y < eyes[1] - 0.75 * d
    beside = (np.abs(x - eyes[0]) > 1.15 * d) & (y < eyes[1] + down[1])
    return np.asarray(above | beside, np.float32)


def _softened(mask: Mask, pixels: float) -> Mask:
    import cv2

    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(pixels, 0.5)), np.float32)
