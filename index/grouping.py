"""From cosines of sources to the scores and hits of owners, many at once: what every back-end shares.

Cosines are computed row by row (`np.vecdot`), so that a vector's cosine does not depend on which rows stand beside it:
equal vectors tie exactly, in every back-end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.contract import Aggregation, OwnerHit, SourceHit, Vectors
from index.spaces import SpaceData

Cosines = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Query = npt.NDArray[np.float32]


def cosines(vectors: Vectors, query: Query) -> Cosines:
    """Cosine of each row [n, dim] with a unit query [dim]."""
    return np.asarray(np.vecdot(vectors, query), np.float32)


@dataclass(frozen=True, eq=False)
class Sources:
    """All sources of some owners, scored against one query and sorted best first within each owner."""

    rows: Places
    """Row of each source in the space, [m]."""
    cosines: Cosines
    """[m]."""
    starts: Places
    """Sources of the i-th owner are `starts[i]:starts[i + 1]`."""

    @classmethod
    def of(cls, data: SpaceData, owners: Places, query: Query) -> Sources:
        """Score all sources of the owners at these places."""
        first = data.starts[owners]
        counts = data.starts[owners + 1] - first
        starts = np.concatenate([[0], np.cumsum(counts)])
        rows = np.arange(starts[-1]) + np.repeat(first - starts[:-1], counts)
        scored = cosines(data.vectors[rows], query)
        order = np.lexsort((-scored, np.repeat(np.arange(len(owners)), counts)))
        return cls(rows[order], scored[order], starts)

    @cached_property
    def rank(self) -> Places:
        """Place of each source within its owner, [m]."""
        return np.arange(len(self.rows)) - np.repeat(self.starts[:-1], np.diff(self.starts))

    def best(self) -> Cosines:
        """Best cosine of each owner."""
        return self.cosines[self.starts[:-1]]

    def top3(self) -> Cosines:
        """Mean of the best three cosines of each owner, of all where there are fewer."""
        summed = np.add.reduceat(np.where(self.rank < 3, self.cosines, 0).astype(np.float64), self.starts[:-1])
        return np.asarray(summed / np.minimum(np.diff(self.starts), 3), np.float32)


def owner_scores(data: SpaceData, owners: Places, query: Query, aggregation: Aggregation) -> Cosines:
    """Exact scores of the owners at these places, [len(owners)]."""
    if not len(owners):
        return np.zeros(0, np.float32)
    match aggregation:
        case "centroid":
            return cosines(data.centroids[owners], query)
        case "best":
            return Sources.of(data, owners, query).best()
        case "top3":
            return Sources.of(data, owners, query).top3()


def owner_hits(data: SpaceData, owners: Places, scores: Cosines, query: Query, shown: int) -> list[OwnerHit]:
    """Hits of the owners at these places, each with its `shown` best sources; ties are broken by source name."""
    names = data.owners.take(owners)
    if not shown or not names:
        return [OwnerHit(name, score, ()) for name, score in zip(names, scores.tolist(), strict=True)]
    sources = Sources.of(data, owners, query)
    kept = np.flatnonzero(sources.rank < shown)
    listed = list(map(SourceHit, data.sources.take(sources.rows[kept]), sources.cosines[kept].tolist()))
    ends = np.cumsum(np.minimum(np.diff(sources.starts), shown)).tolist()
    begins = [0, *ends[:-1]]
    return [
        OwnerHit(name, score, tuple(listed[begin:end]))
        for name, score, begin, end in zip(names, scores.tolist(), begins, ends, strict=True)
    ]
