"""Several pictures of one character as one vector, and how alike they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


def mean_of(vectors: Vectors) -> Vectors:
    """Unit mean vectors [n, dim] of the pictures [n, pictures, dim] of characters."""
    mean = vectors.mean(axis=1)
    return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12), np.float32)


def mean_cosine(vectors: Vectors) -> float:
    """Mean cosine of any two of some unit vectors [n, dim], n at least 2."""
    count = len(vectors)
    total = float(np.square(vectors.sum(axis=0, dtype=np.float64)).sum())
    return (total - count) / (count * (count - 1))
