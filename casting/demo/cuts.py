"""The hair cuts of the cast as numbers, and where on a head hair grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from casting.demo.curves import Array, spline, step
from casting.demo.features import Features
from casting.demo.identity import Identity

STEPS = 30
"""Points of a strand."""


@dataclass(frozen=True)
class Cut:
    """How hair grows: length (mm) on top and at the sides, how it is combed, how it falls and curls.

    `comb` is "part", "forward", "back", "out" or "gather" (to a point behind); `lift` raises the roots, `fall` is the
    pull of gravity, `loft` the thickness of the mass, `curl` the radius of the coils (mm) `clump` how strands stick.
    """

    comb: str
    top: float
    sides: float
    lift: float = 0.25
    fall: float = 0.5
    loft: float = 9.0
    curl: float = 0.0
    turns: float = 3.0
    clump: float = 0.55
    fringe: float = 0.0
    strands: int = 9000
    side_y: float = 30.0


CUTS: dict[str, Cut] = {
    "longhair": Cut("part", 330, 330, lift=0.35, fall=0.75, loft=10, strands=12000),
    "lob": Cut("part", 215, 200, lift=0.35, fall=0.75, loft=11, strands=11000),
    "bob": Cut("part", 165, 140, lift=0.35, fall=0.75, loft=12, strands=10000),
    "bun": Cut("gather", 200, 170, lift=0.1, fall=0.0, loft=6, clump=0.3),
    "ponytail": Cut("gather", 200, 170, lift=0.1, fall=0.0, loft=6, clump=0.3),
    "tieback": Cut("gather", 200, 170, lift=0.15, fall=0.0, loft=6, clump=0.35),
    "twintails": Cut("gather", 180, 160, lift=0.1, fall=0.0, loft=6, clump=0.3),
    "pixie": Cut("side", 80, 42, lift=0.4, fall=0.5, loft=9, fringe=44, clump=0.75),
    "curlyshort": Cut("out", 52, 40, lift=0.7, fall=0.3, loft=16, curl=5.5, turns=3.5, clump=0.8),
    "curtains": Cut("part", 105, 60, lift=0.6, fall=0.55, loft=11, clump=0.7),
    "undercut": Cut("quiff", 80, 6, lift=0.9, fall=0.02, loft=17, clump=0.75, side_y=52),
    "slickback": Cut("back", 120, 60, lift=0.35, fall=0.05, loft=8, clump=0.6, side_y=40),
    "crop": Cut("side", 40, 14, lift=0.75, fall=0.25, loft=9, clump=0.6, side_y=45),
    "receding": Cut("back", 55, 30, lift=0.3, fall=0.1, loft=5, clump=0.5, strands=6000),
    "sidepart": Cut("side", 66, 16, lift=0.65, fall=0.14, loft=11, clump=0.65, side_y=45),
    "mop": Cut("forward", 105, 60, lift=0.5, fall=0.55, loft=12, clump=0.8, fringe=45),
    "buzz": Cut("out", 6, 5, lift=0.9, fall=0.0, loft=3, clump=0.0, strands=14000),
    "curly": Cut("out", 85, 30, lift=0.7, fall=0.35, loft=18, curl=6.5, turns=3.0, clump=0.85, side_y=42),
    "afro": Cut("out", 75, 62, lift=1.0, fall=0.0, loft=50, curl=3.2, turns=8, clump=0.25, strands=13000),
    "fade": Cut("out", 14, 4, lift=1.0, fall=0.0, loft=8, curl=1.6, turns=2, clump=0.1, strands=14000, side_y=52),
}


def scalp_edge(who: Identity, f: Features, azimuth: Array) -> Array:
    """Height (mm) above which hair grows, by the angle from the front (radians, 0..pi)."""
    recede = 16.0 if who.hair == "receding" else 4.0 * who.wrinkles if who.is_male else 0.0
    a = np.degrees(azimuth)
    low = 8.0 if who.is_male else 2.0
    points = [
        (0.0, f.hairline + 0.9 * recede),
        (22, f.hairline + 0.5 + 1.6 * recede),
        (40, f.hairline - 8 + 1.7 * recede),
    ]
    points += [
        (55, 41 + 0.8 * recede),
        (66, 24.0),
        (73, -low),
        (79, -low - 2),
        (84, 21),
        (106, 21),
        (120, -14),
        (150, -62),
        (180, -70),
    ]
    return spline(np.asarray(a, np.float32), points)


def scalp_cover(who: Identity, f: Features, points: Array) -> Array:
    """How much of a surface point [n, 3] is scalp, 0..1."""
    azimuth = np.abs(np.arctan2(points[:, 0], points[:, 2] + 6))
    edge = scalp_edge(who, f, azimuth)
    return step(edge - 4.5, edge + 4.5, points[:, 1])
