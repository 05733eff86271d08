"""The content of one space: vectors laid out owner by owner, so that every back-end groups in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from castoon.errors import InputError
from index.contract import SpaceInfo, Vectors

UNIT_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class SpaceData:
    """Vectors of one space, sorted by owner and then by source.

    `vectors` is [n, dim], `sources` names each row, `owners` is sorted, and rows `starts[i]:starts[i + 1]` belong to
    `owners[i]`.
    """

    name: str
    contract: str
    vectors: Vectors
    sources: tuple[str, ...]
    owners: tuple[str, ...]
    starts: npt.NDArray[np.int64]

    @classmethod
    def build(
        cls, name: str, contract: str, dim: int, items: Iterable[tuple[str, str, npt.NDArray[np.float32]]]
    ) -> SpaceData:
        """Lay out `(owner, source, vector)` items; refuses vectors not of unit length or not `dim` long."""
        ordered = sorted(items, key=lambda item: (item[0], item[1]))
        vectors = np.zeros((len(ordered), dim), dtype=np.float32)
        owners: list[str] = []
        starts: list[int] = []
        for row, (owner, source, vector) in enumerate(ordered):
            if vector.shape != (dim,):
                raise InputError(f"vector of {source}", f"it has shape {vector.shape}, not ({dim},).", "Rebuild it.")
            vectors[row] = vector
            if not owners or owners[-1] != owner:
                owners.append(owner)
                starts.append(row)
        check_unit(vectors, f"space {name}")
        starts.append(len(ordered))
        return cls(name, contract, vectors, tuple(i[1] for i in ordered), tuple(owners), np.array(starts, np.int64))

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Owner -> place in `owners`."""
        return {owner: number for number, owner in enumerate(self.owners)}

    @cached_property
    def centroids(self) -> Vectors:
        """Unit mean vector of each owner, [owners, dim]."""
        if not self.owners:
            return np.zeros((0, self.vectors.shape[1]), np.float32)
        sums = np.add.reduceat(np.asarray(self.vectors, np.float64), self.starts[:-1], axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.maximum(lengths, 1e-12), np.float32)

    @property
    def info(self) -> SpaceInfo:
        """Counts and contract."""
        return SpaceInfo(self.name, int(self.vectors.shape[1]), self.contract, len(self.sources), len(self.owners))

    def same_as(self, other: SpaceData) -> bool:
        """Whether both hold the same vectors of the same sources under the same contract."""
        return (
            (self.name, self.contract, self.sources, self.owners)
            == (other.name, other.contract, other.sources, other.owners)
            and np.array_equal(self.starts, other.starts)
            and np.array_equal(self.vectors, other.vectors)
        )

    def rows(self, owner: int) -> slice:
        """Rows of the owner at this place."""
        return slice(int(self.starts[owner]), int(self.starts[owner + 1]))


def check_unit(vectors: Vectors, thing: str) -> None:
    """Refuse vectors that would poison every comparison: NaN, infinite, zero, not of unit length."""
    if not len(vectors):
        return
    lengths = np.linalg.norm(vectors, axis=1)
    bad = ~np.isfinite(lengths) | (np.abs(lengths - 1) > UNIT_TOLERANCE)
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            thing,
            f"vector {row} has length {lengths[row]:.4g} instead of 1.",
            "Normalise it; NaN and zero are refused.",
        )


def check_query(data: SpaceData, vectors: Vectors) -> Vectors:
    """A query batch as contiguous float32 [n, dim], or an error that names the space."""
    query = np.ascontiguousarray(vectors, dtype=np.float32)
    if query.ndim != 2 or query.shape[1] != data.vectors.shape[1]:
        raise InputError(
            f"query for space {data.name}",
            f"its shape is {query.shape}, the space holds vectors of {data.vectors.shape[1]} values.",
            "Encode the query with the encoder that the index was built with.",
        )
    check_unit(query, f"query for space {data.name}")
    return query


def pick(spaces: Mapping[str, SpaceData], space: str) -> SpaceData:
    """The space of that name, or an error that lists those that exist."""
    if space not in spaces:
        raise InputError(f"space {space}", "the index does not hold it.", f"It holds: {', '.join(spaces) or 'none'}.")
    return spaces[space]


def order(owners: Sequence[str], scores: npt.NDArray[np.float32], k: int) -> list[int]:
    """Positions of the `k` best scores; equal scores are ordered by owner name."""
    return sorted(range(len(owners)), key=lambda i: (-float(scores[i]), owners[i]))[:k]
