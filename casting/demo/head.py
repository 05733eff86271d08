"""The surface of a head as a grid of points, displaced by the identity's parameters.

A head is a loft: at every height a front-flattened oval whose width, depth and centre follow curves, onto which nose,
sockets, lips, cheeks and folds are laid as smooth hills. Every point keeps its undisplaced (x, y), the *canonical*
position, in which the skin is painted.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from casting.demo.curves import Array, bump, spline, step
from casting.demo.features import Features
from casting.demo.identity import Identity

HEAD, EAR, BODY = 1, 2, 3
SKULL = 1.055
"""How much lower the crown is than the 122 mm of the section curves."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A grid of points [rows, columns, 3] with normals, canonical positions [rows, columns, 2] and a part number."""

    points: Array
    normals: Array
    canonical: Array
    part: int
    closed: bool = False


def grid_normals(points: Array) -> Array:
    """Unit normals of a grid, by central differences (pointing to the left of the row direction)."""
    normal = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.asarray(normal / np.maximum(length, 1e-9), np.float32)


@dataclass(frozen=True, eq=False)
class Loft:
    """The undisplaced head: half width, centre, front and back at any height."""

    who: Identity
    chin_y: float

    def level(self, y: Array) -> Array:
        """Heights on the average face: below the eyes they are scaled to the length of this one."""
        return np.asarray(np.where(y < 0, y * (114.5 / -self.chin_y), y * SKULL), np.float32)

    def sections(self, y: Array) -> tuple[Array, Array, Array, Array, Array]:
        """Half width, centre depth, front depth, back depth and squareness of the oval at heights `y`."""
        who, s = self.who, self.level(y)
        jaw, angle, cheekbone = who["jaw_width"], who["jaw_angle"], who["cheekbone"]
        wide = 1 + 0.022 * who["face_width"]
        width = spline(
            s,
            [
                (122, 0.1),
                (120.5, 18),
                (117, 33),
                (110, 48),
                (98, 61),
                (82, 70.5),
                (60, 75.5 + 0.9 * who["temple"]),
                (38, 75.2 + 1.0 * who["temple"]),
                (18, 73.5),
                (0, 71.8 + 0.3 * cheekbone),
                (-20, 69.5 + 0.7 * cheekbone),
                (-42, 66.0 + 0.55 * jaw + 0.4 * who["cheek"]),
                (-60, 61.0 + 1.5 * jaw + 0.7 * angle),
                (-76, 54.0 + 2.0 * jaw + 1.6 * angle),
                (-90, 44.5 + 1.9 * jaw + 1.7 * angle + 0.5 * who["chin_width"]),
                (-102, 33.0 + 1.2 * jaw + 1.1 * angle + 1.3 * who["chin_width"]),
                (-110, 24.0 + 0.5 * jaw + 1.5 * who["chin_width"]),
                (-114.5, 15.5 + 1.0 * who["chin_width"]),
                (-117, 8),
                (-119, 3),
            ],
        )
        front = spline(
            s,
            [
                (122, -6),
                (118, 22),
                (110, 42),
                (98, 60),
                (80, 75),
                (62, 83),
                (42, 88),
                (24, 89.0 + 0.6 * who["brow_ridge"]),
                (8, 85.5),
                (-12, 85),
                (-42, 87),
                (-58, 89.5),
                (-70, 90.5),
                (-84, 87.5 + 0.7 * who["chin_forward"]),
                (-100, 86 + 1.3 * who["chin_forward"]),
                (-109, 83.5 + 1.3 * who["chin_forward"]),
                (-114, 77.5 + who["chin_forward"]),
                (-116.5, 66),
                (-118, 46),
                (-119.5, 12),
            ],
        )
        back = spline(
            s,
            [
                (122, -10),
                (118, -38),
                (110, -58),
                (98, -75),
                (80, -92),
                (55, -101),
                (20, -102),
                (-10, -94),
                (-40, -70),
                (-60, -38),
                (-76, -8),
                (-90, 12),
                (-102, 24),
                (-110, 20),
                (-116, 4),
                (-121, -12),
                (-126, -16),
            ],
        )
        centre = spline(
            s,
            [
                (122, -8),
                (90, -8),
                (40, -6),
                (0, -4),
                (-30, 0),
                (-55, 6),
                (-76, 16),
                (-90, 28),
                (-102, 44),
                (-110, 48),
                (-117, 34),
                (-121, -2),
                (-126, -10),
            ],
        )
        square = spline(
            s,
            [
                (110, 2.0),
                (60, 2.15),
                (20, 2.2),
                (-20, 2.12),
                (-50, 2.08 + 0.05 * who["cheek"]),
                (-75, 2.1),
                (-95, 2.1 + 0.06 * who["chin_width"]),
                (-115, 2.2),
            ],
        )
        return np.asarray(width * wide, np.float32), centre, front, back, square

    def inside(self, points: Array, margin: float) -> tuple[Array, Array]:
        """How far points [n, 3] lie inside the loft grown by `margin` (mm, positive inside), and outward directions."""
        y = points[:, 1]
        brim = 122.0 / SKULL - 32
        clipped = np.clip(y, -110, brim)
        width, centre, front, back, _ = self.sections(clipped)
        depth = np.where(points[:, 2] > centre, front - centre, centre - back)
        dx, dz, dy = points[:, 0], points[:, 2] - centre, np.maximum(y - brim, 0)
        wx, wz = np.maximum(width + margin, 1.0), np.maximum(depth + margin, 1.0)
        radius = np.sqrt((dx / wx) ** 2 + (dz / wz) ** 2 + (dy / (32 + margin)) ** 2)
        lift = np.interp(y, [20.0, 70.0, 118.0], [0.0, 0.45, 2.4])
        out = np.stack([dx / wx**2, lift / wx + dy / (32 + margin) ** 2, dz / wz**2], axis=1)
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
        return np.asarray((1 - radius) * np.minimum(wx, wz), np.float32), np.asarray(out, np.float32)


