"""Drawing tools of the webtoon look: flat fills, brush lines whose width swells and tapers, tones and masks."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from casting.demo.curves import Array, step
from casting.demo.identity import RGB

Mask = Array


def smooth(points: Array, count: int = 60, closed: bool = False) -> Array:
    """A Catmull-Rom curve [count, 2] through points [n, 2]."""
    p = np.asarray(points, np.float64)
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    pieces = len(p) - 3
    t = np.linspace(0, pieces, count, endpoint=not closed)
    k = np.minimum(t.astype(int), pieces - 1)
    u = (t - k)[:, None]
    a, b, c, d = p[k], p[k + 1], p[k + 2], p[k + 3]
    curve = 0.5 * (2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u**2 + (3 * b - a - 3 * c + d) * u**3)
    return np.asarray(curve, np.float32)


def _box(mask: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.max(axis=1) > 0), np.flatnonzero(mask.max(axis=0) > 0)
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


class Canvas:
    """An sRGB picture [h, w, 3] in 0..1, drawn at twice its final size."""

    def __init__(self, width: int, height: int, ground: RGB = (1.0, 1.0, 1.0)) -> None:
        self.width, self.height = width, height
        self.picture = np.empty((height, width, 3), np.float32)
        self.picture[:] = ground

    def mask(self, shapes: Sequence[Array]) -> Mask:
        """Coverage [h, w] of closed polygons, anti-aliased, united."""
        out = np.zeros((self.height, self.width), np.uint8)
        for shape in shapes:
            fixed = np.round(np.clip(shape, -6000, 6000) * 16).astype(np.int32)
            cv2.fillPoly(out, [fixed], 255, cv2.LINE_AA, 4)
        return np.asarray(out.astype(np.float32) / 255, np.float32)

    def paint(self, mask: Mask, colour: RGB | Array, opacity: float = 1.0) -> None:
        """Lay a flat colour over a mask."""
        box = _box(mask)
        part = self.picture[box]
        part += (np.asarray(colour, np.float32) - part) * (mask[box] * opacity)[..., None]

    def multiply(self, mask: Mask, colour: RGB | Array) -> None:
        """Darken a mask by a tone, as a transparent film does."""
        box = _box(mask)
        self.picture[box] *= 1 - mask[box][..., None] * (1 - np.asarray(colour, np.float32))

    def fill(self, shape: Array, colour: RGB | Array, opacity: float = 1.0) -> None:
        """Fill one polygon."""
        self.paint(self.mask([shape]), colour, opacity)

    def stroke_mask(self, lines: Sequence[Array], widths: Sequence[Array]) -> Mask:
        """Coverage of brush lines [n, 2] with a width in pixels at each point [n]."""
        shapes = []
        for line, width in zip(lines, widths, strict=True):
            way = np.gradient(line, axis=0)
            way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
            side = np.stack([-way[:, 1], way[:, 0]], axis=1) * (np.maximum(width, 0.3) / 2)[:, None]
            shapes.append(np.concatenate([line + side, (line - side)[::-1]]))
        return self.mask(shapes)


class Pen:
    """A brush with a habit: how wide, which colour, how it tapers, how steady the hand is."""

    def __init__(
        self,
        canvas: Canvas,
        width: float,
        colour: RGB,
        generator: np.random.Generator,
        shake: float = 0.0,
        repeats: int = 1,
    ) -> None:
        self.canvas, self.width, self.colour = canvas, width, colour
        self.generator, self.shake, self.repeats = generator, shake, repeats

    def lines(
        self,
        lines: Sequence[Array],
        width: float = 1.0,
        taper: float = 0.85,
        colour: RGB | Array | None = None,
        clip: Mask | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Draw curves with swelling width (`width` times the pen's own, thinned by `taper` at both ends)."""
        drawn, widths = [], []
        for line in lines:
            if len(line) < 3:
                continue
            for turn in range(self.repeats):
                t = np.linspace(0, 1, len(line))
                body = np.sin(np.pi * np.clip(t, 0, 1)) ** 0.7
                wander: float | Array = 0.0
                if self.shake:
                    knots = self.generator.standard_normal((6, 2)) * self.shake
                    at = np.linspace(0, 5, len(line))
                    wander = np.stack([np.interp(at, np.arange(6), knots[:, i]) for i in (0, 1)], axis=1)
                drawn.append(np.asarray(line + wander, np.float32))
                scale = self.width * width * (0.7 if turn else 1.0)
                widths.append(np.asarray(scale * (1 - taper + taper * body), np.float32))
        if not drawn:
            return
        mask = self.canvas.stroke_mask(drawn, widths)
        if clip is not None:
            mask = mask * clip
        self.canvas.paint(mask, self.colour if colour is None else colour, opacity)

    def line(
        self,
        points: Array,
        width: float = 1.0,
        taper: float = 0.85,
        colour: RGB | Array | None = None,
        clip: Mask | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Draw one smooth curve through points."""
        self.lines([smooth(points)], width, taper, colour, clip, opacity)

    def outline(
        self, mask: Mask, width: float = 1.0, colour: RGB | Array | None = None, clip: Mask | None = None
    ) -> None:
        """Ink the edge of a mask; the line is heavier below and to the right, as if lit from above left."""
        contours, _ = cv2.findContours((mask > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        drawn, widths = [], []
        for contour in contours:
            if len(contour) < 60:
                continue
            path = contour[:, 0].astype(np.float32)
            kernel = cv2.getGaussianKernel(21, 4).ravel()
            padded = np.concatenate([path[-10:], path, path[:10]])
            path = np.stack([np.convolve(padded[:, i], kernel, "valid") for i in (0, 1)], axis=1).astype(np.float32)
            path = np.concatenate([path, path[:2]])[::3]
            way = np.gradient(path, axis=0)
            way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
            facing = np.clip(0.5 + 0.5 * (way[:, 0] * 0.75 - way[:, 1] * 0.6), 0, 1)
            edge = np.minimum.reduce(
                [path[:, 0], path[:, 1], self.canvas.width - path[:, 0], self.canvas.height - path[:, 1]]
            )
            drawn.append(path)
            widths.append((self.width * width * (0.62 + 0.75 * facing) * (edge > 4)).astype(np.float32))
        if drawn:
            line = self.canvas.stroke_mask(drawn, widths)
            self.canvas.paint(line if clip is None else line * clip, self.colour if colour is None else colour)


def soften(mask: Mask, radius: float) -> Mask:
    """Round the corners of a mask: blur and cut at the half."""
    blurred = cv2.GaussianBlur(mask, (0, 0), radius)
    return step(0.46, 0.54, np.asarray(blurred, np.float32))


def shifted(mask: Mask, dx: float, dy: float) -> Mask:
    """The mask moved across and down; what lies beyond the edge continues it."""
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    size = (mask.shape[1], mask.shape[0])
    return np.asarray(cv2.warpAffine(mask, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.float32)


def screen_tone(height: int, width: int, pitch: float, darkness: Array | float, angle: float = 45.0) -> Mask:
    """Printed dots on a grid; `darkness` 0..1 is the share of ink, the same everywhere or [h, w]."""
    row, column = np.mgrid[0:height, 0:width].astype(np.float32)
    a = np.radians(angle)
    u, v = (column * np.cos(a) + row * np.sin(a)) / pitch, (-column * np.sin(a) + row * np.cos(a)) / pitch
    distance = np.hypot(u - np.round(u), v - np.round(v)) * pitch
    radius = np.sqrt(np.clip(darkness, 0, 1) / np.pi) * pitch
    return np.asarray(np.clip(radius - distance + 0.5, 0, 1), np.float32)


def tint(colour: RGB | Array, factor: float, warm: float = 0.0) -> Array:
    """A darker or lighter sRGB colour; `warm` shifts shadows towards red (positive) or blue."""
    value = np.asarray(colour, np.float32) * factor + np.array([warm, 0, -warm], np.float32)
    return np.asarray(np.clip(value, 0, 1), np.float32)
