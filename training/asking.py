"""Asking the makers of the labels several times: of a picture as it is, smaller and moved, each of these mirrored too.

They answer something else every time, though the face is the same. The mean of six answers has less chance in it than
one of them: the second look learns from such means, and `training.label_noise` measures how far a single one can be
followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
import numpy.typing as npt

from training.detector_labels import TOLERANCE, agreed_on_actor, between, both_on_actor
from training.faces import Crops
from training.finders import Points, Scrfd, Yunet
from training.scenes import MIRROR

SMALLER = 0.92
MOVED = (7, 5)
"""Pixels to the right and down."""
LEAST = 3
"""Answers that are needed, and points of a face that must be known."""
FAR = 0.15
"""Mean distance from the middle answer, in eye distances, beyond which an answer is of something else."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A picture as it is shown to the makers of the labels."""

    way: str
    image: Crops
    scale: tuple[float, float] = (1.0, 1.0)
    shift: tuple[float, float] = (0.0, 0.0)
    mirrored: bool = False

    def back(self, points: Points) -> Points:
        """Points of this picture as points of the picture that was shown."""
        there = np.array(points, np.float32)
        if self.mirrored:
            there[:, 0] = self.image.shape[1] - there[:, 0]
            there = there[MIRROR]
        return np.asarray((there - np.array(self.shift)) / np.array(self.scale), np.float32)


def ways(image: Crops) -> Iterator[Asked]:
    """The picture as it is, smaller and moved, each of these mirrored too."""
    height, width = image.shape[:2]
    size = (round(width * SMALLER), round(height * SMALLER))
    right, down = MOVED
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    moved = np.asarray(cv2.copyMakeBorder(image, down, 0, right, 0, cv2.BORDER_REPLICATE), np.uint8)
    for way, shown, scale, shift in (
        ("as it is", image, (1.0, 1.0), (0.0, 0.0)),
        ("smaller", small, (size[0] / width, size[1] / height), (0.0, 0.0)),
        ("moved", moved, (1.0, 1.0), (float(right), float(down))),
    ):
        yield Asked(way, shown, scale, shift)
        yield Asked(f"{way}, mirrored", np.ascontiguousarray(shown[:, ::-1]), scale, shift, mirrored=True)


def agreed_twice(image: Crops, scrfd: Scrfd, yunet: Yunet) -> Points | None:
    """What both makers agree on of a tight photo or drawing of one face: the mean of it as it is and mirrored."""
    said = [
        one.back(points)
        for one in islice(ways(image), 2)
        if (points := agreed_on_actor(one.image, scrfd, yunet)) is not None
    ]
    if not said or (len(said) == 2 and between(said[0], said[1]) is None):
        return None
    return np.asarray(np.mean(said, axis=0), np.float32)


def mean_of(pairs: list[tuple[Points, Points]]) -> tuple[Points, npt.NDArray[np.bool_]] | None:
    """What both makers say of one face on the whole: points [5, 2] and which of them are known [5].

    `pairs` holds their answers, asked several times. An answer far from the middle one is of something else and left
    out; a point is known where the two agree on it often enough, and both eyes must be.
    """
    if len(pairs) < LEAST:
        return None
    said = np.array(pairs, np.float32)
    means = said.mean(1)
    middle = np.median(means, axis=0)
    eyes = float(np.linalg.norm(middle[1] - middle[0]))
    near = np.linalg.norm(means - middle, axis=2).mean(1) <= FAR * eyes
    agree = (np.linalg.norm(said[:, 0] - said[:, 1], axis=2) <= TOLERANCE * eyes) & near[:, None]
    known = agree.sum(0) >= LEAST
    if known.sum() < LEAST or not known[:2].all():
        return None
    share = agree / np.maximum(agree.sum(0), 1)
    points = np.where(known[:, None], (share[..., None] * means).sum(0), middle)
    return points.astype(np.float32), known


def asked_often(image: Crops, scrfd: Scrfd, yunet: Yunet) -> tuple[Points, npt.NDArray[np.bool_]] | None:
    """Points of a tight photo or drawing of one face, the mean of six answers, and which of them are known."""
    said = [(one, both_on_actor(one.image, scrfd, yunet)) for one in ways(image)]
    return mean_of([(one.back(both[0]), one.back(both[1])) for one, both in said if both is not None])
