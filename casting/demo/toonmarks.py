"""What time and character leave on a drawn face: blush, freckles, moles, folds, beards; and spectacles."""

from __future__ import annotations

import cv2
import numpy as np

from casting.demo.curves import Array
from casting.demo.glasses import outline
from casting.demo.head import Loft
from casting.demo.identity import RGB
from casting.demo.ink import Canvas, Mask, Pen, soften, tint
from casting.demo.skin import SkinPainter
from casting.demo.toonhead import ToonHead
from casting.demo.toonstyle import Style


class ToonMarks:
    """Draws them on one head in one style."""

    def __init__(self, head: ToonHead, style: Style, pen: Pen, clip: Mask) -> None:
        self.head, self.style, self.pen, self.clip = head, style, pen, clip
        self.canvas: Canvas = head.canvas
        self.who, self.f = head.who, head.f
        self.s = head.pose.scale

    def blush(self) -> None:
        """Colour on the cheeks."""
        style = self.style
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

    def spots(self, skin: RGB | Array) -> None:
        """Freckles, moles and scars."""
        who = self.who
        if who.freckles:
            spots = [self.head.at([x], [y])[0] for x, y in _FRECKLES]
            for x, y in spots:
                a = np.linspace(0, 2 * np.pi, 12, endpoint=False)
                dot = np.stack([x + 0.75 * self.s * np.cos(a), y + 0.75 * self.s * np.sin(a)], axis=1)
                self.canvas.paint(self.canvas.mask([dot.astype(np.float32)]) * self.clip, tint(skin, 0.68, 0.03), 0.85)
        a = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        for mx, my, r in who.moles:
            reach = Loft(who, self.f.chin_y).sections(np.array([my], np.float32))[0][0]
            if r > 0.8 and abs(mx) < 0.8 * reach:
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

    def lines(self) -> None:
        """Folds and wrinkles of age and expression."""
        who, f = self.who, self.f
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
        mask = soften(np.asarray(dots.astype(np.float32) / 255, np.float32), 0.7 * self.s) * self.clip
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

    def glasses(self) -> None:
        """Spectacles over everything."""
        if not self.who.glasses:
            return
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
