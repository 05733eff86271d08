"""A space as it is searched: one layer of rows, or a large one with a small one over it that holds what has changed.

An owner lives in one layer. A base layer is written once and shared by versions; owners that were added, replaced or
removed since stand in the layer of changes, or nowhere, and are masked in the base. So a change of ten photos costs
what ten photos cost, however many there are beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.contract import Aggregation, OwnerHit, SpaceInfo
from index.grouping import Cosines, Scored, Sources, cosines
from index.native import Chosen, Query
from index.rows import Backend, Found, Rows
from index.spaces import SpaceData, joined

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Selection:
    """Which owners of a layer a search may return, and the rows that are theirs; None stands for all."""

    centroids: Chosen | None = None
    sources: Chosen | None = None
    owners: int = 0

    @classmethod
    def of(cls, data: SpaceData, owners: Mask | None) -> Selection:
        """From a mask over the layer's owners."""
        if owners is None or owners.all():
            return cls(owners=len(data.owners))
        return cls(Chosen(owners), Chosen(owners[data.owner_of]), int(owners.sum()))


@dataclass(frozen=True, eq=False)
class Layer:
    """Owners that are searched together: their data, and what FAISS may use over centroids and over sources."""

    data: SpaceData
    alive: Mask | None = None
    """Owners that no later layer replaces or removes; None: all."""
    centroid_rows: Rows | None = None
    source_rows: Rows | None = None

    def backend(self, aggregation: Aggregation) -> Backend:
        """How the rows behind an aggregation are searched."""
        return self.rows(aggregation).backend

    def rows(self, aggregation: Aggregation) -> Rows:
        """The rows that an aggregation searches."""
        return self._centroids if aggregation == "centroid" else self._sources

    @cached_property
    def _centroids(self) -> Rows:
        return self.centroid_rows or Rows(self.data.centroids)

    @cached_property
    def _sources(self) -> Rows:
        return self.source_rows or Rows(self.data.vectors)

    def best(
        self, query: Query, k: int, among: Selection, how: Aggregation, threads: int = 1, exact: bool = False
    ) -> Scored:
        """The `k` best owners with exact scores, best first; ties by owner name."""
        k = min(k, among.owners)
        if k <= 0:
            return Scored(np.zeros(0, np.int64), np.zeros(0, np.float32))
        chosen = among.centroids if how == "centroid" else among.sources
        rows, count = self.rows(how), self._first_count(k, how)
        if not exact and rows.approximate_for(chosen):
            scored = self._ranked(rows.approximate(query, count, chosen, how == "top3"), query, k, how)
            if len(scored.owners) == k:
                return scored
        while True:
            found = rows.exact(query, count, chosen, threads)
            scored = self._ranked(found, query, k, how)
            if found.unseen == -np.inf or (len(scored.owners) == k and scored.scores[-1] > found.unseen):
                return scored
            count *= 4

    def _first_count(self, k: int, how: Aggregation) -> int:
        """Rows that probably hold k owners: FAISS takes hardly longer for these than for k."""
        if how == "centroid":
            return 2 * k + 8
        return int(1.5 * k * len(self.data.sources) / max(len(self.data.owners), 1)) + 8

    def _ranked(self, found: Found, query: Query, k: int, how: Aggregation) -> Scored:
        """The best k of the owners whose rows these are."""
        match how:
            case "centroid":
                return Scored(found.rows[:k], found.cosines[:k])
            case "best":
                return _first_owners(found.cosines.tolist(), self.data.owner_of[found.rows].tolist(), k)
            case "top3":
                return Scored.of(self.data, np.unique(self.data.owner_of[found.rows]), query, how).first(k)


def _first_owners(falling: list[float], owners: list[int], k: int) -> Scored:
    """The first k owners of rows with falling cosines, each with its first cosine."""
    seen: dict[int, float] = {}
    for cosine, owner in zip(falling, owners, strict=True):
        if owner not in seen:
            seen[owner] = cosine
            if len(seen) == k:
                break
    return Scored(np.array(list(seen), np.int64), np.array(list(seen.values()), np.float32))


class LayeredSpace:
    """A space of one or two layers, of which later ones cover earlier ones."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = tuple(layers)
        first = self.layers[0].data
        self.name, self.contract, self.dim = first.name, first.contract, first.dim

    @classmethod
    def exact(cls, data: SpaceData) -> LayeredSpace:
        """One layer, searched exactly."""
        return cls([Layer(data)])

    @cached_property
    def info(self) -> SpaceInfo:
        """Counts of what is alive, and the contract."""
        vectors = owners = 0
        for layer in self.layers:
            counts = layer.data.counts if layer.alive is None else layer.data.counts[layer.alive]
            vectors, owners = vectors + int(counts.sum()), owners + len(counts)
        return SpaceInfo(self.name, self.dim, self.contract, vectors, owners)

    @cached_property
    def data(self) -> SpaceData:
        """Everything alive as one `SpaceData`; a copy where there are several layers."""
        return joined([one.data if one.alive is None else one.data.only(one.alive) for one in self.layers])

    def find(self, owner: str) -> tuple[int, int] | None:
        """Layer and place of an owner."""
        for number, layer in enumerate(self.layers):
            place = layer.data.position.get(owner)
            if place is not None and (layer.alive is None or layer.alive[place]):
                return number, place
        return None

    def search(
        self, query: Query, k: int, among: Sequence[Selection], how: Aggregation, shown: int, threads: int = 1,
        exact: bool = False,
    ) -> list[OwnerHit]:  # fmt: skip
        """The `k` best owners over all layers."""
        hits: list[OwnerHit] = []
        for layer, selection in zip(self.layers, among, strict=True):
            hits += layer.best(query, k, selection, how, threads, exact).hits(layer.data, query, shown)
        if len(self.layers) > 1:
            hits.sort(key=lambda hit: (-hit.score, hit.owner))
        return hits[:k]

    def rescore(self, query: Query, owners: Sequence[str], how: Aggregation, shown: int) -> list[OwnerHit | None]:
        """Hits of the owners named, in their order; None for one that is not here."""
        found = [self.find(owner) for owner in owners]
        answers: list[OwnerHit | None] = [None] * len(owners)
        for number, layer in enumerate(self.layers):
            asked = [(at, spot[1]) for at, spot in enumerate(found) if spot and spot[0] == number]
            if not asked:
                continue
            places = np.array([place for _, place in asked], np.int64)
            scored = Scored.of(layer.data, places, query, how)
            for (at, _), hit in zip(asked, scored.hits(layer.data, query, shown), strict=True):
                answers[at] = hit
        return answers

    @cached_property
    def everyone(self) -> tuple[Selection, ...]:
        """A selection that leaves out only what is not alive."""
        return tuple(Selection.of(layer.data, layer.alive) for layer in self.layers)


def all_scores(data: SpaceData, query: Query, how: Aggregation) -> Cosines:
    """Exact scores of every owner of a layer, [owners]."""
    match how:
        case "centroid":
            return cosines(data.centroids, query)
        case "best":
            return np.maximum.reduceat(cosines(data.vectors, query), data.starts[:-1])
        case "top3":
            return Sources.every(data, query).top3()
