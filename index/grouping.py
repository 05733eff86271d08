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

    def take(self, order: Places) -> Sources:
        """The sources of some of the owners, in this order of them."""
        counts = self.starts[order + 1] - self.starts[order]
        starts = np.concatenate([[0], np.cumsum(counts)])
        at = np.arange(starts[-1]) + np.repeat(self.starts[order] - starts[:-1], counts)
        return Sources(self.rows[at], self.cosines[at], starts)

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


@dataclass(frozen=True, eq=False)
class Scored:
    """Owners of a layer with their exact scores, and their sources where these were looked at anyway."""

    owners: Places
    scores: Cosines
    sources: Sources | None = None

    @classmethod
    def of(cls, data: SpaceData, owners: Places, query: Query, aggregation: Aggregation) -> Scored:
        """Score the owners at these places, in their order."""
        if aggregation == "centroid" or not len(owners):
            return cls(owners, cosines(data.centroids[owners], query))
        sources = Sources.of(data, owners, query)
        return cls(owners, sources.best() if aggregation == "best" else sources.top3(), sources)

    def first(self, k: int) -> Scored:
        """The `k` best, best first; equal scores by owner name."""
        order = np.lexsort((self.owners, -self.scores))[:k]
        if len(order) == len(self.owners) and (order[1:] > order[:-1]).all():
            return self
        return Scored(self.owners[order], self.scores[order], self.sources.take(order) if self.sources else None)

    def hits(self, data: SpaceData, query: Query, shown: int) -> list[OwnerHit]:
        """As hits, each with its `shown` best sources; equal cosines by source name."""
        names, scores = data.owners.take(self.owners), self.scores.tolist()
        if not shown or not names:
            return [OwnerHit(name, score, ()) for name, score in zip(names, scores, strict=True)]
        sources = self.sources or Sources.of(data, self.owners, query)
        rows, found = sources.rows, sources.cosines
        sizes = sources.starts[1:] - sources.starts[:-1]
        if sizes.max() > shown:
            kept = sources.rank < shown
            rows, found, sizes = rows[kept], found[kept], np.minimum(sizes, shown)
        listed = list(map(SourceHit, data.sources.take(rows), found.tolist()))
        ends = np.cumsum(sizes).tolist()
        spans = zip([0, *ends], ends, strict=False)
        return [OwnerHit(name, score, tuple(listed[begin:end]))
                for name, score, (begin, end) in zip(names, scores, spans, strict=True)]  # fmt: skip
