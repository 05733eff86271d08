"""Spectacles: a frame of thin tubes before the eyes, and the faint reflection of lenses."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from casting.demo.curves import Array, linear
from casting.demo.features import Features
from casting.demo.identity import Identity, rng_of
from casting.demo.light import Rig
from casting.demo.raster import Camera

_TINTS = [(0.05, 0.05, 0.055), (0.24, 0.13, 0.07), (0.42, 0.36, 0.24), (0.10, 0.11, 0.16)]


def outline(who: Identity, f: Features, side: float, count: int = 90) -> Array:
    """Rim of one lens [count, 3] in the head's frame."""
    a = np.linspace(0, 2 * np.pi, count, endpoint=False)
    power = {"round": 1.0, "square": 0.55, "thin": 0.62}[who.glasses]
    wide, high = {"round": (22.5, 21.0), "square": (24.5, 17.5), "thin": (24.0, 14.0)}[who.glasses]
    x = wide * np.sign(np.cos(a)) * np.abs(np.cos(a)) ** power
    y = high * np.sign(np.sin(a)) * np.abs(np.sin(a)) ** power
    cx = side * max(f.eye_x + 0.5, wide + 8.0)
    z = f.eye_z + 15.5 - 0.0032 * (x + cx) ** 2
    return np.stack([cx + x, y - 3.0, z], axis=1).astype(np.float32)


def put_on(
    who: Identity,
    f: Features,
    to_world: Callable[[Array], Array],
    camera: Camera,
    rig: Rig,
    picture: Array,
    alpha: Array,
    depth: Array,
) -> tuple[Array, Array]:
    """Draw the spectacles, if the person wears any, over a linear picture."""
    if not who.glasses:
        return picture, alpha
    tint = linear(_TINTS[int(rng_of("glasses", who.name).integers(len(_TINTS)))])
    thick = {"round": 1.7, "square": 3.0, "thin": 1.3}[who.glasses]
    scale = camera.focal / camera.distance
    size = camera.size
    frame = np.zeros((size, size), np.uint8)
    lens = np.zeros((size, size), np.uint8)

    def flat(points: Array) -> Array:
        column, row, _ = camera.project(to_world(points))
        return np.asarray(np.round(np.stack([column, row], axis=1) * 16), np.int32)

    rims = [outline(who, f, side) for side in (-1.0, 1.0)]
    for rim in rims:
        cv2.fillPoly(lens, [flat(rim)], 255, cv2.LINE_AA, 4)
        cv2.polylines(frame, [flat(rim)], True, 255, max(2, round(thick * scale)), cv2.LINE_AA, 4)
    inner = [rims[0][rims[0][:, 0].argmax()], rims[1][rims[1][:, 0].argmin()]]
    t = np.linspace(0, 1, 12)[:, None]
    bridge = inner[0] * (1 - t) + inner[1] * t + np.array([0, 5.0, 0]) * np.sin(np.pi * t) + np.array([0, 2.0, 2.0])
    cv2.polylines(frame, [flat(bridge.astype(np.float32))], False, 255, max(2, round(thick * scale)), cv2.LINE_AA, 4)
    for side, rim in zip((-1.0, 1.0), rims, strict=True):
        edge = rim[(rim[:, 0] * side).argmax()] + np.array([0, 5.0, 0])
        ear = np.array([side * 78.0, 8.0, -8.0])
        arm = (edge * (1 - t) + ear * t).astype(np.float32)
        column, row, near = camera.project(to_world(arm))
        seen = depth[np.clip(row, 0, size - 1).astype(int), np.clip(column, 0, size - 1).astype(int)] > near - 6
        for i in range(len(arm) - 1):
            if seen[i] and seen[i + 1]:
                cv2.polylines(frame, [flat(arm[i : i + 2])], False, 255, max(2, round(thick * scale)), cv2.LINE_AA, 4)
    cover = frame.astype(np.float32)[..., None] / 255
    glass = cv2.GaussianBlur(lens, (0, 0), 1.0).astype(np.float32)[..., None] / 255
    shadow = np.roll(
        cv2.GaussianBlur(frame, (0, 0), size / 200).astype(np.float32)[..., None] / 255, size // 90, axis=0
    )
    out = picture * (1 - 0.45 * shadow * alpha[..., None])
    row, column = np.mgrid[0:size, 0:size].astype(np.float32) / size
    streak = np.exp(-((((column + 0.55 * row) % 0.32 - 0.10) / 0.045) ** 2))[..., None]
    out = out * (1 - 0.05 * glass) + glass * (0.014 + 0.05 * streak) * np.array(rig.sky, np.float32)
    upper = np.clip(-np.gradient(cv2.GaussianBlur(frame.astype(np.float32) / 255, (0, 0), 1.2), axis=0), 0, 1)[
        ..., None
    ]
    shiny = tint * (np.array(rig.key.colour) * 0.5 + np.array(rig.sky)) + 0.5 * upper * np.array(rig.key.colour)
    out = out * (1 - cover) + shiny * cover
    return np.asarray(out, np.float32), np.maximum(alpha, cover[..., 0])
