"""What the body wears: a garment is the body's surface grown a little, cut at a neckline and dyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from casting.demo.curves import Array, linear, mix, noise, sample, step
from casting.demo.head import Surface, body_surface
from casting.demo.identity import RGB, Identity, rng_of

if TYPE_CHECKING:
    from casting.demo.portrait import Shot

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
        return np.full_like(ax, -118.0)
    if kind in ("shirt", "blazer"):
        return np.asarray(np.minimum(-138.0, -190 + 1.45 * ax), np.float32)
    if kind == "vneck":
        return np.asarray(np.minimum(-150.0, -215 + 0.95 * ax), np.float32)
    if kind == "knit":
        return np.asarray(-160 - 8 * np.clip(1 - (ax / 60) ** 2, 0, 1), np.float32)
    return np.asarray(-155 - 22 * np.clip(1 - (ax / 62) ** 2, 0, 1), np.float32)


def covers(kind: str, canonical: Array) -> npt.NDArray[np.bool_]:
    """Which points of the body the garment covers."""
    return np.asarray(canonical[:, 1] < neckline(kind, canonical[:, 0]) + 0.0)


def cloth_surface(who: Identity, kind: str) -> Surface:
    """The garment's surface over the whole body; triangles outside `covers` are not drawn."""
    grow = {"knit": 6.0, "blazer": 6.0, "turtleneck": 4.5}.get(kind, 3.5)
    return body_surface(who, grow=grow)


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
    if kind == "blazer":
        inner = step(-4, 4, np.asarray(-190 + 1.2 * np.abs(x) - 18 - y, np.float32)) * step(70, 60, np.abs(x))
        shirt = linear((0.93, 0.93, 0.92)) * (1 + 0.05 * folds)[:, None]
        colour = np.asarray(
            np.where(inner[:, None] < 0.5, np.where((np.abs(x) < 62)[:, None], shirt, colour), colour), np.float32
        )
        lapel = np.exp(-(((np.abs(x) - 46 - 0.15 * (y + 260)) / 1.4) ** 2)) * step(-170, -180, y)
        colour = mix(colour, base * 0.3, np.asarray(0.8 * lapel, np.float32))
    if kind == "shirt":
        collar = np.exp(-(((edge - 26 - 0.12 * np.abs(x)) / 1.6) ** 2)) * step(75, 60, np.abs(x))
        placket = np.exp(-(((x - 7) / 0.9) ** 2)) * step(-190, -196, y)
        colour = mix(colour, base * 0.42, np.asarray(0.75 * np.maximum(collar, placket), np.float32))
    rim = np.exp(-((edge / 2.0) ** 2))
    colour = mix(colour, base * 0.5, np.asarray(0.5 * rim, np.float32))
    return colour, np.full(x.shape, 0.12, np.float32)
