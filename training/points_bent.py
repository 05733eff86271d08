"""Bent faces as both detectors read them: how the makers of the labels judge caricatures, of which there are too few.

A face that is bent carries its points along exactly, but the two detectors whose agreement is the label do not follow
a bend wholly, and say something slightly else of the same face at another size. A network that is to say what they
say must learn that from many such pictures.
"""

from __future__ import annotations

import cv2
import numpy as np

from training.bends import Bend, bent_square
from training.detector_labels import between
from training.drawn import sure
from training.faces import Crops
from training.finders import Points, label_makers, similarity
from training.paths import shared_dir, small, var_dir
from training.points_more import Examples
from training.points_net import FRAME, SIDE

CANVAS = 200
"""Pixels of a bent picture; its face is about as large as in an upright portrait."""
SEED = 17


def _canvas(rng: np.random.Generator, picture: Crops, points: Points, size: float) -> tuple[Crops, Points]:
    """A picture's face, upright but for a few degrees, at some size in the middle of a square, bent; and its points."""
    scale, angle = 2.0 * np.exp(rng.normal(0, 0.15)), np.deg2rad(rng.normal(0, 4))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([SIDE / 2, SIDE / 2])
    shift = CANVAS / 2 + rng.normal(0, 4, 2) - turn @ middle
    exact = similarity(points, FRAME)
    matrix = np.concatenate([turn @ exact[:, :2], (turn @ exact[:, 2] + shift)[:, None]], axis=1)
    moved = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    bend = Bend.random(rng, moved, size)
    return bent_square(picture, matrix, bend, CANVAS, cv2.BORDER_REPLICATE), bend.carried(moved)


def bent(name: str, source: Examples, copies: int, size: float = 0.16, pull: float = 0.35) -> Examples:
    """`copies` bent pictures of each example whose points are all known, where both detectors agree on them.

    The label lies between what they say (their mean) and the points carried along (a share of `pull`), which have no
    noise of their own; where the two are far apart the picture is left out. Made once and kept in `var/`.
    """
    path = var_dir("cache") / f"points_bent_{name}.npz"
    if not path.is_file():
        rng = np.random.default_rng(SEED)
        scrfd, yunet = label_makers(shared_dir())
        images, points = [], []
        for row in np.flatnonzero(source.known.all(1)).tolist()[: 20 if small() else None]:
            for _ in range(copies):
                image, carried = _canvas(rng, source.picture(row), source.points[row], size)
                ours, theirs = sure(scrfd.find(image, 192, 0.4)), sure(yunet.find(image, 0.5))
                said = None if ours is None or theirs is None else between(ours.points, theirs.points)
                if said is not None and between(said, carried) is not None:
                    images.append(image)
                    points.append(said + np.float32(pull) * (carried - said))
        np.savez(
            path,
            images=np.array(images, np.uint8).reshape(-1, CANVAS, CANVAS, 3),
            points=np.array(points, np.float32).reshape(-1, 5, 2),
        )
    with np.load(path, allow_pickle=False) as data:
        images, points = data["images"], data["points"]
    sizes = np.full((len(images), 2), CANVAS)
    return Examples(images, sizes, points, np.ones(points.shape[:2], np.bool_))
