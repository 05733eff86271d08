"""Where the parts of one face are, in millimetres of its own frame, and how an expression moves them.

x is across (the picture's right), y up, z towards the viewer; the pupils lie at y = 0, the chin near y = -114. The
head's surface, its colours and the drawn look all read their positions here, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from casting.demo.curves import Array
from casting.demo.identity import Identity


@dataclass(frozen=True)
class Expression:
    """Muscles at work: 0 is at rest. `gaze` is in degrees, across and up."""

    smile: float = 0.0
    open_mouth: float = 0.0
    frown: float = 0.0
    raise_brow: float = 0.0
    squint: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Features:
    """Positions and sizes in millimetres."""

    eye_x: float
    eye_half: float
    eye_up: float
    eye_down: float
    eye_tilt: float
    eye_z: float
    crease: float
    brow_y: float
    brow_half: float
    brow_thick: float
    brow_arch: float
    brow_tilt: float
    nose_y: float
    nose_half: float
    nose_height: float
    nose_bridge: float
    mouth_y: float
    mouth_half: float
    lip_up: float
    lip_down: float
    corner: float
    gap: float
    chin_y: float
    hairline: float
    smile: float
    frown: float

    def eye_lids(self, t: Array) -> tuple[Array, Array]:
        """Upper and lower lid above the line of the corners; t runs from -1 (inner corner) to 1 (outer corner)."""
        inside = np.clip(1 - np.abs(t), 0, 1)
        upper = self.eye_up * (1 - np.abs(t + 0.12 * (1 - t * t)) ** 2.3) * (inside > 0)
        lower = -self.eye_down * (1 - np.abs(t - 0.16 * (1 - t * t)) ** 2.2) * (inside > 0)
        return np.asarray(upper, np.float32), np.asarray(lower, np.float32)

    def eye_frame(self, x: Array, y: Array, side: float | Array) -> tuple[Array, Array]:
        """Coordinates in the frame of one eye: along its axis (outwards positive) and above it, millimetres."""
        dx, dy = (x - side * self.eye_x) * side, y
        c, s = np.cos(self.eye_tilt), np.sin(self.eye_tilt)
        return np.asarray(dx * c + dy * s, np.float32), np.asarray(-dx * s + dy * c, np.float32)

    def mouth_line(self, x: Array) -> Array:
        """Height of the line between the lips; the corners move with the smile."""
        t = np.abs(x) / self.mouth_half
        bow = 0.55 * np.exp(-((t / 0.22) ** 2)) - 0.5 * np.exp(-(((t - 0.42) / 0.3) ** 2))
        return np.asarray(self.mouth_y + self.corner * t**2.2 - bow * (1 - 0.7 * abs(self.smile)), np.float32)

    def lips(self, x: Array) -> tuple[Array, Array, Array, Array]:
        """Outer edge of the upper lip, its inner edge, inner edge of the lower lip, its outer edge (all y)."""
        t = np.clip(np.abs(x) / self.mouth_half, 0, 1)
        line = self.mouth_line(x)
        swell = np.sqrt(np.clip(1 - t**2, 0, 1))
        cupid = 1 - 0.17 * np.exp(-((t / 0.11) ** 2)) + 0.10 * np.exp(-(((t - 0.24) / 0.15) ** 2))
        upper = self.lip_up * (0.25 * swell + 0.75 * np.clip(1 - t**1.45, 0, 1)) * cupid
        lower = self.lip_down * (0.45 * swell + 0.55 * np.clip(1 - t**2.0, 0, 1))
        part = self.gap * np.clip(1 - t**2.2, 0, 1)
        up_in, low_in = line + 0.35 * part, line - 0.65 * part
        return (
            np.asarray(up_in + upper, np.float32),
            np.asarray(up_in, np.float32),
            np.asarray(low_in, np.float32),
            np.asarray(low_in - lower, np.float32),
        )


def features_of(who: Identity, mood: Expression) -> Features:
    """Place the parts of a face under an expression."""
    m = mood
    scale = (1.0 if who.is_male else 1.04) + 0.055 * who["eye_size"]
    squint = np.clip(m.squint + 0.35 * m.smile + 0.3 * m.frown, -0.5, 1)
    open_up = (5.05 + 0.55 * who["eye_open"] - 0.35 * who["lid_hood"]) * (1 - 0.33 * squint + 0.12 * m.raise_brow)
    mouth_y = (-69.5 if who.is_male else -67.0) - 1.2 * who["philtrum"] - 1.5 * who["face_length"]
    return Features(
        eye_x=31.6 + 1.25 * who["eye_spacing"] + 0.4 * who["face_width"],
        eye_half=14.9 * scale,
        eye_up=max(2.2, float(open_up * scale)),
        eye_down=max(1.7, float((4.75 + 0.2 * who["eye_open"]) * scale * (1 - 0.42 * squint))),
        eye_tilt=float(np.radians(3.2 + 2.4 * who["eye_tilt"])),
        eye_z=73.4 - 1.1 * who["eye_depth"],
        crease=float(np.clip(1.7 + 0.85 * who["lid_crease"], 0, 4.5)),
        brow_y=18.4 + 1.3 * who["brow_gap"] - 0.3 * who["brow_ridge"] + 3.2 * m.raise_brow - 2.2 * m.frown,
        brow_half=20.5 + 0.5 * who["eye_size"],
        brow_thick=float(np.clip(5.3 + 0.95 * who["brow_thick"], 2.2, 8.5)),
        brow_arch=2.0 + 0.8 * who["brow_arch"] + 1.0 * m.raise_brow,
        brow_tilt=0.8 + 1.3 * who["brow_tilt"] + 3.2 * m.frown,
        nose_y=(-41.0 if who.is_male else -38.8) - 1.7 * who["nose_length"] - 0.7 * who["face_length"],
        nose_half=15.8 + 1.35 * who["nose_width"] + 1.0 * m.smile,
        nose_height=(22.5 if who.is_male else 20.6) + 1.3 * who["nose_tip"] + 0.5 * who["nose_bridge"],
        nose_bridge=(5.6 if who.is_male else 4.6) + 1.3 * who["nose_bridge"],
        mouth_y=mouth_y + 0.8 * m.smile,
        mouth_half=(24.6 if who.is_male else 22.8) + 1.4 * who["mouth_width"] + 4.2 * m.smile,
        lip_up=float(np.clip(6.2 + 1.15 * who["lip_upper"], 2.4, 11)) * (1 - 0.22 * m.smile),
        lip_down=float(np.clip(7.8 + 1.2 * who["lip_lower"], 3.2, 13)) * (1 - 0.12 * m.smile),
        corner=0.9 + 0.5 * who["mouth_corner"] + 4.4 * m.smile - 2.0 * m.frown,
        gap=6.5 * m.open_mouth,
        chin_y=-114.5 - 2.4 * who["face_length"] - 1.9 * who["chin_length"] - 2.0 * m.open_mouth,
        hairline=54.0 + 3.0 * who["hairline"] + 1.8 * who["forehead"],
        smile=m.smile,
        frown=m.frown,
    )
