"""More to learn five points from than pictures of which both detectors say the same.

Artists' drawings are few, and the two detectors agree on half of them; asked six times they agree on more, and of most
others on some of the points, which are learnt. Labelled photos are also drawn in webtoon styles, which leave the points
where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.asking import asked_often
from training.detector_labels import SIDE, Labelled, add
from training.drawn import load_drawn
from training.faces import Crops, decode
from training.finders import Points, label_makers
from training.looks import STYLES
from training.paths import shared_dir, small, var_dir

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


def often_asked() -> dict[str, Examples]:
    """Training actors' drawings and photos with the means of six answers as points; asked once and kept in `var/`."""
    path = var_dir("cache") / "often_asked.npz"
    if not path.is_file():
        np.savez(path, allow_pickle=False, **_asked_now())
    with np.load(path, allow_pickle=False) as data:
        drawing = data["drawing"]
        names = ("images", "sizes", "points", "known")
        return {
            kind: Examples(*(data[name][drawing == is_drawing] for name in names))
            for kind, is_drawing in (("drawings", True), ("photos", False))
        }


def _asked_now() -> dict[str, npt.NDArray[Any]]:
    shared, drawn = shared_dir(), load_drawn()
    scrfd, yunet = label_makers(shared)
    images: list[Crops] = []
    sizes: list[tuple[int, int]] = []
    kept: list[tuple[Points, npt.NDArray[np.bool_], bool]] = []
    rows = np.flatnonzero((drawn.part == "train") & (drawn.by != "guess"))
    for count, row in enumerate(rows):
        if count % 500 == 0:
            print(f"asked often: {count} of {len(rows)}, {len(images)} kept", flush=True)
        image = decode((shared / str(drawn.files[row])).read_bytes())
        said = asked_often(image, scrfd, yunet)
        if said is None or not 0.12 < np.linalg.norm(said[0][1] - said[0][0]) / image.shape[1] < 0.7:
            continue
        add(images, sizes, image)
        kept.append((*said, bool(drawn.drawing[row])))
    return {
        "images": np.array(images, np.uint8).reshape(-1, SIDE, SIDE, 3),
        "sizes": np.array(sizes, np.int64).reshape(-1, 2),
        "points": np.array([one[0] for one in kept], np.float32).reshape(-1, 5, 2),
        "known": np.array([one[1] for one in kept], np.bool_).reshape(-1, 5),
        "drawing": np.array([one[2] for one in kept], np.bool_),
    }


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
