"""Brows, lashes and beards: short strands rooted at canonical positions of the face."""

from __future__ import annotations

import numpy as np

from casting.demo.browline import brow_colour, brow_line
from casting.demo.curves import Array, linear, step
from casting.demo.features import Features
from casting.demo.head import Loft, surface_at
from casting.demo.identity import Identity, rng_of
from casting.demo.skin import SkinPainter
from casting.demo.strands import Strands


def _strands(
    roots: Array, way: Array, bend: Array, length: Array, colour: Array, width: float, cover: float, pieces: int = 6
) -> Strands:
    t = np.linspace(0, 1, pieces, dtype=np.float32)[None, :, None]
    points = roots[:, None] + length[:, None, None] * (way[:, None] * t + bend[:, None] * t * t)
    return Strands(np.asarray(points, np.float32), colour, width, cover=cover, gloss=0.25, depth_bias=1.4, taper=0.7)


def brows(who: Identity, f: Features) -> list[Strands]:
    """Both eyebrows."""
    generator = rng_of("brows", who.name)
    groups = []
    base = brow_colour(who)
    reach = Loft(who, f.chin_y).sections(np.array([f.brow_y], np.float32))[0][0]
    for side in (-1.0, 1.0):
        n = 520 + int(90 * max(-1.5, who["brow_thick"]))
        t = generator.random(n).astype(np.float32) ** 0.9
        x, y = brow_line(f, t)
        half = 0.5 * f.brow_thick * np.clip(np.minimum(0.55 + 2.2 * t, 1.25 * (1.06 - t) ** 0.6), 0.12, 1)
        v = np.clip(generator.standard_normal(n) * 0.55, -1, 1).astype(np.float32)
        x = (x + 0.4 * generator.standard_normal(n)).astype(np.float32) * side
        x = np.clip(x, -0.86 * reach, 0.86 * reach)
        roots = surface_at(who, f, x, (y + half * v).astype(np.float32))
        lean = np.radians(74 - 78 * np.minimum(1, t * 1.5) - 24 * v * t + 9 * generator.standard_normal(n))
        way = np.stack([side * np.cos(lean), np.sin(lean), np.full(n, 0.22)], axis=1)
        bend = np.stack([side * 0.25 * np.ones(n), -0.22 * np.ones(n) * t, -0.15 * np.ones(n)], axis=1)
        length = (5.2 + 1.6 * generator.random(n)) * (0.85 + 0.1 * who.is_male)
        colour = 0.5 * base * np.exp(0.2 * generator.standard_normal((n, 1)))
        groups.append(_strands(roots, way, bend, length, np.asarray(colour, np.float32), 1.5, 0.75))
    return groups


def lashes(who: Identity, f: Features) -> list[Strands]:
    """Upper and lower lashes."""
    generator = rng_of("lashes", who.name)
    groups = []
    for side in (-1.0, 1.0):
        for upper in (True, False):
            n = 95 if upper else 42
            t = np.linspace(-0.82, 0.99, n).astype(np.float32)
            up, low = f.eye_lids(t)
            along, above = t * f.eye_half, up + 0.1 if upper else low
            c, s = np.cos(f.eye_tilt), np.sin(f.eye_tilt)
            x = side * (f.eye_x + along * c - above * s)
            y = along * s + above * c
            roots = surface_at(who, f, x.astype(np.float32), y.astype(np.float32))
            outwards = 0.15 + 0.75 * t + 0.15 * generator.standard_normal(n)
            if upper:
                way = np.stack([side * outwards * 0.7, np.full(n, -0.10), np.full(n, 0.95)], axis=1)
                bend = np.stack([side * outwards * 0.3, np.full(n, 0.95), np.full(n, -0.35)], axis=1)
                length = (2.9 if who.is_male else 4.3) + 1.0 * step(-0.5, 0.6, t) + 0.5 * generator.standard_normal(n)
            else:
                way = np.stack([side * outwards * 0.5, np.full(n, -0.45), np.full(n, 0.6)], axis=1)
                bend = np.stack([side * outwards * 0.3, np.full(n, -0.15), np.zeros(n)], axis=1)
                length = (1.3 if who.is_male else 2.1) + 0.4 * generator.standard_normal(n)
            dark = np.tile(np.array([0.012, 0.009, 0.008], np.float32), (n, 1))
            cover = (0.55 if who.is_male else 0.8) if upper else 0.25
            groups.append(_strands(roots, way, bend, np.asarray(length, np.float32), dark, 1.4, cover))
    return groups


def beard(who: Identity, f: Features, painter: SkinPainter) -> list[Strands]:
    """Beard and moustache, if the person wears one."""
    if not who.beard or who.beard == "stubble":
        count, size = (5200, 1.3) if who.beard == "stubble" else (0, 0.0)
    else:
        count, size = (9000, 11.0) if who.beard.startswith("beard") else (3600, 6.5)
    if not count:
        return []
    generator = rng_of("beard", who.name)
    x = generator.uniform(-72, 72, count * 6).astype(np.float32)
    y = generator.uniform(f.chin_y - 3, 0, count * 6).astype(np.float32)
    width = Loft(who, f.chin_y).sections(y)[0]
    grows = (generator.random(count * 6) < painter.beard_density(x, y)) & (np.abs(x) < 0.95 * width)
    keep = np.flatnonzero(grows)[:count]
    x, y = x[keep], y[keep]
    n = len(keep)
    roots = surface_at(who, f, x, y)
    roots[:, 2] -= 0.5
    side = np.sign(x)
    near_lip = step(f.mouth_y - 5, f.mouth_y + 2, y)
    down = np.stack([0.10 * side + 0.5 * side * near_lip, np.full(n, -1.0), np.full(n, 0.45)], axis=1)
    way = down + 0.28 * generator.standard_normal((n, 3))
    bend = np.stack([np.zeros(n), np.full(n, -0.35), np.full(n, -0.25)], axis=1) + 0.15 * generator.standard_normal(
        (n, 3)
    )
    length = size * (0.6 + 0.6 * generator.random(n)) * (1 - 0.35 * near_lip)
    base = linear(who.hair_colour)
    if who.beard == "beardgrey":
        base = np.array([0.20, 0.19, 0.185], np.float32)
    base = base * (0.5 if who.beard == "stubble" else 1.0)
    colour = base * np.exp(0.3 * generator.standard_normal((n, 1)))
    grey = generator.random(n) < max(0.5 * who.grey, 0.35 if who.beard == "beardgrey" else 0)
    colour[grey] = np.array([0.45, 0.44, 0.43])
    cover = 0.5 if who.beard == "stubble" else 0.85
    return [_strands(roots, way, bend, np.asarray(length, np.float32), np.asarray(colour, np.float32), 1.2, cover)]
