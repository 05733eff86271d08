"""Rows of vectors that FAISS searches: exactly over a memory-mapped array, or approximately over HNSW or IVF-PQ.

An approximate structure only proposes rows; whoever asks scores them exactly afterwards. It is passed over where it
would lie: when a filter lets few rows pass, looking at these few exactly is both faster and right.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from index.contract import Vectors

Kind = Literal["flat", "hnsw", "ivfpq"]
Query = npt.NDArray[np.float32]
Found = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]
"""Falling cosines, and their rows."""

FEW_ROWS = 20_000
"""So many rows are looked at exactly in a millisecond or two."""
FEW_SHARE = 0.1
"""Below this share of passing rows, IVF-PQ would have to look at most of its lists."""
ROWS_AN_EFFORT = 40
"""Rows that exact search looks at while HNSW goes one candidate further (measured at 100,000 rows of 512)."""
EFFORT_LIMIT = 4096
OVERSAMPLED: dict[Kind, int] = {"hnsw": 2, "ivfpq": 32}
"""Rows asked of an approximate structure for each one wanted, because its own distances are rounded."""
SPLIT_ROWS = 100_000
"""An exact search over fewer rows is not worth a second thread."""


@cache
def faiss() -> Any:
    """FAISS, imported when first needed."""
    import importlib

    return importlib.import_module("faiss")


class Chosen:
    """The rows that a search may return: a bitmap, the FAISS selector over it, and their number."""

    def __init__(self, mask: npt.NDArray[np.bool_]) -> None:
        self.count = int(mask.sum())
        self.share = self.count / max(len(mask), 1)
        self._bits = np.packbits(mask, bitorder="little")
        self.selector = faiss().IDSelectorBitmap(len(mask), faiss().swig_ptr(self._bits))


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


class Rows:
    """The vectors of a space, or its centroids, as FAISS sees them: [n, dim], optionally with a structure over them."""

    def __init__(self, vectors: Vectors, backend: Backend | None = None, structure: Any = None) -> None:
        self.vectors = vectors
        self.backend = backend or Backend()
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
        rows = len(self.vectors)
        parts = threads if threads > 1 and rows >= SPLIT_ROWS and chosen is None else 1
        if parts == 1:
            return _exact(self.vectors, query, count, chosen)
        edges = np.linspace(0, rows, parts + 1).astype(int)
        with ThreadPoolExecutor(parts) as pool:
            jobs = [pool.submit(_exact, self.vectors[a:b], query, count, None)
                    for a, b in pairwise(edges)]  # fmt: skip
            found = [job.result() for job in jobs]
        scores = np.concatenate([cosines for cosines, _ in found])
        places = np.concatenate([ids + edge for (_, ids), edge in zip(found, edges, strict=False)])
        order = np.argsort(-scores, kind="stable")[:count]
        return scores[order], places[order]

    def approximate(self, query: Query, count: int, chosen: Chosen | None) -> npt.NDArray[np.int64]:
        """Rows that are probably the best, more than `count` where there are, in no order to be relied on."""
        library, kind = faiss(), self.backend.kind
        wanted = min(count * OVERSAMPLED[kind], len(self.vectors))
        selector = chosen.selector if chosen else None
        effort = min(round(self.backend.effort / (chosen.share if chosen else 1.0)), EFFORT_LIMIT)
        if kind == "hnsw":
            parameters = library.SearchParametersHNSW(efSearch=max(effort, wanted), sel=selector)
        else:
            parameters = library.SearchParametersIVF(nprobe=effort, sel=selector)
        _, rows = self._structure.search(query[None], wanted, params=parameters)
        return np.asarray(rows[0][rows[0] >= 0])


def _exact(vectors: Vectors, query: Query, count: int, chosen: Chosen | None) -> Found:
    library = faiss()
    count = min(count, len(vectors) if chosen is None else chosen.count)
    scores, rows = np.empty(count, np.float32), np.empty(count, np.int64)
    if count:
        pointer = library.swig_ptr
        library.knn_inner_product(
            pointer(query), pointer(vectors), vectors.shape[1], 1, len(vectors), count, pointer(scores),
            pointer(rows), chosen.selector if chosen else None,
        )  # fmt: skip
    return scores, rows
