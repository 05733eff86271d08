"""Studio and daylight rigs, soft shadows from a depth map seen by the key light, and the shading of skin and hair."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from casting.demo.curves import Array, dot, sample, unit


@dataclass(frozen=True, eq=False)
class Lamp:
    """A distant light: direction towards it (world), linear colour."""

    direction: tuple[float, float, float]
    colour: tuple[float, float, float]

    @property
    def unit(self) -> Array:
        """The direction, of length one."""
        way = np.array(self.direction, np.float32)
        return np.asarray(way / np.linalg.norm(way), np.float32)


@dataclass(frozen=True, eq=False)
class Rig:
    """Key, fill and rim lamps, and an ambient sky and ground."""

    key: Lamp
    fill: Lamp
    rim: Lamp
    sky: tuple[float, float, float]
    ground: tuple[float, float, float]
    softness: float = 2.2

    def ambient(self, normals: Array) -> Array:
        """Light from everywhere [n, 3] by which way a surface faces."""
        up = (0.5 + 0.5 * normals[..., 1:2]) ** 1.0
        return np.asarray(np.array(self.sky) * up + np.array(self.ground) * (1 - up), np.float32)


RIGS: dict[str, Rig] = {
    "studio": Rig(
        Lamp((-0.55, 0.55, 0.75), (1.50, 1.42, 1.34)),
        Lamp((0.8, 0.15, 0.7), (0.34, 0.36, 0.40)),
        Lamp((0.7, 0.45, -0.75), (0.9, 0.9, 0.95)),
        (0.36, 0.37, 0.40),
        (0.20, 0.175, 0.16),
    ),
    "window": Rig(
        Lamp((0.9, 0.35, 0.6), (1.62, 1.60, 1.62)),
        Lamp((-0.7, 0.1, 0.8), (0.26, 0.24, 0.23)),
        Lamp((-0.6, 0.4, -0.8), (0.35, 0.34, 0.34)),
        (0.33, 0.34, 0.38),
        (0.19, 0.17, 0.15),
        3.0,
    ),
    "sunset": Rig(
        Lamp((-0.75, 0.30, 0.65), (1.60, 1.26, 0.92)),
        Lamp((0.8, 0.3, 0.6), (0.26, 0.30, 0.38)),
        Lamp((0.55, 0.35, -0.9), (1.9, 1.30, 0.78)),
        (0.32, 0.33, 0.38),
        (0.22, 0.175, 0.13),
    ),
    "overcast": Rig(
        Lamp((0.15, 0.9, 0.7), (0.95, 0.97, 1.0)),
        Lamp((-0.3, 0.1, 0.9), (0.30, 0.30, 0.31)),
        Lamp((-0.4, 0.6, -0.8), (0.5, 0.52, 0.55)),
        (0.56, 0.58, 0.61),
        (0.26, 0.245, 0.225),
        4.0,
    ),
    "beauty": Rig(
        Lamp((0.12, 0.62, 0.85), (1.32, 1.27, 1.22)),
        Lamp((0.0, -0.6, 0.8), (0.42, 0.40, 0.39)),
        Lamp((-0.75, 0.35, -0.8), (0.8, 0.82, 0.9)),
        (0.40, 0.40, 0.42),
        (0.25, 0.23, 0.215),
        3.5,
    ),
    "stage": Rig(
        Lamp((-0.8, 0.5, 0.5), (1.55, 1.38, 1.20)),
        Lamp((0.9, 0.1, 0.5), (0.22, 0.30, 0.44)),
        Lamp((0.8, 0.3, -0.7), (0.75, 1.0, 1.5)),
        (0.24, 0.25, 0.30),
        (0.15, 0.13, 0.13),
        1.6,
    ),
}


class ShadowMap:
    """Depth seen from a lamp, for soft shadows of points [n, 3] in the world."""

    SIZE = 420

    def __init__(self, lamp: Lamp, solid: Array, hair: Array, softness: float) -> None:
        way = lamp.unit
        right = np.cross(np.array([0, 1, 0], np.float32), way)
        right /= np.linalg.norm(right)
        self.axes = np.stack([right, np.cross(way, right), way]).astype(np.float32)
        self.softness = softness
        self.solid = self._depth(solid)
        self.hair = self._depth(hair)

    def _place(self, points: Array) -> tuple[Array, Array, Array]:
        local = points @ self.axes.T
        scale = self.SIZE / 460.0
        return (local[:, 0] * scale + self.SIZE / 2), (self.SIZE / 2 - (local[:, 1] + 30) * scale), local[:, 2]

    def _depth(self, points: Array) -> Array:
        near = np.full(self.SIZE * self.SIZE, -1e4, np.float32)
        if len(points):
            u, v, depth = self._place(points)
            c, r = u.astype(np.int64), v.astype(np.int64)
            good = (c >= 0) & (r >= 0) & (c < self.SIZE) & (r < self.SIZE)
            np.maximum.at(near, r[good] * self.SIZE + c[good], depth[good].astype(np.float32))
        picture = near.reshape(self.SIZE, self.SIZE)
        return np.asarray(cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.float32)

    def lit(self, points: Array) -> Array:
        """Share of the lamp that reaches points [n, 3], 0..1."""
        u, v, depth = self._place(points)
        total = np.zeros(len(points), np.float32)
        ring = [(0.0, 0.0)] + [(np.cos(a) * s, np.sin(a) * s) for s in (1.0, 2.0) for a in np.arange(0, 6.2, 0.785)]
        for du, dv in ring:
            su = np.clip(u + du * self.softness, 0, self.SIZE - 2)
            sv = np.clip(v + dv * self.softness, 0, self.SIZE - 2)
            behind = np.clip((sample(self.solid, su, sv) - depth - 3.0) / 4.0, 0, 1)
            strands = np.clip((sample(self.hair, su, sv) - depth - 2.0) / 10.0, 0, 0.92)
            total += 1 - np.maximum(behind, strands)
        return np.asarray(total / len(ring), np.float32)


def shine(normals: Array, view: Array, way: Array, power: float) -> Array:
    """Blinn highlight [n] with a Fresnel rise, normalised."""
    half = unit(way + view)
    facing = np.clip(dot(normals, half), 0, 1)
    fresnel = 0.028 + 0.972 * (1 - np.clip(dot(view, half), 0, 1)) ** 5
    towards = np.clip(normals @ way, 0, 1)
    return np.asarray(fresnel * (power + 2) / 8 * facing**power * np.minimum(1, towards * 4), np.float32)


def shade_skin(rig: Rig, normals: Array, view: Array, lit: Array, hollow: Array) -> tuple[Array, Array]:
    """Diffuse light [n, 3] and highlight [n, 3] of skin; `hollow` (0..1) is how open a point is to the sky."""
    wrap = np.array([0.24, 0.14, 0.11], np.float32)
    diffuse = rig.ambient(normals) * hollow[:, None]
    glint = np.zeros_like(diffuse)
    for lamp, share in ((rig.key, lit), (rig.fill, hollow), (rig.rim, hollow)):
        cosine = (normals @ lamp.unit)[:, None]
        colour = np.array(lamp.colour, np.float32)
        soft = np.clip((cosine + wrap) / (1 + wrap), 0, None) ** 1.15
        reach = share[:, None] ** np.array([0.84, 1.0, 1.06], np.float32)
        diffuse += soft * colour * reach
        light = 0.75 * shine(normals, view, lamp.unit, 14) + 0.35 * shine(normals, view, lamp.unit, 55)
        glint += (light * share)[:, None] * colour
    edge = (1 - np.clip(dot(normals, view), 0, 1)) ** 4
    glint += 0.10 * edge[:, None] * rig.ambient(normals) * hollow[:, None]
    return np.asarray(diffuse, np.float32), np.asarray(glint, np.float32)


def shade_hair(
    rig: Rig, tangents: Array, outward: Array, view: Array, colour: Array, lit: Array, open_sky: Array, gloss: Array
) -> Array:
    """Light of strands by their direction: a soft body and two shifted highlights (Kajiya and Kay, Marschner)."""
    out = colour * 0.9 * np.array(rig.sky, np.float32) * open_sky[:, None]
    for lamp, reach in ((rig.key, lit), (rig.fill, 0.6 * open_sky), (rig.rim, 0.6 * open_sky)):
        way = lamp.unit
        share = reach * np.clip((outward @ way + 0.35) / 1.35, 0, 1)
        along = np.clip(tangents @ way, -1, 1)
        body = np.sqrt(np.clip(1 - along**2, 0, 1))
        slope = dot(tangents, unit(way + view))
        first = np.clip(1 - (slope + 0.10) ** 2, 0, 1) ** 45
        second = np.clip(1 - (slope - 0.14) ** 2, 0, 1) ** 14
        light = np.array(lamp.colour, np.float32)
        out = out + (share * 0.62 * body)[:, None] * colour * light
        out = out + (share * gloss)[:, None] * light * (0.095 * first[:, None] + 0.55 * second[:, None] * colour)
    return np.asarray(out, np.float32)
