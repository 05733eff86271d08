"""The reference: plain NumPy and Python, every comparison made, one owner at a time. All others must agree with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index import filters
from index.contract import SOURCES_SHOWN, Aggregation, Facts, OwnerHit, SpaceInfo, Vectors
from index.grouping import cosines
from index.native import Query
from index.spaces import SpaceData, check_query, pick


def columns_of(facts: Mapping[str, Facts]) -> set[str]:
    """Every column that some owner has a fact for."""
    return {column for known in facts.values() for column in known}


@dataclass(frozen=True)
class NumpyIndex:
    """Exact search by brute force over spaces held in memory."""

    version: str
    data: Mapping[str, SpaceData]
    facts: Mapping[str, Facts]

    @property
    def spaces(self) -> Mapping[str, SpaceInfo]:
        """The spaces held, by name."""
        return {name: data.info for name, data in self.data.items()}

    def search(
        self, space: str, vectors: Vectors, k: int, where: str = "", aggregation: Aggregation = "centroid",
        sources: int = SOURCES_SHOWN,
    ) -> list[list[OwnerHit]]:  # fmt: skip
        """See `index.contract.ActorIndex.search`."""
        data = pick(self.data, space)
        allowed = filters.parse(where, columns_of(self.facts))
        passing = [i for i, owner in enumerate(data.owners) if allowed.passes(self.facts.get(owner, {}))]
        answers = []
        for query in check_query(data.name, data.dim, vectors):
            hits = [_hit(data, owner, query, aggregation, sources) for owner in passing]
            answers.append(sorted(hits, key=lambda hit: (-hit.score, hit.owner))[: max(k, 0)])
        return answers

    def rescore(
        self, space: str, vectors: Vectors, owners: Sequence[str], aggregation: Aggregation = "centroid",
        sources: int = SOURCES_SHOWN,
    ) -> list[list[OwnerHit | None]]:  # fmt: skip
        """See `index.contract.ActorIndex.rescore`."""
        data = pick(self.data, space)
        places = [data.position.get(owner) for owner in owners]
        return [
            [None if place is None else _hit(data, place, query, aggregation, sources) for place in places]
            for query in check_query(data.name, data.dim, vectors)
        ]


def _hit(data: SpaceData, owner: int, query: Query, aggregation: Aggregation, shown: int) -> OwnerHit:
    rows = data.rows(owner)
    names = list(data.sources[rows])
    scored = cosines(data.vectors[rows], query).tolist()
    best = sorted(zip(names, scored, strict=True), key=lambda pair: (-pair[1], pair[0]))
    match aggregation:
        case "best":
            score = best[0][1]
        case "top3":
            score = float(np.float32(sum(cosine for _, cosine in best[:3]) / len(best[:3])))
        case "centroid":
            score = float(cosines(data.centroids[owner : owner + 1], query)[0])
    return OwnerHit(data.owners[owner], score, tuple(best[:shown]))
