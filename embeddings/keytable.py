"""The keys of stored vectors: 40 bytes each on disk, found by digest without a Python loop over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ENTRY = np.dtype([("key", "V16"), ("photo", "V16"), ("vector_crc", "<u4"), ("check", "<u4")])
"""One line of the keys file: digest of the key, digest of the photo, CRC-32 of the vector, checksum of this line."""

Entries = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]

_TAIL = 32_768
_MIX = np.array(
    [0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1, 0xD3A2646D, 0xFD7046C5, 0xB55A4F09, 1], "<u4"
)


class KeyTable:
    """Entries read so far, in file order, and the way from a digest to its row.

    Rows up to `_sorted` are found by binary search; the few that were appended since, in a dictionary. When these grow
    many, everything is sorted again.
    """

    def __init__(self) -> None:
        self._buffer: Entries = np.zeros(0, ENTRY)
        self._count = 0
        self._sorted = 0
        self._order: Rows = np.empty(0, np.int64)
        self._prefixes: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self._tail: dict[bytes, int] = {}

    def __len__(self) -> int:
        return self._count

    @property
    def entries(self) -> Entries:
        """All entries, used or not, in row order."""
        return self._buffer[: self._count]

    def load(self, path: Path, start: int) -> None:
        """Read entries from row `start` to the end of the file; an incomplete last one is not there yet."""
        fresh = np.zeros(0, ENTRY)
        if path.is_file():
            with path.open("rb") as handle:
                handle.seek(start * ENTRY.itemsize)
                content = handle.read()
            fresh = np.frombuffer(content[: len(content) // ENTRY.itemsize * ENTRY.itemsize], ENTRY)
        end = start + len(fresh)
        if end > len(self._buffer):
            bigger = np.zeros(max(end, 2 * len(self._buffer)), ENTRY)
            bigger[:start] = self._buffer[:start]
            self._buffer = bigger
        self._buffer[start:end] = fresh
        self._count = end
        if start == 0 or end - self._sorted > _TAIL:
            self._sort()
        else:
            keys = self._buffer["key"]
            self._tail.update({keys[row].tobytes(): int(row) for row in range(start, end) if self._is_used(row)})

    def find(self, digests: Sequence[bytes]) -> Rows:
        """Row of each key digest, the latest one when there are several; -1 where there is none."""
        found = np.full(len(digests), -1, np.int64)
        if not digests:
            return found
        wanted = first_half(np.array(digests, dtype="V16"))
        left = np.searchsorted(self._prefixes, wanted)
        right = np.searchsorted(self._prefixes, wanted, side="right")
        keys = self.entries["key"]
        for at in np.flatnonzero(right > left):
            candidates = self._order[left[at] : right[at]][::-1]
            found[at] = next((row for row in candidates if keys[row].tobytes() == digests[int(at)]), -1)
        if self._tail:
            recent = np.array([self._tail.get(digest, -1) for digest in digests], np.int64)
            found = np.where(recent >= 0, recent, found)
        return found

    def rows_of(self, photos: Sequence[bytes]) -> Rows:
        """Used rows that belong to any of these photo digests."""
        column = self.entries["photo"]
        wanted = first_half(np.array(photos, dtype="V16"))
        near = np.flatnonzero(np.isin(first_half(column), wanted) & self.used())
        exact = set(photos)
        return np.array([row for row in near if column[row].tobytes() in exact], np.int64)

    def used(self) -> npt.NDArray[np.bool_]:
        """Which entries name a vector: those neither erased nor damaged."""
        sound: npt.NDArray[np.bool_] = self.entries["check"] == checks(self.entries)
        named: npt.NDArray[np.bool_] = first_half(self.entries["key"]) != 0
        return np.logical_and(sound, named)

    def erased(self) -> npt.NDArray[np.bool_]:
        """Which entries are all zeros."""
        return np.asarray(words(self.entries).max(axis=1, initial=0) == 0)

    def _is_used(self, row: int) -> bool:
        entry = self._buffer[row : row + 1]
        return bool(first_half(entry["key"])[0] != 0 and entry["check"][0] == checks(entry)[0])

    def _sort(self) -> None:
        used = np.flatnonzero(self.used())
        prefixes = first_half(self.entries["key"][used])
        order = np.argsort(prefixes, kind="stable")
        self._order, self._prefixes = used[order], prefixes[order]
        self._sorted = self._count
        self._tail = {}


def first_half(digests: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """The first 8 bytes of 16-byte digests, as numbers that can be sorted and searched."""
    pairs = np.ascontiguousarray(digests).view("<u8").reshape(-1, 2)
    return np.ascontiguousarray(pairs[:, 0])


def words(entries: Entries) -> npt.NDArray[np.uint32]:
    """Entries as 32-bit words, [n, 10]."""
    return np.ascontiguousarray(entries).view("<u4").reshape(len(entries), ENTRY.itemsize // 4)


def checks(entries: Entries) -> npt.NDArray[np.uint32]:
    """Checksum of each entry over all but its last word; catches any single damaged word."""
    mixed = (words(entries)[:, :-1] * _MIX) ^ np.arange(9, dtype="<u4")
    total: npt.NDArray[np.uint32] = mixed.sum(axis=1, dtype=np.uint32) + np.uint32(0x5EED)
    return total
