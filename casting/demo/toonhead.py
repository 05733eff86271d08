"""The head of a drawn character: where its parts fall on the page, and its silhouettes as masks."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import cv2
import numpy as np

from casting.demo import clothes
from casting.demo.body import body_surface, ear_surface
from casting.demo.curves import Array, rotation
from casting.demo.cuts import scalp_cover
from casting.demo.features import Expression, Features, features_of
from casting.demo.hair import Barber
from casting.demo.head import Surface, head_surface, surface_at
from casting.demo.identity import Identity
from casting.demo.ink import Canvas, Mask, soften

PIVOT = np.array([0, -95, -25], np.float32)


@dataclass(frozen=True)
class Pose:
    """How the head is held, in degrees, and where its eyes' middle lies on the page, in pixels per millimetre."""

    yaw: float
    pitch: float
    roll: float
    x: float
    y: float
    scale: float
    mood: Expression
    garment: str = "tee"


def toon_identity(who: Identity, amount: float, softness: float = 1.0) -> Identity:
    """What is distinctive amplified, then the shapes that drawn people have: a finer chin, a smaller nose."""
    drawn = who.exaggerated(amount)
    bias = {
        "chin_width": -0.9,
        "jaw_width": -0.7,
        "jaw_angle": -0.4,
        "nose_width": -1.0,
        "face_length": -0.5,
        "cheek": 0.2,
    }
    bias |= {"neck": -1.2, "muzzle": -1.0, "nose_tip": -0.8, "mouth_width": -0.4}
    female = 1.25 if not who.is_male else 0.85
    shape = {k: float(v + softness * female * bias.get(k, 0.0)) for k, v in drawn.shape.items()}
    return dataclasses.replace(drawn, shape=MappingProxyType(shape))


def gathered(guides: Array, roots: Array, part_x: float, count: int) -> Array:
    """Guides [n, steps, 3] drawn together into `count` locks that end in points."""
    count = min(count, len(guides))
    side = np.sign(roots[:, 0] - part_x)[:, None] * 40
    place = np.concatenate([roots, side, 0.5 * guides[:, -1]], axis=1)
    distance = ((place[:, None] - place[None, :count]) ** 2).sum(-1)
    leader = distance.argmin(1)
    t = np.linspace(0, 1, guides.shape[1])[None, :, None]
    return np.asarray(guides + (guides[leader] - guides) * 0.7 * t**1.2, np.float32)


