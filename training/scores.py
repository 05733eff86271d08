"""Figures of a face encoder: verification by ten folds, drawing -> actor ranking, false matches per group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.drawn import DrawnSet
from training.teacher import Vectors, unit

Pairs = npt.NDArray[np.int64]


def verification_pairs(
    table: pd.DataFrame, part: str, count: int, seed: int = 20, at_most: int = 150
) -> tuple[Pairs, npt.NDArray[np.bool_]]:
    """`count` pairs of rows (half of one person, half of two) among CelebA identities of one part, shuffled."""
    rng = np.random.default_rng(seed)
    known = table[(table["part"] == part) & table["identity"].notna()]
    same: list[tuple[int, int]] = []
    for _, group in sorted(known.groupby("identity").groups.items()):
        rows = np.asarray(group)
        first, second = np.triu_indices(len(rows), 1)
        order = rng.permutation(len(first))[:at_most]
        same += list(zip(rows[first[order]].tolist(), rows[second[order]].tolist(), strict=True))
    half = min(count // 2, len(same))
    kept = np.asarray(same)[rng.permutation(len(same))[:half]]
    rows = known.index.to_numpy()
    people = table["identity"].to_numpy()
    other = rng.choice(rows, (half * 2, 2))
    other = other[people[other[:, 0]] != people[other[:, 1]]][:half]
    pairs = np.concatenate([kept, other]).astype(np.int64)
    truth = np.arange(len(pairs)) < half
    order = rng.permutation(len(pairs))
    return pairs[order], truth[order]


def cosines(vectors: Vectors, pairs: Pairs) -> Vectors:
    """Cosine of every pair."""
    vectors = unit(vectors)
    return np.asarray((vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(1), np.float32)


def _best_threshold(values: Vectors, truth: npt.NDArray[np.bool_]) -> float:
    order = np.argsort(values)
    wrong = np.cumsum(truth[order]) + (~truth).sum() - np.cumsum(~truth[order])
    place = int(np.argmin(wrong))
    following = values[order[min(place + 1, len(order) - 1)]]
    return float((values[order[place]] + following) / 2)


def fold_hits(values: Vectors, truth: npt.NDArray[np.bool_], folds: int = 10) -> npt.NDArray[np.bool_]:
    """Whether each pair is judged rightly by the threshold that is best on the other folds."""
    fold = np.arange(len(values)) % folds
    hits = np.zeros(len(values), bool)
    for number in range(folds):
        out = fold == number
        hits[out] = (values[out] >= _best_threshold(values[~out], truth[~out])) == truth[out]
    return hits


def area(values: Vectors, truth: npt.NDArray[np.bool_]) -> float:
    """Area under the curve: how often a pair of one person is nearer than a pair of two, ties as a half."""
    one, two = np.sort(values[truth]), values[~truth]
    below = (np.searchsorted(one, two, "left") + np.searchsorted(one, two, "right")) / 2
    return float(1 - below.mean() / len(one))


@dataclass(frozen=True)
class DrawingRanks:
    """Drawing -> actor over a gallery of photo centroids, shares 0..1."""

    r1: float
    r5: float
    mrr: float
    queries: int
    actors: int


def drawing_ranks(
    vectors: Vectors, drawn: DrawnSet, parts: npt.NDArray[np.str_], part: str, gallery: tuple[str, ...]
) -> DrawingRanks:
    """Drawings of one part looked up among the centroids of the photos of all actors of the `gallery` parts."""
    vectors = unit(vectors)
    inside = np.isin(parts, gallery)
    names = np.unique(drawn.actors[inside])
    centroids = np.stack([vectors[(drawn.actors == name) & ~drawn.drawing].mean(0) for name in names])
    queries = np.flatnonzero((parts == part) & drawn.drawing)
    scores = vectors[queries] @ unit(centroids).T
    own = scores[np.arange(len(queries)), np.searchsorted(names, drawn.actors[queries])]
    rank = (scores > own[:, None]).sum(1) + 1
    return DrawingRanks(
        float((rank == 1).mean()), float((rank <= 5).mean()), float((1 / rank).mean()), len(queries), len(names)
    )
