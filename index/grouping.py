"""From cosines of sources to the scores and hits of owners, many at once: what every back-end shares.

Cosines are computed row by row (`np.vecdot`), so that a vector's cosine does not depend on which rows stand beside it:
equal vectors tie exactly, in every back-end.

Naming ten actors with their photos is most of what a search of few rows costs beside FAISS, so this is done in few
steps, each over all owners at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from index.contract import Aggregation, OwnerHit, SourceHit, Vectors
from index.native import Query
from index.spaces import SpaceData

Cosines = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

_hit = cast(Callable[[tuple[str, float, tuple[SourceHit, ...]]], OwnerHit], partial(tuple.__new__, OwnerHit))
"""A hit of its three parts: what `OwnerHit._make` does, without a Python call for each."""


def cosines(vectors: Vectors, query: Query) -> Cosines:
    """Cosine of each row [n, dim] with a unit query [dim]."""
    return np.asarray(np.vecdot(vectors, query), np.float32)


class Sources(NamedTuple):
    """All sources of some owners, scored against one query, one owner after the other."""

    rows: Places
    """Row of each source in the space, [m]; within an owner by source name."""
    cosines: Cosines
    """[m]."""
    counts: Places
    """Sources of each owner."""
    owner: Places
    """Which of these owners each source belongs to, [m]."""

    @classmethod
    def of(cls, data: SpaceData, owners: Places, query: Query) -> Sources:
        """Score all sources of the owners at these places."""
        counts = data.counts[owners]
        owner = np.arange(len(counts)).repeat(counts)
        rows = (data.starts[owners] + counts - counts.cumsum())[owner] + np.arange(len(owner))
        return cls(rows, cosines(data.vectors.take(rows, axis=0), query), counts, owner)

    @classmethod
    def every(cls, data: SpaceData, query: Query) -> Sources:
        """Score all sources of all owners."""
        return cls(np.arange(len(data.sources)), cosines(data.vectors, query), data.counts, data.owner_of)

    def falling(self) -> Places:
        """Places of the sources, best first within each owner; equal cosines in their order."""
        return np.lexsort((-self.cosines, self.owner))

    def shown(self, most: int) -> tuple[Places, list[int]]:
        """Places of the `most` best sources of each owner, best first, and how many each has."""
        order, sizes = self.falling(), self.counts.tolist()
        if max(sizes) > most:
            order, sizes = order[self._rank() < most], [min(size, most) for size in sizes]
        return order, sizes

    def top3(self) -> Cosines:
        """Mean of the best three cosines of each owner, of all where there are fewer."""
        falling = np.where(self._rank() < 3, self.cosines[self.falling()], 0).astype(np.float64)
        starts = self.counts.cumsum() - self.counts
        return np.asarray(np.add.reduceat(falling, starts) / np.minimum(self.counts, 3), np.float32)

    def _rank(self) -> Places:
        """Place of each source within its owner."""
        return np.arange(len(self.rows)) - (self.counts.cumsum() - self.counts)[self.owner]


class Scored(NamedTuple):
    """Owners of a layer with their exact scores, and their sources where these were looked at anyway."""

    owners: Places
    scores: Cosines
    sources: Sources | None = None

    @classmethod
    def of(cls, data: SpaceData, owners: Places, query: Query, aggregation: Aggregation) -> Scored:
        """Score the owners at these places, in their order."""
        if aggregation == "centroid" or not len(owners):
            return cls(owners, cosines(data.centroids.take(owners, axis=0), query))
        sources = Sources.of(data, owners, query)
        if aggregation == "top3":
            return cls(owners, sources.top3(), sources)
        starts = sources.counts.cumsum() - sources.counts
        return cls(owners, np.asarray(np.maximum.reduceat(sources.cosines, starts), np.float32), sources)

    def first(self, k: int) -> Scored:
        """The `k` best, best first; equal scores by owner name."""
        order = np.lexsort((self.owners, -self.scores))[:k]
        return Scored(self.owners.take(order), self.scores.take(order))

    def hits(self, data: SpaceData, query: Query, shown: int) -> list[OwnerHit]:
        """As hits, each with its `shown` best sources; equal cosines by source name."""
        names, scores = data.owners.take(self.owners), self.scores.tolist()
        if not shown or not names:
            return [OwnerHit(name, score, ()) for name, score in zip(names, scores, strict=True)]
        sources = self.sources or Sources.of(data, self.owners, query)
        kept, sizes = sources.shown(shown)
        pairs = zip(data.sources.take(sources.rows[kept]), sources.cosines[kept].tolist(), strict=True)
        listed = [tuple(islice(pairs, size)) for size in sizes]
        return list(map(_hit, zip(names, scores, listed, strict=True)))
