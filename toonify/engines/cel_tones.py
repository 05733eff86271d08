"""Flat colour for the cel look: smoothing that stops at edges, then soft tone bands fitted to the picture."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from toonify.contract import RGB

Plane = npt.NDArray[Any]
"""float32, [height, width]."""


def smooth(image: RGB, strength: float, scale: float) -> RGB:
    """Bilateral smoothing, repeated with a small window, which flattens skin and keeps edges (Tomasi & Manduchi 1998).

    `scale` is the picture's side divided by 256; windows grow with it.
    """
    window = min(15, max(3, round(5 * scale) | 1))
    for _ in range(round(1 + 3 * strength)):
        image = np.asarray(cv2.bilateralFilter(image, window, 12 + 22 * strength, 2.5 * scale), dtype=np.uint8)
    return image


def tone_centres(lightness: Plane, bands: int, rounds: int = 6) -> Plane:
    """Tones that represent a picture best, dark to light: Lloyd's algorithm on its histogram of lightness (0..100)."""
    counts, _ = np.histogram(lightness, bins=101, range=(-0.5, 100.5))
    weights = np.sqrt(counts.astype(np.float64))
    levels = np.arange(101, dtype=np.float64)
    cumulative = np.cumsum(weights)
    starts = (np.arange(bands) + 0.5) / bands * cumulative[-1]
    centres = np.interp(starts, cumulative, levels)
    for _ in range(rounds):
        nearest = np.searchsorted((centres[1:] + centres[:-1]) / 2, levels)
        mass = np.bincount(nearest, weights, bands)
        moved = np.bincount(nearest, weights * levels, bands) / np.maximum(mass, 1e-9)
        centres = np.where(mass > 0, moved, centres)
    centres = np.maximum.accumulate(centres)
    if centres[-1] > 88:
        centres[-1] = max(centres[-1], 98.0)
    return centres.astype(np.float32)


def soft_bands(lightness: Plane, centres: Plane, softness: float) -> Plane:
    """Lightness pulled to the nearest centre, passing from one band to the next over a soft step.

    The width of a step is `softness` (0 to 1) of the distance between its bands, so that no step is harsher on
    skin of one tone than on skin of another.
    """
    levels = np.linspace(0, 100, 1024, dtype=np.float32)
    curve = np.full_like(levels, centres[0])
    for low, high in pairwise(centres):
        gap = max(float(high - low), 1e-3)
        width = gap * (0.02 + 0.25 * softness)
        curve += (high - low) / 2 * (1 + np.tanh((levels - (low + high) / 2) / width))
    index = np.clip(lightness * (1023 / 100), 0, 1023).astype(np.uint16)
    return np.asarray(curve[index], dtype=np.float32)
