"""The reference: plain NumPy, every comparison made. Other back-ends must agree with it, and tests see to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index import filters
from index.contract import Aggregation, Facts, OwnerHit, SpaceInfo, Vectors
from index.grouping import owner_hit
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
        self, space: str, vectors: Vectors, k: int, where: str = "", aggregation: Aggregation = "centroid"
    ) -> list[list[OwnerHit]]:
        """See `index.contract.ActorIndex.search`."""
        data = pick(self.data, space)
        allowed = filters.parse(where, columns_of(self.facts))
        passing = [i for i, owner in enumerate(data.owners) if allowed.passes(self.facts.get(owner, {}))]
        answers = []
        for query in check_query(data, vectors):
            hits = [owner_hit(data, owner, query, aggregation) for owner in passing]
            answers.append(sorted(hits, key=lambda hit: (-hit.score, hit.owner))[: max(k, 0)])
        return answers

    def rescore(
        self, space: str, vectors: Vectors, owners: Sequence[str], aggregation: Aggregation = "centroid"
    ) -> list[list[OwnerHit | None]]:
        """See `index.contract.ActorIndex.rescore`."""
        data = pick(self.data, space)
        places = [data.position.get(owner) for owner in owners]
        return [
            [None if place is None else owner_hit(data, place, query, aggregation) for place in places]
            for query in check_query(data, vectors)
        ]
