"""FAISS as the rest of `index` uses it: imported when first needed, and told which rows may come back."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Query = npt.NDArray[np.float32]
"""Unit length, [dim]."""
FLOAT_SLACK = 1e-5
"""Two ways of summing the same float32 products differ by less than this."""


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
        self.parameters = faiss().SearchParameters(sel=self.selector)
        self._alone: tuple[Any, Any] | None = None

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """The rows themselves, rising."""
        return np.flatnonzero(np.unpackbits(self._bits, bitorder="little"))

    def alone(self, codes: Any) -> Any:
        """What a scalar quantiser over all rows holds of these, copied when first asked for; for few rows."""
        held = self._alone
        if held is None or held[0] is not codes:
            copied = faiss().IndexScalarQuantizer(codes.d, codes.sq.qtype, codes.metric_type)
            copied.add(codes.reconstruct_batch(self.rows))
            self._alone = held = (codes, copied)
        return held[1]
