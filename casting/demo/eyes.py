"""Eyes, shaded exactly per pixel: a ray meets the eyeball behind the opening between the lids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from casting.demo.curves import Array, linear, mix, noise, sample, step
from casting.demo.features import Expression, Features
from casting.demo.identity import Identity, rng_of

BALL = 12.2
IRIS = 6.05


@dataclass(frozen=True, eq=False)
class EyePixels:
    """Per pixel [n]: share of eye, linear colour before light, normal, light that the lids leave, lid line."""

    cover: Array
    colour: Array
    normal: Array
    shadow: Array
    lid_line: Array


class EyePainter:
    """Paints both eyes of one person under one expression."""

    def __init__(self, who: Identity, f: Features, mood: Expression) -> None:
        self.who, self.f, self.mood = who, f, mood
        self.fibres = noise(rng_of("iris", who.name), 256, [1.0, 2.5])

    def paint(self, x: Array, y: Array, origin: Array, way: Array) -> EyePixels:
        """Eye pixels at canonical positions, seen from `origin` [3] along `way` [n, 3] (head's frame)."""
        f = self.f
        side = np.where(x < 0, -1.0, 1.0).astype(np.float32)
        along, above = f.eye_frame(x, y, side)
        t = along / f.eye_half
        upper, lower = f.eye_lids(t)
        gap = np.minimum(upper - above, above - lower)
        cover = step(-0.22, 0.22, gap) * (np.abs(t) < 1)
        centre = np.stack([side * f.eye_x, np.zeros_like(x), np.full_like(x, f.eye_z - BALL)], axis=-1)
        offset = origin - centre
        b = (offset * way).sum(-1)
        inside = np.maximum(b * b - ((offset * offset).sum(-1) - BALL**2), 0)
        normal = (offset + way * (-b - np.sqrt(inside))[:, None]) / BALL
        normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
        colour = self._ball(normal, side, t)
        wet = np.exp(-(((above - lower - 0.35) / 0.4) ** 2)) * cover
        colour = mix(
            colour, linear(self.who.skin) * np.array([1.0, 0.72, 0.68], np.float32), np.asarray(0.8 * wet, np.float32)
        )
        pink = np.exp(-(((t + 0.93) / 0.10) ** 2))
        colour = mix(colour, np.array([0.55, 0.22, 0.20], np.float32), np.asarray(0.75 * pink, np.float32))
        shadow = (
            1 - 0.72 * np.exp(-np.maximum(upper - above, 0) / 1.7) - 0.25 * np.exp(-np.maximum(above - lower, 0) / 0.8)
        )
        shadow *= 1 - 0.35 * np.abs(t) ** 3
        heavy = 0.75 if self.who.is_male else 1.15
        line = np.exp(-(((above - upper - 0.15) / heavy) ** 2)) * step(1.12, 0.95, np.abs(t)) * step(-1.05, -0.75, t)
        line = np.maximum(line, 0.35 * np.exp(-(((above - lower + 0.2) / 0.55) ** 2)) * step(1.02, 0.85, np.abs(t)))
        crease = (
            np.exp(-(((above - upper - f.crease - 0.9) / 0.55) ** 2)) * step(1.05, 0.75, np.abs(t)) * min(1.0, f.crease)
        )
        line = np.maximum(0.8 * line, 0.34 * crease) * (np.abs(x) < f.eye_x + 2 * f.eye_half)
        return EyePixels(
            np.asarray(cover, np.float32),
            colour,
            np.asarray(normal, np.float32),
            np.asarray(np.clip(shadow, 0.1, 1), np.float32),
            np.asarray(line, np.float32),
        )

    def _ball(self, normal: Array, side: Array, t: Array) -> Array:
        across, up = np.radians(self.mood.gaze)
        gx = np.sin(across) - side * 0.035
        gaze = np.stack([gx, np.full_like(gx, np.sin(up)), np.sqrt(1 - gx**2 - np.sin(up) ** 2)], axis=-1)
        right = np.stack([gaze[:, 2], np.zeros_like(gx), -gaze[:, 0]], axis=-1)
        over = np.cross(gaze, right)
        px, py = BALL * (normal * right).sum(-1), BALL * (normal * over).sum(-1)
        r = np.hypot(px, py)
        angle = np.arctan2(py, px)
        white = np.broadcast_to(np.array([0.70, 0.645, 0.61], np.float32), (r.size, 3))
        vein = np.clip(sample(self.fibres, t * 60 + 20, angle * 20), 0, 3) * step(7, 11.5, r)
        colour = mix(
            white.astype(np.float32), np.array([0.60, 0.25, 0.22], np.float32), np.asarray(0.10 * vein, np.float32)
        )
        fibre = sample(self.fibres, angle * 256 / (2 * np.pi) * 2.0, r * 5)
        glow = 0.75 + 0.5 * np.clip(-py / IRIS, -0.6, 1) + 0.22 * fibre
        ring = 1 + 0.5 * np.exp(-(((r - 2.9) / 0.8) ** 2))
        iris = linear(self.who.iris)[None] * (glow * ring * (1.25 + 0.9 * (1 - np.mean(self.who.iris))))[:, None]
        iris = iris * (1 - 0.72 * step(4.6, IRIS, r))[:, None]
        colour = mix(colour, iris, step(IRIS + 0.25, IRIS - 0.35, r))
        return mix(colour, np.array([0.004, 0.004, 0.005], np.float32), step(2.35, 2.0, r))
