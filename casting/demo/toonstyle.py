"""The four drawing styles."""

from __future__ import annotations

from dataclasses import dataclass

from casting.demo.identity import RGB


@dataclass(frozen=True)
class Style:
    """How one production is drawn: sizes relative to the ordinary; `shadow` multiplies skin, `hatch` uses lines."""

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
        shadow=(0.88, 0.80, 0.78),
        saturation=0.72,
        blush=0.15,
        lips=0.4,
        hatch=True,
    ),
}
