"""The features of a drawn face: eyes, brows, nose, mouth, marks of age and character."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from casting.demo.curves import Array
from casting.demo.browline import brow_line
from casting.demo.identity import RGB
from casting.demo.ink import Canvas, Mask, Pen, smooth, soften, tint
from casting.demo.skin import SkinPainter
from casting.demo.toonhead import ToonHead


@dataclass(frozen=True)
class Style:
    """How one production is drawn. Sizes relative to the ordinary; `shadow` multiplies skin, `hatch` shades by lines."""

    name: str
    exaggerate: float
    softness: float
    eye_wide: float
    eye_high: float
    line: float
    ink: RGB
    shake: float = 0.0
    repeats: int = 1
    shadow: RGB = (0.87, 0.72, 0.74)
    saturation: float = 1.0
    blush: float = 0.35
    lips: float = 0.7
    sparkle: bool = False
    hatch: bool = False
    second_shadow: bool = False


STYLES: dict[str, Style] = {
    "romance": Style("romance", 1.45, 1.0, 1.38, 1.95, 0.75, (0.23, 0.11, 0.13), sparkle=True, blush=0.55, lips=0.8),
    "action": Style(
        "action",
        1.6,
        0.55,
        1.22,
        1.40,
        1.15,
        (0.06, 0.06, 0.09),
        shadow=(0.74, 0.62, 0.68),
        blush=0.1,
        lips=0.5,
        second_shadow=True,
    ),
    "comedy": Style(
        "comedy", 1.9, 0.8, 1.40, 1.95, 1.35, (0.13, 0.08, 0.08), shadow=(0.90, 0.76, 0.72), blush=0.65, saturation=1.15
    ),
    "sketch": Style(
        "sketch",
        1.6,
        0.5,
        1.20,
        1.42,
        0.62,
        (0.20, 0.19, 0.21),
        shake=1.1,
        repeats=2,
        shadow=(0.84, 0.80, 0.80),
        saturation=0.45,
        blush=0.15,
        lips=0.4,
        hatch=True,
    ),
}


class ToonFace:
    """Draws the features of one head in one style."""

    def __init__(self, head: ToonHead, style: Style, pen: Pen, clip: Mask) -> None:
        self.head, self.style, self.pen, self.clip = head, style, pen, clip
        self.canvas: Canvas = head.canvas
        self.who, self.f = head.who, head.f
        self.s = head.pose.scale

    def draw(self, skin: RGB | Array) -> None:
        """All features, from the skin outwards."""
        self._blush()
        self._marks(skin)
        self._nose(skin)
        self._mouth()
        for side in (-1.0, 1.0):
            self._eye(side)
        self._brows()
        self._glasses()

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
        f, style = self.f, self.style
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

    def _blush(self) -> None:
        f, style = self.f, self.style
        amount = style.blush * (0.5 if self.who.is_male else 1.0)
        if amount <= 0.05:
            return
        a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        for side in (-1.0, 1.0):
            patch = self.canvas.mask([self.head.at(side * (37 + 13 * np.cos(a)), -25 + 7.5 * np.sin(a))])
            soft = np.asarray(cv2.GaussianBlur(patch, (0, 0), 3.2 * self.s), np.float32)
            self.canvas.multiply(soft * self.clip * amount, (0.98, 0.66, 0.66))
            if style.name in ("comedy", "romance"):
                for k in range(3):
                    x = side * (31 + 5.5 * k)
                    self.pen.lines(
                        [self.head.at(np.linspace(x + 1.3, x - 1.3, 6), np.linspace(-22, -27, 6))],
                        0.55,
                        0.8,
                        colour=(0.85, 0.42, 0.42),
                        clip=self.clip,
                        opacity=0.7,
                    )

    def _marks(self, skin: RGB | Array) -> None:
        who, f = self.who, self.f
        if who.freckles:
            spots = [self.head.at([x], [y])[0] for x, y in _FRECKLES]
            for x, y in spots:
                a = np.linspace(0, 2 * np.pi, 12, endpoint=False)
                dot = np.stack([x + 0.75 * self.s * np.cos(a), y + 0.75 * self.s * np.sin(a)], axis=1)
                self.canvas.paint(self.canvas.mask([dot.astype(np.float32)]) * self.clip, tint(skin, 0.68, 0.03), 0.85)
        a = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        for mx, my, r in who.moles:
            if r > 0.8:
                dot = self.head.at(mx + 1.05 * r * np.cos(a), my + 1.05 * r * np.sin(a))
                self.canvas.paint(self.canvas.mask([dot]) * self.clip, tint(self.pen.colour, 1.2))
        if who.scar:
            self.pen.line(
                self.head.at([44.0, 41, 38, 35], [4.0, -9, -21, -33]),
                1.5,
                0.9,
                colour=tint(skin, 0.62, 0.05),
                clip=self.clip,
            )
        fold = who.wrinkles + 0.45 * f.smile + 0.25 * max(0.0, who["cheek"])
        if fold > 0.35:
            for side in (-1.0, 1.0):
                line = self.head.at(
                    side * np.array([f.nose_half + 4, f.nose_half + 10, f.mouth_half + 9, f.mouth_half + 11]),
                    np.array([f.nose_y - 2, f.nose_y - 14, f.mouth_y + 6, f.mouth_y - 5]),
                )
                self.pen.line(line, 0.7 + 0.5 * who.wrinkles, 0.95, clip=self.clip, opacity=min(1.0, fold))
        if who.wrinkles > 0.45:
            for k in range(3):
                y = 36.0 + 7 * k
                self.pen.line(
                    self.head.at([-20.0 + 3 * k, -6, 8, 21 - 2 * k], [y, y + 1.5, y + 1.4, y]),
                    0.6,
                    0.95,
                    clip=self.clip,
                    opacity=0.7,
                )
            for side in (-1.0, 1.0):
                for k in range(3):
                    x = f.eye_x + f.eye_half * self.style.eye_wide + 3
                    self.pen.line(
                        self.head.at(side * np.array([x, x + 4, x + 8]), np.array([0, 2.0 * (1 - k), 4.5 * (1 - k)])),
                        0.55,
                        0.9,
                        clip=self.clip,
                        opacity=0.7,
                    )
        if f.frown > 0.3:
            for side in (-1.0, 1.0):
                self.pen.line(
                    self.head.at(side * np.array([4.5, 5.2, 4.4]), np.array([f.brow_y + 6, f.brow_y, f.brow_y - 5])),
                    0.8,
                    0.9,
                    clip=self.clip,
                )

    def beard(self) -> None:
        """Beard, moustache or stubble, below the ink of the features."""
        who, f = self.who, self.f
        if not who.beard:
            return
        painter = SkinPainter(who, f)
        x, y = np.meshgrid(np.linspace(-75, 75, 110), np.linspace(f.chin_y - 2, 0, 90))
        dense = painter.beard_density(x.ravel().astype(np.float32), y.ravel().astype(np.float32)) > 0.5
        page = self.head.at(x.ravel()[dense], y.ravel()[dense])
        dots = np.zeros((self.canvas.height, self.canvas.width), np.uint8)
        for px, py in page:
            cv2.circle(
                dots, (round(float(px) * 16), round(float(py) * 16)), round(1.5 * self.s * 16), 255, -1, cv2.LINE_AA, 4
            )
        mask = soften(dots.astype(np.float32) / 255, 0.7 * self.s) * self.clip
        grey = np.array([0.55, 0.54, 0.54])
        colour = grey if who.beard == "beardgrey" else np.asarray(who.hair_colour)
        if who.beard == "stubble":
            self.canvas.paint(mask, np.clip(colour * 0.8, 0, 1), 0.24)
            return
        self.canvas.paint(mask, np.clip(colour * 1.05, 0, 1), 0.96)
        self.pen.outline(mask, 0.8)
        generator = self.pen.generator
        pick = np.flatnonzero(dense)
        chosen = generator.choice(pick, size=min(70, len(pick)), replace=False)
        strokes = []
        for k in chosen:
            bx, by = float(x.ravel()[k]), float(y.ravel()[k])
            strokes.append(self.head.at(np.linspace(bx, bx * 0.93, 5), np.linspace(by, by - 8, 5)))
        self.pen.lines(strokes, 0.55, 0.9, colour=tint(colour, 0.45), clip=mask)
        self.pen.lines(strokes[::3], 0.5, 0.9, colour=np.clip(colour * 1.7 + 0.08, 0, 1), clip=mask)

    def _glasses(self) -> None:
        if not self.who.glasses:
            return
        from casting.demo.glasses import outline

        for side in (-1.0, 1.0):
            rim = self.head.page(outline(self.who, self.f, side))
            lens = self.canvas.mask([rim])
            self.canvas.paint(lens, (0.86, 0.93, 1.0), 0.13)
            x0, y0 = rim.min(0)
            x1, y1 = rim.max(0)
            streak = np.array(
                [
                    [x0 + 0.15 * (x1 - x0), y1],
                    [x0 + 0.55 * (x1 - x0), y0],
                    [x0 + 0.75 * (x1 - x0), y0],
                    [x0 + 0.35 * (x1 - x0), y1],
                ],
                np.float32,
            )
            self.canvas.paint(self.canvas.mask([streak]) * lens, (1.0, 1.0, 1.0), 0.20)
            closed = np.concatenate([rim, rim[:3]])
            self.pen.lines([closed], 2.2 if self.who.glasses == "square" else 1.5, 0.1)
            arm = np.array([[side * 56.0, 3, 55], [side * 66, 5, 30], [side * 76, 7, 0]], np.float32)
            if side * self.head.pose.yaw < 10:
                self.pen.line(self.head.page(arm), 1.4, 0.2)
        bridge = np.array([[-8.0, 1, 90], [0, 4, 93], [8, 1, 90]], np.float32)
        self.pen.line(self.head.page(bridge), 1.5, 0.1)


_FRECKLES = [
    (x * s, y)
    for s in (-1, 1)
    for x, y in ((22, -20), (28, -15), (34, -21), (26, -27), (40, -16), (33, -29), (17, -25), (42, -24), (12, -17))
] + [(0.0, -22.0), (5, -14), (-5, -15)]
