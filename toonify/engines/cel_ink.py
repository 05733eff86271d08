"""Ink lines for the cel look: an extended difference of Gaussians that follows the flow of the picture.

Kang, Lee & Chui, "Coherent Line Drawing" (2007) for the flow; Winnemoeller, Kyprianidis & Olsen, "XDoG" (2012) for the
soft threshold.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[Any]
"""float32, [height, width]."""


def flow(lightness: Plane, sigma: float) -> tuple[Plane, Plane]:
    """Direction along edges, as unit vectors (x, y): the minor eigenvector of the smoothed structure tensor."""
    dx = cv2.Sobel(lightness, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(lightness, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(product, (0, 0), sigma) for product in (dx * dx, dy * dy, dx * dy))
    angle = 0.5 * cv2.phase(xx - yy, 2 * xy)
    return -np.sin(angle), np.cos(angle)


def along_flow(plane: Plane, tangent: tuple[Plane, Plane], sigma: float) -> Plane:
    """`plane` averaged along the flow with a Gaussian of `sigma` pixels."""
    height, width = plane.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    total, weight = plane.copy(), 1.0
    step = max(1.0, sigma / 2)
    for index in range(1, int(np.ceil(2 * sigma / step)) + 1):
        share = float(np.exp(-((index * step) ** 2) / (2 * sigma * sigma)))
        for sign in (-1.0, 1.0):
            move = sign * index * step
            sample = cv2.remap(
                plane,
                columns + move * tangent[0],
                rows + move * tangent[1],
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT_101,
            )
            total += share * sample
            weight += share
    return total / weight


def ink_lines(lightness: Plane, width: float, amount: float) -> Plane:
    """How much ink lies on each pixel, 0 (paper) to 1.

    `lightness` is L* / 100, `width` the line's scale in pixels, `amount` 0 to 1 how readily a line is drawn. A line is
    drawn where a pixel is darker than its surroundings by an amount relative to the picture's own contrast, so that
    dark skin, pale skin and washed-out photos get lines of the same weight.
    """
    tangent = flow(cv2.GaussianBlur(lightness, (0, 0), width), 2.2 * width)
    narrow = cv2.GaussianBlur(lightness, (0, 0), width)
    wide = cv2.GaussianBlur(lightness, (0, 0), 1.6 * width)
    difference = along_flow(narrow - wide, tangent, 2.5 * width)
    contrast = max(float(np.percentile(np.abs(difference[::2, ::2]), 92)), 0.004)
    ink = np.tanh(np.maximum(-difference / contrast - (1.5 - 1.2 * amount), 0) * 1.6)
    return np.asarray(ink, dtype=np.float32)
