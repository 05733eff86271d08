"""What is drawn by lot: casts, of the right actor of a drawing and some others; drawings that show one character."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import SEED

MOST = 3
"""Pictures of a character; what holds for so many holds for more."""
SIZES = (10, 25, 50, 100, 250, 1000, 2500)
"""Actors of the casts; those that a gallery exceeds."""
DRAWS = 4
"""Casts of one size that each drawing is ranked among."""


def casts_by_lot(
    right: npt.NDArray[np.int64], everybody: int, sizes: tuple[int, ...] = SIZES
) -> Iterator[list[npt.NDArray[np.int64]]]:
    """For each size below `everybody`: `DRAWS` times, for each drawing, owners [drawings, size], rising."""
    rng = np.random.default_rng(SEED)
    for size in sizes:
        if size < everybody:
            yield [_drawn(rng, right, size, everybody) for _ in range(DRAWS)]


def _drawn(rng: np.random.Generator, right: npt.NDArray[np.int64], size: int, everybody: int) -> npt.NDArray[np.int64]:
    casts = np.empty((len(right), size), np.int64)
    for row, mine in enumerate(right.tolist()):
        others = rng.choice(everybody - 1, size - 1, replace=False)
        casts[row] = np.sort(np.append(others + (others >= mine), mine))
    return casts


def drawn_together(actors: npt.NDArray[np.str_], usable: npt.NDArray[np.bool_], pictures: int) -> npt.NDArray[np.int64]:
    """Rows of drawings [n, pictures]: each that is `usable` with others of its actor, by lot."""
    rng = np.random.default_rng(SEED)
    together = []
    for actor in np.unique(actors[usable]):
        own = np.flatnonzero((actors == actor) & usable)
        if len(own) >= pictures:
            together += [
                [row, *rng.choice(own[own != row], pictures - 1, replace=False).tolist()] for row in own.tolist()
            ]
    return np.array(together, np.int64).reshape(-1, pictures)
