"""Exact search with FAISS: candidates in falling order of an upper bound, scored exactly until no other can win.

Each owner has one row in a centroid index and one row a source in a source index, both `IndexFlatIP`. FAISS hands out
rows by falling cosine, which bounds the owner's score from above: a centroid's cosine bounds (and is) the centroid
score, the best source bounds `best` and `top3`. Candidates are scored exactly by `index.grouping`; as soon as the k-th
score lies above the bound of everything not yet seen, the answer is exact, and only then is it given.
"""

from __future__ import annotations

import importlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from index import filters
from index.contract import Aggregation, Facts, OwnerHit, SpaceInfo, Vectors
from index.grouping import owner_hit
from index.reference import NumpyIndex, columns_of
from index.spaces import SpaceData, check_query, pick

FLOAT_SLACK = 1e-5
"""Two ways of summing the same float32 products differ by less than this."""
FILTERS_KEPT = 64


@dataclass(frozen=True, eq=False)
class _Rows:
    """A FAISS index and the owner (by place) of each of its rows."""

    faiss_index: Any
    owner_of: npt.NDArray[np.int64]

    @classmethod
    def over(cls, vectors: Vectors, owner_of: npt.NDArray[np.int64]) -> _Rows:
        import faiss

        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(np.ascontiguousarray(vectors, np.float32))
        return cls(flat, owner_of)

    def best(
        self, query: npt.NDArray[np.float32], count: int, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """The `count` best allowed rows: falling cosines and their owners; fewer when fewer exist."""
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed[self.owner_of], bitorder="little")
            library: Any = importlib.import_module("faiss")
            selector = library.IDSelectorBitmap(len(self.owner_of), library.swig_ptr(bits))
            parameters = library.SearchParameters(sel=selector)
        cosines, rows = self.faiss_index.search(query[None], min(count, len(self.owner_of)), params=parameters)
        found = rows[0] >= 0
        return cosines[0][found], self.owner_of[rows[0][found]]


@dataclass(frozen=True, eq=False)
class _SearchableSpace:
    data: SpaceData
    lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def centroid_rows(self) -> _Rows:
        return _Rows.over(self.data.centroids, np.arange(len(self.data.owners), dtype=np.int64))

    @cached_property
    def source_rows(self) -> _Rows:
        owner_of = np.repeat(np.arange(len(self.data.owners), dtype=np.int64), np.diff(self.data.starts))
        return _Rows.over(self.data.vectors, owner_of)

    def rows(self, aggregation: Aggregation) -> _Rows:
        with self.lock:
            return self.centroid_rows if aggregation == "centroid" else self.source_rows

    def search(
        self,
        query: npt.NDArray[np.float32],
        k: int,
        allowed: npt.NDArray[np.bool_] | None,
        aggregation: Aggregation,
    ) -> list[OwnerHit]:
        rows = self.rows(aggregation)
        hits: dict[int, OwnerHit] = {}
        count = max(2 * k, 16)
        while True:
            cosines, owners = rows.best(query, count, allowed)
            for owner in dict.fromkeys(owners.tolist()):
                if owner not in hits:
                    hits[owner] = owner_hit(self.data, owner, query, aggregation)
            best = sorted(hits.values(), key=lambda hit: (-hit.score, hit.owner))[:k]
            exhausted = len(cosines) < count
            if exhausted or (len(best) == k and best[-1].score > float(cosines[-1]) + FLOAT_SLACK):
                return best
            count *= 4


class FlatIndex:
    """Exact FAISS search, the default back-end; same answers as `NumpyIndex`."""

    def __init__(self, version: str, data: Mapping[str, SpaceData], facts: Mapping[str, Facts]) -> None:
        self.version = version
        self.facts = facts
        self._exact = NumpyIndex(version, data, facts)
        self._spaces = {name: _SearchableSpace(space) for name, space in data.items()}
        self.columns = frozenset(columns_of(facts))
        """Columns that filters may ask."""
        self._masks: OrderedDict[tuple[str, str], npt.NDArray[np.bool_]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def spaces(self) -> Mapping[str, SpaceInfo]:
        """The spaces held, by name."""
        return self._exact.spaces

    def search(
        self, space: str, vectors: Vectors, k: int, where: str = "", aggregation: Aggregation = "centroid"
    ) -> list[list[OwnerHit]]:
        """See `index.contract.ActorIndex.search`."""
        data = pick(self._exact.data, space)
        queries = check_query(data, vectors)
        allowed = self._mask(data, where)
        if k <= 0 or not data.owners:
            return [[] for _ in queries]
        return [self._spaces[space].search(query, k, allowed, aggregation) for query in queries]

    def rescore(
        self, space: str, vectors: Vectors, owners: Sequence[str], aggregation: Aggregation = "centroid"
    ) -> list[list[OwnerHit | None]]:
        """See `index.contract.ActorIndex.rescore`."""
        return self._exact.rescore(space, vectors, owners, aggregation)

    def space(self, name: str) -> SpaceData:
        """The content of a space."""
        return pick(self._exact.data, name)

    def holds(self, spaces: Sequence[SpaceData], facts: Mapping[str, Facts]) -> bool:
        """Whether this index consists of exactly these spaces and facts."""
        mine = self._exact.data
        return (
            set(mine) == {space.name for space in spaces}
            and self.facts == facts
            and all(mine[space.name].same_as(space) for space in spaces)
        )

    def _mask(self, data: SpaceData, where: str) -> npt.NDArray[np.bool_] | None:
        """Which owners pass, by place; None when all do. Kept for the filters asked last."""
        if not where.strip():
            return None
        key = (data.name, where)
        with self._lock:
            if key in self._masks:
                self._masks.move_to_end(key)
                return self._masks[key]
        wanted = filters.parse(where, self.columns)
        mask = np.array([wanted.passes(self.facts.get(owner, {})) for owner in data.owners], dtype=np.bool_)
        with self._lock:
            self._masks[key] = mask
            while len(self._masks) > FILTERS_KEPT:
                self._masks.popitem(last=False)
        return mask
