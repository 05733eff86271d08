"""Arrays on disk, written durably and opened without being parsed.

Whoever reads them knows from the manifest what they must be, so a file is compared with that and mapped: opening a
version is part of the first question after each publication, and must not be felt.
"""

from __future__ import annotations

import contextlib
import io
import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

PREFAULTED = 1 << 29
"""Bytes of a file up to which its pages are mapped at once when it is opened, not one by one by the searches."""
MADV_POPULATE_READ = 22
"""Linux 5.14 and later; Python has no name for it yet."""
ALIGNED = 16
"""Columns begin at multiples of so many bytes."""

Columns = tuple[tuple[str, str, int], ...]
"""Name, NumPy type and length of each column of a file."""


def save(path: Path, array: npt.NDArray[Any]) -> None:
    """One array as .npy, durably."""
    with path.open("wb") as handle:
        np.save(handle, array, allow_pickle=False)
        sync(handle)


def mapped(path: Path, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    """A float32 array [n, dim] that `save` wrote, memory-mapped and read-only."""
    expected = _header(shape)
    size = len(expected) + 4 * shape[0] * shape[1]
    with path.open("rb") as handle:
        whole = mmap.mmap(handle.fileno(), size, access=mmap.ACCESS_READ)
    if whole[: len(expected)] != expected:
        raise ValueError(f"{path.name} does not fit its manifest")
    if size <= PREFAULTED:
        with contextlib.suppress(OSError):
            whole.madvise(MADV_POPULATE_READ)
    return np.frombuffer(whole, np.float32, offset=len(expected)).reshape(shape)


def _header(shape: tuple[int, int]) -> bytes:
    """What a float32 array of this shape begins with in a .npy file."""
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(written, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return written.getvalue()


def write_columns(path: Path, columns: Mapping[str, npt.NDArray[Any]]) -> Columns:
    """One-dimensional arrays one after another, durably; returns what `read_columns` must be told."""
    with path.open("wb") as handle:
        for column in columns.values():
            handle.write(np.ascontiguousarray(column).tobytes())
            handle.write(bytes(-handle.tell() % ALIGNED))
        sync(handle)
    return tuple((name, column.dtype.str, len(column)) for name, column in columns.items())


def read_columns(path: Path, columns: Columns) -> dict[str, npt.NDArray[Any]]:
    """What `write_columns` wrote, read-only."""
    content, place, found = path.read_bytes(), 0, {}
    for name, kind, length in columns:
        found[name] = np.frombuffer(content, kind, length, place)
        place += found[name].nbytes
        place += -place % ALIGNED
    if place != len(content):
        raise ValueError(f"{path.name} does not fit its manifest")
    return found


def write_json(path: Path, content: object) -> None:
    """A JSON file, durably."""
    with path.open("wb") as handle:
        handle.write(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
        sync(handle)


def sync(handle: BinaryIO | Any) -> None:
    """Bring what was written to the disk."""
    handle.flush()
    os.fsync(handle.fileno())
