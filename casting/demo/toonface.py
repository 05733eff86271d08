"""The features of a drawn face: eyes, brows, nose and mouth."""

from __future__ import annotations

import numpy as np

from casting.demo.browline import brow_line
from casting.demo.curves import Array
from casting.demo.identity import RGB
from casting.demo.ink import Canvas, Mask, Pen, smooth, tint
from casting.demo.toonhead import ToonHead
from casting.demo.toonmarks import ToonMarks
from casting.demo.toonstyle import Style


class ToonFace:
    """Draws the features of one head in one style."""

    def __init__(self, head: ToonHead, style: Style, pen: Pen, clip: Mask) -> None:
        self.head, self.style, self.pen, self.clip = head, style, pen, clip
        self.canvas: Canvas = head.canvas
        self.who, self.f = head.who, head.f
        self.s = head.pose.scale

    def draw(self, skin: RGB | Array) -> None:
        """All features, from the skin outwards."""
        marks = ToonMarks(self.head, self.style, self.pen, self.clip)
        marks.beard()
        marks.blush()
        marks.spots(skin)
        marks.lines()
        self._nose(skin)
        self._mouth()
        for side in (-1.0, 1.0):
            self._eye(side)
        self._brows()
        marks.glasses()

    def _local(self, side: float, along: Array, above: Array) -> Array:
        f = self.f
        c, s = np.cos(f.eye_tilt * 1.15), np.sin(f.eye_tilt * 1.15)
        return self.head.at(side * (f.eye_x + 0.8 + along * c - above * s), along * s + above * c - 1.5)

    def _eye(self, side: float) -> None:
        f, style, who = self.f, self.style, self.who
        manly = 0.86 if who.is_male else 1.0
        half = f.eye_half * style.eye_wide * (0.97 if who.is_male else 1.0)
        up = (f.eye_up * style.eye_high + 0.6) * manly
        down = f.eye_down * (0.9 + 0.28 * style.eye_high) * manly
        t = np.linspace(-1, 1, 48).astype(np.float32)
        upper = up * (1 - np.abs(t + 0.10 * (1 - t * t)) ** 2.5)
        lower = -down * (1 - np.abs(t - 0.10 * (1 - t * t)) ** 2.6)
        edge_up, edge_low = self._local(side, t * half, upper), self._local(side, t * half, lower)
        hole = self.canvas.mask([np.concatenate([edge_up, edge_low[::-1]])]) * self.clip
        self.canvas.paint(hole, (0.985, 0.975, 0.97))
        self._iris(side, half, up, down, hole)
        shade = self.canvas.mask([np.concatenate([edge_up, self._local(side, t * half, upper - 0.30 * up)[::-1]])])
        self.canvas.multiply(shade * hole, (0.72, 0.70, 0.80))
        weight = (1.75 if who.is_male else 2.5) * (1 + 0.15 * who["eye_size"])
        wing = self._local(
            side, np.array([half * 1.16], np.float32), np.array([0.5 + 0.5 * (not who.is_male)], np.float32)
        )
        lid = np.concatenate([edge_up[2:], wing])
        width = self.s * weight * np.clip(0.40 + 0.85 * np.linspace(0, 1, len(lid)) ** 0.8, 0, 1.1)
        width[-3:] *= (0.75, 0.5, 0.12)
        self.canvas.paint(self.canvas.stroke_mask([lid], [width]) * self.clip, self.pen.colour)
        self.pen.lines([edge_low[16:44]], 0.8, 0.9, clip=self.clip)
        if f.crease > 0.6:
            fold = self._local(side, t[6:46] * half, upper[6:46] + 1.8 + 0.75 * f.crease)
            self.pen.lines([fold], 0.75, 0.95, clip=self.clip)
        if not who.is_male:
            for k, reach in ((30, 2.6), (37, 3.6), (43, 4.0)):
                root = edge_up[k]
                tip = self._local(
                    side,
                    np.array([t[k] * half + reach * 0.75], np.float32),
                    np.array([upper[k] + reach * 0.85], np.float32),
                )[0]
                self.canvas.paint(
                    self.canvas.stroke_mask(
                        [np.linspace(root, tip, 6).astype(np.float32)], [self.s * np.linspace(1.3, 0.2, 6)]
                    )
                    * self.clip,
                    self.pen.colour,
                )
        if who.wrinkles > 0.3:
            for k in range(2):
                bag = self._local(side, t[10:40] * half, lower[10:40] - 3.0 - 2.6 * k)
                self.pen.lines([bag], 0.6, 0.95, clip=self.clip, opacity=0.75)

    def _iris(self, side: float, half: float, up: float, down: float, hole: Mask) -> None:
        style = self.style
        gaze = self.head.pose.mood.gaze
        cx, cy = side * gaze[0] * 0.16 - 0.4, 0.5 * (up - down) * 0.55 + gaze[1] * 0.1
        high = min(0.62 * (up + down), 0.60 * half)
        wide = min(high * 0.94, half * 0.58)
        a = np.linspace(0, 2 * np.pi, 48, endpoint=False).astype(np.float32)

        def disc(kx: float, ky: float, dx: float = 0.0, dy: float = 0.0) -> Mask:
            return self.canvas.mask(
                [self._local(side, cx + dx * wide + wide * kx * np.cos(a), cy + dy * high + high * ky * np.sin(a))]
            )

        colour = np.asarray(self.who.iris, np.float32) * 1.15 + 0.03
        self.canvas.paint(disc(1, 1) * hole, tint(colour, 0.42))
        self.canvas.paint(disc(0.86, 0.88, 0, -0.05) * hole, tint(colour, 1.0))
        self.canvas.paint(disc(0.66, 0.50, 0, -0.42) * hole, np.clip(colour * 1.9 + 0.08, 0, 1), 0.75)
        self.canvas.paint(disc(0.44, 0.50, 0, 0.02) * hole, tint(colour, 0.16))
        self.canvas.paint(disc(0.92, 0.55, 0, 0.55) * hole, tint(colour, 0.22), 0.6)
        light = -1.0
        self.canvas.paint(disc(0.27, 0.25, light * side * 0.36, 0.40) * hole, (1.0, 1.0, 1.0))
        self.canvas.paint(disc(0.14, 0.12, -light * side * 0.36, -0.42) * hole, (1.0, 1.0, 1.0), 0.9)
        if style.sparkle:
            self.canvas.paint(disc(0.08, 0.07, light * side * 0.10, -0.62) * hole, (1.0, 1.0, 1.0), 0.8)

    def _brows(self) -> None:
        f = self.f
        t = np.linspace(0, 1, 30).astype(np.float32)
        x, y = brow_line(f, t)
        y = y + 1.2 * (self.style.eye_high - 1) * 5
        half = 0.46 * f.brow_thick * np.clip(np.minimum(0.7 + 1.8 * t, 1.2 * (1.04 - t) ** 0.7), 0.1, 1)
        base = np.asarray(self.who.hair_colour) * 0.75
        colour = np.clip(base, 0, 0.45)
        for side in (-1.0, 1.0):
            top, low = self.head.at(side * x, y + half), self.head.at(side * x, y - half)
            shape = self.canvas.mask([np.concatenate([top, low[::-1]])])
            self.canvas.paint(shape * self.clip, colour, 0.95)
            if self.style.name in ("action", "sketch"):
                strokes = [
                    np.linspace(low[i], top[min(29, i + 3)] + (top[i] - low[i]) * 0.25, 5).astype(np.float32)
                    for i in range(0, 26, 2)
                ]
                self.pen.lines(strokes, 0.5, 0.5, colour=colour, clip=self.clip)

    def _nose(self, skin: RGB | Array) -> None:
        f, who = self.f, self.who
        y = f.nose_y
        side = 1.0 if self.head.pose.yaw <= 0 else -1.0
        wide = f.nose_half * 0.72
        shade = tint(skin, 0.80, 0.02)
        bridge = [
            (side * 3.5, -6 if who["nose_bridge"] > 0 else -22),
            (side * 4.6, y + 14),
            (side * 7.5, y + 2),
            (side * wide * 0.92, y - 4),
            (side * 3, y - 8.5),
            (0.0, y - 7),
        ]
        inner = [(side * 1.2, y - 3), (side * 1.6, y + 8), (side * 2.0, -14)]
        shape = smooth(self.head.at(*np.array(bridge + inner).T), 60, closed=True)
        self.canvas.paint(self.canvas.mask([shape]) * self.clip, shade, 0.55 if not self.style.hatch else 0.3)
        for s in (-1.0, 1.0):
            nostril = self.head.at(s * np.array([2.6, 4.6, 7.2, 8.6]), np.array([y - 7.2, y - 8.4, y - 8.0, y - 6.8]))
            self.pen.line(nostril, 1.1, 0.7, clip=self.clip)
            if who["nose_width"] > -0.9:
                wing = self.head.at(
                    s * np.array([wide * 0.86, wide * 1.03, wide * 0.98, wide * 0.80]),
                    np.array([y + 1.5, y - 2.5, y - 6, y - 8]),
                )
                self.pen.line(wing, 0.75, 0.9, clip=self.clip)
        tip = self.head.at(np.array([-3.5, 0, 3.5]), np.array([y - 6.6, y - 7.8, y - 6.6]))
        self.pen.line(tip, 0.7, 0.9, clip=self.clip)
        if who["nose_bridge"] + who["nose_hump"] > 0.8:
            ridge = self.head.at(
                np.array([side * 3.6, side * 4.8, side * 4.4, side * 5.5]), np.array([0, -12, -24, y + 6])
            )
            self.pen.line(ridge, 0.85, 0.95, clip=self.clip)

    def _mouth(self) -> None:
        f, who, style = self.f, self.who, self.style
        x = np.linspace(-1, 1, 60).astype(np.float32) * f.mouth_half * (0.86 if who.is_male else 0.80)
        top, up_in, low_in, bottom = f.lips(x * (f.mouth_half / max(1e-6, np.abs(x).max())))
        upper, lower = self.head.at(x, top), self.head.at(x, bottom)
        first, second = self.head.at(x, up_in), self.head.at(x, low_in)
        strength = style.lips * (0.35 if who.is_male else 1.0)
        colour = np.asarray(who.lips, np.float32)
        red = np.clip(colour * np.array([1.06, 0.86, 0.90]) + 0.02, 0, 1)
        self.canvas.paint(
            self.canvas.mask([np.concatenate([upper, first[::-1]])]) * self.clip, tint(red, 0.86), 0.85 * strength
        )
        self.canvas.paint(self.canvas.mask([np.concatenate([second, lower[::-1]])]) * self.clip, red, 0.85 * strength)
        if f.gap > 0.8:
            hole = self.canvas.mask([np.concatenate([first, second[::-1]])]) * self.clip
            self.canvas.paint(hole, (0.36, 0.10, 0.12))
            teeth = self.canvas.mask([np.concatenate([first, (0.45 * first + 0.55 * second)[::-1]])])
            self.canvas.paint(teeth * hole, (0.985, 0.98, 0.97))
            self.pen.lines([second[8:52]], 0.8, 0.9, clip=self.clip)
        self.pen.lines([first], 1.25, 0.75, clip=self.clip)
        if strength > 0.4 and not style.hatch:
            gloss = self.head.at(np.linspace(-4, 5, 12), np.full(12, 0.45 * low_in[30] + 0.55 * bottom[30]))
            self.pen.lines([gloss], 1.3, 0.95, colour=(1.0, 0.95, 0.94), clip=self.clip, opacity=0.8)
        under = self.head.at(np.linspace(-8, 8, 16), bottom[30] - 1.6 - 0.015 * np.linspace(-8, 8, 16) ** 2 * -1)
        self.pen.lines([under], 0.75, 0.95, clip=self.clip)
        for side in (-1.0, 1.0):
            corner = self.head.at(
                np.array([side * np.abs(x).max() * k for k in (0.98, 1.06, 1.10)]),
                np.array([f.mouth_y + f.corner + d for d in (0.6, 0.4, -1.4)]),
            )
            self.pen.line(corner, 0.8, 0.8, clip=self.clip)
