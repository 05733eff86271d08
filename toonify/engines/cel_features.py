"""Eyes, mouth and jaw for the cel look: local contrast, and a webtoon's proportions when asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[Any]
"""float32, [height, width]."""
Points = npt.NDArray[np.float32]


def feature_mask(shape: tuple[int, int], points: Points) -> Plane:
    """1 on the eyes and the mouth, falling off smoothly to 0; `points` are the five of the picture."""
    eye_distance = float(np.hypot(*(points[1] - points[0])))
    mouth = (points[3] + points[4]) / 2
    mask = _spot(shape, points[0], 0.34 * eye_distance, 0.24 * eye_distance)
    mask = np.maximum(mask, _spot(shape, points[1], 0.34 * eye_distance, 0.24 * eye_distance))
    return np.maximum(mask, 0.8 * _spot(shape, mouth, 0.48 * eye_distance, 0.26 * eye_distance))


def face_mask(shape: tuple[int, int], points: Points) -> Plane:
    """1 on the skin of the face, falling off towards hair, ears and neck."""
    eye_distance = float(np.hypot(*(points[1] - points[0])))
    return _spot(shape, points[2] - 0.15 * (points[2] - points[:2].mean(0)), 1.15 * eye_distance, 1.45 * eye_distance)


def evened_skin(lab: Plane, face: Plane, features: Plane, scale: float) -> Plane:
    """The picture in Lab with shine and blotches of the face taken back; its own skin tone stays the measure.

    Lightness that exceeds the median of the face by more than 4 is compressed, chroma averaged over neighbours, both
    on the skin only: eyes, lips and teeth keep theirs.
    """
    skin = face * (1 - features)
    tone = float(np.median(lab[..., 0][face > 0.5])) if (face > 0.5).any() else 100.0
    evened = lab.copy()
    evened[..., 0] += skin * (2.5 - 0.5 * np.maximum(lab[..., 0] - tone - 4, 0))
    for channel in (1, 2):
        plane = lab[..., channel]
        evened[..., channel] += 0.6 * skin * (cv2.GaussianBlur(plane, (0, 0), 4 * scale) - plane)
    return evened


def local_contrast(lightness: Plane, mask: Plane, amount: float, sigma: float) -> Plane:
    """Lightness (0..100) with its local contrast raised by `amount` where `mask` is 1."""
    base = cv2.GaussianBlur(lightness, (0, 0), sigma)
    return np.clip(lightness + amount * mask * (lightness - base), 0, 100)


def deformation(shape: tuple[int, int], points: Points, strength: float) -> tuple[Plane, Plane]:
    """Where each pixel comes from, for larger eyes, a smaller nose and mouth and a slimmer jaw.

    Local scaling around the points (Gustafson 1993): within a radius of a centre, distances to it shrink or grow by a
    share that fades to nothing at the rim, so that the map stays one to one for every strength from 0 to 1.
    """
    height, width = shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across = points[1] - points[0]
    eye_distance = float(np.hypot(*across))
    mouth = (points[3] + points[4]) / 2
    for centre, radius, share in _scalings(points, mouth, eye_distance):
        dx, dy = x - centre[0], y - centre[1]
        fade = np.clip(1 - (dx * dx + dy * dy) / radius**2, 0, 1) ** 2
        x, y = x - strength * share * fade * dx, y - strength * share * fade * dy
    return _slimmer_jaw((x, y), points, strength)


def _scalings(points: Points, mouth: Points, unit: float) -> Iterable[tuple[Points, float, float]]:
    """Centre, radius in pixels and share (positive enlarges) of each local scaling."""
    yield points[0], 0.52 * unit, 0.30
    yield points[1], 0.52 * unit, 0.30
    yield points[2], 0.55 * unit, -0.22
    yield mouth, 0.62 * unit, -0.18


def _slimmer_jaw(source: tuple[Plane, Plane], points: Points, strength: float) -> tuple[Plane, Plane]:
    """Draw the jaw inwards: most at the height of the mouth and below, nothing at the eyes."""
    x, y = source
    unit = float(np.hypot(*(points[1] - points[0])))
    mouth = (points[3] + points[4]) / 2
    across = (points[1] - points[0]) / unit
    middle = (points[0] + points[1]) / 2
    axis = mouth - middle
    length = max(float(np.hypot(*axis)), 1.0)
    u = (x - middle[0]) * across[0] + (y - middle[1]) * across[1]
    v = ((x - middle[0]) * axis[0] + (y - middle[1]) * axis[1]) / length**2
    falloff = np.exp(-((u / (1.15 * unit)) ** 4)) * np.exp(-(((v - 1.15) / 0.55) ** 2))
    push = 0.14 * strength * falloff * u
    return x + push * across[0], y + push * across[1]


def _spot(shape: tuple[int, int], centre: Points, radius_x: float, radius_y: float) -> Plane:
    columns = np.exp(-(((np.arange(shape[1]) - centre[0]) / radius_x) ** 2))
    rows = np.exp(-(((np.arange(shape[0]) - centre[1]) / radius_y) ** 2))
    return np.asarray(rows[:, None] * columns[None, :], dtype=np.float32)
