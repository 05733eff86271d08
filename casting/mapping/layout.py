"""Places on a map for any number of vectors, and for vectors that come later, such as those of drawn characters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from casting.mapping.tsne import tsne

Floats = npt.NDArray[np.float32]
LANDMARKS = 1200
"""At most so many points are laid out exactly; the others lie between those they resemble."""
NEIGHBOURS = 5
SHARPNESS = 20.0
"""How much more the nearest neighbour counts than the next; in powers of e by cosine."""
SEED = 20240229
BLOCK_ROWS = 4096


def lay_out(vectors: Floats, step: Callable[[int], bool] = lambda _steps: True) -> Floats:
    """Places [n, 2] of unit vectors [n, dim], within a circle of radius 1."""
    free = without_mean(vectors)
    if len(free) <= LANDMARKS:
        places = tsne(free, step)
    else:
        chosen = np.sort(np.random.default_rng(SEED).choice(len(free), LANDMARKS, replace=False))
        marks = tsne(free[chosen], step)
        places = between(marks, free[chosen], free)
        places[chosen] = marks
    reach = float(np.linalg.norm(places, axis=1).max(initial=0.0))
    return np.asarray(places / max(reach, 1e-12), np.float32)


def between(places: Floats, vectors: Floats, others: Floats) -> Floats:
    """Places [m, 2] for other vectors [m, dim]: the mean of the places of those they resemble, the nearest first."""
    count = min(NEIGHBOURS, len(vectors))
    found = np.zeros((len(others), 2), np.float32)
    if not count:
        return found
    for start in range(0, len(others), BLOCK_ROWS):
        cosines = others[start : start + BLOCK_ROWS] @ vectors.T
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        close = np.take_along_axis(cosines, nearest, axis=1)
        shares = np.exp(SHARPNESS * (close - close.max(axis=1, keepdims=True)))
        shares /= shares.sum(axis=1, keepdims=True)
        found[start : start + BLOCK_ROWS] = np.einsum("mk,mkx->mx", shares, places[nearest])
    return found


def without_mean(vectors: Floats) -> Floats:
    """Unit vectors after taking away what all have in common."""
    if len(vectors) < 2:
        return np.asarray(vectors, np.float32)
    return unit(np.asarray(vectors, np.float32) - np.asarray(vectors, np.float32).mean(axis=0))


def unit(rows: Floats) -> Floats:
    """Rows scaled to length 1; a row of zeros stays one."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
