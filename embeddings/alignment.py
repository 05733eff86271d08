"""Turning a face upright: five points -> the square crop that face networks were trained on.

The template is the one of ArcFace (Deng et al., 2019) for 112 x 112 pixels; other sizes scale it. The transform is the
least-squares similarity that insightface computes as well.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from embeddings.contract import RGB, Points

Matrix = npt.NDArray[np.float64]

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


def align(image: RGB, points: Points, side: int = TEMPLATE_SIDE) -> RGB:
    """The upright crop [side, side, 3] of the face whose five points are given; outside the picture it is black."""
    import cv2

    matrix = similarity(points, template(side))
    return np.asarray(cv2.warpAffine(image, matrix, (side, side), borderValue=(0.0, 0.0, 0.0)), dtype=np.uint8)


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
