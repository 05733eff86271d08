"""Several encoders joined into one space: their unit vectors side by side, scaled to unit length together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from castoon.files import short_hash
from embeddings.contract import Encoder, FacePicture, Vectors


class ConcatEncoder:
    """Cosine in the joined space is the mean of the cosines in the parts, or their weighted mean."""

    def __init__(self, name: str, parts: Sequence[Encoder], weights: Sequence[float] | None = None) -> None:
        self._name, self._parts = name, tuple(parts)
        shares = np.ones(len(parts)) if weights is None else np.asarray(weights, dtype=np.float64)
        if len(parts) < 1 or len(shares) != len(parts) or (shares <= 0).any():
            raise ValueError("a joined space needs at least one encoder and a positive weight for each")
        self._scales = np.sqrt(shares / shares.sum()).astype(np.float32)

    @property
    def name(self) -> str:
        """First half of the names of its spaces."""
        return self._name

    @property
    def dim(self) -> int:
        """Sum of the parts' lengths."""
        return sum(part.dim for part in self._parts)

    @property
    def parts(self) -> tuple[int, ...]:
        """Lengths of the parts' vectors, in the order in which they are joined, of a part that is joined itself those
        of its own parts."""
        return tuple(length for part in self._parts for length in parts_of(part))

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """What is joined, in order."""
        return self._parts

    @property
    def contract(self) -> str:
        """Hash over the parts' contracts, in order, and their weights."""
        return short_hash(
            "concat", *(part.contract for part in self._parts), repr([round(float(s), 6) for s in self._scales])
        )

    @property
    def query_contract(self) -> str:
        """Hash over the parts' query contracts, in order."""
        return short_hash("concat", *(part.query_contract for part in self._parts))

    def encode_gallery(self, faces: Sequence[FacePicture]) -> Vectors:
        """Unit vectors [n, dim]."""
        return self._join([part.encode_gallery(faces) for part in self._parts])

    def encode_query(self, faces: Sequence[FacePicture], *, once: bool = False) -> Vectors:
        """Unit vectors [n, dim]."""
        return self._join([part.encode_query(faces, once=once) for part in self._parts])

    def _join(self, parts: Sequence[Vectors]) -> Vectors:
        return np.concatenate([rows * scale for rows, scale in zip(parts, self._scales, strict=True)], axis=1)


def parts_of(encoder: Encoder) -> tuple[int, ...]:
    """Lengths of the vectors that an encoder's vector joins; its own where it joins none."""
    found: tuple[int, ...] = getattr(encoder, "parts", (encoder.dim,))
    return found
