"""More to learn five points from than pictures of which both detectors say the same.

Artists' drawings are few, and the two detectors agree on half of them; of most others they agree on some of the points,
and those are learnt. Labelled photos are also drawn in webtoon styles, which leave the points where they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.detector_labels import SIDE, TOLERANCE, Labelled, add, both_on_actor
from training.drawn import load_drawn
from training.faces import Crops, decode
from training.finders import Points, label_makers
from training.looks import STYLES
from training.paths import shared_dir, small, var_dir

LEAST = 3
"""Points of a drawing that must be known."""
LOOKS = ("cel", "webtoon")
DRAWN = 2000
"""Crops that each of these draws."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Pictures [n, 256, 256, 3] (filled as `sizes` says, h and w), points [n, 5, 2] and which are known [n, 5]."""

    images: Crops
    sizes: npt.NDArray[np.int64]
    points: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_]

    def picture(self, row: int) -> Crops:
        """One picture without the unused border."""
        height, width = self.sizes[row]
        return self.images[row, :height, :width]


def of_labelled(labelled: Labelled, rows: npt.NDArray[np.int64]) -> Examples:
    """Some labelled pictures; all their points are known."""
    points = labelled.points[rows]
    return Examples(labelled.images[rows], labelled.sizes[rows], points, np.ones(points.shape[:2], np.bool_))


def joined(first: Examples, second: Examples) -> Examples:
    """Both."""
    names = ("images", "sizes", "points", "known")
    return Examples(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names))


def partly_known() -> Examples:
    """Training actors' drawings of which the detectors agree on some points; found once and kept in `var/`."""
    path = var_dir("cache") / "partly.npz"
    if not path.is_file():
        shared, drawn = shared_dir(), load_drawn()
        scrfd, yunet = label_makers(shared)
        images: list[Crops] = []
        sizes: list[tuple[int, int]] = []
        points: list[Points] = []
        known: list[npt.NDArray[np.bool_]] = []
        for row in np.flatnonzero(drawn.drawing & (drawn.part == "train") & (drawn.by != "guess")):
            image = decode((shared / str(drawn.files[row])).read_bytes())
            both = both_on_actor(image, scrfd, yunet)
            if both is None:
                continue
            eyes = float(np.mean([np.linalg.norm(five[1] - five[0]) for five in both]))
            agree = np.linalg.norm(both[0] - both[1], axis=1) <= TOLERANCE * eyes
            likely = 0.12 * image.shape[1] < eyes < 0.7 * image.shape[1]
            if likely and LEAST <= agree.sum() < 5 and agree[:2].all():
                add(images, sizes, image)
                points.append((both[0] + both[1]) / 2)
                known.append(agree)
        np.savez(
            path,
            images=np.array(images, np.uint8).reshape(-1, SIDE, SIDE, 3),
            sizes=np.array(sizes, np.int64).reshape(-1, 2),
            points=np.array(points, np.float32).reshape(-1, 5, 2),
            known=np.array(known, np.bool_).reshape(-1, 5),
        )
    with np.load(path, allow_pickle=False) as data:
        return Examples(**{name: data[name] for name in ("images", "sizes", "points", "known")})


def in_styles(labelled: Labelled) -> Examples:
    """Labelled training crops as every style of `LOOKS` draws them; made once and kept in `var/`."""
    rows = labelled.rows("train", "crop")
    rows = rows[: 40 if small() else DRAWN]
    side = int(labelled.sizes[rows[0], 0])
    path = var_dir("cache") / "points_looks.npy"
    if not path.is_file():
        crops = labelled.images[rows, :side, :side]
        drawn = [
            np.concatenate([draw(crops[at : at + 50]) for at in range(0, len(crops), 50)])
            for draw in (STYLES[style]() for style in LOOKS)
        ]
        np.save(path, np.concatenate(drawn))
    images = np.load(path)
    points = np.tile(labelled.points[rows], (len(LOOKS), 1, 1))
    return Examples(images, np.full((len(images), 2), side), points, np.ones(points.shape[:2], np.bool_))
