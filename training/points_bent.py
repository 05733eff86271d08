"""Bent and mixed faces as both detectors read them: how the makers of the labels judge caricatures, of which there
are too few, and actors' photos, which they read at several sizes and take what they are surest of.

A face that is bent carries its points along exactly, but the two detectors whose agreement is the label do not follow
a bend wholly, and say something slightly else of the same face at another size. A network that is to say what they
say must learn that from many such pictures, read in the way in which labels are made, as they are and
mirrored. Two drawings laid over each other or joined along a seam are a third, which nobody drew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from embeddings.alignment import from_middle
from training.asking import agreed_twice
from training.bends import Bend, bent_square
from training.detector_labels import between
from training.faces import Crops
from training.finders import Points, label_makers, similarity
from training.mixtures import weights
from training.paths import shared_dir, small, var_dir
from training.points_crop import cut, rotation
from training.points_more import Examples, joined
from training.points_net import FRAME
from training.points_net import SIDE as CROP

CANVAS = 220
"""Pixels of a bent picture; an artist's drawing keeps its size on it."""
KEPT = 144
"""Pixels of what is kept of it, with the face a little larger than the network sees it."""
LARGER = 1.4


@dataclass(frozen=True)
class Recipe:
    """Which pictures are made of some examples."""

    name: str
    count: int
    """Pictures that are tried; those on which the detectors disagree are left out."""
    mixed: float = 0.0
    """Share of them that two examples make."""
    size: float = 0.16
    """How much is bent, a standard deviation; see `training.bends`."""
    pull: float = 0.2
    """How far a label lies from what the detectors say towards the points carried along, which have no noise."""
    seed: int = 17


def mixed(rng: np.random.Generator, first: Crops, second: Crops, matrix: npt.NDArray[np.float64]) -> Crops:
    """The first picture with the second, which `matrix` [2, 3] lays onto it, seen through it or beyond a soft seam."""
    height, width = first.shape[:2]
    over = cv2.warpAffine(
        second, from_middle(matrix), (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    share = weights(rng, 1, height, width)[0]
    return np.asarray((share * first + (1 - share) * over).round(), np.uint8)


def _canvas(rng: np.random.Generator, picture: Crops, points: Points, size: float) -> tuple[Crops, Points]:
    """A picture in the middle of a square, turned, zoomed and moved a little, bent; and its points."""
    height, width = picture.shape[:2]
    scale, angle = np.exp(rng.normal(0, 0.1)), np.deg2rad(rng.normal(0, 4))
    turn = scale * rotation(angle)
    shift = CANVAS / 2 + rng.normal(0, 3, 2) - turn @ np.array([width / 2, height / 2])
    matrix = np.concatenate([turn, shift[:, None]], axis=1)
    moved = (points @ turn.T + shift).astype(np.float32)
    bend = Bend.random(rng, moved, size)
    return bent_square(picture, matrix, bend, CANVAS, cv2.BORDER_REPLICATE), bend.carried(moved)


def _kept(image: Crops, points: Points) -> tuple[Crops, Points]:
    """The face and what is around it, small, and its points there."""
    frame = (FRAME * LARGER + (KEPT - CROP * LARGER) / 2).astype(np.float32)
    matrix = similarity(points, frame)
    return cut(image, matrix, KEPT), (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def bent(recipes: Sequence[Recipe], source: Examples) -> Examples:
    """Pictures of all recipes."""
    return reduce(joined, [_of(recipe, source) for recipe in recipes])


def _of(recipe: Recipe, source: Examples) -> Examples:
    """Pictures of a recipe on which both detectors agree, with their points; made once and kept in `var/`."""
    path = var_dir("cache") / f"points_reread_{recipe.name}_{recipe.count}_{recipe.seed}.npz"
    if not path.is_file():
        rng = np.random.default_rng(recipe.seed)
        scrfd, yunet = label_makers(shared_dir())
        images, points = [], []
        whole = np.flatnonzero(source.known.all(1))
        for number in range(recipe.count // 60 if small() else recipe.count):
            row = int(rng.choice(whole))
            picture, there = source.picture(row), source.points[row]
            of_two = rng.random() < recipe.mixed
            if of_two:
                other = int(rng.integers(len(source.images)))
                picture = mixed(rng, picture, source.picture(other), similarity(source.points[other], there))
            image, carried = _canvas(rng, picture, there, recipe.size)
            said = agreed_twice(image, scrfd, yunet)
            if said is not None and between(said, carried, 0.35) is not None:
                label = said if of_two else said + np.float32(recipe.pull) * (carried - said)
                image, label = _kept(image, label)
                images.append(image)
                points.append(label)
            if number % 1000 == 0:
                print(f"{recipe.name}: {number} of {recipe.count}, {len(images)} kept", flush=True)
        np.savez(
            path,
            images=np.array(images, np.uint8).reshape(-1, KEPT, KEPT, 3),
            points=np.array(points, np.float32).reshape(-1, 5, 2),
        )
    with np.load(path, allow_pickle=False) as data:
        images, points = data["images"], data["points"]
    sizes = np.full((len(images), 2), KEPT)
    return Examples(images, sizes, points, np.ones(points.shape[:2], np.bool_))
