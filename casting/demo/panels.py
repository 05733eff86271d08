"""Two full panels, 1600 pixels wide, in which several characters meet: a shop at night, a deck at sea."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casting.demo.curves import Array
from casting.demo.features import Expression
from casting.demo.identity import rng_of
from casting.demo.ink import Canvas, Pen, screen_tone, smooth
from casting.demo.roles import everyone
from casting.demo.toonhead import Pose
from casting.demo.toonstyle import STYLES
from casting.demo.webtoon import draw_person, finish

WIDTH, HEIGHT = 1600, 1000


@dataclass(frozen=True)
class Place:
    """Where one character stands in a panel: position of the eyes in final pixels, scale, and how the head is held."""

    character: str
    x: float
    y: float
    scale: float
    yaw: float
    roll: float
    smile: float
    frown: float
    garment: str


@dataclass(frozen=True)
class Panel:
    """A whole picture: who stands where, in which place, and where the speech bubbles hang."""

    file: str
    style: str
    scene: Callable[[Canvas, np.random.Generator], None]
    places: tuple[Place, ...]
    bubbles: tuple[tuple[float, float, float, float, float, float], ...]


def _quad(x0: float, y0: float, x1: float, y1: float) -> Array:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32) * 2


def _shop(canvas: Canvas, generator: np.random.Generator) -> None:
    t = np.linspace(0, 1, canvas.height, dtype=np.float32)[:, None, None]
    canvas.picture[:] = np.array((0.96, 0.88, 0.78)) * (1 - t) + np.array((0.88, 0.72, 0.66)) * t
    canvas.fill(_quad(600, 60, 1010, 560), (0.16, 0.17, 0.34))
    glow = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    moon = np.stack([1760 + 130 * np.cos(glow), 380 + 130 * np.sin(glow)], axis=1).astype(np.float32)
    canvas.fill(moon, (1.0, 0.96, 0.80))
    for _ in range(40):
        x, y = generator.uniform(1210, 2010), generator.uniform(130, 900)
        canvas.fill(np.array([[x, y], [x + 4, y], [x + 4, y + 4], [x, y + 4]], np.float32), (0.95, 0.93, 0.85), 0.8)
    pen = Pen(canvas, 7, (0.30, 0.16, 0.16), generator)
    for x in (600, 805, 1010):
        pen.line(np.array([[x, 55], [x, 300], [x, 565]], np.float32) * 2, 1.6, 0.1)
    for y in (60, 310, 560):
        pen.line(np.array([[595, y], [800, y], [1015, y]], np.float32) * 2, 1.4, 0.1)
    hues = [
        (0.86, 0.45, 0.42),
        (0.95, 0.78, 0.45),
        (0.50, 0.66, 0.66),
        (0.62, 0.54, 0.72),
        (0.93, 0.90, 0.84),
        (0.55, 0.68, 0.48),
    ]
    for left, right in ((0, 570), (1040, 1600)):
        for shelf in range(4):
            y = 130 + 150 * shelf
            x = left + 8.0
            while x < right - 30:
                wide, high = float(generator.uniform(22, 54)), float(generator.uniform(45, 105))
                colour = hues[int(generator.integers(len(hues)))]
                canvas.fill(_quad(x, y - high, x + wide, y), colour, 0.85)
                canvas.fill(
                    _quad(x + wide * 0.12, y - high * 0.62, x + wide * 0.88, y - high * 0.30), (1.0, 0.98, 0.94), 0.6
                )
                pen.lines(
                    [
                        np.linspace(a, b, 5).astype(np.float32)
                        for a, b in zip(
                            _quad(x, y - high, x + wide, y),
                            np.roll(_quad(x, y - high, x + wide, y), -1, 0),
                            strict=True,
                        )
                    ],
                    0.45,
                    0.2,
                )
                x += wide + float(generator.uniform(3, 16))
            canvas.fill(_quad(left, y, right, y + 13), (0.62, 0.44, 0.36))
            pen.lines([np.linspace((left * 2, y * 2), (right * 2, y * 2), 8).astype(np.float32)], 0.6, 0.1)
    haze = np.ones((canvas.height, canvas.width), np.float32)
    canvas.paint(haze, (1.0, 0.90, 0.84), 0.32)


def _deck(canvas: Canvas, generator: np.random.Generator) -> None:
    t = np.clip(np.linspace(0, 1.7, canvas.height, dtype=np.float32), 0, 1)[:, None, None]
    canvas.picture[:] = np.array((0.24, 0.36, 0.56)) * (1 - t) + np.array((0.98, 0.70, 0.46)) * t
    for _ in range(14):
        x, y = generator.uniform(-200, 1800), generator.uniform(40, 420)
        a = np.linspace(0, 2 * np.pi, 26, endpoint=False)
        r = 1 + 0.22 * generator.standard_normal(26)
        cloud = np.stack(
            [x + generator.uniform(90, 260) * r * np.cos(a), y + generator.uniform(14, 34) * r * np.sin(a)], axis=1
        )
        canvas.fill(smooth(cloud * 2, 120, closed=True), (1.0, 0.86, 0.72), 0.5)
    canvas.fill(_quad(0, 600, 1600, 1000), (0.16, 0.30, 0.42))
    pen = Pen(canvas, 8, (0.06, 0.07, 0.12), generator)
    for k in range(70):
        y = 604 + (k / 70) ** 1.6 * 390
        x, long = generator.uniform(-50, 1600), generator.uniform(30, 170)
        pen.line(
            np.array([[x, y], [x + long / 2, y - 3], [x + long, y]], np.float32) * 2,
            0.6,
            1.0,
            colour=(0.62, 0.72, 0.78),
            opacity=0.7,
        )
    steel = (0.20, 0.18, 0.24)
    for x, lean in ((150, 0.25), (1430, -0.35)):
        for rail in (0, 46):
            pen.line(
                np.array([[x + rail, 640], [x + rail + 40 * lean, 360], [x + rail + 90 * lean, 80]], np.float32) * 2,
                2.4,
                0.2,
                colour=steel,
            )
        for k in range(9):
            y = 620 - k * 62
            pen.line(
                np.array([[x + 20 * lean, y], [x + 23, y - 30], [x + 46 + 20 * lean, y - 60]], np.float32) * 2,
                1.0,
                0.1,
                colour=steel,
            )
    fade = np.linspace(0.5, 0.0, canvas.height, dtype=np.float32)[:, None] * np.ones((1, canvas.width), np.float32)
    canvas.multiply(screen_tone(canvas.height, canvas.width, 14, fade), np.array([0.55, 0.55, 0.66], np.float32))


PANELS = (
    Panel(
        "moon-mart.webp",
        "romance",
        _shop,
        (
            Place("Grandmother Mok", 800, 455, 1.30, 4, -3, 0.5, 0.0, "knit"),
            Place("Moon Bit-na", 390, 540, 1.75, 18, 5, 0.45, 0.0, "tee"),
            Place("Kang I-an", 1215, 525, 1.85, -17, -4, 0.15, 0.0, "shirt"),
        ),
        ((585, 130, 150, 78, 470, 330), (1330, 95, 120, 62, 1250, 260)),
    ),
    Panel(
        "iron-tide.webp",
        "action",
        _deck,
        (
            Place("Kofi Steel", 520, 430, 1.30, 14, 2, 0.1, 0.3, "tee"),
            Place("Zuri", 1085, 440, 1.28, -16, -3, 0.2, 0.1, "turtleneck"),
            Place("Captain Cha", 800, 520, 1.70, -6, 0, -0.1, 0.7, "shirt"),
            Place("Mirae", 240, 600, 1.80, 22, 6, 0.1, 0.5, "knit"),
            Place("Tae Ryeong", 1365, 590, 1.80, -21, -5, -0.1, 0.8, "tee"),
        ),
        ((800, 95, 190, 70, 800, 300),),
    ),
)


def draw_panel(panel: Panel) -> npt.NDArray[np.uint8]:
    """Draw one panel [1000, 1600, 3]."""
    canvas = Canvas(WIDTH * 2, HEIGHT * 2)
    generator = rng_of("panel", panel.file)
    panel.scene(canvas, generator)
    roles = {one.name: one for one in everyone()}
    style = STYLES[panel.style]
    for place in panel.places:
        mood = Expression(smile=place.smile, frown=place.frown, gaze=(-0.3 * place.yaw, 0.0))
        pose = Pose(place.yaw, 0.0, place.roll, place.x * 2, place.y * 2, place.scale * 2, mood, place.garment)
        draw_person(canvas, roles[place.character].identity, style, pose, rng_of("panel", panel.file, place.character))
    pen = Pen(canvas, 8, (0.08, 0.07, 0.09), generator)
    for x, y, wide, high, tail_x, tail_y in panel.bubbles:
        _bubble(canvas, pen, x, y, wide, high, tail_x, tail_y)
    return finish(canvas)


def _bubble(
    canvas: Canvas, pen: Pen, x: float, y: float, wide: float, high: float, tail_x: float, tail_y: float
) -> None:
    a = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    oval = np.stack([x + wide * np.cos(a), y + high * np.sin(a)], axis=1)
    foot = np.array([[x - 26, y], [tail_x, tail_y], [x + 26, y]])
    mask = canvas.mask([(oval * 2).astype(np.float32), (foot * 2).astype(np.float32)])
    canvas.paint(mask, (1.0, 1.0, 1.0))
    pen.outline(mask, 0.9)
    for k in (-1, 0, 1):
        dot = np.stack([x + 40 * k + 9 * np.cos(a), y + 9 * np.sin(a)], axis=1)
        canvas.fill((dot * 2).astype(np.float32), (0.15, 0.14, 0.16))
