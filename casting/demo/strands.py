"""Hair as strands: polylines in space, drawn as thin lines into a picture that already has a depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from casting.demo.curves import Array
from casting.demo.raster import Camera


@dataclass(frozen=True, eq=False)
class Strands:
    """Polylines [n, k, 3] (mm) with linear root-to-tip colour [n, 3], width (pixels at the root) and how lit they are.

    `cover` is the opacity of a strand, `gloss` its shine, `depth_bias` lifts it off the skin (mm), and `volume` is the
    thickness of the mass of hair (mm), which darkens what lies deep in it.
    """

    points: Array
    colour: Array
    width: float
    cover: float = 1.0
    gloss: float = 1.0
    depth_bias: float = 0.6
    taper: float = 0.6
    deep: Array | None = None

    def moved(self, turn: Array, pivot: Array) -> Strands:
        """The strands after a rotation about a pivot."""
        return Strands(
            np.asarray((self.points - pivot) @ turn.T + pivot, np.float32),
            self.colour,
            self.width,
            self.cover,
            self.gloss,
            self.depth_bias,
            self.taper,
            self.deep,
        )


@dataclass(frozen=True, eq=False)
class StrandPixels:
    """Drawn strands: flat pixel numbers [n] with position, tangent, colour, root-to-tip, depth in the hair."""

    pixel: Array
    points: Array
    tangents: Array
    colour: Array
    along: Array
    cover: Array
    gloss: Array
    deep: Array
    depth: Array


def draw(camera: Camera, groups: list[Strands], depth: Array) -> StrandPixels:
    """The nearest strand at every pixel that is in front of `depth` [size, size]."""
    size = camera.size
    buffer = depth.reshape(-1).copy()
    kept: list[tuple[npt.NDArray[Any], ...]] = []
    for number, group in enumerate(groups):
        for start in range(0, len(group.points), 3000):
            kept.extend(_samples(camera, group, number, slice(start, start + 3000), buffer, size))
    if not kept:
        empty, none = np.zeros((0, 3), np.float32), np.zeros(0, np.float32)
        return StrandPixels(np.zeros(0, np.int64), empty, empty, empty, none, none, none, none, none)
    pixel, near, which, strand, along, cover = (np.concatenate([piece[i] for piece in kept]) for i in range(6))
    won = np.flatnonzero(near <= buffer[pixel])
    _, first = np.unique(pixel[won], return_index=True)
    won = won[first]
    pixel, near, which, strand, along, cover = (v[won] for v in (pixel, near, which, strand, along, cover))
    n = len(pixel)
    points, tangents, colour = (np.zeros((n, 3), np.float32) for _ in range(3))
    gloss, deep = np.zeros(n, np.float32), np.zeros(n, np.float32)
    for number, group in enumerate(groups):
        mine = np.flatnonzero(which == number)
        k = group.points.shape[1]
        position = along[mine] * (k - 1)
        low = np.minimum(position.astype(np.int64), k - 2)
        u = (position - low)[:, None]
        own = strand[mine]
        before, after = group.points[own, low], group.points[own, low + 1]
        points[mine] = before * (1 - u) + after * u
        way = group.points[own, np.minimum(low + 2, k - 1)] - group.points[own, np.maximum(low - 1, 0)]
        tangents[mine] = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
        colour[mine], gloss[mine] = group.colour[own], group.gloss
        deep[mine] = group.deep[own] if group.deep is not None else 1.0
    return StrandPixels(pixel, points, tangents, colour, along, cover, gloss, deep, near)


def _samples(
    camera: Camera, group: Strands, number: int, part: slice, buffer: Array, size: int
) -> list[tuple[npt.NDArray[Any], ...]]:
    points = group.points[part]
    k = points.shape[1]
    column, row, near = camera.project(points)
    inside = (column >= 0) & (row >= 0) & (column < size) & (row < size)
    pixel = np.where(inside, np.floor(row) * size + np.floor(column), 0).astype(np.int64)
    shown = np.flatnonzero((inside & (near - group.depth_bias < buffer[pixel] + 3)).any(axis=1))
    points, column, row, near = points[shown], column[shown], row[shown], near[shown]
    if not shown.size:
        return []
    length = np.hypot(np.diff(column, axis=1), np.diff(row, axis=1))
    fine = int(np.clip(np.ceil(np.percentile(length, 97) * 1.05), 1, 60))
    t = (np.arange((k - 1) * fine + 1) / fine).astype(np.float32)
    base = np.minimum(t.astype(np.int64), k - 2)
    u = (t - base)[None, :]

    def dense(value: Array) -> Array:
        return np.asarray(value[:, base] * (1 - u) + value[:, base + 1] * u, np.float32).ravel()

    column, row, near = dense(column), dense(row), dense(near - group.depth_bias)
    visible = np.flatnonzero((column >= 1) & (row >= 1) & (column < size - 1) & (row < size - 1))
    column, row, near = column[visible], row[visible], near[visible]
    strand, along = shown[visible // t.size] + part.start, (t / (k - 1))[visible % t.size]
    width = group.width * (1 - group.taper * along)
    steep = (np.abs(points[:, -1, 1] - points[:, 0, 1]) > np.abs(points[:, -1, 0] - points[:, 0, 0]))[visible // t.size]
    out: list[tuple[npt.NDArray[Any], ...]] = []
    for lane in range(max(1, int(np.ceil(group.width)))):
        there = width > lane + 0.2
        shift = np.float32(lane)
        pixel = (
            np.floor(row + np.where(steep, 0, shift)) * size + np.floor(column + np.where(steep, shift, 0))
        ).astype(np.int64)
        hit = np.flatnonzero(there & (near < buffer[pixel]))
        at, z = pixel[hit], near[hit]
        np.minimum.at(buffer, at, z)
        hit = hit[z <= buffer[at]]
        shown = np.clip(width[hit] - lane, 0.35, 1) if group.cover < 1 else np.ones(hit.size, np.float32)
        out.append(
            (
                pixel[hit],
                near[hit],
                np.full(hit.size, number),
                strand[hit],
                along[hit],
                np.asarray(shown * group.cover, np.float32),
            )
        )
    return out
