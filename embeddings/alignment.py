"""Turning a face upright: five points -> the square crop that face networks were trained on.

The template is the one of ArcFace (Deng et al., 2019) for 112 x 112 pixels; other sizes scale it. The transform is the
least-squares similarity that insightface computes as well.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from embeddings.contract import RGB, Points

Matrix = npt.NDArray[np.float64]

LARGE = 0.4
"""Scale below which a picture is made smaller before a face is cut out of it. Above it crops are insightface's to the
pixel; below it insightface takes single pixels, and a grainy photo's vector is of its grain."""
TEMPLATE_SIDE = 112
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float32,
)
"""Where the five points lie in a 112 x 112 crop: float32 [5, 2]."""


@lru_cache(maxsize=16)
def template(side: int) -> npt.NDArray[np.float64]:
    """The five target points for a crop of `side` pixels, [5, 2].

    Sides that are multiples of 128 keep insightface's 8-pixel margin left and right.
    """
    is_wide = bool(side % 112) and not side % 128
    ratio = side / (128.0 if is_wide else TEMPLATE_SIDE)
    points: Matrix = TEMPLATE.astype(np.float64) * ratio
    points[:, 0] += 8.0 * ratio if is_wide else 0.0
    points.flags.writeable = False
    return points


def similarity(source: npt.ArrayLike, target: npt.ArrayLike) -> Matrix:
    """The 2 x 3 matrix of rotation, scale and shift that takes points [n, 2] nearest to other points [n, 2].

    In the plane the least-squares answer needs no decomposition: with points as complex numbers, rotation and scale are
    the one factor that takes the first set, about its middle, nearest to the second.
    """
    src, dst = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    z, w = src[:, 0] + 1j * src[:, 1], dst[:, 0] + 1j * dst[:, 1]
    z_mean, w_mean = z.mean(), w.mean()
    z, w = z - z_mean, w - w_mean
    spread = float(np.vdot(z, z).real)
    factor = complex(np.vdot(z, w)) / spread if spread > 1e-12 else 0j
    shift = w_mean - factor * z_mean
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def back(points: npt.ArrayLike, matrix: Matrix) -> npt.NDArray[np.float32]:
    """Where the points [n, 2] that a transform led to came from."""
    return np.asarray((np.asarray(points) - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T, np.float32)


def from_corner(matrix: Matrix) -> Matrix:
    """A transform of places counted from the middle of the first pixel, for places counted from the picture's corner.

    Detectors count from the corner, OpenCV's `warpAffine` and the networks that were trained with it from the middle.
    """
    return _counted(matrix, 0.5)


def from_middle(matrix: Matrix) -> Matrix:
    """The way back: a transform of places counted from the corner, as OpenCV takes it."""
    return _counted(matrix, -0.5)


def _counted(matrix: Matrix, by: float) -> Matrix:
    shift = matrix[:, 2] + by - by * matrix[:, :2].sum(axis=1)
    return np.hstack([matrix[:, :2], shift[:, None]])


def crop(
    image: RGB,
    matrix: Matrix,
    side: int,
    large: float = LARGE,
    spare: float = 1 / LARGE,
    border: Literal["edge", "black"] = "black",
) -> RGB:
    """The square that a transform [2, 3] of places, counted from the picture's corner, brings into view.

    Where it makes the face smaller than `large`, the picture is averaged first, `spare` times as detailed as the crop:
    single pixels far apart would show grain and hatching as something else. By default nothing changes abruptly there.
    """
    import cv2

    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < large:
        image, matrix = _reduced(image, matrix, side, scale * spare)
    mode = cv2.BORDER_REPLICATE if border == "edge" else cv2.BORDER_CONSTANT
    return np.asarray(cv2.warpAffine(image, from_middle(matrix), (side, side), borderMode=mode), np.uint8)


def _reduced(image: RGB, matrix: Matrix, side: int, factor: float) -> tuple[RGB, Matrix]:
    """The part of the picture that the crop shows, made smaller by `factor`, and the transform from there."""
    import cv2

    shown = back([[0, 0], [side, 0], [0, side], [side, side]], matrix)
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


def align(image: RGB, points: Points, side: int = TEMPLATE_SIDE) -> RGB:
    """The upright crop [side, side, 3] of the face whose five points are given; outside the picture it is black."""
    return crop(image, from_corner(similarity(points, template(side))), side)


def points_in_box(box: tuple[float, float, float, float]) -> Points:
    """Where the five points of an upright frontal face lie when all that is known is its box."""
    x1, y1, x2, y2 = box
    share = np.array([[0.31, 0.42], [0.69, 0.42], [0.50, 0.60], [0.345, 0.77], [0.655, 0.77]])
    points: Points = (share * np.array([x2 - x1, y2 - y1]) + np.array([x1, y1])).astype(np.float32)
    return points


def box_around(points: Points) -> tuple[float, float, float, float]:
    """The box of an upright face whose five points are given: the inverse of `points_in_box`, for tilted faces too."""
    share = points_in_box((0.0, 0.0, 1.0, 1.0))
    matrix = similarity(share, points)
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]) @ matrix[:, :2].T + matrix[:, 2]
    centre = corners.mean(axis=0)
    side = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    half = np.array([0.45 * side, 0.55 * side])
    (x1, y1), (x2, y2) = centre - half, centre + half
    return (float(x1), float(y1), float(x2), float(y2))
