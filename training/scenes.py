"""Scenes with faces at known places: whole pictures zoomed and turned, and cut-outs pasted on made-up grounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.detector_labels import Labelled, box_of
from training.faces import Crops
from training.finders import Points
from training.grounds import ground, shuffled

MIRROR = [1, 0, 2, 4, 3]


@dataclass(frozen=True)
class SceneConfig:
    """Shares and ranges of the scenes."""

    side: int = 256
    whole: float = 0.45
    """Share of scenes that are one picture filling the canvas."""
    empty: float = 0.1
    """Share without any face."""
    most: int = 4
    smallest: float = 14.0
    """Face size (mean of box sides) in pixels."""
    turn: float = 13.0
    """Standard deviation in degrees; a tenth of the faces is turned three times as far."""
    drawings: float = 0.35
    """Share of faces that are drawings."""


Scene = tuple[Crops, npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Picture, boxes [k, 4], points [k, 5, 2]."""


class Scenes:
    """An endless source of scenes from the labelled pictures of one part."""

    def __init__(self, labelled: Labelled, part: str, config: SceneConfig, seed: int) -> None:
        self._labelled, self._config, self._rng = labelled, config, np.random.default_rng(seed)
        self._photos = labelled.rows(part, "portrait", "photo", "crop")
        self._drawings = labelled.rows(part, "drawing")

    def __iter__(self) -> Iterator[Scene]:
        while True:
            yield self.one()

    def one(self) -> Scene:
        """The next scene."""
        rng, config = self._rng, self._config
        if rng.random() < config.whole:
            return self._whole()
        image = ground(rng, config.side)
        boxes: list[npt.NDArray[np.float32]] = []
        points: list[Points] = []
        count = 0 if rng.random() < config.empty else int(rng.integers(1, config.most + 1))
        for _ in range(int(rng.integers(0, 3))):
            self._paste(image, None, boxes, points)
        for _ in range(count):
            self._paste(image, self._pick(), boxes, points)
        return (
            self._lit(image),
            np.asarray(boxes, np.float32).reshape(-1, 4),
            np.asarray(points, np.float32).reshape(-1, 5, 2),
        )

    def _pick(self) -> int:
        rng = self._rng
        rows = self._drawings if rng.random() < self._config.drawings else self._photos
        return int(rng.choice(rows))

    def _angle(self) -> float:
        wide = 3.0 if self._rng.random() < 0.1 else 1.0
        return float(self._rng.normal(0, self._config.turn * wide))

    def _matrix(self, points: Points, size: float, place: tuple[float, float]) -> tuple[npt.NDArray[np.float64], bool]:
        """Transform [2, 3] that brings a face to a size, a place and a random turn, and whether it mirrors."""
        rng = self._rng
        box = box_of(points)
        scale = size / float((box[2] - box[0] + box[3] - box[1]) / 2)
        angle = np.deg2rad(self._angle())
        stretch = np.exp(rng.normal(0, 0.06, 2))
        mirror = bool(rng.random() < 0.5)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        linear = scale * turn @ np.diag(stretch * np.array([-1.0 if mirror else 1.0, 1.0]))
        centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
        return np.concatenate([linear, (np.array(place) - linear @ centre)[:, None]], 1), mirror

    @staticmethod
    def _moved(points: Points, matrix: npt.NDArray[np.float64], mirror: bool) -> Points:
        moved = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
        return moved[MIRROR] if mirror else moved

    @staticmethod
    def _warp(
        picture: Crops, matrix: npt.NDArray[np.float64], side: int, border: int, value: tuple[int, int, int]
    ) -> Crops:
        scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
        if scale < 0.6:
            picture = np.asarray(
                cv2.resize(picture, None, fx=scale * 1.3, fy=scale * 1.3, interpolation=cv2.INTER_AREA)
            )
            matrix = np.concatenate([matrix[:, :2] / (scale * 1.3), matrix[:, 2:]], 1)
        return np.asarray(
            cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=value),
            np.uint8,
        )

    def _whole(self) -> Scene:
        """One picture over the whole canvas, its border replicated, mirrored or plain; the face may be cut off."""
        rng, config = self._rng, self._config
        row = self._pick()
        picture, points = self._labelled.picture(row), self._labelled.points[row]
        size = float(np.exp(rng.uniform(np.log(40), np.log(config.side * 1.4))))
        spread = 0.5 * max(0.0, config.side - size) + 0.15 * size
        place = (config.side / 2 + rng.uniform(-1, 1) * spread, config.side / 2 + rng.uniform(-1, 1) * spread)
        matrix, mirror = self._matrix(points, size, place)
        border = [cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT, cv2.BORDER_CONSTANT][int(rng.integers(0, 3))]
        tone = int(rng.choice([0, 255, int(rng.integers(0, 256))]))
        image = self._warp(picture, matrix, config.side, border, (tone, tone, tone))
        moved = self._moved(points, matrix, mirror)
        if not _visible(moved, config.side):
            return self.one()
        return self._lit(image), box_of(moved)[None], moved[None]

    def _paste(self, image: Crops, row: int | None, boxes: list[npt.NDArray[np.float32]], points: list[Points]) -> None:
        """Lay one face (or a shuffled one, which is no face) on the picture where no other face is."""
        rng, config = self._rng, self._config
        source = self._pick() if row is None else row
        picture, known = self._labelled.picture(source), self._labelled.points[source]
        size = float(np.exp(rng.uniform(np.log(config.smallest), np.log(config.side * 0.6))))
        place = (float(rng.uniform(0, config.side)), float(rng.uniform(0, config.side)))
        if row is None:
            picture = shuffled(rng, picture)
            known = known * np.float32(150 / max(self._labelled.sizes[source]))
        matrix, mirror = self._matrix(known, size, place)
        moved = self._moved(known, matrix, mirror)
        box = box_of(moved)
        margin = 0.25 * size
        area = np.array([box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin])
        if any(_overlap(area, other) for other in boxes) or (row is not None and not _visible(moved, config.side)):
            return
        mask = np.full(picture.shape[:2], 255, np.uint8)
        if rng.random() < 0.5:  # an oval cut-out, or the whole rectangle
            centre = known.mean(0)
            reach = box_of(known)
            axes = ((reach[2:] - reach[:2]) / 2 * rng.uniform(1.1, 1.8)).astype(int)
            mask[:] = 0
            cv2.ellipse(mask, (int(centre[0]), int(centre[1])), (int(axes[0]), int(axes[1])), 0, 0, 360, 255, -1)
        warped = self._warp(picture, matrix, config.side, cv2.BORDER_REPLICATE, (0, 0, 0))
        cover = self._warp(mask, matrix, config.side, cv2.BORDER_CONSTANT, (0, 0, 0))
        if rng.random() < 0.6:
            cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), max(0.6, size * 0.03)), np.uint8)
        share = (cover.astype(np.float32) / 255)[..., None]
        image[:] = (image * (1 - share) + warped * share).astype(np.uint8)
        if row is not None:
            boxes.append(box)
            points.append(moved)

    def _lit(self, image: Crops) -> Crops:
        """Light, contrast, compression."""
        rng = self._rng
        if rng.random() < 0.5:
            gain, offset = np.exp(rng.normal(0, 0.25)), rng.normal(0, 18)
            image = cv2.convertScaleAbs(np.clip(image.astype(np.float32) * gain + offset, 0, 255)).astype(np.uint8)
        if rng.random() < 0.15:
            image = np.repeat(image.mean(2, keepdims=True), 3, 2).astype(np.uint8)
        if rng.random() < 0.25:
            code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])[1]
            image = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
        return np.ascontiguousarray(image)


def _visible(points: Points, side: int) -> bool:
    """Whether at least four of the five points lie inside."""
    inside = ((points >= 0) & (points < side)).all(1)
    return int(inside.sum()) >= 4


def _overlap(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> bool:
    return bool(one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])
