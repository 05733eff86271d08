"""The FFHQ portrait crop, and the way back: cutting a face out with hair and neck, and pasting its stylized version in.

Karras et al., "A Style-Based Generator Architecture for GANs" (2019), appendix: the crop is a square along the eye line
whose side is four eye distances, or 3.6 times the way from eyes to mouth where that is longer. Portrait models are
trained on it, so every picture is brought there first; where the square reaches outside, the picture is mirrored and
fades out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import InputError
from castoon.words import Words
from toonify.contract import RGB

Points = npt.NDArray[np.float32]
"""Facial points in pixels, [n, 2], x to the right and y down."""

Matrix = npt.NDArray[np.float64]
"""A similarity transform [2, 3] of pixel coordinates."""

STANDARD_POINTS: Points = np.array(
    [[0.3765, 0.4735], [0.6235, 0.4735], [0.5, 0.616], [0.3995, 0.738], [0.6005, 0.738]], dtype=np.float32
)
"""Where the five points of an average frontal face lie in a portrait crop, in shares of its side."""


@dataclass(frozen=True, eq=False)
class PortraitCrop:
    """A face cut out of its picture, upright, with what it takes to put it back."""

    image: RGB
    """[size, size, 3]."""
    matrix: Matrix
    """Picture -> crop, [2, 3]."""
    points: Points
    """The five points in the crop, [5, 2]."""

    @property
    def size(self) -> int:
        """Side of the crop in pixels."""
        return int(self.image.shape[0])

    def to_crop(self, points: npt.ArrayLike) -> Points:
        """Points of the picture, [n, 2], as points of the crop."""
        return _transformed(self.matrix, points)

    def to_picture(self, points: npt.ArrayLike) -> Points:
        """Points of the crop, [n, 2], as points of the picture."""
        return _transformed(_inverse(self.matrix), points)

    def paste_back(self, image: RGB, stylized: RGB, feather: float = 0.12) -> RGB:
        """The picture with the stylized crop in its place.

        `stylized` is square and may be of another size than the crop. `feather` is the width, as a share of the side,
        over which it fades into the picture.
        """
        import cv2

        _require_picture(stylized, "stylized face")
        side = stylized.shape[0]
        if stylized.shape[1] != side:
            raise InputError(
                Words("stylized face"),
                Words("it is {width} x {side} pixels, not square.", width=stylized.shape[1], side=side),
                "Stylize the crop.",
            )
        back = _inverse(_scaled(self.matrix, side / self.size))
        height, width = image.shape[:2]
        left, top, right, bottom = _bounds(back, side, width, height)
        if right <= left or bottom <= top:
            return image.copy()
        back[:, 2] -= (left, top)
        span = (right - left, bottom - top)
        shrink = float(np.hypot(back[0, 0], back[1, 0]))
        source, back = _shrunk(stylized, back, 1 / max(shrink, 1e-6))
        ink = cv2.warpAffine(source, back, span, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.warpAffine(_feather_mask(source.shape[0], feather), back, span, flags=cv2.INTER_LINEAR)[..., None]
        result = image.copy()
        window = result[top:bottom, left:right]
        window[:] = np.rint(window * (1 - mask) + ink * mask).astype(np.uint8)
        return result


def portrait_crop(image: RGB, points: npt.ArrayLike, size: int = 256) -> PortraitCrop:
    """Cut the FFHQ portrait around a face.

    `points` are five (eyes, nose tip, mouth corners; left first, as seen in the picture) or the 68 of the common dlib
    scheme. `size` is the side of the crop in pixels, usually 256 or 1024.
    """
    import cv2

    _require_picture(image, "picture")
    five = five_points(points)
    matrix = ffhq_matrix(five, size)
    source, warp = _shrunk(image, matrix, float(1 / np.hypot(matrix[0, 0], matrix[1, 0])))
    flags = cv2.INTER_CUBIC if np.hypot(warp[0, 0], warp[1, 0]) > 1 else cv2.INTER_LINEAR
    crop = cv2.warpAffine(source, warp, (size, size), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return PortraitCrop(
        _fade_outside(np.asarray(crop, dtype=np.uint8), matrix, image.shape[1], image.shape[0]),
        matrix,
        _transformed(matrix, five),
    )


def five_points(points: npt.ArrayLike) -> Points:
    """Five points from five or from 68, checked: finite, and eyes and mouth apart from each other."""
    given = np.asarray(points, dtype=np.float32)
    if given.shape == (68, 2):
        given = np.stack([given[36:42].mean(0), given[42:48].mean(0), given[30], given[48], given[54]])
    if given.shape != (5, 2):
        raise InputError(
            Words("facial points"),
            Words("their shape is {shape}.", shape=given.shape),
            "Give 5 or 68 points as [n, 2].",
        )
    eyes, mouth = given[:2].mean(0), given[3:].mean(0)
    if not np.isfinite(given).all() or np.hypot(*(given[1] - given[0])) + np.hypot(*(mouth - eyes)) < 2:
        raise InputError(Words("facial points"), "they do not span a face.", "Give the face's points by hand.")
    return given


def ffhq_matrix(points: Points, size: int) -> Matrix:
    """The similarity transform from the picture to its FFHQ crop of `size` pixels."""
    left_eye, right_eye = points[0].astype(np.float64), points[1].astype(np.float64)
    eyes, mouth = (left_eye + right_eye) / 2, points[3:5].astype(np.float64).mean(0)
    across, down = right_eye - left_eye, mouth - eyes
    x_axis = across + np.array([down[1], -down[0]])
    length = np.hypot(*x_axis)
    if length < 1e-6:
        raise InputError(
            Words("facial points"), "eyes and mouth contradict each other.", "Give the face's points by hand."
        )
    x_axis *= max(np.hypot(*across) * 2.0, np.hypot(*down) * 1.8) / length
    centre = eyes + down * 0.1
    scale = size / (2 * np.hypot(*x_axis))
    cos, sin = x_axis / np.hypot(*x_axis) * scale
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = (size - 1) / 2 - matrix[:, :2] @ centre
    return matrix


def _transformed(matrix: Matrix, points: npt.ArrayLike) -> Points:
    return (np.asarray(points, dtype=np.float64) @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _inverse(matrix: Matrix) -> Matrix:
    linear = np.linalg.inv(matrix[:, :2])
    return np.concatenate([linear, -(linear @ matrix[:, 2])[:, None]], axis=1)


def _scaled(matrix: Matrix, factor: float) -> Matrix:
    """`matrix` followed by a change of size by `factor`, pixel centres kept in the middle of their pixels."""
    scaled = matrix * factor
    scaled[:, 2] += (factor - 1) / 2
    return scaled


def _shrunk(image: RGB, matrix: Matrix, ratio: float) -> tuple[RGB, Matrix]:
    """The source reduced by area averaging before a warp that would skip pixels.

    `ratio` is how many pixels of the source make one of the output.
    """
    import cv2

    if ratio < 1.5 or min(image.shape[:2]) < 4:
        return image, matrix
    height, width = image.shape[:2]
    small = (max(1, round(width / ratio)), max(1, round(height / ratio)))
    reduced = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    fx, fy = width / small[0], height / small[1]
    adapted = matrix.copy()
    adapted[:, 2] += matrix[:, :2] @ ((np.array([fx, fy]) - 1) / 2)
    adapted[:, 0] *= fx
    adapted[:, 1] *= fy
    return reduced, adapted


def _bounds(back: Matrix, side: int, width: int, height: int) -> tuple[int, int, int, int]:
    corners = _transformed(back, [[0, 0], [side, 0], [0, side], [side, side]])
    low, high = np.floor(corners.min(0)).astype(int) - 1, np.ceil(corners.max(0)).astype(int) + 2
    return max(0, int(low[0])), max(0, int(low[1])), min(width, int(high[0])), min(height, int(high[1]))


def _feather_mask(side: int, feather: float) -> npt.NDArray[np.float32]:
    ramp = np.minimum(np.arange(side), np.arange(side)[::-1]) / max(1.0, feather * side)
    edge = np.clip(ramp, 0, 1)
    edge = (edge * edge * (3 - 2 * edge)).astype(np.float32)
    return np.asarray(edge[:, None] * edge[None, :], dtype=np.float32)


def _fade_outside(crop: RGB, matrix: Matrix, width: int, height: int) -> RGB:
    """Blur, and let fade to the median colour, what was mirrored in from outside the picture."""
    import cv2

    size = crop.shape[0]
    back, scale = _inverse(matrix), float(np.hypot(matrix[0, 0], matrix[1, 0]))
    columns, rows = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    x = back[0, 0] * columns + back[0, 1] * rows + back[0, 2]
    y = back[1, 0] * columns + back[1, 1] * rows + back[1, 2]
    outside = np.maximum.reduce([-x, x - (width - 1), -y, y - (height - 1)]) * scale
    reach = float(outside.max())
    if reach < 1.5:
        return crop
    depth = (outside / max(reach, 0.1 * size)).astype(np.float32)[..., None]
    values = crop.astype(np.float32)
    blurred = cv2.GaussianBlur(values, (0, 0), 0.02 * size)
    values += (blurred - values) * np.clip(3 * depth + 1, 0, 1) * (depth > -0.33)
    values += (np.median(crop.reshape(-1, 3)[::7], axis=0) - values) * np.clip(depth, 0, 1)
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _require_picture(image: Any, thing: str) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        form = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(
            thing, Words("it is {form}, not RGB uint8 [height, width, 3].", form=form), "Decode it with castoon.images."
        )
    if image.shape[0] < 1 or image.shape[1] < 1:
        raise InputError(thing, "it has no pixels.", "Give a picture with a face in it.")
