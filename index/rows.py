"""Rows of vectors that FAISS searches: exactly over a memory-mapped array, or approximately over HNSW or IVF.

Exact search over many rows reads them rounded first (see `index.rounded`), and is exact all the same. An approximate
structure only proposes rows; it is passed over where it would lie: when a filter lets few rows pass, looking at these
few exactly is both faster and right. Whatever proposes rows, their cosines are exact.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from index.contract import Vectors
from index.native import FLOAT_SLACK, Chosen, Query, faiss
from index.rounded import Rounded

Kind = Literal["flat", "hnsw", "ivfpq"]
Cosines = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

FEW_ROWS = 20_000
"""So many rows are looked at exactly in a millisecond or two."""
FEW_SHARE = 0.1
"""Below this share of passing rows, IVF-PQ would have to look at most of its lists."""
ROWS_AN_EFFORT = 40
"""Rows that exact search looks at while HNSW goes one candidate further (measured at 100,000 rows of 512)."""
EFFORT_LIMIT = 4096
OVERSAMPLED: dict[Kind, int] = {"hnsw": 2, "ivfpq": 8}
"""Rows asked of an approximate structure for each one wanted, because its own distances are rounded."""
SPLIT_ROWS = 100_000
"""An exact search over fewer rows is not worth a second thread."""
ROUNDED_SHARE = 0.1
"""Where more of the rows are wanted than this, looking at all of them unrounded is no slower."""


@dataclass(frozen=True)
class Backend:
    """How rows are searched: kind, effort, and what was measured when that was decided."""

    kind: Kind = "flat"
    effort: int = 0
    """HNSW: candidates kept (`efSearch`); IVF-PQ: lists visited (`nprobe`)."""
    recall: float | None = None
    """Recall@10 by owner of the worst case measured; None for exact search."""
    note: str = ""
    """Why another back-end than the one wanted was taken."""
    build_s: float = 0.0


class Found(NamedTuple):
    """Rows with their exact cosines, best first; equal ones in their order, which is that of their owners."""

    cosines: Cosines
    rows: Places
    unseen: float
    """No row that was not returned has a higher cosine; minus infinity where there is none left."""


class Rows:
    """The vectors of a space, or its centroids, as FAISS sees them: [n, dim], optionally with a structure over them."""

    def __init__(
        self, vectors: Vectors, backend: Backend | None = None, structure: Any = None, rounded: Rounded | None = None
    ) -> None:
        self.vectors = vectors
        self.backend = backend or Backend()
        self.rounded = rounded
        self._structure = structure

    def approximate_for(self, chosen: Chosen | None) -> bool:
        """Whether a search among these rows would be approximate."""
        if self._structure is None:
            return False
        if chosen is None:
            return True
        if chosen.count <= FEW_ROWS:
            return False
        if self.backend.kind == "hnsw":
            return chosen.count > ROWS_AN_EFFORT * self.backend.effort / chosen.share
        return chosen.share >= FEW_SHARE

    def exact(self, query: Query, count: int, chosen: Chosen | None, threads: int = 1) -> Found:
        """The `count` best rows among those chosen; fewer when fewer are."""
        passing = len(self.vectors) if chosen is None else chosen.count
        count = min(count, passing)
        if not count:
            return Found(np.zeros(0, np.float32), np.zeros(0, np.int64), -np.inf)
        if self.rounded is not None and count <= ROUNDED_SHARE * passing:
            rows, unseen = self.rounded.best(query, count, chosen, threads if passing >= SPLIT_ROWS else 1)
        else:
            rows, unseen = self._at_full_length(query, count, chosen, threads)
        return self._scored(query, rows, -np.inf if count == passing else unseen)

    def approximate(self, query: Query, count: int, chosen: Chosen | None, every: bool = False) -> Found:
        """The `count` rows that are probably the best; `every` keeps all candidates for them."""
        wanted = min(count * OVERSAMPLED[self.backend.kind], len(self.vectors))
        _, proposed = self._structure.search(query[None], wanted, params=self.parameters(wanted, chosen))
        rows = np.ascontiguousarray(proposed[0][proposed[0] >= 0])
        if len(rows) > count and not every:
            cosines, pointer = np.empty(len(rows), np.float32), faiss().swig_ptr
            faiss().fvec_inner_products_by_idx(
                pointer(cosines), pointer(query), pointer(self.vectors), pointer(rows), len(query), 1, len(rows)
            )
            rows = rows.take(cosines.argpartition(len(rows) - count)[-count:])
        return self._scored(query, rows, -np.inf)

    def parameters(self, wanted: int, chosen: Chosen | None) -> Any:
        """What FAISS is told for so many candidates: more effort where fewer rows pass."""
        effort = min(round(self.backend.effort / (chosen.share if chosen else 1.0)), EFFORT_LIMIT)
        selector = chosen.selector if chosen else None
        if self.backend.kind == "hnsw":
            return faiss().SearchParametersHNSW(efSearch=max(effort, wanted), sel=selector)
        return faiss().SearchParametersIVF(nprobe=effort, sel=selector)

    def _scored(self, query: Query, rows: Places, unseen: float) -> Found:
        cosines = np.vecdot(self.vectors.take(rows, axis=0), query)
        order = np.lexsort((rows, -cosines))
        return Found(cosines[order], rows[order], unseen)

    def _at_full_length(
        self, query: Query, count: int, chosen: Chosen | None, threads: int
    ) -> tuple[Places, float]:  # fmt: skip
        parts = threads if threads > 1 and len(self.vectors) >= SPLIT_ROWS and chosen is None else 1
        if parts == 1:
            cosines, rows = _exact(self.vectors, query, count, chosen)
            return rows, float(cosines[-1]) + FLOAT_SLACK
        edges = np.linspace(0, len(self.vectors), parts + 1).astype(int)
        with ThreadPoolExecutor(parts) as pool:
            found = list(pool.map(lambda a, b: _exact(self.vectors[a:b], query, count, None), edges[:-1], edges[1:]))
        cosines = np.concatenate([part for part, _ in found])
        rows = np.concatenate([ids + edge for (_, ids), edge in zip(found, edges, strict=False)])
        best = (-cosines).argsort(kind="stable")[:count]
        return rows[best], float(cosines[best[-1]]) + FLOAT_SLACK


def _exact(vectors: Vectors, query: Query, count: int, chosen: Chosen | None) -> tuple[Cosines, Places]:
    count = min(count, len(vectors))
    cosines, rows = np.empty(count, np.float32), np.empty(count, np.int64)
    pointer = faiss().swig_ptr
    faiss().omp_set_num_threads(1)
    faiss().knn_inner_product(
        pointer(query), pointer(vectors), vectors.shape[1], 1, len(vectors), count, pointer(cosines), pointer(rows),
        chosen.selector if chosen else None,
    )  # fmt: skip
    return cosines, rows
