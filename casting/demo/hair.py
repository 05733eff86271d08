"""Hair cuts: guide strands grown from the scalp under a combing field, and thousands of strands that follow them."""

from __future__ import annotations

import numpy as np

from casting.demo.curves import Array, linear, spline, step
from casting.demo.cuts import CUTS, STEPS, Cut, scalp_cover
from casting.demo.features import Features
from casting.demo.head import Loft, Surface
from casting.demo.identity import Identity, rng_of
from casting.demo.strands import Strands
from casting.demo.ties import tied_hair


def _away(points: Array, f: Features) -> Array:
    crown = np.array([0, 107, -48], np.float32)
    way = points - crown
    return np.asarray(way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6), np.float32)


class Barber:
    """Grows the hair of one person."""

    def __init__(self, who: Identity, f: Features, head: Surface, wind: float = 0.0) -> None:
        self.who, self.f = who, f
        self.loft = Loft(who, f.chin_y)
        self.generator = rng_of("hair", who.name)
        self.wind = wind
        self.part_x = float(
            self.generator.choice([-1.0, 1.0]) * (0.0 if who.fringe == "middle" or who.hair == "curtains" else 24.0)
        )
        flat = head.points.reshape(-1, 3)
        area = np.linalg.norm(np.cross(np.gradient(head.points, axis=0), np.gradient(head.points, axis=1)), axis=-1)
        cover = scalp_cover(who, f, flat)
        self.weight = (area.reshape(-1) * cover).astype(np.float64)
        self.flat, self.normals = flat, head.normals.reshape(-1, 3)

    def roots(self, count: int, extra: Array | None = None) -> tuple[Array, Array]:
        """Random roots on the scalp and their normals."""
        weight = self.weight if extra is None else self.weight * extra
        total = np.cumsum(weight)
        if total[-1] <= 0:
            return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32)
        pick = np.searchsorted(total, (self.generator.random(count)) * total[-1])
        pick = np.minimum(pick, len(total) - 1)
        jitter = 0.35 * self.generator.standard_normal((count, 3))
        return np.asarray(self.flat[pick] + jitter, np.float32), self.normals[pick]

    def cut(self) -> list[Strands]:
        """All strands of the scalp, in the frame of the head."""
        if self.who.hair == "bald":
            return []
        cut = CUTS[self.who.hair]
        guides, roots = self.guides()
        strands = self._follow(cut, guides, roots, cut.strands)
        return [strands, *self.tied()]

    def guides(self, count: int = 420) -> tuple[Array, Array]:
        """Guide strands [count, steps, 3] and their roots."""
        roots, normals = self.roots(count)
        return self._grow(CUTS[self.who.hair], roots, normals), roots

    def colours(self, count: int) -> Array:
        """Linear colours of single strands: a little different each, some grey."""
        who = self.who
        base = linear(who.hair_colour)
        value = (
            base
            * np.exp(0.20 * self.generator.standard_normal((count, 1)))
            * (1 + 0.04 * self.generator.standard_normal((count, 3)))
        )
        grey = self.generator.random(count) < (who.grey * 0.55 if who.grey < 0.9 else 0.0)
        value[grey] = np.array([0.42, 0.41, 0.40]) * (0.8 + 0.4 * self.generator.random((int(grey.sum()), 1)))
        return np.asarray(np.clip(value, 0.002, 0.9), np.float32)

    def _combed(self, cut: Cut, p: Array, n: Array) -> Array:
        side = np.sign(p[:, 0] - self.part_x * step(-95.0, -20.0, p[:, 2]))[:, None]
        x, y, z = np.eye(3, dtype=np.float32)
        front = step(10.0, 60.0, p[:, 2])[:, None]
        if cut.comb == "part":
            way = side * x * 1.0 - 0.35 * y - 0.55 * front * z * (1 if self.who.hair != "curtains" else -0.5)
        elif cut.comb == "side":
            way = (-np.sign(self.part_x) * x * 0.9 + 0.35 * z) * front + (1 - front) * (_away(p, self.f) - 0.3 * y)
            way = np.where(p[:, 1:2] < 60, -0.8 * y - 0.3 * z + 0 * way, way)
        elif cut.comb == "quiff":
            way = 0.55 * y - 0.75 * z - 0.22 * np.sign(self.part_x) * x
        elif cut.comb == "back":
            way = -1.0 * z + 0.15 * y + 0.12 * side * x
        elif cut.comb == "forward":
            way = _away(p, self.f) + 0.25 * z * front
        elif cut.comb == "gather":
            way = self._knot(p) - p
            way = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
        else:
            way = n + 0.35 * _away(p, self.f)
        burns = ((p[:, 1] < 20) & (p[:, 2] > -8))[:, None]
        way = np.where(burns, -y - 0.25 * z, way)
        way = np.asarray(way - (way * n).sum(1, keepdims=True) * n * (0.85 if cut.comb != "out" else 0.0), np.float32)
        return np.asarray(way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6), np.float32)

    def _knot(self, p: Array) -> Array:
        if self.who.hair == "twintails":
            return np.stack([np.where(p[:, 0] < 0, -76, 76), np.full(len(p), 30), np.full(len(p), -40)], axis=1).astype(
                np.float32
            )
        height = {"bun": 96.0, "ponytail": 62.0, "tieback": 30.0}[self.who.hair]
        depth = {"bun": -78.0, "ponytail": -108.0, "tieback": -108.0}[self.who.hair]
        return np.tile(np.array([0, height, depth], np.float32), (len(p), 1))

    def _lengths(self, cut: Cut, p: Array) -> Array:
        who, f = self.who, self.f
        blend = step(cut.side_y - 14, cut.side_y + 12, p[:, 1])
        length = cut.sides + (cut.top - cut.sides) * blend
        azimuth = np.abs(np.arctan2(p[:, 0], p[:, 2] + 6))
        fringe = cut.fringe
        if who.fringe == "bangs" and cut.comb in ("part", "side"):
            fringe = 50.0 if cut.comb == "part" else 40.0
        if fringe:
            near = step(0.80, 0.66, azimuth) * step(-5.0, 35.0, p[:, 2])
            reach = fringe + np.maximum(0, p[:, 1] - f.hairline) * 0.9 + 10 * (azimuth / 0.8) ** 2
            length = length * (1 - near) + np.minimum(reach, 120.0) * near
        if cut.comb == "part" and who.hair != "curtains":
            length = length - np.maximum(0, 90 - p[:, 1]) * 0.75
        if cut.comb in ("side", "quiff"):
            length = length * (1 - 0.55 * blend * np.clip(np.abs(p[:, 0]) / 72, 0, 1) ** 1.5)
        if cut.comb != "part":
            burns = (p[:, 1] < 20) & (p[:, 2] > -8)
            length = np.where(burns, np.minimum(length, 9.0), length)
        if cut.comb == "gather":
            length = np.linalg.norm(self._knot(p) - p, axis=1) * 1.06
        return np.asarray(np.maximum(length, 3) * (0.92 + 0.16 * self.generator.random(len(p))), np.float32)

    def _grow(self, cut: Cut, roots: Array, normals: Array) -> Array:
        who, f = self.who, self.f
        generator = self.generator
        lengths = self._lengths(cut, roots)
        comb = self._combed(cut, roots, normals)
        azimuth = np.abs(np.arctan2(roots[:, 0], roots[:, 2] + 6))
        bangs = np.zeros(len(roots), np.float32)
        if who.fringe == "bangs" and cut.comb in ("part", "side"):
            bangs = (step(0.80, 0.66, azimuth) * step(-5.0, 35.0, roots[:, 2])).astype(np.float32)
            ahead = np.stack([0.004 * roots[:, 0], np.full(len(roots), -0.1), np.ones(len(roots))], axis=1)
            comb = np.asarray(comb * (1 - bangs[:, None]) + ahead * bangs[:, None], np.float32)
        way = normals * cut.lift + comb
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        stepping = (lengths / (STEPS - 1))[:, None]
        thickness = cut.loft * (0.25 + 0.75 * generator.random(len(roots)))
        wiggle = 0.10 * generator.standard_normal((len(roots), 3))
        point = roots.copy()
        path = [point]
        home = np.sign(roots[:, 0] - self.part_x * step(-95.0, -20.0, roots[:, 2]))
        for i in range(1, STEPS):
            t = i / (STEPS - 1)
            reached = np.minimum(1.0, i * stepping[:, 0] / 45.0)[:, None]
            fall = np.maximum(cut.fall, 0.8 * bangs)[:, None] * reached
            if cut.comb == "gather":
                target = self._knot(point) - point
                target /= np.maximum(np.linalg.norm(target, axis=1, keepdims=True), 1e-6)
                way = 0.55 * way + 0.45 * target
            else:
                way = way * (1 - 0.42 * fall) + np.array([0.25 * self.wind, -1, 0]) * 0.42 * fall
                if cut.comb in ("back", "side", "quiff", "forward"):
                    way = way + 0.10 * comb
            way = way + 0.12 * wiggle
            way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
            point = np.asarray(point + way * stepping, np.float32)
            margin = 2.0 + thickness * np.minimum(1.0, i * stepping[:, 0] / 30.0)
            depth, out = self._collide(point, margin)
            point = point + out * np.maximum(depth, 0)[:, None] * 0.8
            slide = (way * out).sum(1, keepdims=True)
            way = np.where((depth > 0)[:, None] & (slide < 0), way - 0.9 * slide * out, way)
            if cut.comb not in ("out", "gather"):
                far = np.clip((-depth - 4) / 20, 0, 0.35)[:, None] * step(-30.0, 10.0, point[:, 1])[:, None]
                way = way - out * far
            if cut.comb in ("side", "quiff", "back"):
                low = np.maximum(0, f.hairline + 5 - point[:, 1]) * step(12.0, 30.0, point[:, 2]) * (1 - bangs)
                point = point + np.stack([0 * low, 0.6 * low, 0.2 * low], axis=1) * (cut.fringe == 0)
            if cut.comb == "part":
                point = self._clear_of_face(point, home, bangs)
            point = self._clear_of_body(point, t)
            path.append(np.asarray(point, np.float32))
        guides = np.stack(path, axis=1)
        return self._curl(cut, guides, generator)

    def _collide(self, point: Array, margin: Array) -> tuple[Array, Array]:
        depth, out = self.loft.inside(point, 0.0)
        return np.asarray(depth + margin, np.float32), out

    def _clear_of_face(self, point: Array, home: Array, bangs: Array) -> Array:
        """Sweep hair that would hang before the face to its side."""
        least = spline(point[:, 1], [(70, 0), (56, 26), (36, 56), (10, 67), (-40, 64), (-90, 54), (-130, 50)])
        ahead = step(-5.0, 20.0, point[:, 2]) * (1 - bangs)
        moved = point.copy()
        lack = np.maximum(0, least - point[:, 0] * home) * ahead
        moved[:, 0] += 0.45 * lack * home
        moved[:, 2] -= 0.20 * lack
        return np.asarray(moved, np.float32)

    def _clear_of_body(self, point: Array, t: float) -> Array:
        y = point[:, 1]
        r = np.interp(-y, [60, 110, 140, 165, 190], [50, 56, 62, 76, 90]).astype(np.float32)
        dx, dz = point[:, 0], point[:, 2] + 25
        d = np.sqrt(dx**2 + (dz * 1.05) ** 2)
        push = np.where(y < -60, np.maximum(0, r - d), 0) * 0.5
        moved = point.copy()
        moved[:, 0] += push * dx / np.maximum(d, 1)
        moved[:, 2] += push * dz / np.maximum(d, 1) + np.where((y < -150) & (dz > 0), 1.5, 0)
        return np.asarray(moved, np.float32)

    def _curl(self, cut: Cut, guides: Array, generator: np.random.Generator) -> Array:
        wave = self.who.waviness
        radius, turns = cut.curl, cut.turns
        if radius == 0 and wave > 0:
            radius, turns = 3.0 + 6.0 * wave, cut.top / (75 if wave < 0.9 else 50)
        if radius == 0:
            radius, turns = 1.0, 2.0
        n, k, _ = guides.shape
        t = np.linspace(0, 1, k)[None]
        phase = generator.random((n, 1)) * 2 * np.pi
        angle = 2 * np.pi * turns * t * (0.8 + 0.4 * generator.random((n, 1))) + phase
        tangent = np.gradient(guides, axis=1)
        tangent /= np.maximum(np.linalg.norm(tangent, axis=-1, keepdims=True), 1e-6)
        first = np.cross(tangent, np.array([0.3, 0.2, 0.93]))
        first /= np.maximum(np.linalg.norm(first, axis=-1, keepdims=True), 1e-6)
        second = np.cross(tangent, first)
        grow = np.minimum(1, t * 2.2) * radius
        return np.asarray(
            guides + first * (np.cos(angle) * grow)[..., None] + second * (np.sin(angle) * grow)[..., None], np.float32
        )

    def _follow(self, cut: Cut, guides: Array, guide_roots: Array, count: int) -> Strands:
        generator = self.generator
        roots, _ = self.roots(count)
        part = self.part_x * step(-95.0, -20.0, roots[:, 2])
        own = roots.copy()
        theirs = guide_roots.copy()
        if cut.comb == "part":
            own[:, 0] += 60 * np.sign(roots[:, 0] - part)
            theirs[:, 0] += 60 * np.sign(guide_roots[:, 0] - self.part_x * step(-95.0, -20.0, guide_roots[:, 2]))
        nearest = np.empty(count, np.int64)
        for start in range(0, count, 2000):
            block = own[start : start + 2000]
            nearest[start : start + 2000] = ((block[:, None] - theirs[None]) ** 2).sum(-1).argmin(1)
        t = np.linspace(0, 1, STEPS, dtype=np.float32)[None, :, None]
        offset = (roots - guide_roots[nearest])[:, None]
        spread = generator.standard_normal((count, 1, 3)).astype(np.float32) * 1.6
        points = guides[nearest] + offset * (1 - cut.clump * np.minimum(1, t * 1.25)) + spread * np.minimum(1, 2.5 * t)
        frizz = generator.standard_normal((count, 5, 3)).astype(np.float32)
        knots = np.linspace(0, 4, STEPS)
        low = np.minimum(knots.astype(int), 3)
        u = (knots - low)[None, :, None]
        u = u * u * (3 - 2 * u)
        wander = frizz[:, low] * (1 - u) + frizz[:, low + 1] * u
        points = points + wander * t * (1.0 + 0.5 * cut.curl)
        short = 1 - 0.22 * generator.random((count, 1, 1)).astype(np.float32) ** 3
        points = points[:, :1] + self._shorten(points, short)
        shade = np.asarray(generator.random(count), np.float32)
        width = 2.0 if cut.top > 30 else 1.0
        return Strands(np.asarray(points, np.float32), self.colours(count), width, depth_bias=0.8, deep=shade)

    @staticmethod
    def _shorten(points: Array, keep: Array) -> Array:
        position = np.linspace(0, STEPS - 1, STEPS)[None, :] * keep[..., 0]
        low = np.minimum(position.astype(int), STEPS - 2)
        u = (position - low)[..., None]
        rows = np.arange(len(points))[:, None]
        return np.asarray(points[rows, low] * (1 - u) + points[rows, low + 1] * u - points[:, :1], np.float32)

    def tied(self) -> list[Strands]:
        """The knot or the tails of hair that is tied, if it is."""
        return tied_hair(self.who.hair, self.generator, self.colours)
