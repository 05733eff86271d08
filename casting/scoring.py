"""Scores of every actor for one query: per space, standardised, fused.

Cosines of different spaces have different scales, and those of one space shift from query to query: a drawing in plain
lines is close to nobody, a realistic one to everybody. Where a space has been tuned (`casting.tuning`), its scores are
therefore standardised over the gallery, query by query, before they are weighted: a score then says how many standard
deviations an actor stands above the others. A space that does not know an actor is left out for that actor, not
counted as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

from index import Aggregation, Vectors

if TYPE_CHECKING:
    from index import Names

Fusion = Literal["standardised", "cosine", "reciprocal"]
"""Weighted mean of standardised scores; of the cosines themselves; of reciprocal ranks."""
Doubles = npt.NDArray[np.float64]

RECIPROCAL_OFFSET = 60
"""Reciprocal-rank fusion adds this to each rank, so that the first few do not decide alone."""
PRIOR_ACTORS = 10
"""A pack's usual mean and spread count like so many actors: they steady the figures of a small gallery."""


class Gallery(Protocol):
    """What scoring asks of an index; see `index.FaissIndex`."""

    @property
    def owners(self) -> Names:
        """Every owner that some space holds, sorted."""
        ...

    def scores(
        self, space: str, vectors: Vectors, where: str = "", aggregation: Aggregation = "centroid"
    ) -> npt.NDArray[np.float32]:
        """Exact scores of all owners, [n, owners]; NaN for those that the space lacks or that do not pass `where`."""
        ...


@dataclass(frozen=True)
class Usual:
    """What scores a space usually gives to strangers: mean and spread over a gallery, averaged over queries."""

    mean: float
    spread: float

    def standardised(self, scores: Doubles) -> Doubles:
        """Scores [n] in standard deviations above all *other* actors of this gallery, steadied by what is usual.

        An actor who stands out would raise the mean and the spread that they are measured by, the more the fewer
        others there are; so each is measured by the others alone, and means the same in a small cast as in a large one.
        """
        known = scores[~np.isnan(scores)] - self.mean
        own = scores - self.mean
        total = len(known) - 1 + PRIOR_ACTORS
        mean = (known.sum() - own) / total
        square = (np.square(known).sum() - np.square(own) + PRIOR_ACTORS * self.spread**2) / total
        return np.asarray((own - mean) / np.sqrt(np.maximum(square - np.square(mean), 1e-12)), np.float64)


@dataclass(frozen=True)
class Recipe:
    """How the scores of several spaces become one."""

    weights: Mapping[str, float]
    """Space -> weight above zero."""
    fusion: Fusion = "cosine"
    usual: Mapping[str, Usual] = field(default_factory=dict)
    """What standardising starts from, for every space, where `fusion` is `standardised`."""


@dataclass(frozen=True, eq=False)
class Fused:
    """Every owner's similarity to one query."""

    owners: Names
    similarity: Doubles
    """[owners]; minus infinity for those that no space knows or that do not pass the filter."""
    shares: Mapping[str, Doubles]
    """Space -> [owners], what it adds to the similarity; NaN where it does not know the owner."""

    @property
    def passing(self) -> int:
        """How many owners were compared."""
        return int(np.isfinite(self.similarity).sum())

    def best(self, k: int) -> npt.NDArray[np.int64]:
        """Places of the `k` best owners, best first; ties in the order of names."""
        k = min(k, self.passing)
        if k <= 0:
            return np.zeros(0, np.int64)
        least = np.partition(self.similarity, -k)[-k]
        candidates = np.flatnonzero(self.similarity >= least)
        return candidates[np.lexsort((candidates, -self.similarity[candidates]))][:k]


def fuse(
    index: Gallery, queries: Mapping[str, Vectors], recipe: Recipe, *, where: str = "", how: Aggregation = "centroid"
) -> Fused:
    """Similarity of every owner to a query given as one unit vector [1, dim] a space; exact.

    Scores are standardised over the whole gallery, whatever the filter, so that a filter takes actors away and changes
    nothing else.
    """
    scores = {name: np.asarray(index.scores(name, query, "", how)[0], np.float64) for name, query in queries.items()}
    passes = np.zeros(len(index.owners), np.bool_)
    for name, query in queries.items():
        seen = index.scores(name, query, where, how)[0] if where.strip() else scores[name]
        passes |= ~np.isnan(seen)
    return combine(index.owners, scores, recipe, passes)


def combine(owners: Names, scores: Mapping[str, Doubles], recipe: Recipe, passes: npt.NDArray[np.bool_]) -> Fused:
    """Fuse scores [owners] of several spaces, NaN where a space does not know an owner."""
    parts = {name: _comparable(name, values, recipe, passes) for name, values in scores.items()}
    known = {name: np.where(np.isnan(part), 0.0, recipe.weights[name]) for name, part in parts.items()}
    total = np.sum(list(known.values()), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = {name: np.where(known[name] > 0, recipe.weights[name] * parts[name] / total, np.nan) for name in parts}
    similarity = np.nansum(list(shares.values()), axis=0)
    similarity[~passes | (total == 0)] = -np.inf
    return Fused(owners, similarity, shares)


def _comparable(name: str, scores: Doubles, recipe: Recipe, passes: npt.NDArray[np.bool_]) -> Doubles:
    """Scores of one space on the scale that the recipe fuses."""
    match recipe.fusion:
        case "cosine":
            return scores
        case "standardised":
            return recipe.usual[name].standardised(scores)
        case "reciprocal":
            ranked = np.where(passes & ~np.isnan(scores), -scores, np.inf)
            ranks = np.empty(len(scores))
            ranks[np.argsort(ranked, kind="stable")] = np.arange(1, len(scores) + 1)
            return np.where(np.isfinite(ranked), 1.0 / (RECIPROCAL_OFFSET + ranks), np.nan)
