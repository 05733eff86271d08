"""t-SNE (van der Maaten and Hinton 2008): points of many dimensions on a plane, so that neighbours stay neighbours.

Exact, in NumPy: every pair counts, so a step costs time and memory with the square of the number of points.
`casting.mapping.layout` therefore lays out at most `LANDMARKS` points in this way and the others between them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

STEPS = 500
EXAGGERATED_STEPS = 120
"""Attraction is multiplied at first, so that groups can pass through one another."""
EXAGGERATION = 6.0
EARLY_MOMENTUM, LATE_MOMENTUM = 0.5, 0.8
PERPLEXITY = 12.0
"""How many neighbours a point roughly has; a small one suits casts, whose groups are small."""


def tsne(vectors: Floats, step: Callable[[int], bool] = lambda _steps: True, perplexity: float = PERPLEXITY) -> Floats:
    """Places on a plane, float32 [n, 2], of vectors [n, dim]; the same for the same vectors.

    `step(1)` is called after each of `STEPS` steps and answers whether to go on.
    """
    count = len(vectors)
    if count < 4:
        return principal_axes(vectors)
    shares = _neighbour_shares(_squared_distances(vectors), min(perplexity, (count - 1) / 3))
    joint = np.maximum((shares + shares.T) / np.float32(2 * count), np.float32(1e-12))
    places = principal_axes(vectors)
    places *= 1e-4 / max(float(places[:, 0].std()), 1e-12)
    speed, gains = np.zeros_like(places), np.ones_like(places)
    rate = np.float32(max(count / EXAGGERATION / 4, 10.0))
    for number in range(STEPS):
        early = number < EXAGGERATED_STEPS
        gradient = _gradient(joint, places, EXAGGERATION if early else 1.0)
        same = np.sign(gradient) == np.sign(speed)
        gains = np.maximum(np.where(same, gains * 0.8, gains + 0.2), 0.01).astype(np.float32)
        speed = np.float32(EARLY_MOMENTUM if early else LATE_MOMENTUM) * speed - rate * gains * gradient
        places = places + speed
        places -= places.mean(axis=0)
        if not step(1):
            break
    return np.asarray(places, np.float32)


def principal_axes(vectors: Floats) -> Floats:
    """The two directions in which the vectors differ most, [n, 2]; signs are fixed so that runs agree."""
    if len(vectors) < 2:
        return np.zeros((len(vectors), 2), np.float32)
    free = np.asarray(vectors, np.float64) - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(free, full_matrices=False)
    axes = axes[:2] * np.sign(axes[:2, [0]] + 1e-12)
    flat = np.zeros((len(vectors), 2), np.float32)
    flat[:, : len(axes)] = free @ axes.T
    return flat


def _squared_distances(rows: Floats) -> Floats:
    squares = np.einsum("nd,nd->n", rows, rows)
    distances = squares[:, None] + squares[None, :] - 2 * (rows @ rows.T)
    np.maximum(distances, 0, out=distances)
    np.fill_diagonal(distances, 0)
    return np.asarray(distances, np.float32)


def _neighbour_shares(distances: Floats, perplexity: float) -> Floats:
    """How much of each point's attention goes to each other, [n, n]: a Gaussian as wide as the perplexity asks."""
    count = len(distances)
    target = np.log(perplexity)
    low, high = np.zeros(count), np.full(count, np.inf)
    sharpness = np.full(count, 1.0 / max(float(np.median(distances)), 1e-12))
    nearest = np.where(np.eye(count, dtype=bool), np.inf, distances).min(axis=1, keepdims=True)
    gaps = distances - nearest
    np.fill_diagonal(gaps, 0)
    shares = np.zeros_like(distances)
    for _ in range(50):
        shares = np.exp(-gaps * sharpness[:, None]).astype(np.float32)
        np.fill_diagonal(shares, 0)
        total = shares.sum(axis=1)
        entropy = np.log(total) + sharpness * (gaps * shares).sum(axis=1) / total
        wide = entropy > target
        low, high = np.where(wide, sharpness, low), np.where(wide, high, sharpness)
        sharpness = np.where(np.isinf(high), sharpness * 2, (low + high) / 2)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def _gradient(joint: Floats, places: Floats, exaggeration: float) -> Floats:
    pull = 1 / (1 + _squared_distances(places))
    np.fill_diagonal(pull, 0)
    forces = (np.float32(exaggeration) * joint - pull / pull.sum()) * pull
    return np.asarray(4 * (forces.sum(axis=1, keepdims=True) * places - forces @ places), np.float32)
