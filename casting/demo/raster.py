"""A small deferred rasteriser: which surface point does each pixel see, and how deep is it.

Triangles of dense grids are a few pixels large, so all of them are tested at once against each pixel of their bounding
box; a depth buffer keeps the nearest. Shading happens afterwards, once per pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casting.demo.curves import Array

FAR = np.float32(1e9)


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole looking down -z at `target` (mm) from `distance`; `focal` in pixels; pictures are `size` square."""

    size: int
    distance: float
    focal: float
    centre: tuple[float, float]
    target: tuple[float, float, float]

    def project(self, points: Array) -> tuple[Array, Array, Array]:
        """Pixel columns, rows and depths (mm from the camera) of world points [..., 3]."""
        depth = self.distance - (points[..., 2] - self.target[2])
        scale = self.focal / np.maximum(depth, 1.0)
        column = self.centre[0] + (points[..., 0] - self.target[0]) * scale
        row = self.centre[1] - (points[..., 1] - self.target[1]) * scale
        return column.astype(np.float32), row.astype(np.float32), depth.astype(np.float32)

    @property
    def eye(self) -> Array:
        """The camera's position in the world."""
        return np.array([self.target[0], self.target[1], self.target[2] + self.distance], np.float32)

    def rays(self) -> Array:
        """Unit directions [size, size, 3] from the camera through the pixel centres."""
        column, row = np.meshgrid(np.arange(self.size) + 0.5, np.arange(self.size) + 0.5)
        way = np.stack(
            [(column - self.centre[0]) / self.focal, (self.centre[1] - row) / self.focal, -np.ones_like(row)], axis=-1
        )
        return np.asarray(way / np.linalg.norm(way, axis=-1, keepdims=True), np.float32)


@dataclass(frozen=True, eq=False)
class Buffer:
    """Per pixel: depth [h, w] (FAR where nothing is) and the attributes [h, w, k] of the nearest surface."""

    depth: Array
    attributes: Array


def grid_triangles(rows: int, columns: int, offset: int) -> npt.NDArray[np.int64]:
    """Vertex numbers [n, 3] of the two triangles of every cell of a grid."""
    index = np.arange(rows * columns).reshape(rows, columns) + offset
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    first = np.stack([a, c, b], axis=-1).reshape(-1, 3)
    return np.concatenate([first, np.stack([b, c, d], axis=-1).reshape(-1, 3)])


def _least(corners: Array) -> Array:
    return np.asarray(np.minimum(np.minimum(corners[:, 0], corners[:, 1]), corners[:, 2]))


def rasterise(camera: Camera, points: Array, attributes: Array, triangles: npt.NDArray[np.int64]) -> Buffer:
    """Draw triangles over world points [n, 3] with attributes [n, k]."""
    size = camera.size
    column, row, depth = camera.project(points)
    tc, tr, td = column[triangles], row[triangles], depth[triangles]
    left, top = np.ceil(_least(tc) - 0.5), np.ceil(_least(tr) - 0.5)
    wide, high = np.floor(-_least(-tc) - 0.5) - left + 1, np.floor(-_least(-tr) - 0.5) - top + 1
    area = (tc[:, 1] - tc[:, 0]) * (tr[:, 2] - tr[:, 0]) - (tc[:, 2] - tc[:, 0]) * (tr[:, 1] - tr[:, 0])
    seen = (wide > 0) & (high > 0) & (np.abs(area) > 1e-9) & (left < size) & (top < size)
    seen &= (left + wide > 0) & (top + high > 0) & (_least(td) > 1)
    chosen = np.flatnonzero(seen)
    largest = np.maximum(wide, high)[chosen]
    pixels, owners, firsts, seconds, depths = [], [], [], [], []
    lower = 0
    for upper in (1, 2, 3, 4, 6, 8, 12, 20, 40, 80):
        group = chosen[(largest > lower) & (largest <= upper)]
        lower = upper
        if not group.size:
            continue
        c0, r0, c1, r1, c2, r2 = (v[group, k] for k in range(3) for v in (tc, tr))
        scale = 1 / area[group]
        for dy in range(upper):
            for dx in range(upper):
                px, py = left[group] + dx, top[group] + dy
                cx, cy = px + 0.5, py + 0.5
                w1 = ((cx - c0) * (r2 - r0) - (c2 - c0) * (cy - r0)) * scale
                w2 = ((c1 - c0) * (cy - r0) - (cx - c0) * (r1 - r0)) * scale
                hit = (
                    (w1 >= -1e-4)
                    & (w2 >= -1e-4)
                    & (w1 + w2 <= 1.0002)
                    & (px >= 0)
                    & (py >= 0)
                    & (px < size)
                    & (py < size)
                )
                if not hit.any():
                    continue
                which = group[hit]
                a, b = w1[hit], w2[hit]
                d = td[which]
                pixels.append((py[hit] * size + px[hit]).astype(np.int64))
                owners.append(which)
                firsts.append(a)
                seconds.append(b)
                depths.append(d[:, 0] * (1 - a - b) + d[:, 1] * a + d[:, 2] * b)
    buffer = np.full(size * size, FAR, np.float32)
    values = np.zeros((size * size, attributes.shape[1]), np.float32)
    if pixels:
        at, near = np.concatenate(pixels), np.concatenate(depths).astype(np.float32)
        np.minimum.at(buffer, at, near)
        won = near <= buffer[at]
        at, which = at[won], np.concatenate(owners)[won]
        a, b = np.concatenate(firsts)[won][:, None], np.concatenate(seconds)[won][:, None]
        corner = triangles[which]
        values[at] = (
            attributes[corner[:, 0]] * (1 - a - b) + attributes[corner[:, 1]] * a + attributes[corner[:, 2]] * b
        )
    return Buffer(buffer.reshape(size, size), values.reshape(size, size, -1))
