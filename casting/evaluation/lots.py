"""Casts drawn by lot: each drawing among its right actor and some others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import SEED

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
