"""The two small fits that tuning needs, in NumPy: logistic regressions by Newton's method, and isotonic regression."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
STEPS = 50


def choice_weights(features: Doubles, right: npt.NDArray[np.int64], ridge: float = 1.0) -> Doubles:
    """Weights [spaces], none below zero, that make the right actor likely among all: conditional logistic regression.

    `features` are [drawings, owners, spaces], NaN where a space does not know the owner; the likelihood of a drawing is
    the softmax over owners of its weighted features.
    """
    known = np.nan_to_num(np.asarray(features, np.float64))
    rows = np.arange(len(known))
    active = np.ones(known.shape[2], bool)
    weights = np.full(known.shape[2], 1.0)
    for _ in range(STEPS):
        logits = known @ weights
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        mean = np.einsum("qo,qos->qs", chances, known)
        slope = (known[rows, right] - mean).sum(axis=0) - ridge * weights
        square = np.einsum("qo,qos,qot->st", chances, known, known) - mean.T @ mean + ridge * np.eye(len(weights))
        step = np.zeros_like(weights)
        step[active] = np.linalg.solve(square[np.ix_(active, active)], slope[active])
        moved = np.maximum(weights + step, 0.0)
        active = (moved > 0) | (slope > 0)
        if np.abs(moved - weights).max() < 1e-6:
            break
        weights = moved
    return weights


def platt(similarity: Doubles, right: npt.NDArray[np.bool_], prior: Doubles, pull: float = 1e-3) -> tuple[float, float]:
    """Slope and offset of the log odds slope x + offset + prior, fitted to pairs that are right or not.

    `pull` is the precision with which they are believed to be 1 and 0 beforehand.
    """
    beta = logistic(np.stack([similarity, np.ones_like(similarity)], axis=1), right, prior, np.array([1.0, 0.0]), pull)
    return float(max(beta[0], 1e-3)), float(beta[1])


def logistic(x: Doubles, right: npt.NDArray[np.bool_], prior: Doubles, believed: Doubles, pull: float) -> Doubles:
    """Coefficients [features] of the log odds x [n, features] . beta + prior [n], believed beforehand to be so."""
    beta = believed.copy()
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta + prior, -40, 40)))
        slope = x.T @ (right - p) - pull * (beta - believed)
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + pull * np.eye(len(beta)), slope)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-7:
            break
    return beta


def isotonic(at: Doubles, share: npt.NDArray[np.bool_], least: int = 25) -> list[tuple[float, float]]:
    """Rising steps of the share over `at` (pool adjacent violators), as (middle, share) of blocks."""
    order = np.argsort(at, kind="stable")
    groups = np.array_split(order, max(1, len(order) // least))
    blocks: list[list[float]] = []
    for group in groups:
        blocks.append([float(at[group].mean()), float(share[group].mean()), float(len(group))])
        while len(blocks) > 1 and blocks[-2][1] >= blocks[-1][1]:
            x, y, n = blocks.pop()
            before = blocks[-1]
            total = before[2] + n
            blocks[-1] = [(before[0] * before[2] + x * n) / total, (before[1] * before[2] + y * n) / total, total]
    return [(x, y) for x, y, _ in blocks]
