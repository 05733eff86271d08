"""The rows of one encoder contract: two files that only grow, and a small one that says which two.

`keys-G.bin` has one entry a vector (see `keytable`), `vectors-G.bin` the vectors themselves, row by row. A row counts
once its entry is complete; vectors reach the disk first. Opening reads the entries alone, so that a million vectors
open at once. Erasing overwrites the row and then its entry with zeros. Compacting writes generation G + 1 beside G and
switches `meta.json` in one rename.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import sync_folder, write_atomic
from castoon.words import Words
from embeddings.keytable import ENTRY, KeyTable, Rows, checks

META = "meta.json"
FORMAT = 1

Vector = npt.NDArray[np.float32]
Key = TypeVar("Key")


class Shelf:
    """Vectors of one contract. Reading needs no lock; whoever writes holds the store's lock."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.contract = ""
        self.dim = 0
        self._generation = -1
        self._table = KeyTable()

    @staticmethod
    def create(home: Path, contract: str, dim: int) -> None:
        """Found an empty shelf."""
        home.mkdir(parents=True, exist_ok=True)
        _write_meta(home, contract, dim, 0)
        sync_folder(home.parent)

    @staticmethod
    def read_contract(home: Path) -> str:
        """The contract whose vectors lie in `home`."""
        return str(_read_meta(home)["contract"])

    def __len__(self) -> int:
        return int(self._table.used().sum())

    def refresh(self) -> None:
        """Take note of what other processes appended, erased or compacted since."""
        meta = _read_meta(self.home)
        if meta["generation"] != self._generation:
            self.contract, self.dim = str(meta["contract"]), int(meta["dim"])
            self._generation = int(meta["generation"])
            self._table.load(self._keys, 0)
            return
        count = _size(self._keys) // ENTRY.itemsize
        if count != len(self._table):
            self._table.load(self._keys, len(self._table) if count > len(self._table) else 0)

    def get(self, wanted: Mapping[bytes, Key]) -> dict[Key, Vector]:
        """Vectors by what stands for their digests; rows whose checksum is wrong count as missing."""
        digests = list(wanted)
        rows = self._table.find(digests)
        present = np.flatnonzero(rows >= 0)
        if not len(present):
            return {}
        present = present[np.argsort(rows[present], kind="stable")]
        picked = rows[present]
        matrix = self._read(picked)
        checks = self._table.entries["vector_crc"][picked]
        return {
            wanted[digests[at]]: row
            for at, row, check in zip(present, matrix, checks, strict=True)
            if vector_crc(digests[at], row) == check
        }

    def append(self, rows: Mapping[bytes, tuple[bytes, Vector]], replace: bool = False) -> int:
        """Add rows that are not there yet, or with `replace` all: key digest -> (photo digest, vector).

        Durable when it returns. What is replaced is erased only after its successor is on disk.
        """
        self.repair()
        wrong = next((vector.size for _, vector in rows.values() if vector.size != self.dim), None)
        if wrong is not None:
            raise NotReadyError(
                Words("contract {contract}", contract=self.contract),
                Words(
                    "its vectors have {dim} numbers, but one with {wrong} was to be added.", dim=self.dim, wrong=wrong
                ),
                "Two different encoders claim one contract; verify the model pack.",
            )
        sound = {} if replace else self.get({digest: digest for digest in rows})
        before_them = self._table.find(list(rows)) if replace else np.empty(0, np.int64)
        fresh = [(digest, photo, vector) for digest, (photo, vector) in rows.items() if digest not in sound]
        if not fresh:
            return 0
        entries = np.zeros(len(fresh), ENTRY)
        entries["key"] = np.array([digest for digest, _, _ in fresh], dtype="V16")
        entries["photo"] = np.array([photo for _, photo, _ in fresh], dtype="V16")
        entries["vector_crc"] = [vector_crc(digest, vector) for digest, _, vector in fresh]
        entries["check"] = checks(entries)
        before = len(self._table)
        try:
            _append(self._vectors, np.stack([vector for _, _, vector in fresh]).tobytes())
            _append(self._keys, entries.tobytes())
        except OSError as error:
            _cut(self._keys, before * ENTRY.itemsize)
            _cut(self._vectors, before * self.dim * 4)
            raise NotReadyError(
                str(self.home),
                Words("vectors could not be written ({why}); none of this batch was kept.", why=error.strerror),
                "Make room on the disk or give the library another folder, then run the same command again.",
            ) from error
        if before == 0:
            sync_folder(self.home)
        self._table.load(self._keys, before)
        self._zero(before_them[before_them >= 0])
        return len(fresh)

    def erase(self, photos: list[bytes]) -> int:
        """Overwrite all rows of these photo digests with zeros, vectors first; also what a killed run left behind."""
        self.repair()
        self._table.load(self._keys, 0)
        rows = self._table.rows_of(photos)
        if not len(rows):
            return 0
        self._zero(rows)
        return len(rows)

    def _zero(self, rows: Rows) -> None:
        if len(rows):
            _overwrite(self._vectors, rows, self.dim * 4)
            _overwrite(self._keys, rows, ENTRY.itemsize)
            self._table.load(self._keys, 0)

    def repair(self) -> None:
        """Cut off a torn tail and delete files of other generations, both left by a killed writer."""
        self.refresh()
        rows = len(self._table)
        have = _size(self._vectors) // (self.dim * 4)
        rows = min(rows, have)
        _cut(self._keys, rows * ENTRY.itemsize)
        _cut(self._vectors, rows * self.dim * 4)
        for path in self.home.iterdir():
            if path.name not in {META, self._keys.name, self._vectors.name}:
                path.unlink(missing_ok=True)
        self.refresh()

    def compact(self) -> int:
        """Rewrite the sound rows into a new generation and switch to it; returns the bytes gained."""
        self.repair()
        self._table.load(self._keys, 0)
        before = _size(self._keys) + _size(self._vectors)
        keep = np.flatnonzero(self._sound())
        if len(keep) == len(self._table):
            return 0
        keys, vectors = self._files(self._generation + 1)
        block = max(1, (32 << 20) // (self.dim * 4))
        for start in range(0, len(keep), block):
            rows = keep[start : start + block]
            _append(vectors, self._read(rows).tobytes())
            _append(keys, self._table.entries[rows].tobytes())
        sync_folder(self.home)
        _write_meta(self.home, self.contract, self.dim, self._generation + 1)
        self.repair()
        return before - _size(self._keys) - _size(self._vectors)

    def census(self) -> dict[str, int]:
        """How many rows are sound, damaged and erased; reads every vector."""
        self._table.load(self._keys, 0)
        sound, erased = self._sound(), self._table.erased()
        return {
            "vectors": int(sound.sum()),
            "damaged": int((~sound & ~erased).sum()),
            "erased": int(erased.sum()),
        }

    def delete(self) -> int:
        """Remove the shelf with all it holds."""
        count = len(self)
        shutil.rmtree(self.home)
        return count

    @property
    def _keys(self) -> Path:
        return self._files(self._generation)[0]

    @property
    def _vectors(self) -> Path:
        return self._files(self._generation)[1]

    def _files(self, generation: int) -> tuple[Path, Path]:
        return self.home / f"keys-{generation}.bin", self.home / f"vectors-{generation}.bin"

    def _read(self, rows: Rows) -> npt.NDArray[np.float32]:
        """Vectors of rows, [n, dim]; rows that a killed writer never finished come back as zeros."""
        have = _size(self._vectors) // (self.dim * 4)
        matrix = np.zeros((len(rows), self.dim), np.float32)
        inside = rows < have
        if inside.any():
            mapped = np.memmap(self._vectors, dtype="<f4", mode="r", shape=(have, self.dim))
            matrix[inside] = mapped[rows[inside]]
        return matrix

    def _sound(self) -> npt.NDArray[np.bool_]:
        sound = self._table.used()
        used = np.flatnonzero(sound)
        for start in range(0, len(used), 4096):
            rows = used[start : start + 4096]
            for row, vector in zip(rows, self._read(rows), strict=True):
                key = self._table.entries["key"][row].tobytes()
                sound[row] = vector_crc(key, vector) == self._table.entries["vector_crc"][row]
        return sound


def vector_crc(digest: bytes, vector: Vector) -> int:
    """CRC-32 over a key's digest and its vector: a row that belongs to another key is found out too."""
    return zlib.crc32(vector.tobytes(), zlib.crc32(digest))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _cut(path: Path, size: int) -> None:
    if _size(path) > size:
        with path.open("r+b") as handle:
            handle.truncate(size)
            os.fsync(handle.fileno())


def _overwrite(path: Path, rows: Rows, width: int) -> None:
    with path.open("r+b") as handle:
        for row in rows:
            handle.seek(int(row) * width)
            handle.write(bytes(width))
        handle.flush()
        os.fsync(handle.fileno())


def _write_meta(home: Path, contract: str, dim: int, generation: int) -> None:
    meta = {"format": FORMAT, "contract": contract, "dim": dim, "generation": generation}
    write_atomic(home / META, json.dumps(meta).encode())


def _read_meta(home: Path) -> dict[str, Any]:
    try:
        meta = json.loads((home / META).read_bytes())
        if meta["format"] != FORMAT or int(meta["dim"]) < 1:
            raise ValueError(f"format {meta['format']}")
        return dict(meta)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotReadyError(
            str(home / META),
            Words("the description of stored vectors cannot be read ({why}).", why=error),
            "Delete this folder; the vectors are computed again from the photos.",
        ) from error
