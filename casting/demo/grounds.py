"""Coloured grounds and effects of the four styles: petals and lights, speed lines, sunbursts, paper."""

from __future__ import annotations

import cv2
import numpy as np

from casting.demo.curves import Array, noise
from casting.demo.ink import Canvas, screen_tone

_ROMANCE = [
    ((0.99, 0.86, 0.88), (0.80, 0.78, 0.96)),
    ((1.0, 0.92, 0.82), (0.97, 0.76, 0.82)),
    ((0.84, 0.92, 0.99), (0.93, 0.80, 0.93)),
]
_ACTION = [
    ((0.80, 0.30, 0.24), (0.20, 0.12, 0.18)),
    ((0.28, 0.44, 0.62), (0.08, 0.12, 0.22)),
    ((0.86, 0.60, 0.22), (0.32, 0.14, 0.12)),
]
_COMEDY = [
    ((1.0, 0.84, 0.36), (1.0, 0.72, 0.24)),
    ((0.52, 0.84, 0.80), (0.38, 0.74, 0.74)),
    ((1.0, 0.66, 0.60), (0.98, 0.56, 0.52)),
    ((0.72, 0.80, 1.0), (0.60, 0.70, 0.98)),
]


def _ramp(canvas: Canvas, top: Array | tuple[float, ...], bottom: Array | tuple[float, ...]) -> None:
    t = np.linspace(0, 1, canvas.height, dtype=np.float32)[:, None, None]
    canvas.picture[:] = np.asarray(top, np.float32) * (1 - t) + np.asarray(bottom, np.float32) * t


def paint(canvas: Canvas, style: str, generator: np.random.Generator) -> None:
    """Fill the canvas with a ground."""
    h, w = canvas.height, canvas.width
    if style == "romance":
        _ramp(canvas, *_ROMANCE[int(generator.integers(len(_ROMANCE)))])
        for _ in range(26):
            _disc(
                canvas,
                generator.uniform(0, w),
                generator.uniform(0, h),
                generator.uniform(25, 120),
                (1.0, 1.0, 1.0),
                generator.uniform(0.08, 0.28),
            )
        fade = np.linspace(0.0, 0.22, h, dtype=np.float32)[:, None] * np.ones((1, w), np.float32)
        canvas.paint(screen_tone(h, w, 15, fade), (1.0, 1.0, 1.0), 0.6)
    elif style == "action":
        _ramp(canvas, *_ACTION[int(generator.integers(len(_ACTION)))])
        _burst(canvas, generator, 150, (1.0, 0.97, 0.9), 0.20, 0.012)
        fade = np.linspace(0.0, 0.45, h, dtype=np.float32)[:, None] * np.ones((1, w), np.float32)
        canvas.multiply(screen_tone(h, w, 13, fade), np.array([0.35, 0.30, 0.36], np.float32))
    elif style == "comedy":
        first, second = _COMEDY[int(generator.integers(len(_COMEDY)))]
        canvas.picture[:] = first
        _burst(canvas, generator, 26, second, 1.0, 0.5)
        row = np.linspace(0.35, 0.0, h, dtype=np.float32)[:, None] * np.ones((1, w), np.float32)
        canvas.paint(screen_tone(h, w, 24, row), (1.0, 1.0, 1.0), 0.55)
    else:
        canvas.picture[:] = (0.955, 0.945, 0.925)
        wash = np.clip(
            cv2.resize(noise(generator, 64, [4.0, 9.0]), (w, h), interpolation=cv2.INTER_CUBIC) * 0.25 + 0.35, 0, 1
        )
        row, column = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)
        hues = [(0.62, 0.70, 0.76), (0.78, 0.70, 0.60), (0.66, 0.72, 0.66)]
        canvas.paint(
            np.asarray(wash * np.clip(1.25 - np.hypot(row, column), 0, 1), np.float32), hues[int(generator.integers(3))]
        )


def finish(canvas: Canvas, style: str, generator: np.random.Generator) -> None:
    """What lies over the figure: lights, flying specks, the tooth of the paper."""
    h, w = canvas.height, canvas.width
    if style == "romance":
        for _ in range(9):
            _star(canvas, generator.uniform(0, w), generator.uniform(0, h * 0.8), generator.uniform(14, 42))
    elif style == "action":
        for _ in range(16):
            x, y, r = generator.uniform(0, w), generator.uniform(h * 0.55, h), generator.uniform(2, 7)
            _disc(canvas, x, y, r, (1.0, 0.85, 0.6), 0.8)
    elif style == "sketch":
        tooth = noise(generator, 512, [0.8, 1.6])
        tiled = np.tile(tooth, (h // 512 + 1, w // 512 + 1))[:h, :w]
        canvas.picture *= (1 + 0.022 * tiled)[..., None]
        np.clip(canvas.picture, 0, 1, out=canvas.picture)


def _disc(
    canvas: Canvas, x: float, y: float, radius: float, colour: tuple[float, float, float], opacity: float
) -> None:
    a = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    shape = np.stack([x + radius * np.cos(a), y + radius * np.sin(a)], axis=1).astype(np.float32)
    canvas.paint(canvas.mask([shape]), colour, opacity)


def _star(canvas: Canvas, x: float, y: float, radius: float) -> None:
    a = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    r = np.where(np.arange(8) % 2 == 0, radius, radius * 0.16)
    shape = np.stack([x + r * np.cos(a), y + r * np.sin(a)], axis=1).astype(np.float32)
    canvas.paint(canvas.mask([shape]), (1.0, 1.0, 1.0), 0.9)


def _burst(
    canvas: Canvas,
    generator: np.random.Generator,
    count: int,
    colour: tuple[float, float, float],
    opacity: float,
    share: float,
) -> None:
    w, h = canvas.width, canvas.height
    x, y = w * 0.5, h * 0.46
    shapes = []
    for k in range(count):
        a = 2 * np.pi * k / count + (generator.normal() * 0.02 if share < 0.3 else 0.0)
        wide = 2 * np.pi / count * share * (generator.uniform(0.6, 9.0) if share < 0.3 else 1.0)
        near = generator.uniform(0.30, 0.48) * h if share < 0.3 else 0.0
        points = [(near, 0.0), (2 * h, -wide / 2), (2 * h, wide / 2)]
        shapes.append(np.array([(x + r * np.cos(a + d), y + r * np.sin(a + d)) for r, d in points], np.float32))
    canvas.paint(canvas.mask(shapes), colour, opacity)
