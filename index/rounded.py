"""Rows rounded to one byte a number: exact search reads these first, a quarter of what full vectors take to read.

Exact search waits for memory, not for arithmetic. So each number is kept a second time as `middle + step * code`, with
a middle and a step for each of the dimensions (folded into the query, which costs nothing), and FAISS ranks these
codes, comparing whole numbers. Rounding moves no cosine further than the longest rounding errors of a row and of the
query allow, which are known; whoever scores the first rows exactly therefore knows for certain when no other row can
be among the best.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.contract import Vectors
from index.native import FLOAT_SLACK, Chosen, Query, faiss

BLOCK = 1 << 14
STEPS = 127
"""Codes reach from -127 to 127."""
COPIED_ROWS = 2000
"""Where no more rows pass a filter, their codes are copied once: reading these takes half as long as leaving others
out. (A megabyte at most, as long as the filter is kept.)"""


@dataclass(frozen=True, eq=False)
class Rounded:
    """Codes of all rows in a FAISS scalar quantiser, and what they mean."""

    codes: Any
    """`IndexScalarQuantizer` of one signed byte a number."""
    middle: Query
    step: Query
    slack: float
    """Length of the longest rounding error of a row."""
    longest: float
    """Length of the longest row of codes."""

    @classmethod
    def of(cls, vectors: Vectors) -> Rounded:
        """Round rows [n, dim]."""
        low, high = np.full(vectors.shape[1], np.inf, np.float32), np.full(vectors.shape[1], -np.inf, np.float32)
        for block in _blocks(vectors):
            low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
        middle = np.asarray((low + high) / 2, np.float32)
        step = np.maximum((high - low) / (2 * STEPS), np.float32(1e-9))
        signed = faiss().ScalarQuantizer.QT_8bit_direct_signed
        codes = faiss().IndexScalarQuantizer(vectors.shape[1], signed, faiss().METRIC_INNER_PRODUCT)
        slack = longest = 0.0
        for block in _blocks(vectors):
            rounded = _codes(block, middle, step)
            codes.add(np.ascontiguousarray(rounded, np.float32))
            missed = block - (middle + step * rounded)
            slack = max(slack, float(np.vecdot(missed, missed).max()) ** 0.5)
            longest = max(longest, float(np.vecdot(rounded, rounded).max()) ** 0.5)
        return cls(codes, middle, step, slack, longest)

    def write(self, stem: Path) -> None:
        """Write files whose names begin with `stem`."""
        faiss().write_index(self.codes, f"{stem}.rounded.faiss")
        np.savez(f"{stem}.rounding.npz", middle=self.middle, step=self.step,
                 lengths=[self.slack, self.longest])  # fmt: skip

    @classmethod
    def read(cls, stem: Path) -> Rounded | None:
        """Memory-mapped, as they were written; None where they were not."""
        codes = Path(f"{stem}.rounded.faiss")
        if not codes.is_file():
            return None
        with np.load(f"{stem}.rounding.npz", allow_pickle=False) as known:
            return cls(
                faiss().read_index(str(codes), faiss().IO_FLAG_MMAP_IFC), known["middle"], known["step"],
                *known["lengths"].tolist(),
            )  # fmt: skip

    def stored(self, vectors: Vectors) -> npt.NDArray[np.uint8]:
        """How rows stand in the file, [n, dim]: to look for what should be gone."""
        return (_codes(vectors, self.middle, self.step) + STEPS + 1).astype(np.uint8)

    def best(
        self, query: Query, count: int, chosen: Chosen | None, threads: int = 1
    ) -> tuple[npt.NDArray[np.int64], float]:
        """The `count` rows of highest rounded cosine among those chosen, and what the cosine of no other exceeds."""
        scaled = query * self.step
        unit = max(float(np.maximum.reduce(np.abs(scaled))), 1e-30) / STEPS
        scaled /= unit
        asked = np.rint(scaled)
        scaled -= asked
        moved = unit * float(np.vdot(scaled, scaled)) ** 0.5
        if chosen is not None and chosen.count <= COPIED_ROWS:
            scores, places = _ranked(chosen.alone(self.codes), asked, count)
            rows = chosen.rows[places]
        elif threads == 1:
            scores, rows = _ranked(self.codes, asked, count, chosen.parameters if chosen else None)
        else:
            scores, rows = self._side_by_side(asked, count, chosen, threads)
        last = unit * float(scores[-1]) + float(np.vdot(query, self.middle))
        return rows, last + self.slack + self.longest * moved + FLOAT_SLACK

    def _side_by_side(
        self, asked: Query, count: int, chosen: Chosen | None, threads: int
    ) -> tuple[Query, npt.NDArray[np.int64]]:
        edges = np.linspace(0, self.codes.ntotal, threads + 1).astype(int).tolist()

        def part(begin: int, end: int) -> tuple[Query, npt.NDArray[np.int64]]:
            faiss().omp_set_num_threads(1)
            span = faiss().IDSelectorRange(begin, end)
            both = faiss().IDSelectorAnd(span, chosen.selector) if chosen else span
            return _ranked(self.codes, asked, count, faiss().SearchParameters(sel=both))

        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(part, edges[:-1], edges[1:]))
        scores, rows = (np.concatenate(column) for column in zip(*found, strict=True))
        best = (-scores).argsort(kind="stable")[:count]
        return scores[best], rows[best]


def _ranked(codes: Any, asked: Query, count: int, parameters: Any = None) -> tuple[Query, npt.NDArray[np.int64]]:
    scores, rows, pointer = np.empty(count, np.float32), np.empty(count, np.int64), faiss().swig_ptr
    codes.search_c(1, pointer(asked), count, pointer(scores), pointer(rows), parameters)
    return scores, rows


def _codes(vectors: Vectors, middle: Query, step: Query) -> Vectors:
    return np.asarray(np.clip(np.rint((vectors - middle) / step), -STEPS, STEPS), np.float32)


def _blocks(vectors: Vectors) -> Iterator[Vectors]:
    return (np.asarray(vectors[start : start + BLOCK]) for start in range(0, len(vectors), BLOCK))
