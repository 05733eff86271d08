"""One way of ranking, applied to all drawings at once: similarities of every actor to every drawing.

Only this module knows how a drawing becomes a row of similarities here; it does what `casting.scoring` does for one
query, with the same functions, and is tested against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import MISS
from casting.evaluation.queries import Queries
from casting.scoring import Fused, Recipe, combine
from casting.tuning.active import Plan
from index import Aggregation

if TYPE_CHECKING:
    from casting.tuning.bridge import Bridge
    from index import FlatIndex, Names

Doubles = npt.NDArray[np.float64]


@dataclass(eq=False)
class SpaceScores:
    """Scores of all owners for all drawings, computed once a space, bridge and aggregation."""

    index: FlatIndex
    queries: Queries
    _kept: dict[tuple[str, str, str], npt.NDArray[np.float32]] = field(default_factory=dict)

    def of(self, space: str, bridge: Bridge | None, how: Aggregation) -> npt.NDArray[np.float32]:
        """[drawings, owners]; NaN where the space does not know the owner, and for drawings without a face."""
        key = (space, bridge.method if bridge else "", how)
        if key not in self._kept:
            found = self.queries.found
            answer = np.full((len(found), len(self.index.owners)), np.nan, np.float32)
            if found.any():
                rows = self.queries.vectors[space][found]
                answer[found] = self.index.scores(space, bridge.carry(rows) if bridge else rows, "", how)
            self._kept[key] = answer
        return self._kept[key]


@dataclass(frozen=True, eq=False)
class Trial:
    """All drawings ranked in one way."""

    name: str
    owners: Names
    """Every owner of the index."""
    right: npt.NDArray[np.int64]
    """[drawings], place of the right actor among those compared."""
    found: npt.NDArray[np.bool_]
    similarity: Doubles
    """[drawings, compared]; minus infinity where nothing is known. All owners are compared, in their order, unless the
    drawings were ranked among some only."""
    without: Doubles
    """[drawings], similarity of the best actor when the right one is taken out of the gallery, and scores are
    standardised without them."""

    @property
    def size(self) -> int:
        """How many actors each drawing is compared with."""
        return int(self.similarity.shape[1])

    @cached_property
    def own(self) -> Doubles:
        """[drawings], similarity to the right actor."""
        return np.asarray(self.similarity[np.arange(len(self.right)), self.right], np.float64)

    @cached_property
    def ranks(self) -> Doubles:
        """[drawings], rank of the right actor; ties count as the order of names has it."""
        own = self.own[:, None]
        above = (self.similarity > own).sum(axis=1)
        tied = (self.similarity == own) & (np.arange(self.size) < self.right[:, None])
        ranks = 1.0 + above + tied.sum(axis=1)
        return np.where(np.isfinite(self.own) & self.found, ranks, float(MISS))

    @cached_property
    def best(self) -> npt.NDArray[np.int64]:
        """[drawings], place of the actor ranked first."""
        return np.asarray(self.similarity.argmax(axis=1), np.int64)

    @cached_property
    def first(self) -> npt.NDArray[np.bool_]:
        """[drawings], whether the right actor is ranked first."""
        return np.asarray(self.ranks == 1, np.bool_)

    @cached_property
    def strangers(self) -> Doubles:
        """Similarities of all pairs of a drawing and an actor who is not its."""
        others = np.ones(self.similarity.shape, np.bool_)
        others[np.arange(len(self.right)), self.right] = False
        found = self.similarity[others & self.found[:, None]]
        return np.asarray(found[np.isfinite(found)], np.float64)


def run_trial(
    name: str,
    scores: SpaceScores,
    right: Sequence[int],
    plan: Plan,
    how: Aggregation = "centroid",
    among: npt.NDArray[np.int64] | None = None,
) -> Trial:
    """Rank all drawings by a plan; `among` [drawings, actors] are the owners that each is ranked among, rising, the
    right one with them: everybody if left out."""
    places = np.asarray(right, np.int64)
    owners, found = scores.index.owners, scores.queries.found
    parts = {space: scores.of(space, plan.bridges.get(space), how) for space in plan.recipe.weights}
    if among is not None:
        parts = {space: np.take_along_axis(values, among, axis=1) for space, values in parts.items()}
        places = np.asarray((among < places[:, None]).sum(axis=1), np.int64)
    size = len(owners) if among is None else among.shape[1]
    similarity = np.full((len(found), size), -np.inf)
    without = np.full(len(found), -np.inf)
    everybody = np.ones(size, np.bool_)
    for row in np.flatnonzero(found):
        mine = {space: np.asarray(values[row], np.float64) for space, values in parts.items()}
        similarity[row] = combine(owners, mine, plan.recipe, everybody).similarity
        without[row] = _best_without(owners, mine, plan.recipe, int(places[row]))
    return Trial(name, owners, places, found, similarity, without)


def _best_without(owners: Names, scores: Mapping[str, Doubles], recipe: Recipe, right: int) -> float:
    """Similarity of the best actor when the right one is not in the gallery."""
    left = {space: values.copy() for space, values in scores.items()}
    for values in left.values():
        values[right] = np.nan
    others = np.ones(len(next(iter(left.values()))), np.bool_)
    others[right] = False
    fused: Fused = combine(owners, left, recipe, others)
    return float(fused.similarity.max())
