"""What stands before the camera: head, ears, body, clothes and hair of one person, placed and rasterised."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from casting.demo import clothes, facehair
from casting.demo.body import body_surface, ear_surface
from casting.demo.curves import Array, dot, rotation, unit
from casting.demo.features import Expression, Features, features_of
from casting.demo.hair import Barber
from casting.demo.head import BODY, EAR, HEAD, Surface, head_surface
from casting.demo.identity import Identity
from casting.demo.light import RIGS, Rig
from casting.demo.raster import Buffer, Camera, grid_triangles, rasterise
from casting.demo.shots import Shot
from casting.demo.skin import SkinPainter
from casting.demo.strands import Strands

CLOTH = 4
PIVOT = np.array([0, -95, -25], np.float32)


class Scene:
    """Everything in front of the camera for one shot, in world millimetres."""

    def __init__(self, who: Identity, shot: Shot, size: int) -> None:
        self.who, self.shot, self.size = who, shot, size
        self.f: Features = features_of(who, shot.mood)
        self.turn = rotation(shot.yaw, shot.pitch, shot.roll)
        self.body_turn = rotation(0.35 * shot.yaw, 0, 0)
        self.rig: Rig = RIGS[shot.rig]
        scale = size * 0.5 * shot.zoom / 182.0
        self.camera = Camera(
            size,
            shot.distance,
            scale * (shot.distance - 60),
            (size / 2, size * 0.46),
            (shot.shift[0], -22 + shot.shift[1], 0),
        )
        self.head = head_surface(who, self.f)
        self.painter = SkinPainter(who, self.f)
        surfaces = [
            (self.head, HEAD, True),
            (ear_surface(who, -1.0), EAR, True),
            (ear_surface(who, 1.0), EAR, True),
            (body_surface(who), BODY, False),
            (clothes.cloth_surface(who, shot.garment), CLOTH, False),
        ]
        collar = clothes.collar_surface(who, shot.garment)
        if collar is not None:
            surfaces.append((collar, CLOTH, False))
        self.world, self.buffer = self._rasterise(surfaces)
        self.strands = self._strands()
        self.exposure = 1.0

    def to_world(self, points: Array) -> Array:
        """Points of the head's frame in the world."""
        return np.asarray((points - PIVOT) @ self.turn.T + PIVOT, np.float32)

    def to_head(self, points: Array) -> Array:
        """World points in the head's frame."""
        return np.asarray((points - PIVOT) @ self.turn + PIVOT, np.float32)

    def _rasterise(self, surfaces: list[tuple[Surface, int, bool]]) -> tuple[Array, Buffer]:
        skin, cloth = (self._gather([one for one in surfaces if (one[1] == CLOTH) == worn]) for worn in (False, True))
        below, above = rasterise(self.camera, *skin), rasterise(self.camera, *cloth)
        canonical = above.attributes[..., 6:8].reshape(-1, 2)
        shown = clothes.covers(self.shot.garment, canonical).reshape(above.depth.shape) & (above.depth < below.depth)
        depth = np.where(shown, above.depth, below.depth)
        return skin[0], Buffer(depth, np.where(shown[..., None], above.attributes, below.attributes))

    def _gather(self, surfaces: list[tuple[Surface, int, bool]]) -> tuple[Array, Array, npt.NDArray[np.int64]]:
        points, attributes, triangles, offset = [], [], [], 0
        for surface, part, on_head in surfaces:
            turn = self.turn if on_head else self.body_turn
            flat = surface.points.reshape(-1, 3)
            world = np.asarray((flat - PIVOT) @ turn.T + PIVOT, np.float32)
            normals = surface.normals.reshape(-1, 3) @ turn.T
            number = np.full((len(flat), 1), part, np.float32)
            points.append(world)
            attributes.append(np.concatenate([world, normals, surface.canonical.reshape(-1, 2), number], axis=1))
            rows, columns = surface.points.shape[:2]
            cells = grid_triangles(rows, columns, 0)
            if surface.closed:
                cells = cells[(dot(normals, unit(self.camera.eye - world)) > -0.15)[cells[:, 0]]]
            triangles.append(cells + offset)
            offset += len(flat)
        return np.concatenate(points), np.concatenate(attributes).astype(np.float32), np.concatenate(triangles)

    def _strands(self) -> list[Strands]:
        who = self.who
        rest = head_surface(who, features_of(who, Expression()), rows=300, columns=260)
        hair = Barber(who, features_of(who, Expression()), rest, self.shot.wind).cut()
        face = facehair.brows(who, self.f) + facehair.lashes(who, self.f) + facehair.beard(who, self.f, self.painter)
        self.hair_groups = [one.moved(self.turn, PIVOT) for one in hair]
        return self.hair_groups + [one.moved(self.turn, PIVOT) for one in face]
