"""The line that an eyebrow follows and the colour it has, for both looks."""

from __future__ import annotations

import numpy as np

from casting.demo.curves import Array, linear
from casting.demo.features import Features
from casting.demo.identity import Identity


def brow_line(f: Features, t: Array) -> tuple[Array, Array]:
    """Middle line of a brow: distance from the middle of the face and height; t from 0 (inner) to 1 (outer)."""
    x = f.eye_x - 18.5 + t * (f.brow_half * 2.02)
    arch = f.brow_arch * np.sin(np.pi * np.clip(t * 0.92, 0, 1) ** 1.25)
    fall = 12.8 * np.clip(t - 0.62, 0, 1) ** 2
    y = f.brow_y - 2.2 + arch + 3.0 * f.brow_tilt * (t - 0.35) - fall
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def brow_colour(who: Identity) -> Array:
    """Linear colour of the brows: that of the hair, but never much lighter than brown hair."""
    base = linear(who.hair_colour)
    brightness = float(base.mean())
    if brightness > 0.03:
        base = base * (0.03 + 0.35 * (brightness - 0.03)) / brightness
    if who.grey > 0.7:
        base = 0.5 * base + 0.5 * np.array([0.10, 0.095, 0.09], np.float32)
    return np.asarray(0.92 * base + 0.02 * linear(who.skin), np.float32)
