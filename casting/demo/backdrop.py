"""Blurred places behind a portrait: studio paper, a street, a park, a room, the lights of a night."""

from __future__ import annotations

import cv2
import numpy as np

from casting.demo.curves import Array, linear

_PAPER = {
    "studio-grey": ((0.62, 0.63, 0.65), (0.36, 0.37, 0.39)),
    "studio-warm": ((0.72, 0.64, 0.55), (0.42, 0.34, 0.28)),
    "studio-cool": ((0.55, 0.63, 0.70), (0.26, 0.32, 0.40)),
}


def paint(kind: str, generator: np.random.Generator, size: int) -> Array:
    """A linear picture [size, size, 3]; blurred places are drawn small and enlarged."""
    row, column = np.mgrid[0 : 1 : size * 1j, 0 : 1 : size * 1j].astype(np.float32)
    if kind in _PAPER:
        bright, dark = (linear(c) for c in _PAPER[kind])
        cx, cy = 0.5 + 0.2 * generator.standard_normal(), 0.42
        spot = np.exp(-(((column - cx) / 0.55) ** 2) - ((row - cy) / 0.6) ** 2)[..., None]
        return np.asarray(dark + (bright - dark) * spot, np.float32)
    small = 128
    picture = _place(kind, generator, small)
    blurred = cv2.GaussianBlur(picture, (0, 0), 3.2)
    return np.asarray(cv2.resize(blurred, (size, size), interpolation=cv2.INTER_CUBIC).clip(0), np.float32)


def _place(kind: str, generator: np.random.Generator, n: int) -> Array:
    picture = np.zeros((n, n, 3), np.float32)
    row = np.linspace(0, 1, n, dtype=np.float32)[:, None, None]
    if kind == "street":
        picture += linear((0.66, 0.68, 0.72)) * (1 - row) + linear((0.42, 0.40, 0.38)) * row
        for _ in range(22):
            _box(picture, generator, [(0.55, 0.48, 0.42), (0.35, 0.36, 0.40), (0.75, 0.70, 0.62), (0.30, 0.24, 0.22)])
        _discs(picture, generator, 14, [(0.95, 0.85, 0.65), (0.85, 0.35, 0.25)], (2, 5), 0.7)
    elif kind == "park":
        picture += linear((0.62, 0.70, 0.50)) * (1 - row) + linear((0.28, 0.36, 0.20)) * row
        _discs(picture, generator, 90, [(0.30, 0.42, 0.20), (0.45, 0.56, 0.28), (0.20, 0.28, 0.15)], (4, 14), 0.6)
        _discs(picture, generator, 26, [(0.92, 0.93, 0.75), (0.80, 0.88, 0.62)], (3, 7), 0.75)
    elif kind == "night":
        picture += linear((0.10, 0.11, 0.18)) * (1 - row) + linear((0.16, 0.12, 0.13)) * row
        _discs(
            picture,
            generator,
            34,
            [(1.0, 0.72, 0.40), (0.45, 0.65, 1.0), (1.0, 0.45, 0.42), (0.95, 0.9, 0.8)],
            (4, 9),
            0.8,
        )
    else:
        picture += linear((0.70, 0.64, 0.57)) * (1 - row) + linear((0.48, 0.40, 0.33)) * row
        for _ in range(7):
            _box(picture, generator, [(0.85, 0.80, 0.72), (0.45, 0.36, 0.28), (0.58, 0.50, 0.44)])
        _discs(picture, generator, 5, [(1.0, 0.90, 0.70)], (6, 12), 0.8)
    return picture


def _box(picture: Array, generator: np.random.Generator, colours: list[tuple[float, float, float]]) -> None:
    n = len(picture)
    x, width = int(generator.integers(-8, n)), int(generator.integers(6, n // 4))
    y, height = int(generator.integers(-10, n // 2)), int(generator.integers(n // 4, n))
    colour = linear(colours[int(generator.integers(len(colours)))]) * generator.uniform(0.7, 1.2)
    picture[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)] = colour


def _discs(
    picture: Array,
    generator: np.random.Generator,
    count: int,
    colours: list[tuple[float, float, float]],
    radius: tuple[int, int],
    share: float,
) -> None:
    n = len(picture)
    row, column = np.mgrid[0:n, 0:n].astype(np.float32)
    for _ in range(count):
        r = generator.uniform(*radius)
        distance = np.hypot(row - generator.uniform(0, n), column - generator.uniform(0, n))
        mask = (np.clip(r - distance + 0.5, 0, 1) * share)[..., None]
        colour = linear(colours[int(generator.integers(len(colours)))]) * generator.uniform(0.6, 1.3)
        picture[:] = picture * (1 - mask) + colour * mask
