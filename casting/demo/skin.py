"""The colour, gloss and fine grain of skin at canonical positions: mottling, blush, lips, freckles, moles, wrinkles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from casting.demo.browline import brow_colour, brow_line
from casting.demo.curves import Array, bump, linear, mix, noise, sample, spline, step
from casting.demo.features import Features
from casting.demo.identity import Identity, rng_of


@dataclass(frozen=True, eq=False)
class Skin:
    """Linear colour [n, 3], gloss [n] (1 is ordinary skin) and relief of the fine grain [n] (about 1 high)."""

    colour: Array
    gloss: Array
    grain: Array


class SkinPainter:
    """Paints the skin of one person; noise is made once and looked up by position."""

    def __init__(self, who: Identity, f: Features) -> None:
        self.who, self.f = who, f
        generator = rng_of("skin", who.name)
        self.mottle = noise(generator, 512, [3.0, 9.0, 26.0])
        self.pores = noise(generator, 512, [1.1, 2.0])
        self.spots = noise(generator, 512, [1.5])
        self.hairs = noise(generator, 512, [0.7])

    def face(self, x: Array, y: Array) -> Skin:
        """Skin of the head at canonical positions (mm)."""
        who, f = self.who, self.f
        ax = np.abs(x)
        dark = 1.0 - float(np.mean(who.skin))
        base = linear(who.skin)
        colour = np.broadcast_to(base, (x.size, 3)).astype(np.float32)
        red = base * np.array([1.02, 0.70, 0.68], np.float32)
        cheeks = bump(ax, y, 38, 17, -30, 15) * (0.42 if not who.is_male else 0.28)
        cheeks += 0.40 * bump(ax, y, 0, 14, f.nose_y, 9) + 0.22 * bump(ax, y, 0, 16, f.chin_y + 14, 10)
        mottle = sample(self.mottle, x * 2.6 + 256, y * 2.6 + 256)
        colour = mix(colour, red, np.clip(cheeks * (1 - 0.4 * dark) + 0.085 * mottle, 0, 0.8))
        colour = mix(colour, base * np.array([1.0, 1.0, 0.93], np.float32), 0.5 * bump(ax, y, 0, 45, 42, 24))
        pale = 0.05 * sample(self.mottle, x * 1.1 + 40, y * 1.1 + 90)
        colour = colour * (1 + pale[:, None])
        tired = bump(ax, y, f.eye_x - 4, 13, -11.5, 5.5) * (0.22 + 0.35 * who.wrinkles)
        tired += 0.25 * bump(ax, y, f.eye_x, 16, 8, 6) + 0.22 * bump(ax, y, 15, 5, 2, 7)
        colour = mix(colour, base * np.array([0.72, 0.55, 0.56], np.float32), tired)
        colour = self._stubble(colour, x, y)
        colour = self._marks(colour, x, y)
        colour = self._folds(colour, x, y)
        gloss = 0.75 + 0.55 * bump(ax, y, 0, 9, f.nose_y + 6, 26) + 0.4 * bump(ax, y, 0, 36, 40, 18)
        gloss += 0.3 * bump(ax, y, 36, 13, -16, 9)
        colour = self._brow_ground(colour, x, y)
        nostril = bump(ax, y, 6.7, 3.0, f.nose_y - 9.2, 1.7)
        colour = mix(colour, base * np.array([0.10, 0.05, 0.045], np.float32), np.clip(1.15 * nostril, 0, 0.9))
        crease = bump(ax, y, f.nose_half + 0.6, 1.5, f.nose_y - 5.0, 5.0)
        colour = mix(colour, base * np.array([0.45, 0.27, 0.25], np.float32), 0.45 * crease)
        colour, gloss, lip = self._lips(colour, gloss, x, y)
        grain = 0.75 * sample(self.pores, x * 5.1 + 100, y * 5.1 + 300) * (1 - lip)
        grain += lip * 1.0 * sample(self.hairs, x * 5.5, y * 1.2)
        return Skin(colour, np.asarray(gloss, np.float32), np.asarray(grain, np.float32))

    def plain(self, x: Array, y: Array, flush: float) -> Skin:
        """Skin of neck and ears; `flush` reddens."""
        base = linear(self.who.skin)
        colour = np.broadcast_to(base, (x.size, 3)).astype(np.float32)
        mottle = sample(self.mottle, x * 2.6 + 256, y * 2.6 + 256)
        red = base * np.array([1.0, 0.66, 0.62], np.float32)
        colour = mix(colour, red, np.clip(np.full(x.shape, flush) + 0.05 * mottle, 0, 1).astype(np.float32))
        grain = 0.6 * sample(self.pores, x * 5.1, y * 5.1)
        return Skin(colour, np.full(x.shape, 0.6, np.float32), grain)

    def _brow_ground(self, colour: Array, x: Array, y: Array) -> Array:
        f, who = self.f, self.who
        ax = np.abs(x)
        t = np.clip((ax - (f.eye_x - 18.5)) / (f.brow_half * 2.02), -0.2, 1.2).astype(np.float32)
        _, line = brow_line(f, np.clip(t, 0, 1))
        half = 0.5 * f.brow_thick * np.clip(np.minimum(0.6 + 2.0 * t, 1.25 * np.clip(1.06 - t, 0, 2) ** 0.6), 0.12, 1)
        inside = (
            np.exp(-(np.abs((y - line) / np.maximum(half, 0.3)) ** 2.2)) * step(-0.06, 0.06, t) * step(1.06, 0.9, t)
        )
        inside *= 0.8 + 0.25 * sample(self.hairs, x * 3.2, y * 3.2 - x * 1.5)
        return mix(colour, brow_colour(who), np.clip(0.62 * inside, 0, 0.9).astype(np.float32))

    def _lips(self, colour: Array, gloss: Array, x: Array, y: Array) -> tuple[Array, Array, Array]:
        f, who = self.f, self.who
        top, up_in, low_in, bottom = f.lips(x)
        wobble = 0.35 * sample(self.mottle, x * 6, y * 6)
        soft = 1.0 if who.is_male else 0.7
        inside = step(-soft, soft, (top - y + 0.4 * wobble).astype(np.float32))
        inside *= step(-soft, soft, (y - bottom + 0.4 * wobble).astype(np.float32))
        inside *= step(1.04, 0.93, np.abs(x) / f.mouth_half)
        strength = inside * (0.62 if who.is_male else 0.86)
        lip_colour = linear(who.lips)
        streak = 1 + 0.10 * sample(self.hairs, x * 5.5, y * 0.8)
        colour = mix(colour, lip_colour, strength) * np.where(inside > 0.3, streak, 1)[:, None].astype(np.float32)
        seam = 0.5 * (up_in + low_in)
        shut = np.exp(-(((y - seam) / 0.85) ** 2)) * step(1.06, 0.9, np.abs(x) / f.mouth_half)
        colour = mix(colour, linear(who.lips) * 0.12, np.asarray(0.85 * shut * (f.gap < 0.4), np.float32))
        if f.gap > 0.4:
            colour = self._teeth(colour, x, y, up_in, low_in)
        corner = bump(np.abs(x), y, f.mouth_half + 0.5, 2.6, f.mouth_y + f.corner, 2.2)
        colour = mix(colour, linear(who.skin) * 0.28, 0.6 * corner)
        gloss = gloss * (1 - inside) + inside * (1.5 if who.is_male else 2.4)
        return np.asarray(colour, np.float32), np.asarray(gloss, np.float32), inside

    def _teeth(self, colour: Array, x: Array, y: Array, up_in: Array, low_in: Array) -> Array:
        """The open mouth: upper teeth, darker towards the corners, and the dark below them."""
        ax = np.abs(x)
        room = np.maximum(up_in - low_in, 0.01)
        down = (up_in - y) / room
        hole = step(-0.04, 0.10, np.asarray(down, np.float32)) * step(1.05, 0.92, np.asarray(down, np.float32))
        hole *= step(0.97, 0.90, ax / self.f.mouth_half)
        wide = np.where(ax < 8.6, 8.6, np.where(ax < 15.4, 6.8, 7.4))
        start = np.where(ax < 8.6, 0.0, np.where(ax < 15.4, 8.6, 15.4))
        place = np.mod(ax - start, wide) / wide
        gap = np.exp(-((np.minimum(place, 1 - place) / 0.045) ** 2))
        bite = 0.86 - 0.10 * np.exp(-(((place - 0.5) / 0.5) ** 2)) * (ax > 8.6) + 0.08 * gap
        dim = (
            np.clip(1.06 - (ax / self.f.mouth_half) ** 2.5 * 0.75, 0.15, 1)
            * (1 - 0.30 * gap)
            * (0.80 + 0.2 * np.clip(down * 3, 0, 1))
        )
        ivory = np.array([0.70, 0.645, 0.575], np.float32) * dim[:, None]
        dark = np.array([0.060, 0.018, 0.016], np.float32)
        tooth = step(bite + 0.05, bite - 0.05, np.asarray(down, np.float32))
        inside = mix(np.broadcast_to(dark, colour.shape), ivory, tooth)
        return mix(colour, inside, np.asarray(hole, np.float32))

    def beard_density(self, x: Array, y: Array) -> Array:
        """Where a beard grows, 0..1."""
        f = self.f
        ax = np.abs(x)
        kind = self.who.beard
        top, _, _, bottom = f.lips(x)
        off_lips = (
            1
            - step(1.5, -0.5, top - y + 0 * x) * 0
            - ((y < top + 0.8) & (y > bottom - 1.0) & (ax < f.mouth_half + 1.5))
        )
        edge = sample(self.mottle, x * 3, y * 3) * 2.5
        moustache = step(f.nose_y - 9, f.nose_y - 13, y) * step(f.mouth_half + 9, f.mouth_half + 2, ax + 0.3 * edge)
        moustache *= step(f.mouth_y - 10, f.mouth_y - 4, y)
        chin = step(25, 19, ax + 0.4 * edge) * step(bottom + 1, bottom - 4, y)
        cheek_line = spline(ax, [(20, f.mouth_y - 6), (34, f.mouth_y + 8), (52, f.mouth_y + 24), (70, -20), (90, 0)])
        full = step(cheek_line + 4, cheek_line - 4, y + edge) * step(12, 26, ax) * step(105, 92, ax)
        if kind == "moustache":
            return np.asarray(moustache * off_lips, np.float32)
        if kind == "goatee":
            return np.asarray(np.maximum(0.9 * moustache, chin) * off_lips * step(34, 26, ax), np.float32)
        return np.asarray(np.maximum.reduce([moustache, chin, full]) * np.clip(off_lips, 0, 1), np.float32)

    def _stubble(self, colour: Array, x: Array, y: Array) -> Array:
        who = self.who
        if not who.is_male:
            return colour
        shade = {"stubble": 0.62, "beard": 0.75, "beardgrey": 0.4, "goatee": 0.6, "moustache": 0.5}.get(who.beard, 0.16)
        if who.age < 24:
            shade *= 0.4
        dots = 0.75 + 0.45 * sample(self.hairs, x * 5.0, y * 5.0)
        mask = np.clip(self.beard_density(x, y) * shade * dots, 0, 0.85)
        target = linear(who.skin) * 0.35 + 0.5 * linear(who.hair_colour) + np.array([0, 0.004, 0.008], np.float32)
        return mix(colour, target, np.asarray(mask, np.float32))

    def _marks(self, colour: Array, x: Array, y: Array) -> Array:
        who = self.who
        base = linear(who.skin)
        if who.freckles:
            seen = sample(self.spots, x * 2.4, y * 2.4)
            where = np.clip(bump(np.abs(x), y, 24, 26, -18, 17) + 0.3 * bump(np.abs(x), y, 0, 40, 40, 20), 0, 1)
            colour = mix(colour, base * np.array([0.62, 0.42, 0.32], np.float32), 0.75 * where * step(0.9, 1.7, seen))
        for mx, my, r in who.moles:
            spot = step(r + 0.45, r - 0.35, np.hypot(x - mx, y - my).astype(np.float32))
            colour = mix(colour, base * np.array([0.16, 0.10, 0.08], np.float32), 0.85 * spot)
        if who.scar:
            line = np.exp(-(((x - 40 - 0.25 * (y + 10)) / 0.9) ** 2)) * step(-34, -28, y) * step(6, 0, y)
            colour = mix(
                colour, base * np.array([1.05, 0.85, 0.82], np.float32) + 0.03, np.asarray(0.8 * line, np.float32)
            )
        return colour

    def _folds(self, colour: Array, x: Array, y: Array) -> Array:
        who, f = self.who, self.f
        ax = np.abs(x)
        old = who.wrinkles
        bend = 0.0012 * x * x + 0.6 * sample(self.mottle, x * 1.5, y * 0.2)
        forehead = np.maximum(np.cos((y - bend) * 2 * np.pi / 9.5), 0) ** 10 * bump(ax, y, 0, 36, 40, 11)
        frown = bump(ax, y, 6.5 + 0.0 * y, 1.1, f.brow_y + 1, 7) * (0.5 * old + 0.7 * f.frown)
        angle = np.arctan2(y + 1, np.maximum(ax - f.eye_x - f.eye_half + 4, 0.1))
        crow = (
            np.maximum(np.cos(angle * 9), 0) ** 6
            * bump(ax, y, f.eye_x + f.eye_half + 6, 6, -1, 9)
            * (0.7 * old + 0.3 * f.smile)
        )
        under = np.exp(
            -(((y + f.eye_down + 5.2 - 0.014 * (ax - f.eye_x) ** 2 + 0.1 * (ax - f.eye_x)) / 1.0) ** 2)
        ) * bump(ax, y, f.eye_x, 13, -9, 8)
        total = 0.34 * old * forehead + 0.4 * frown + 0.5 * crow + (0.10 + 0.4 * old) * under
        return mix(
            colour,
            linear(who.skin) * np.array([0.40, 0.27, 0.25], np.float32),
            np.clip(total, 0, 0.7).astype(np.float32),
        )