def head_surface(who: Identity, f: Features, rows: int = 440, columns: int = 380) -> Surface:
    """The head with its features; canonical x runs on around the side, so that strands may root anywhere."""
    loft = Loft(who, f.chin_y)
    u = np.linspace(-1, 1, columns, dtype=np.float32)
    theta = np.pi * (0.5 * u + 0.5 * u**3)
    bottom = f.chin_y * (119.0 / 114.5)
    t = np.linspace(0, 1, rows, dtype=np.float32)
    crown = 122 / SKULL
    y = crown + (bottom - crown) * (t - 0.06 * np.sin(2 * np.pi * t) / 1.0 * np.exp(-((t / 0.25) ** 2)))
    width, centre, front, back, square = (value[:, None] for value in loft.sections(y))
    sin, cos = np.sin(theta)[None], np.cos(theta)[None]
    power = 2.0 / square
    x = width * np.sign(sin) * np.abs(sin) ** power
    depth = np.where(cos > 0, front - centre, centre - back)
    z = centre + depth * np.sign(cos) * np.abs(cos) ** power
    yy = np.broadcast_to(y[:, None], x.shape).astype(np.float32)
    points = np.stack([x, yy, z], axis=-1).astype(np.float32)
    face = step(-10.0, 25.0, z.astype(np.float32))
    points = _featured(who, f, points, x.astype(np.float32), yy, face)
    points = np.asarray(cv2.GaussianBlur(points, (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE), np.float32)
    canonical = np.stack([np.where(cos > 0, x, np.sign(x) * (2 * width - np.abs(x))), yy], axis=-1)
    return Surface(points, -grid_normals(points), canonical.astype(np.float32), HEAD, closed=True)


def surface_at(who: Identity, f: Features, x: Array, y: Array) -> Array:
    """Points [n, 3] of the front of the head at canonical positions; where strands take root."""
    width, centre, front, _, square = Loft(who, f.chin_y).sections(y)
    z = centre + (front - centre) * np.clip(1 - (np.abs(x) / width) ** square, 0.02, 1) ** (1 / square)
    points = np.stack([x, y, z], axis=-1).astype(np.float32)
    return _featured(who, f, points, x, y, step(-10.0, 25.0, z.astype(np.float32)))


def _featured(who: Identity, f: Features, points: Array, x: Array, y: Array, face: Array) -> Array:
    points[..., 2] += face * relief(who, f, x, y)
    points[..., 0] += 0.9 * who["asymmetry"] * np.exp(-(((y + 60) / 45) ** 2)) * face
    return _lids(f, points, x, y, face)


def relief(who: Identity, f: Features, x: Array, y: Array) -> Array:
    """Height of the features over the loft, in millimetres towards the viewer."""
    ax = np.abs(x)
    s = f.smile
    age = who.wrinkles
    ridge = 2.0 + 1.5 * who["brow_ridge"]
    out = ridge * bump(ax, y, 24, 19, f.brow_y, 7.5) + 0.5 * ridge * bump(ax, y, 0, 9, f.brow_y - 3, 8)
    out -= (6.8 + 1.2 * who["eye_depth"]) * bump(ax, y, f.eye_x - 1, 16, 3.0, 11.5)
    out -= 2.6 * bump(ax, y, 17.5, 5.5, 1, 9)
    out += (1.6 + 1.1 * who["cheekbone"]) * bump(ax, y, 47, 15, -19, 12)
    out += (0.4 + 1.2 * who["cheek"] + 1.6 * s) * bump(ax, y, 39, 17, -42 + 5 * s, 17)
    out -= np.clip(-0.7 * who["cheek"] + 0.3, 0, 3) * bump(ax, y, 46, 12, -55, 17)
    out += (1.8 + 0.9 * who["muzzle"]) * bump(ax, y, 0, 27, f.mouth_y, 19)
    out += _nose(who, f, ax, y)
    out += _mouth(who, f, x, ax, y)
    fold_x = spline(
        y,
        [
            (f.mouth_y - 12, f.mouth_half + 12 + 3 * s),
            (f.mouth_y, f.mouth_half + 9 + 3 * s),
            (f.nose_y + 2, f.nose_half + 5),
        ],
    )
    along = step(f.nose_y + 6, f.nose_y - 4, y) * step(f.mouth_y - 16, f.mouth_y + 2, y)
    depth = 0.35 + 1.0 * age + 1.9 * s + 0.2 * max(0.0, who["cheek"])
    out -= depth * along * np.exp(-(((ax - fold_x) / (3.2 + 1.2 * s)) ** 2))
    out += 0.8 * depth * along * np.exp(-(((ax - fold_x - 8) / 7) ** 2))
    out -= 2.2 * bump(ax, y, 0, 20, f.mouth_y - 1.2 * f.lip_down - 6.5, 4.6)
    chin = f.chin_y + 13
    out += (3.0 + 0.8 * who["chin_forward"]) * bump(ax, y, 0, 15 + 2 * who["chin_width"], chin, 9.5)
    if who.is_male and who["chin_width"] > 1.2:
        out -= 1.0 * bump(ax, y, 0, 1.6, chin - 1, 6)
    out -= (0.4 + 0.5 * age) * bump(ax, y, f.eye_x - 5, 15, -13.5, 3.2)
    out -= 1.3 * f.frown * bump(ax, y, 6.5, 1.5, f.brow_y - 1, 6)
    return np.asarray(out, np.float32)


def _nose(who: Identity, f: Features, ax: Array, y: Array) -> Array:
    tip = f.nose_y + 1.6 * float(np.clip(who["nose_tilt"], -2, 2))
    y = np.asarray(y - 2.6 * np.minimum(ax / 11, 1.3) ** 2 * step(tip + 2, tip - 6, y), np.float32)
    high, bridge, hump, wide = f.nose_height, f.nose_bridge, 1.1 * who["nose_hump"], who["nose_width"]
    ridge = spline(
        y,
        [
            (27, 0.0),
            (14, 0.36 * bridge),
            (4, 0.95 * bridge),
            (-10, 0.27 * high + 0.55 * bridge + hump),
            (-22, 0.47 * high + 0.38 * bridge + hump),
            (tip + 8, 0.73 * high),
            (tip + 1, 0.78 * high),
            (tip - 5, 0.70 * high),
            (tip - 10, 0.30 * high),
            (tip - 15, 0.0),
        ],
    )
    half = spline(
        y, [(20, 7.4), (4, 6.6), (-12, 7.2 + 0.3 * wide), (tip + 7, 8.4 + 0.6 * wide), (tip - 5, 9.0 + 0.6 * wide)]
    )
    out = ridge * (0.80 * np.exp(-((ax / half) ** 2)) + 0.20 * np.exp(-((ax / (2.0 * half)) ** 2)))
    ball = (ax / (9.2 + 0.8 * wide)) ** 2 + ((y - tip) / 8.4) ** 2
    out += (0.29 + 0.02 * who["nose_tip"]) * high * np.exp(-(ball**1.1))
    wing, wing_y = f.nose_half - 5.0, f.nose_y - 5.0
    lobe = ((ax - wing) / 5.8) ** 2 + ((y - wing_y) / 6.4) ** 2
    out += 6.6 * np.exp(-lobe)
    groove = np.exp(-(((np.sqrt(lobe) - 1.35) / 0.34) ** 2))
    out -= 0.9 * groove * step(wing - 3, wing + 3, ax) * step(wing_y - 6, wing_y + 2, y)
    out -= 3.4 * bump(ax, y, 6.6, 3.4, f.nose_y - 9.0, 2.1)
    return np.asarray(out, np.float32)


def _mouth(who: Identity, f: Features, x: Array, ax: Array, y: Array) -> Array:
    top, up_in, low_in, bottom = f.lips(x)
    t = np.clip(ax / f.mouth_half, 0, 1.2)
    window = np.clip(1 - t**2.4, 0, 1)
    up_mid, up_size = 0.5 * (top + up_in), np.maximum(0.5 * (top - up_in), 0.6)
    low_mid, low_size = 0.5 * (bottom + low_in), np.maximum(0.5 * (low_in - bottom), 0.6)
    out = (1.9 + 0.22 * f.lip_up) * window * np.exp(-(np.abs((y - up_mid + 0.25 * up_size) / (1.25 * up_size)) ** 2.6))
    out += (1.7 + 0.24 * f.lip_down) * window * np.exp(-(np.abs((y - low_mid) / (1.2 * low_size)) ** 2.4))
    seam = 0.5 * (up_in + low_in)
    out -= (2.0 + 0.5 * f.gap) * np.clip(1 - t**3, 0, 1) * np.exp(-(((y - seam) / (1.1 + 0.45 * f.gap)) ** 2))
    out -= 1.1 * bump(ax, y, f.mouth_half + 2.4, 4.2, f.mouth_y + f.corner, 4.6)
    out -= 0.9 * bump(ax, y, 0, 2.5, 0.5 * (f.nose_y - 9 + f.mouth_y + f.lip_up), 5.0)
    out += 0.6 * bump(ax, y, 4.6, 2.0, 0.5 * (f.nose_y - 9 + f.mouth_y + f.lip_up), 5.0)
    return np.asarray(out, np.float32)


def _lids(f: Features, points: Array, x: Array, y: Array, face: Array) -> Array:
    """Round the lids over the eyeballs, so that they are convex and the fold above them has a floor."""
    for side in (-1.0, 1.0):
        along, above = f.eye_frame(x, y, side)
        distance = (along / 16.5) ** 2 + ((above - 0.5) / (12.0)) ** 2
        weight = np.exp(-(distance**2)) * face
        radius = 13.6
        ball = f.eye_z - 12.2 + np.sqrt(np.clip(radius**2 - 0.72 * along**2 - 0.9 * above**2, 4, None))
        points[..., 2] += weight * (ball - points[..., 2]) * 0.85
        fold = np.exp(-(((above - f.eye_up - f.crease - 0.10 * np.maximum(along, 0)) / 1.0) ** 2)) * (f.crease > 0.4)
        points[..., 2] -= 0.55 * fold * np.exp(-((along / 15) ** 4)) * face
        bag = np.exp(-(((above + f.eye_down + 6.0) / 2.6) ** 2) - (along / 13) ** 4)
        points[..., 2] += (0.25 + 0.7 * f.smile) * bag * face
    return points
