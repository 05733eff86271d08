"""The index that searches: FAISS behind the contract of `index.contract`, exact or with measured recall."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index import filters
from index.contract import SOURCES_SHOWN, Aggregation, Facts, OwnerHit, SpaceInfo, Vectors
from index.facts import FactTable
from index.layers import LayeredSpace, Selection, all_scores
from index.names import Names
from index.native import faiss
from index.spaces import SpaceData, check_query, pick

FILTERS_KEPT = 64


class FaissIndex:
    """Search over spaces; immutable, so that any number of threads may share it."""

    def __init__(
        self,
        version: str,
        data: Mapping[str, SpaceData | LayeredSpace],
        facts: Mapping[str, Facts] | FactTable,
        threads: int = 1,
    ) -> None:
        self.version = version
        self.threads = threads
        self.layered = {
            name: LayeredSpace.exact(space) if isinstance(space, SpaceData) else space for name, space in data.items()
        }
        self.table = facts if isinstance(facts, FactTable) else FactTable(facts)
        self._places: dict[tuple[str, int], npt.NDArray[np.int64]] = {}
        self._selections: OrderedDict[tuple[str, str], Sequence[Selection]] = OrderedDict()
        self._owners: Names | None = None
        self._among: dict[str, list[npt.NDArray[np.int64]]] = {}
        self._lock = threading.Lock()

    @property
    def spaces(self) -> Mapping[str, SpaceInfo]:
        """The spaces held, by name."""
        return {name: space.info for name, space in self.layered.items()}

    @property
    def facts(self) -> Mapping[str, Facts]:
        """What is known of each owner."""
        return self.table.facts

    @property
    def columns(self) -> frozenset[str]:
        """Columns that filters may ask."""
        return self.table.columns

    def search(
        self, space: str, vectors: Vectors, k: int, where: str = "", aggregation: Aggregation = "centroid",
        sources: int = SOURCES_SHOWN, *, exact: bool = False,
    ) -> list[list[OwnerHit]]:  # fmt: skip
        """See `index.contract.ActorIndex.search`; `exact` passes over approximate structures."""
        held = pick(self.layered, space)
        queries = check_query(held.name, held.dim, vectors)
        among = self._selection(held, where)
        faiss().omp_set_num_threads(1)  # FAISS shares queries out among threads; one query's rows are split by `Rows`
        return [held.search(query, k, among, aggregation, sources, self.threads, exact) for query in queries]

    def rescore(
        self, space: str, vectors: Vectors, owners: Sequence[str], aggregation: Aggregation = "centroid",
        sources: int = SOURCES_SHOWN,
    ) -> list[list[OwnerHit | None]]:  # fmt: skip
        """See `index.contract.ActorIndex.rescore`."""
        held = pick(self.layered, space)
        queries = check_query(held.name, held.dim, vectors)
        return [held.rescore(query, owners, aggregation, sources) for query in queries]

    @property
    def owners(self) -> Names:
        """Every owner that some space holds, sorted."""
        with self._lock:
            if self._owners is None:
                parts = [layer.data.owners.encoded if layer.alive is None else layer.data.owners.encoded[layer.alive]
                         for space in self.layered.values() for layer in space.layers]  # fmt: skip
                self._owners = Names(np.unique(np.concatenate(parts)) if parts else np.zeros(0, "S1"))
            return self._owners

    def scores(
        self, space: str, vectors: Vectors, where: str = "", aggregation: Aggregation = "centroid"
    ) -> npt.NDArray[np.float32]:
        """Exact scores of all `owners`, [n, owners]; NaN for those that the space lacks or that do not pass `where`.

        Made for fusing spaces: one pass over the centroids costs less than ranking in each space and asking again.
        """
        held = pick(self.layered, space)
        queries = check_query(held.name, held.dim, vectors)
        places = self._among_owners(held)
        wanted = filters.parse(where, self.columns)
        answer = np.full((len(queries), len(self.owners)), np.nan, np.float32)
        for layer, at in zip(held.layers, places, strict=True):
            alive = at >= 0
            for row, query in enumerate(queries):
                if len(at):
                    answer[row, at[alive]] = all_scores(layer.data, query, aggregation)[alive]
        if wanted.conditions:
            answer[:, ~self.table.passing(wanted)[self._places_in_facts("", 0, self.owners)]] = np.nan
        return answer

    def space(self, name: str) -> SpaceData:
        """The content of a space."""
        return pick(self.layered, name).data

    def holds(self, spaces: Sequence[SpaceData], facts: Mapping[str, Facts]) -> bool:
        """Whether this index consists of exactly these spaces and facts."""
        return (
            set(self.layered) == {space.name for space in spaces}
            and self.facts == facts
            and all(self.layered[space.name].data.same_as(space) for space in spaces)
        )

    def _selection(self, held: LayeredSpace, where: str) -> Sequence[Selection]:
        """Who passes in each layer; kept for the filters asked last."""
        if not where.strip():
            return held.everyone
        key = (held.name, where)
        with self._lock:
            if key in self._selections:
                self._selections.move_to_end(key)
                return self._selections[key]
        passing = self.table.passing(filters.parse(where, self.columns))
        made = []
        for number, layer in enumerate(held.layers):
            mask = passing[self._places_in_facts(held.name, number, layer.data.owners)]
            made.append(Selection.of(layer.data, mask if layer.alive is None else mask & layer.alive))
        with self._lock:
            self._selections[key] = made
            while len(self._selections) > FILTERS_KEPT:
                self._selections.popitem(last=False)
        return made

    def _places_in_facts(self, space: str, layer: int, owners: Names) -> npt.NDArray[np.int64]:
        key = (space, layer)
        if key not in self._places:
            self._places[key] = self.table.places(owners)
        return self._places[key]

    def _among_owners(self, held: LayeredSpace) -> list[npt.NDArray[np.int64]]:
        """For each layer the place of its owners among all `owners`; -1 for those not alive."""
        everybody = self.owners.encoded
        if held.name not in self._among:
            found = []
            for layer in held.layers:
                at = np.searchsorted(everybody, layer.data.owners.encoded)
                found.append(at if layer.alive is None else np.where(layer.alive, at, -1))
            self._among[held.name] = found
        return self._among[held.name]
