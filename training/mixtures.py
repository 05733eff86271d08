"""Faces that nobody has: two pictures laid over each other or joined along a seam, then bent and drawn at random.

What they are to answer is what the teacher answers to that very picture, so the student learns the teacher's function
between and beyond the people it saw, on photos as on drawings, and does not merely remember a few thousand faces.
Pictures of training people only; made once and kept in `var/`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from training.augment import Strength, augment
from training.drawn import DrawnSet
from training.faces import SIDE, Crops, FaceSet, window
from training.looks import Looks
from training.paths import shared_dir, small, var_dir
from training.teacher import Teacher, Vectors, encode_cached

BATCH = 64
SEAMS = 0.6
"""Share of mixtures that are joined along a seam; the others lie over each other."""
STRANGE = Strength(shift=2.0, scale=0.05, turn=4.0, bend=0.5, bend_size=0.15, drawn=0.25, hide=0.0)


@dataclass(frozen=True)
class Recipe:
    """What is mixed, how many there are, and under which names they are kept."""

    crops: str
    vectors: str
    count: int
    seed: int
    shares: tuple[float, float, float]
    """How many of the pictures that are mixed are photos, photos in a style, and artists' drawings."""


ANY = Recipe("strange.npy", "teacher_strange.npy", 48000, 19, (0.6, 0.15, 0.25))
DRAWINGS = Recipe("strange_drawings.npy", "teacher_strange_drawings.npy", 40000, 29, (0.0, 0.0, 1.0))
"""Drawings of nobody: artists' drawings are few, and mixed with each other they are many."""


@dataclass(frozen=True, eq=False)
class Mixtures:
    """Crops [n, 160, 160, 3] of two faces each, with what the teacher answers to them [n, 640]."""

    crops: Crops
    vectors: Vectors


def weights(rng: np.random.Generator, n: int, height: int = SIDE, width: int = SIDE) -> npt.NDArray[np.float32]:
    """How much of the first picture each pixel shows, [n, h, w, 1], 0..1: one share, or a soft straight seam."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / width - 0.5
    y += (1 - height / width) / 2
    angle = rng.uniform(0, 2 * np.pi, (n, 1, 1))
    away = x * np.cos(angle) + y * np.sin(angle) - rng.normal(0, 0.08, (n, 1, 1))
    seam = 1 / (1 + np.exp(-np.clip(away / rng.uniform(0.01, 0.08, (n, 1, 1)), -30, 30)))
    even = np.broadcast_to(rng.uniform(0.3, 0.7, (n, 1, 1)), seam.shape)
    return np.where(rng.random((n, 1, 1)) < SEAMS, seam, even).astype(np.float32)[..., None]


class Pool:
    """Pictures of training people, of all kinds."""

    def __init__(self, faces: FaceSet, looks: Looks, drawn: DrawnSet, shares: tuple[float, float, float]) -> None:
        drawings = np.flatnonzero((drawn.part == "train") & drawn.drawing)
        self._kinds = (
            (faces.crops, faces.rows("train")),
            (looks.crops, np.arange(len(looks.crops))),
            (drawn.crops, drawings),
        )
        self._shares = shares

    def some(self, rng: np.random.Generator, n: int) -> Crops:
        """`n` crops, each of a kind drawn by the recipe's shares."""
        kinds = rng.choice(len(self._shares), n, p=self._shares)
        return np.stack([crops[rng.choice(rows)] for crops, rows in (self._kinds[kind] for kind in kinds)])


def mixed(rng: np.random.Generator, first: Crops, second: Crops) -> Crops:
    """Two stacks of crops as one."""
    share = weights(rng, len(first))
    both = share * first + (1 - share) * second
    bent = augment(torch.from_numpy(both.round().astype(np.uint8)), STRANGE, SIDE, SIDE, SIDE / 2)
    return ((bent.permute(0, 2, 3, 1) + 1) * 127.5).round().to(torch.uint8).numpy()


def load_mixtures(faces: FaceSet, looks: Looks, drawn: DrawnSet, recipe: Recipe = ANY) -> Mixtures:
    """The mixtures of a recipe, memory-mapped."""
    path, count = var_dir("cache") / recipe.crops, recipe.count // 60 if small() else recipe.count
    if not path.is_file():
        rng, partial = np.random.default_rng(recipe.seed), path.with_suffix(".partial.npy")
        pool = Pool(faces, looks, drawn, recipe.shares)
        with torch.random.fork_rng():
            torch.manual_seed(recipe.seed)
            crops = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=(count, SIDE, SIDE, 3))
            for start in range(0, count, BATCH):
                n = min(BATCH, count - start)
                crops[start : start + n] = mixed(rng, pool.some(rng, n), pool.some(rng, n))
            crops.flush()
        partial.rename(path)
    crops = np.load(path, mmap_mode="r", allow_pickle=False)
    vectors = encode_cached(
        Teacher(shared_dir()),
        var_dir("cache") / recipe.vectors,
        count,
        lambda start, stop: np.asarray(window(crops[start:stop])),
    )
    return Mixtures(crops, vectors)
