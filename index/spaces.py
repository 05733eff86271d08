"""The content of one space: vectors laid out owner by owner, so that every back-end groups in the same way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from castoon.errors import InputError
from castoon.words import Words
from index.contract import SpaceInfo, Vectors
from index.names import Names

UNIT_TOLERANCE = 1e-3
BLOCK = 1 << 16
"""Rows that are looked at in one go, so that a large memory-mapped space is never held in memory as a whole."""

Held = TypeVar("Held")
Stamps = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class SpaceData:
    """Vectors of one space, sorted by owner and then by source.

    `vectors` is [n, dim], `sources` names each row, `owners` is sorted, and rows `starts[i]:starts[i + 1]` belong to
    `owners[i]`. `stamps` [n] says what each row was made from, in whatever way its maker likes; 0 where it did not.
    """

    name: str
    contract: str
    vectors: Vectors
    sources: Names
    owners: Names
    starts: npt.NDArray[np.int64]
    stamps: Stamps
    _centroids: Vectors | None = field(default=None, repr=False)

    @classmethod
    def build(
        cls, name: str, contract: str, dim: int, items: Iterable[tuple[str, str, npt.NDArray[np.float32]]]
    ) -> SpaceData:
        """Lay out `(owner, source, vector)` items; refuses vectors not of unit length or not `dim` long."""
        listed = list(items)
        vectors = np.zeros((len(listed), dim), dtype=np.float32)
        for row, (_, source, vector) in enumerate(listed):
            if vector.shape != (dim,):
                raise InputError(
                    Words("vector of {source}", source=source),
                    Words("it has shape {shape}, not ({dim},).", shape=vector.shape, dim=dim),
                    "Rebuild it.",
                )
            vectors[row] = vector
        owners, sources = Names.of(item[0] for item in listed), Names.of(item[1] for item in listed)
        return cls.of_arrays(name, contract, vectors, owners, sources)

    @classmethod
    def of_arrays(
        cls, name: str, contract: str, vectors: Vectors, owners: Names, sources: Names, stamps: Stamps | None = None
    ) -> SpaceData:
        """Lay out rows in any order: vectors [n, dim] with the owner, source and stamp of each."""
        order = np.lexsort((sources.encoded, owners.encoded))
        if not np.array_equal(order, np.arange(len(order))):
            vectors = np.ascontiguousarray(vectors[order], np.float32)
        check_unit(vectors, f"space {name}")
        sorted_owners = owners.encoded[order]
        first = np.flatnonzero(np.r_[True, sorted_owners[1:] != sorted_owners[:-1]]) if len(order) else np.zeros(0, int)
        starts = np.append(first, len(order)).astype(np.int64)
        marks = np.zeros(len(order), np.uint64) if stamps is None else np.asarray(stamps, np.uint64)[order]
        return cls(name, contract, vectors, Names(sources.encoded[order]), Names(sorted_owners[first]), starts, marks)

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return int(self.vectors.shape[1])

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Owner -> place in `owners`."""
        return {owner: number for number, owner in enumerate(self.owners)}

    @cached_property
    def centroids(self) -> Vectors:
        """Unit mean vector of each owner, [owners, dim]."""
        return self._centroids if self._centroids is not None else _centroids(self.vectors, self.starts)

    @property
    def info(self) -> SpaceInfo:
        """Counts and contract."""
        return SpaceInfo(self.name, self.dim, self.contract, len(self.sources), len(self.owners))

    def same_as(self, other: SpaceData) -> bool:
        """Whether both hold the same vectors of the same sources under the same contract."""
        return (
            (self.name, self.contract) == (other.name, other.contract)
            and self.sources == other.sources
            and self.owners == other.owners
            and np.array_equal(self.starts, other.starts)
            and np.array_equal(self.vectors, other.vectors)
        )

    def rows(self, owner: int) -> slice:
        """Rows of the owner at this place."""
        return slice(int(self.starts[owner]), int(self.starts[owner + 1]))

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """Sources of each owner, [owners]."""
        return np.diff(self.starts)

    @cached_property
    def owner_of(self) -> npt.NDArray[np.int64]:
        """Place of each row's owner, [n]."""
        return np.repeat(np.arange(len(self.owners), dtype=np.int64), self.counts)

    def places(self, owners: Collection[str]) -> npt.NDArray[np.bool_]:
        """Which owners are among those named, [owners]."""
        found = [self.position[owner] for owner in owners if owner in self.position]
        mask = np.zeros(len(self.owners), np.bool_)
        mask[found] = True
        return mask

    def only(self, keep: npt.NDArray[np.bool_]) -> SpaceData:
        """The same without the owners where `keep` [owners] is False."""
        if keep.all():
            return self
        rows = keep[self.owner_of]
        starts = np.concatenate([[0], np.cumsum(self.counts[keep])]).astype(np.int64)
        return SpaceData(
            self.name, self.contract, np.ascontiguousarray(self.vectors[rows]), Names(self.sources.encoded[rows]),
            Names(self.owners.encoded[keep]), starts, self.stamps[rows],
        )  # fmt: skip


def joined(parts: Sequence[SpaceData]) -> SpaceData:
    """One space of several that share no owner."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    return SpaceData.of_arrays(
        first.name,
        first.contract,
        np.concatenate([part.vectors for part in parts]),
        Names(np.concatenate([part.owners.encoded[part.owner_of] for part in parts])),
        Names(np.concatenate([part.sources.encoded for part in parts])),
        np.concatenate([part.stamps for part in parts]),
    )


def _centroids(vectors: Vectors, starts: npt.NDArray[np.int64]) -> Vectors:
    centroids = np.zeros((len(starts) - 1, vectors.shape[1]), np.float32)
    first = 0
    while first < len(centroids):
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + BLOCK, side="right")) - 1)
        rows = np.asarray(vectors[starts[first] : starts[last]], np.float64)
        sums = np.add.reduceat(rows, starts[first:last] - starts[first], axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centroids[first:last] = sums / np.maximum(lengths, 1e-12)
        first = last
    return centroids


def check_unit(vectors: Vectors, thing: str) -> None:
    """Refuse vectors that would poison every comparison: NaN, infinite, zero, not of unit length."""
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK]
        lengths = np.sqrt(np.vecdot(block, block))
        off = np.abs(lengths - 1)
        if not off.max() <= UNIT_TOLERANCE:
            row = int(np.argmax(~(off <= UNIT_TOLERANCE)))
            raise InputError(
                thing,
                Words("vector {number} has length {length:.4g} instead of 1.", number=start + row, length=lengths[row]),
                "Normalise it; NaN and zero are refused.",
            )


def check_query(name: str, dim: int, vectors: Vectors) -> Vectors:
    """A query batch as contiguous float32 [n, dim], or an error that names the space."""
    query = np.ascontiguousarray(vectors, dtype=np.float32)
    if query.ndim != 2 or query.shape[1] != dim:
        raise InputError(
            Words("query for space {name}", name=name),
            Words("its shape is {shape}, the space holds vectors of {dim} values.", shape=query.shape, dim=dim),
            "Encode the query with the encoder that the index was built with.",
        )
    if len(query) != 1 or not abs(float(np.vdot(query, query)) - 1) <= UNIT_TOLERANCE:
        check_unit(query, f"query for space {name}")
    return query


def pick(spaces: Mapping[str, Held], space: str) -> Held:
    """The space of that name, or an error that lists those that exist."""
    if space not in spaces:
        raise InputError(
            Words("space {space}", space=space),
            "the index does not hold it.",
            Words("It holds: {names}.", names=", ".join(spaces) or "none"),
        )
    return spaces[space]
