"""What the body wears: a garment is the body's surface grown a little, cut at a neckline and dyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from casting.demo.body import body_surface
from casting.demo.curves import Array, linear, mix, noise, sample, step
from casting.demo.head import Surface, grid_normals
from casting.demo.identity import RGB, Identity, rng_of

if TYPE_CHECKING:
    from casting.demo.shots import Shot

GARMENTS = ("tee", "shirt", "knit", "blazer", "vneck", "turtleneck")
_DYES: list[RGB] = [
    (0.92, 0.91, 0.88),
    (0.16, 0.17, 0.20),
    (0.22, 0.28, 0.42),
    (0.55, 0.24, 0.22),
    (0.36, 0.42, 0.34),
    (0.72, 0.64, 0.54),
    (0.48, 0.55, 0.66),
    (0.30, 0.24, 0.22),
    (0.66, 0.56, 0.66),
    (0.78, 0.60, 0.30),
]


def neckline(kind: str, x: Array) -> Array:
    """Height (canonical mm) below which the garment covers, across the chest."""
    ax = np.abs(x)
    if kind == "turtleneck":
        return np.full_like(ax, -116.0)
    if kind == "shirt":
        return np.asarray(np.minimum(-140.0, -171 + 1.3 * ax), np.float32)
    if kind == "blazer":
        return np.asarray(np.minimum(-146.0, -330 + 3.2 * ax), np.float32)
    if kind == "vneck":
        return np.asarray(np.minimum(-150.0, -215 + 1.05 * ax - 0.0016 * ax**2), np.float32)
    if kind == "knit":
        return np.asarray(-158 - 9 * np.clip(1 - (ax / 60) ** 2, 0, 1), np.float32)
    return np.asarray(-154 - 22 * np.clip(1 - (ax / 62) ** 2, 0, 1), np.float32)


def covers(kind: str, canonical: Array) -> npt.NDArray[np.bool_]:
    """Which points of the body the garment covers."""
    return np.asarray(canonical[:, 1] < neckline(kind, canonical[:, 0]))


def under(kind: str, canonical: Array) -> npt.NDArray[np.bool_]:
    """Which points of the body a shirt under the garment covers."""
    if kind != "blazer":
        return np.zeros(len(canonical), np.bool_)
    return np.asarray(canonical[:, 1] < neckline("tee", canonical[:, 0]))


def cloth_surface(who: Identity, kind: str) -> Surface:
    """The garment's surface over the whole body; what `covers` denies is not shown."""
    grow = {"knit": 6.0, "blazer": 6.5, "turtleneck": 4.5}.get(kind, 3.5)
    return body_surface(who, grow=grow)


def collar_surface(who: Identity, kind: str, rows: int = 30, columns: int = 240) -> Surface | None:
    """The fold-down collar of a shirt or the lapels of a blazer, open at the front."""
    if kind not in ("shirt", "blazer"):
        return None
    neck = (1.0 if who.is_male else 0.86) * (1 + 0.045 * who["neck"])
    gap = 0.20 if kind == "shirt" else 0.10
    a = np.linspace(-np.pi + 1e-3, np.pi - 1e-3, columns)
    theta = np.sign(a) * (gap + (np.pi - gap) * np.abs(a) / np.pi)
    front = np.clip(np.cos(theta), 0, 1)
    point = np.exp(-(((np.abs(theta) - gap) / (0.42 if kind == "shirt" else 0.30)) ** 2))
    top_y = -131 - 34 * front**1.5 if kind == "shirt" else -146 - 40 * front**2 - 90 * np.clip(front, 0.8, 1) ** 9
    fall = 17 + 26 * point if kind == "shirt" else 14 + 46 * point
    top_r, low_r = 57.0 * neck + 4, 57.0 * neck + (15 if kind == "shirt" else 22)
    t = np.linspace(0, 1, rows)[:, None]
    radius = top_r + (low_r - top_r) * t + 3.5 * np.sin(np.pi * t)
    spread = (26 if kind == "shirt" else 30) * t * point
    x = radius * np.sin(theta) + spread * np.sign(theta)
    z = -28 + radius * 0.98 * np.cos(theta) + (10 + 12 * t) * front + (20 if kind == "blazer" else 4) * front * t
    y = top_y - fall * t
    points = np.stack([x, y, z], axis=-1).astype(np.float32)
    canonical = np.stack([x, np.full_like(x, -260.0) + 2 * t], axis=-1).astype(np.float32)
    return Surface(points, -grid_normals(points), canonical, 5)


def paint(who: Identity, shot: Shot, x: Array, y: Array) -> tuple[Array, Array]:
    """Linear colour [n, 3] and sheen [n] of the cloth at canonical positions."""
    generator = rng_of("cloth", who.name, shot.number)
    base = linear(_DYES[int(generator.integers(len(_DYES)))])
    kind = shot.garment
    folds = sample(noise(generator, 256, [9.0, 22.0]), x * 0.7 + 30, y * 0.45)
    colour = np.broadcast_to(base, (x.size, 3)).astype(np.float32) * (1 + 0.13 * folds)[:, None]
    edge = neckline(kind, x) - y
    if kind in ("knit", "turtleneck"):
        ribs = np.sin(x * 1.9) if kind == "turtleneck" else np.sin(y * 1.5) * np.sin(x * 1.2)
        colour = colour * (1 + 0.10 * ribs)[:, None]
    if kind == "tee":
        colour = mix(colour, base * 0.80, step(8.5, 7.5, edge) * 0.8)
    if kind == "shirt":
        placket = np.exp(-(((np.abs(x - 3) - 10) / 0.8) ** 2)) * step(-190, -196, y)
        button = step(2.6, 2.0, np.hypot(x - 3, np.mod(y + 225, 42) - 21).astype(np.float32))
        colour = mix(colour, base * 0.55, np.asarray(0.6 * np.maximum(placket, button), np.float32))
    rim = np.exp(-((edge / 2.0) ** 2))
    colour = mix(colour, base * 0.5, np.asarray(0.35 * rim, np.float32))
    return colour, np.full(x.shape, 0.12, np.float32)
