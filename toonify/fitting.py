"""Bringing pictures of any size to the sizes a network can work on, and its answer back; never by distortion."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from castoon.errors import InputError
from toonify.contract import RGB


@dataclass(frozen=True)
class Fit:
    """Which sizes a network accepts."""

    multiple: int = 1
    """Both sides have to be divisible by this."""
    smallest: int = 32
    """Smaller pictures are continued at their border."""
    largest: int = 1024
    """Longer sides are reduced to this first; the answer is enlarged again."""
    square: int | None = None
    """The only size accepted, for networks of one input size."""

    def forth(self, picture: RGB) -> RGB:
        """The picture as the network gets it."""
        rows, columns = self._scaled(*picture.shape[:2])
        return _continued(_resized(picture, rows, columns), self._padded(rows), self._padded(columns))

    def back(self, answer: RGB, picture: RGB) -> RGB:
        """The network's answer, of whatever size, at the size of the picture it was made from."""
        rows, columns = self._scaled(*picture.shape[:2])
        scale = answer.shape[0] / self._padded(rows)
        top, left = (round((self._padded(side) - side) // 2 * scale) for side in (rows, columns))
        part = answer[top : top + max(1, round(rows * scale)), left : left + max(1, round(columns * scale))]
        return _resized(part, *picture.shape[:2]).copy()

    def _scaled(self, height: int, width: int) -> tuple[int, int]:
        wanted = self.square or self.largest
        factor = wanted / max(height, width)
        if self.square is None:
            factor = min(1.0, factor)
        return max(1, round(height * factor)), max(1, round(width * factor))

    def _padded(self, side: int) -> int:
        if self.square is not None:
            return self.square
        return -(-max(side, self.smallest) // self.multiple) * self.multiple


def require_rgb(picture: RGB, index: int = 0) -> RGB:
    """The picture itself, if it is one."""
    shape = getattr(picture, "shape", None)
    if getattr(picture, "dtype", None) != np.uint8 or shape is None or len(shape) != 3 or shape[2] != 3 or 0 in shape:
        kind = f"{picture.dtype} {shape}" if shape is not None else type(picture).__name__
        raise InputError(f"picture {index + 1}", f"it is {kind}, not RGB uint8.", "Decode it with castoon.images.")
    return picture


def _resized(picture: RGB, height: int, width: int) -> RGB:
    if picture.shape[:2] == (height, width):
        return picture
    smaller = height * width < picture.shape[0] * picture.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), dtype=np.uint8)


def _continued(picture: RGB, rows: int, columns: int) -> RGB:
    """The picture in the middle of a larger one that mirrors it."""
    height, width = picture.shape[:2]
    if (rows, columns) == (height, width):
        return picture
    above, before = (rows - height) // 2, (columns - width) // 2
    border = (above, rows - height - above, before, columns - width - before)
    return np.asarray(cv2.copyMakeBorder(picture, *border, cv2.BORDER_REFLECT), dtype=np.uint8)
