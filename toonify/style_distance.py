"""Two numbers about a stylized picture that need no weights: structure kept (SSIM) and style distance (Gram).

SSIM: Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity" (2004), on luminance,
Gaussian window of 1.5 px.

Style distance: Gatys et al. describe style by which features occur together. The features here are fixed and
documented rather than learned, so that every installation measures the same: on opponent colours (luminance, red-
green, blue-yellow), at three sizes (128, 64 and 32 px), the local mean and the responses to first-derivative filters
in four directions and to a centre-surround filter, rectified to both signs. The distance between two pictures is the
mean over the sizes of the Frobenius norm of the difference of their Gram matrices, divided by the mean of both norms:
0 for equal statistics, about 1 for unrelated ones.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from toonify.contract import RGB

SIDES = (128, 64, 32)
_OPPONENT = np.array([[0.299, 0.587, 0.114], [0.5, -0.5, 0.0], [-0.25, -0.25, 0.5]], dtype=np.float32)


def ssim(one: RGB, other: RGB) -> float:
    """Mean structural similarity of two pictures of one size, -1 to 1; 1 for equal pictures."""
    x, y = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64) for picture in (one, other))
    mean_x, mean_y = _blurred(x), _blurred(y)
    var_x, var_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    both = _blurred(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    scores = (2 * mean_x * mean_y + c1) * (2 * both + c2) / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    return float(scores.mean())


def style_distance(one: RGB, other: RGB) -> float:
    """How far the looks of two pictures are apart; see the module for what is compared."""
    distances = []
    for side in SIDES:
        a, b = (_gram(_features(picture, side)) for picture in (one, other))
        scale = (np.linalg.norm(a) + np.linalg.norm(b)) / 2
        distances.append(np.linalg.norm(a - b) / max(float(scale), 1e-9))
    return float(np.mean(distances))


def _blurred(plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5))


def _features(picture: RGB, side: int) -> npt.NDArray[Any]:
    """[features, pixels]; each plane's mean colour weighs as much as a strong edge."""
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    planes: list[npt.NDArray[Any]] = []
    for plane in np.moveaxis(small @ _OPPONENT.T, 2, 0):
        dx, dy = cv2.Sobel(plane, cv2.CV_32F, 1, 0) / 4, cv2.Sobel(plane, cv2.CV_32F, 0, 1) / 4
        surround = cv2.GaussianBlur(plane, (0, 0), 1.0) - cv2.GaussianBlur(plane, (0, 0), 2.0)
        responses = [dx, dy, (dx + dy) / np.sqrt(2), (dx - dy) / np.sqrt(2), 4 * surround]
        planes.append(0.5 * plane)
        planes += [part for response in responses for part in (np.maximum(response, 0), np.maximum(-response, 0))]
    return np.stack([plane.ravel() for plane in planes])


def _gram(features: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(features @ features.T / features.shape[1])
