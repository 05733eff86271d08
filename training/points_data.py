"""Crops for the second look: faces as a detector would bring them, a little off, and things that are no face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.bends import Bend
from training.faces import Crops
from training.finders import Points, similarity
from training.grounds import ground, shuffled
from training.points_crop import cut, rotation
from training.points_more import Examples
from training.points_net import EYES, FRAME, SIDE
from training.scenes import MIRROR


@dataclass(frozen=True)
class OffConfig:
    """How far off a first look may be, and what else the crops go through."""

    shift: float = 0.10
    """Standard deviation in eye distances; a fifth of the faces is twice as far off in all of these."""
    scale: float = 0.10
    turn: float = 6.0
    """Degrees."""
    stretch: float = 0.07
    bend_size: float = 0.16
    """How much a caricaturist changes, where a crop is bent."""
    empty: float = 0.3
    """Share of crops without a face, or with one so far off that the detector was wrong."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """A crop and what is to be said of it."""

    crop: Crops
    """[80, 80, 3]."""
    moves: npt.NDArray[np.float32]
    """[10], from `FRAME` to the true points, in eye distances."""
    known: npt.NDArray[np.bool_]
    """[5], which of the points are known; none where no face is shown."""


@dataclass(frozen=True, eq=False)
class Source:
    """Labelled pictures that crops are cut from, how often, and what share of their crops is bent."""

    examples: Examples
    share: float = 1.0
    bend: float = 0.0


class Lessons:
    """Draws crops of labelled pictures, from every source by its share of them all."""

    def __init__(self, sources: Sequence[Source], config: OffConfig, seed: int) -> None:
        self._sources, self._config, self._rng = sources, config, np.random.default_rng(seed)
        shares = np.array([source.share for source in sources])
        self._upto = np.cumsum(shares / shares.sum())

    def one(self) -> Lesson:
        """The next crop."""
        rng = self._rng
        source = self._sources[min(int(np.searchsorted(self._upto, rng.random())), len(self._sources) - 1)]
        examples = source.examples
        row = int(rng.integers(len(examples.images)))
        picture, points = examples.picture(row), examples.points[row]
        if rng.random() < self._config.empty:
            return self._empty(picture, points)
        bend = Bend.random(rng, FRAME, self._config.bend_size) if rng.random() < source.bend else None
        return self._face(picture, points, examples.known[row], bend)

    def _off(self, points: Points) -> npt.NDArray[np.float64]:
        """From the picture to the crop, as a detector's slightly wrong points would give it."""
        rng, config = self._rng, self._config
        far = 2.0 if rng.random() < 0.2 else 1.0
        exact = similarity(points, FRAME)
        angle = np.deg2rad(rng.normal(0, config.turn * far))
        scale = np.exp(rng.normal(0, config.scale * far))
        stretch = np.exp(rng.normal(0, config.stretch, 2))
        turn = scale * rotation(angle) @ np.diag(stretch)
        middle = FRAME.mean(0).astype(np.float64)
        shift = rng.normal(0, config.shift * far * EYES, 2)
        off = np.concatenate([turn, (middle - turn @ middle + shift)[:, None]], axis=1)
        return np.asarray(off @ np.vstack([exact, [0, 0, 1]]))

    def _face(self, picture: Crops, points: Points, known: npt.NDArray[np.bool_], bend: Bend | None) -> Lesson:
        rng = self._rng
        border = cv2.BORDER_REPLICATE if rng.random() < 0.6 else cv2.BORDER_CONSTANT
        matrix = self._off(points)
        crop = cut(picture, matrix, SIDE, border, bend)
        moved = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
        if bend is not None:
            moved = bend.carried(moved)
        if rng.random() < 0.5:
            crop = np.ascontiguousarray(crop[:, ::-1])
            moved = np.stack([SIDE - moved[:, 0], moved[:, 1]], axis=1)[MIRROR]
            known = known[MIRROR]
        moves = ((moved - FRAME) / EYES).astype(np.float32).reshape(10)
        return Lesson(self._lit(crop), moves, known)

    def _nothing(self, crop: Crops) -> Lesson:
        return Lesson(self._lit(crop), np.zeros(10, np.float32), np.zeros(5, np.bool_))

    def _empty(self, picture: Crops, points: Points) -> Lesson:
        """Grounds, shuffled faces, patches, and crops of faces far beside, far too near or far too wide."""
        rng = self._rng
        kind = rng.random()
        if kind < 0.25:
            source = ground(rng, 160)
        elif kind < 0.5:
            source = shuffled(rng, picture)
        elif kind < 0.75:
            return self._nothing(self._patch(picture, points))
        else:
            return self._nothing(self._beside(picture, points))
        side = source.shape[0]
        return self._nothing(self._turned(source, rng.uniform(0.35, 1.0) * side, rng.uniform(0.35, 0.65, 2) * side))

    def _patch(self, picture: Crops, points: Points) -> Crops:
        """A small part of a picture anywhere: hair, cloth, leaves, half an eye, in which detectors see faces."""
        rng = self._rng
        eyes = float(np.linalg.norm(points[1] - points[0]))
        height, width = picture.shape[:2]
        return self._turned(picture, rng.uniform(0.4, 1.8) * eyes, rng.uniform(0, 1, 2) * (width, height))

    def _turned(self, source: Crops, reach: float, centre: npt.NDArray[np.float64]) -> Crops:
        """The crop that shows a square of `reach` pixels around a place, turned a little."""
        angle = np.deg2rad(self._rng.normal(0, 15))
        turn = SIDE / reach * rotation(angle)
        return cut(source, np.concatenate([turn, (SIDE / 2 - turn @ centre)[:, None]], axis=1), SIDE)

    def _beside(self, picture: Crops, points: Points) -> Crops:
        rng = self._rng
        exact = similarity(points, FRAME)
        scale = float(np.exp(rng.choice([-1.0, 0.0, 1.0]) * rng.uniform(0.9, 1.4)))
        angle = np.deg2rad(rng.choice([0.0, 90.0, 180.0, 270.0]) if scale == 1.0 else rng.normal(0, 20))
        direction = rng.uniform(0, 2 * np.pi)
        far = rng.uniform(1.6, 3.0) * EYES if angle == 0 and scale == 1.0 else rng.uniform(0, 0.8) * EYES
        turn = scale * rotation(angle)
        middle = FRAME.mean(0).astype(np.float64)
        shift = far * np.array([np.cos(direction), np.sin(direction)])
        off = np.concatenate([turn, (middle - turn @ middle + shift)[:, None]], axis=1)
        return cut(picture, np.asarray(off @ np.vstack([exact, [0, 0, 1]])), SIDE)

    def _lit(self, crop: Crops) -> Crops:
        """Light, grey, blur, compression."""
        rng = self._rng
        x = crop
        if rng.random() < 0.6:
            gain, offset = np.exp(rng.normal(0, 0.25)), rng.normal(0, 18)
            x = np.clip(x.astype(np.float32) * gain + offset + rng.normal(0, 6, 3), 0, 255).astype(np.uint8)
        if rng.random() < 0.15:
            x = np.repeat(x.mean(2, keepdims=True), 3, 2).astype(np.uint8)
        if rng.random() < 0.2:
            few = int(rng.integers(20, 50))
            small = cv2.resize(x, (few, few), interpolation=cv2.INTER_AREA)
            x = np.asarray(cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)
        if rng.random() < 0.15:
            code = cv2.imencode(".jpg", x, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])[1]
            x = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
        return np.ascontiguousarray(x)