class ToonHead:
    """Projects positions of one face onto the page, and gives masks of its skin, ears, body, garment and hair."""

    def __init__(self, who: Identity, pose: Pose, canvas: Canvas) -> None:
        self.who, self.pose, self.canvas = who, pose, canvas
        self.f: Features = features_of(who, pose.mood)
        self.turn = rotation(pose.yaw, pose.pitch, pose.roll)
        self.body_turn = rotation(0.4 * pose.yaw, 0, 0.25 * pose.roll)
        self.surface: Surface = head_surface(who, self.f, rows=150, columns=160)

    def page(self, points: Array, body: bool = False) -> Array:
        """Page positions [n, 2] of points [n, 3] of the head's frame."""
        turned = (points - PIVOT) @ (self.body_turn if body else self.turn).T + PIVOT
        perspective = 1.0 + turned[..., 2] * 0.0006
        x = self.pose.x + self.pose.scale * turned[..., 0] * perspective
        y = self.pose.y - self.pose.scale * turned[..., 1] * perspective
        return np.asarray(np.stack([x, y], axis=-1), np.float32)

    def at(self, x: Array | list[float], y: Array | list[float]) -> Array:
        """Page positions of canonical positions (mm) of the face."""
        ax, ay = np.asarray(x, np.float32), np.asarray(y, np.float32)
        ax, ay = np.broadcast_arrays(ax, ay)
        return self.page(surface_at(self.who, self.f, np.array(ax), np.array(ay)))

    def _rings(self, surface: Surface, body: bool) -> Mask:
        points = surface.points
        if body:
            points = np.concatenate([points, points[-1:] * np.array([1.0, 4.0, 1.0], np.float32)])
        rings = self.page(points, body)
        out = np.zeros((self.canvas.height, self.canvas.width), np.uint8)
        for first, second in pairwise(rings):
            both = np.round(np.clip(np.concatenate([first, second]), -6000, 6000) * 16).astype(np.int32)
            cv2.fillConvexPoly(out, cv2.convexHull(both), 255, cv2.LINE_AA, 4)
        return np.asarray(out.astype(np.float32) / 255, np.float32)

    def skin(self) -> Mask:
        """The head's silhouette without ears."""
        return soften(self._rings(self.surface, False), 0.9 * self.pose.scale)

    def ears(self) -> tuple[Mask, list[Array]]:
        """Both ears, and a line inside each."""
        shapes, lines = [], []
        for side in (-1.0, 1.0):
            if side * self.pose.yaw > 24:
                continue
            ear = ear_surface(self.who, side, rows=24, columns=24)
            page = self.page(ear.points)
            edge = np.concatenate([page[0], page[1:, -1], page[-1, -2::-1], page[-2:0:-1, 0]])
            shapes.append(edge)
            lines.append(np.concatenate([page[4, 8:20], page[5:17, 18]]))
        return self.canvas.mask(shapes), lines

    def body(self) -> tuple[Mask, Mask]:
        """Neck with shoulders, and the part of it that the garment covers."""
        grow = 5.0
        surface = body_surface(self.who, rows=90, columns=120)
        skin = self._rings(surface, True)
        worn = body_surface(self.who, grow=grow, rows=240, columns=240)
        x = np.linspace(-150, 150, 121).astype(np.float32)
        line = clothes.neckline(self.pose.garment, x)
        below = []
        for xi, yi in zip(x, line, strict=True):
            row = int(np.argmin(np.abs(worn.canonical[:, 0, 1] - yi)))
            front = worn.points[row][worn.points[row][:, 2] > np.median(worn.points[row][:, 2])]
            if len(front) and np.abs(front[:, 0]).max() > abs(xi):
                below.append(front[np.argmin(np.abs(front[:, 0] - xi))])
        edge = self.page(np.array(below, np.float32), True)
        padded = np.concatenate([np.repeat(edge[:1], 4, 0), edge, np.repeat(edge[-1:], 4, 0)])
        edge = np.stack([np.convolve(padded[:, i], np.ones(9) / 9, "valid") for i in (0, 1)], axis=1).astype(np.float32)
        corner = np.array([[4000, edge[-1, 1]], [4000, 4000], [-4000, 4000], [-4000, edge[0, 1]]], np.float32)
        cover = self.canvas.mask([np.concatenate([edge, corner])])
        garment = self._rings(worn, True) * cover
        return soften(np.maximum(skin, garment), 0.8 * self.pose.scale), soften(garment, 0.5 * self.pose.scale)

    def hair(self) -> tuple[Mask, Mask, list[Array], list[Array]]:
        """Hair behind and before the face as masks; guide lines on the page of both (each [steps, 2])."""
        empty = np.zeros((self.canvas.height, self.canvas.width), np.float32)
        if self.who.hair == "bald":
            return empty, empty, [], []
        rest = features_of(self.who, Expression())
        barber = Barber(self.who, rest, head_surface(self.who, rest, rows=200, columns=180))
        guides, roots = barber.guides(460)
        guides = gathered(guides, roots, barber.part_x, 54 if self.who.waviness < 0.9 else 90)
        tied = [group.points[:: max(1, len(group.points) // 160)] for group in barber.tied()]
        s = self.pose.scale
        back_lines, back_widths, front_lines, front_widths = [], [], [], []
        short = self.who.hair in ("buzz", "fade")
        for guide in [*guides, *(one for group in tied for one in group)]:
            turned = (guide - PIVOT) @ self.turn.T + PIVOT
            page = self.page(guide)
            t = np.linspace(0, 1, len(page))
            width = s * (2.5 if short else 7.5 * np.clip(1.15 * (1 - t) ** 0.8 + 0.12, 0, 1))
            width = np.broadcast_to(width, t.shape)
            back_lines.append(page)
            back_widths.append(width)
            nape = guide[0, 1] < 0 and guide[0, 2] < -8
            ahead = (turned[:, 2] > np.where(guide[:, 1] > 0, -25, -12)) & (not nape)
            if ahead.sum() > 4 and np.flatnonzero(~ahead).size:
                first = int(np.argmax(ahead))
                run = ahead[first:]
                last = first + (int(np.argmin(run)) if not run.all() else len(run))
                page, width, ahead = page[first:last], width[first:last], ahead[first:last]
            if ahead.sum() > 4:
                front_lines.append(page)
                front_widths.append(width)
        flat = self.surface.points.reshape(-1, 3)
        turned_normals = self.surface.normals.reshape(-1, 3) @ self.turn.T
        scalp = (scalp_cover(self.who, rest, flat) > 0.5) & (turned_normals[:, 2] > -0.1) & (flat[:, 1] > -25)
        dots = np.zeros((self.canvas.height, self.canvas.width), np.uint8)
        for x, y in self.page(flat[scalp]):
            cv2.circle(dots, (round(float(x) * 16), round(float(y) * 16)), round(2.6 * s * 16), 255, -1, cv2.LINE_AA, 4)
        cap = dots.astype(np.float32) / 255
        back = self.canvas.stroke_mask(back_lines, back_widths)
        front = np.maximum(self.canvas.stroke_mask(front_lines, front_widths), cap)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (int(2.5 * s) | 1, int(2.5 * s) | 1))
        front = soften(np.asarray(cv2.morphologyEx(front, cv2.MORPH_CLOSE, kernel), np.float32), 0.45 * s)
        back = soften(np.asarray(cv2.morphologyEx(np.maximum(back, cap), cv2.MORPH_CLOSE, kernel), np.float32), 0.6 * s)
        return back, front, back_lines, front_lines
