"""Small numeric helpers shared by both looks: smooth curves through points, bumps, steps and value noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]


def spline(at: Array, points: Sequence[tuple[float, float]]) -> Array:
    """A smooth curve through (position, value) points, without overshoot (Fritsch-Carlson), constant outside."""
    ordered = sorted(points)
    x = np.array([p[0] for p in ordered], np.float64)
    y = np.array([p[1] for p in ordered], np.float64)
    h = np.diff(x)
    slope = np.diff(y) / h
    tangent = np.zeros_like(x)
    tangent[0], tangent[-1] = slope[0], slope[-1]
    same = slope[:-1] * slope[1:] > 0
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        tangent[1:-1] = np.where(same, (w1 + w2) / (w1 / slope[:-1] + w2 / slope[1:]), 0.0)
    t = np.clip(np.asarray(at, np.float64), x[0], x[-1])
    k = np.clip(np.searchsorted(x, t, side="right") - 1, 0, len(h) - 1)
    u = (t - x[k]) / h[k]
    value = (
        y[k] * (1 + 2 * u) * (1 - u) ** 2
        + tangent[k] * h[k] * u * (1 - u) ** 2
        + y[k + 1] * u**2 * (3 - 2 * u)
        + tangent[k + 1] * h[k] * u**2 * (u - 1)
    )
    return value.astype(np.float32)


def dot(a: Array, b: Array) -> Array:
    """Inner products [n] of rows [n, 3]."""
    return np.asarray(np.einsum("ij,ij->i", a, b), np.float32)


def unit(a: Array) -> Array:
    """Rows [n, 3] made one long."""
    return np.asarray(a / np.sqrt(np.maximum(np.einsum("ij,ij->i", a, a), 1e-12))[:, None], np.float32)


def bump(x: Array, y: Array, x0: float | Array, sx: float, y0: float | Array, sy: float) -> Array:
    """A Gaussian hill of height 1 at (x0, y0)."""
    return np.exp(-(((x - x0) / sx) ** 2) - ((y - y0) / sy) ** 2).astype(np.float32)


def step(a: float | Array, b: float | Array, x: Array) -> Array:
    """0 before a, 1 after b, smooth between (a may be greater than b)."""
    t = np.clip((x - a) / (np.asarray(b) - a), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def mix(a: Array, b: Array | npt.ArrayLike, weight: Array) -> Array:
    """Blend colours [n, 3] towards b by weights [n]."""
    return np.asarray(a + (np.asarray(b, np.float32) - a) * weight[..., None], np.float32)


def noise(generator: np.random.Generator, size: int, scales: list[float]) -> Array:
    """Zero-mean, unit-deviation noise [size, size] that tiles, equal parts of Gaussian blur radii `scales` (pixels)."""
    total = np.zeros((size, size), np.float32)
    for scale in scales:
        layer: Array = generator.standard_normal((size, size)).astype(np.float32)
        if scale > 0:
            pad = min(size - 1, int(4 * scale) + 2)
            wider = cv2.copyMakeBorder(layer, pad, pad, pad, pad, cv2.BORDER_WRAP)
            layer = np.asarray(cv2.GaussianBlur(wider, (0, 0), scale)[pad:-pad, pad:-pad], np.float32)
        total += layer / layer.std()
    return np.asarray(total / total.std(), np.float32)


def sample(texture: Array, u: Array, v: Array) -> Array:
    """Bilinear lookup with wrap-around at pixel positions u (across) and v (down), any shape."""
    shape = u.shape
    flat_u, flat_v = np.ravel(u).astype(np.float32), np.ravel(v).astype(np.float32)
    h, w = texture.shape[:2]
    columns = 4096
    rows = -(-flat_u.size // columns)
    padded_u, padded_v = np.zeros(rows * columns, np.float32), np.zeros(rows * columns, np.float32)
    padded_u[: flat_u.size], padded_v[: flat_v.size] = np.mod(flat_u, w), np.mod(flat_v, h)
    wrapped = cv2.copyMakeBorder(texture, 0, 1, 0, 1, cv2.BORDER_WRAP)
    grid = (rows, columns)
    found = cv2.remap(wrapped, padded_u.reshape(grid), padded_v.reshape(grid), cv2.INTER_LINEAR)
    return np.asarray(found.reshape(-1, *texture.shape[2:])[: flat_u.size].reshape(*shape, *texture.shape[2:]))


def linear(srgb: npt.ArrayLike) -> Array:
    """SRGB 0..1 into linear light."""
    return np.asarray(np.power(np.clip(np.asarray(srgb, np.float32), 0, 1), 2.2), np.float32)


def rotation(yaw: float, pitch: float, roll: float) -> Array:
    """Rotation matrix of a head: yaw to its left, pitch upwards, roll towards its left shoulder, in degrees."""
    a, b, c = np.radians([yaw, -pitch, -roll])
    ry = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    rx = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(rz @ ry @ rx, np.float32)
