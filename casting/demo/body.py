"""Ears, neck and shoulders as grids of points, displaced by the identity's parameters."""

from __future__ import annotations

import numpy as np

from casting.demo.curves import bump, spline, step
from casting.demo.head import BODY, EAR, Surface, grid_normals
from casting.demo.identity import Identity


def ear_surface(who: Identity, side: float, rows: int = 60, columns: int = 60) -> Surface:
    """One ear: a shallow shell with a rolled rim; canonical positions are its own, from -1 to 1."""
    s, t = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(1, -1, rows))
    radius = np.sqrt(s**2 + t**2)
    scale = np.where(radius > 1e-6, np.maximum(np.abs(s), np.abs(t)) / np.maximum(radius, 1e-6), 1)
    s, t = s * scale, t * scale
    r = np.sqrt(s**2 + t**2)
    size = 1 + 0.06 * who["ear_size"]
    along = (15.5 - 4.0 * (t < 0) * t * t) * s * size
    height = 31.0 * t * size
    rim = 3.0 * np.exp(-(((r - 0.86) / 0.13) ** 2)) - 4.2 * np.exp(
        -(((s - 0.25) / 0.45) ** 2) - ((t + 0.1) / 0.42) ** 2
    )
    rim += 1.8 * np.exp(-(((r - 0.55) / 0.12) ** 2)) * (t > -0.3) - 2.0 * (r > 0.97)
    tilt = np.radians(10)
    away = np.radians(24 + 5 * who["ear_out"])
    back = along * np.cos(tilt) + height * np.sin(tilt)
    up = height * np.cos(tilt) - along * np.sin(tilt)
    out = 4.0 + (along + 12) * np.sin(away) + rim * np.cos(away)
    wide = 1 + 0.022 * who["face_width"]
    points = np.stack([side * (66.5 * wide + out), up - 11, -4 - back * np.cos(away) + rim * np.sin(away)], axis=-1)
    normals = grid_normals(points.astype(np.float32))
    normals *= np.sign(normals[..., :1].mean()) * side
    canonical = np.stack([s, t], axis=-1)
    return Surface(points.astype(np.float32), normals, canonical.astype(np.float32), EAR)


def body_surface(who: Identity, grow: float = 0.0, rows: int = 130, columns: int = 200) -> Surface:
    """Neck, shoulders and chest, in the frame of the body; `grow` in millimetres makes the clothes over it."""
    neck = (1.0 if who.is_male else 0.86) * (1 + 0.045 * who["neck"])
    broad = 1.0 if who.is_male else 0.86
    y = np.linspace(-55, -330, rows, dtype=np.float32)
    theta = np.linspace(-np.pi, np.pi, columns, dtype=np.float32)
    width = spline(
        y,
        [
            (-55, 50 * neck),
            (-100, 51 * neck),
            (-130, 53 * neck),
            (-147, 60 * neck),
            (-158, 78 * broad),
            (-168, 112 * broad),
            (-180, 150 * broad),
            (-195, 178 * broad),
            (-220, 200 * broad),
            (-330, 212 * broad),
        ],
    )
    front = spline(y, [(-55, 22), (-100, 24), (-130, 24), (-155, 26), (-175, 40), (-210, 62), (-330, 78)])
    back = spline(y, [(-55, -72), (-100, -76), (-135, -84), (-165, -98), (-210, -112), (-330, -110)])
    square = spline(y, [(-55, 2.0), (-140, 2.0), (-175, 2.3), (-330, 2.7)])[:, None]
    sin, cos = np.sin(theta)[None], np.cos(theta)[None]
    centre = 0.5 * (front + back)[:, None]
    power = 2.0 / square
    flare = 1 + 0.05 * np.exp(-(((y + 110) / 30) ** 2))[:, None] * 0
    x = (width[:, None] * flare + grow) * np.sign(sin) * np.abs(sin) ** power
    z = centre + ((front - back)[:, None] / 2 + grow) * np.sign(cos) * np.abs(cos) ** power
    yy = np.broadcast_to(y[:, None], x.shape).astype(np.float32)
    ax, z32 = np.abs(x).astype(np.float32), step(-10.0, 20.0, z.astype(np.float32))
    muscle = 2.6 * np.exp(-(((ax - (8 + 0.30 * -(yy + 160))) / 6.5) ** 2)) * step(-172, -150, yy) * step(-85, -110, yy)
    bones = 3.2 * np.exp(-(((yy + 170 - 0.10 * ax) / 5) ** 2)) * step(8, 16, ax) * step(120, 70, ax)
    notch = -3.0 * bump(ax, yy, 0, 8, -166, 7)
    apple = (2.8 if who.is_male else 0.6) * bump(ax, yy, 0, 8, -128, 9)
    z = z + z32 * (muscle + bones + notch + apple) * (1.0 if grow == 0.0 else 0.75)
    y_out = yy + grow * 0.8 * step(-150, -185, yy)
    points = np.stack([x, y_out, z], axis=-1).astype(np.float32)
    canonical = np.stack([x, yy], axis=-1).astype(np.float32)
    return Surface(points, -grid_normals(points), canonical, BODY, closed=True)
