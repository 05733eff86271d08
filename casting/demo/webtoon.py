"""The webtoon look: one character, drawn in the style of a production."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from casting.demo import grounds
from casting.demo.curves import Array
from casting.demo.features import Expression
from casting.demo.identity import Identity, rng_of
from casting.demo.ink import Canvas, Mask, Pen, screen_tone, shifted, soften, tint
from casting.demo.toonface import ToonFace
from casting.demo.toonhead import Pose, ToonHead, toon_identity
from casting.demo.toonstyle import STYLES, Style

WIDTH, HEIGHT = 640, 800
_CLOTH = [
    (0.93, 0.92, 0.90),
    (0.20, 0.22, 0.30),
    (0.36, 0.47, 0.66),
    (0.72, 0.30, 0.30),
    (0.42, 0.55, 0.46),
    (0.86, 0.72, 0.50),
    (0.60, 0.48, 0.66),
    (0.30, 0.30, 0.33),
]


@dataclass(frozen=True, eq=False)
class Layers:
    """Masks of one drawn head, from back to front."""

    back: Mask
    body: Mask
    cloth: Mask
    ears: Mask
    skin: Mask
    front: Mask


def pose_of(who: Identity, style: str, number: int) -> Pose:
    """How a character is posed in its first and second drawing."""
    generator = rng_of("pose", who.name, style, number)
    turn = 1.0 if zlib.crc32(who.name.encode()) % 2 else -1.0
    yaw = turn * (9.0 if number == 1 else -21.0) + float(generator.normal() * 3)
    lively = {"romance": 0.45, "action": -0.05, "comedy": 0.85, "sketch": 0.05}[style]
    smile = lively * (0.7 if number == 1 else 1.0) + float(generator.normal() * 0.12)
    mood = Expression(
        smile=float(np.clip(smile, -0.2, 1.0)),
        open_mouth=float(np.clip((smile - 0.5) * 1.6, 0, 0.9)) if number == 2 else 0.0,
        frown=float(np.clip(generator.normal() * 0.15 + {"action": 0.65, "sketch": 0.35}.get(style, 0.0), 0, 1)),
        raise_brow=0.5 if style == "comedy" else 0.15,
        gaze=(float(-0.25 * yaw + generator.normal() * 4), 0.0),
    )
    garment = ("tee", "shirt", "knit", "vneck", "turtleneck")[int(generator.integers(5))]
    scale = 3.75 if number == 1 else 3.95
    return Pose(
        yaw,
        float(generator.normal() * 3),
        float(-turn * (3 if number == 1 else 6) + generator.normal()),
        WIDTH + float(generator.normal() * 20) + 1.2 * yaw,
        HEIGHT * 0.96,
        scale,
        mood,
        garment,
    )


def draw_character(who: Identity, style_name: str, number: int) -> npt.NDArray[np.uint8]:
    """One drawing [800, 640, 3] of a character."""
    style = STYLES[style_name]
    generator = rng_of("drawing", who.name, style_name, number)
    canvas = Canvas(WIDTH * 2, HEIGHT * 2)
    grounds.paint(canvas, style_name, generator)
    draw_person(
        canvas, who, style, pose_of(who, style_name, number), generator, glow=style_name in ("romance", "comedy")
    )
    grounds.finish(canvas, style_name, generator)
    return finish(canvas)


def finish(canvas: Canvas) -> npt.NDArray[np.uint8]:
    """The canvas at its final size."""
    small = cv2.resize(canvas.picture, (canvas.width // 2, canvas.height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(small * 255 + 0.5, 0, 255), np.uint8)


def draw_person(
    canvas: Canvas, who: Identity, style: Style, pose: Pose, generator: np.random.Generator, glow: bool = False
) -> None:
    """Draw one person in front of whatever the canvas holds."""
    drawn = toon_identity(who, style.exaggerate, style.softness)
    head = ToonHead(drawn, pose, canvas)
    s = pose.scale
    pen = Pen(canvas, style.line * s * 0.62, style.ink, generator, style.shake, style.repeats)
    fair = np.asarray(who.skin, np.float32) ** 0.80
    fair = fair + (np.array([1.0, 0.945, 0.905], np.float32) - fair) * 0.30 * fair.mean() ** 2
    skin_tone = _saturate(fair, 1.05 * style.saturation)
    hair_tone = _saturate(np.asarray(who.hair_colour, np.float32) * 1.25 + 0.035, style.saturation)
    cloth_tone = _saturate(np.asarray(_CLOTH[int(generator.integers(len(_CLOTH)))], np.float32), style.saturation)
    ears, ear_lines = head.ears()
    body, cloth = head.body()
    back, front, back_lines, front_lines = head.hair()
    layers = Layers(back, body, cloth, ears, head.skin(), front)
    if glow:
        everything = np.maximum.reduce([back, body, layers.skin, ears, front])
        rim = cv2.GaussianBlur(everything, (0, 0), 3.0 * s)
        canvas.paint(np.asarray(np.clip(rim * 1.2 - 0.1, 0, 1), np.float32), (1.0, 0.99, 0.97), 0.55)
    shadow = np.asarray(style.shadow, np.float32)

    canvas.paint(back, tint(hair_tone, 0.66))
    pen.outline(back)
    _locks(canvas, pen, back_lines, back, hair_tone, generator, s, behind=True)
    canvas.paint(body, skin_tone)
    under_chin = shifted(np.maximum(layers.skin, 0), 2.0 * s, 13 * s) * body
    _tone(canvas, style, under_chin, shadow)
    canvas.paint(cloth, cloth_tone)
    _cloth_folds(canvas, pen, head, cloth, cloth_tone, generator)
    pen.outline(body)
    pen.outline(cloth, 0.85)
    canvas.paint(ears, skin_tone)
    _tone(canvas, style, ears * 0.6, shadow)
    pen.outline(ears)
    pen.lines(ear_lines, 0.7)
    canvas.paint(layers.skin, skin_tone)
    side = np.asarray(np.clip(layers.skin - shifted(layers.skin, -7.5 * s, -4.5 * s), 0, 1), np.float32)
    _tone(canvas, style, soften(side, 0.9 * s) * layers.skin, shadow)
    cast = shifted(front, 1.5 * s, 6.0 * s) * layers.skin
    _tone(canvas, style, cast, shadow)
    pen.outline(layers.skin, 1.05)
    ToonFace(head, style, pen, layers.skin).draw(skin_tone)
    canvas.paint(front, hair_tone)
    _hair(canvas, pen, style, front, front_lines, hair_tone, generator, s)


def _saturate(colour: Array, amount: float) -> Array:
    grey = float(np.mean(colour))
    return np.asarray(np.clip(grey + (colour - grey) * amount, 0, 1), np.float32)


def _tone(canvas: Canvas, style: Style, mask: Mask, shadow: Array) -> None:
    """Lay a shadow over a mask as this style does: a film, a film with dots, or hatching."""
    if style.hatch:
        row, column = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32)
        stripes = np.clip(np.sin((row * 0.8 + column) * 2 * np.pi / 13) * 2.2 - 0.9, 0, 1)
        canvas.multiply(mask * (0.25 + 0.55 * stripes), shadow * 0.72)
        return
    canvas.multiply(mask, shadow)
    if style.second_shadow:
        dots = screen_tone(canvas.height, canvas.width, 8.0, 0.16)
        canvas.multiply(mask * dots, np.array([0.62, 0.55, 0.62], np.float32))


def _locks(
    canvas: Canvas,
    pen: Pen,
    lines: list[Array],
    clip: Mask,
    colour: Array,
    generator: np.random.Generator,
    s: float,
    behind: bool,
) -> None:
    if not lines:
        return
    pick = generator.permutation(len(lines))[: max(8, len(lines) // (9 if behind else 6))]
    chosen = [lines[int(i)] for i in pick]
    pen.lines(chosen, 0.65, 0.95, colour=tint(colour, 0.36), clip=clip)


def _hair(
    canvas: Canvas,
    pen: Pen,
    style: Style,
    mask: Mask,
    lines: list[Array],
    colour: Array,
    generator: np.random.Generator,
    s: float,
) -> None:
    low = np.asarray(np.clip(mask - shifted(mask, -9 * s, -9 * s), 0, 1), np.float32)
    canvas.multiply(soften(low, 1.2 * s) * mask, np.array([0.66, 0.63, 0.70], np.float32))
    if lines:
        order = generator.permutation(len(lines))
        dark = [lines[int(i)][len(lines[int(i)]) // 5 :] for i in order[: len(lines) // 3]]
        widths = [s * 4.2 * np.sin(np.pi * np.linspace(0.02, 1, len(line))) ** 0.8 for line in dark]
        canvas.paint(canvas.stroke_mask(dark, widths) * mask, tint(colour, 0.72, 0.0), 0.85)
        top = min(float(line[0, 1]) for line in lines)
        bright, bright_widths = [], []
        for i in order[len(lines) // 3 :]:
            line = lines[int(i)]
            band = np.flatnonzero(np.abs(line[:, 1] - (top + 34 * s)) < generator.uniform(7, 15) * s)
            if band.size >= 4:
                part = line[band[0] : band[-1] + 1]
                bright.append(part)
                bright_widths.append(s * 2.3 * np.sin(np.pi * np.linspace(0, 1, len(part))))
        if bright and not style.hatch:
            glow = canvas.stroke_mask(bright, bright_widths)
            canvas.paint(glow * mask, np.clip(np.asarray(colour) * 1.55 + 0.13, 0, 1), 0.75)
    _locks(canvas, pen, lines, mask, colour, generator, s, behind=False)
    pen.outline(mask, 1.05)


def _cloth_folds(
    canvas: Canvas, pen: Pen, head: ToonHead, cloth: Mask, colour: Array, generator: np.random.Generator
) -> None:
    s = head.pose.scale
    side = np.asarray(np.clip(cloth - shifted(cloth, -16 * s, -10 * s), 0, 1), np.float32)
    canvas.multiply(soften(side, 2 * s) * cloth, np.array([0.78, 0.75, 0.82], np.float32))
    lines = []
    for sign in (-1.0, 1.0):
        for k in range(3):
            x, y = sign * (62 + 34 * k), -178 - 14 * k
            bend = generator.uniform(4, 12)
            points = np.array(
                [[x, y, 60], [x - sign * bend, y - 26, 60], [x - sign * bend * 0.6, y - 52, 60]], np.float32
            )
            lines.append(head.page(points, True))
    for line in lines:
        pen.line(line, 0.7, 0.95, clip=cloth, colour=tint(colour, 0.5))
    kind = head.pose.garment
    if kind == "shirt":
        for sign in (-1.0, 1.0):
            collar = np.array(
                [[sign * 34, -140, 34], [sign * 52, -168, 48], [sign * 26, -196, 62], [sign * 8, -186, 60]], np.float32
            )
            shape = head.page(collar, True)
            piece = canvas.mask([shape]) * cloth
            canvas.paint(piece, np.clip(np.asarray(colour) * 1.12 + 0.04, 0, 1))
            pen.lines(
                [np.concatenate([np.linspace(a, b, 12) for a, b in pairwise(shape)])],
                0.9,
                0.3,
                clip=cloth,
            )
        pen.line(
            head.page(np.array([[2, -190, 60], [3, -250, 70], [2, -330, 78]], np.float32), True), 0.8, 0.3, clip=cloth
        )
    if kind == "turtleneck":
        for k in range(-4, 5):
            pen.line(
                head.page(np.array([[k * 11, -120, 24], [k * 11.5, -132, 26], [k * 12, -143, 28]], np.float32), True),
                0.5,
                0.5,
                clip=cloth,
            )
