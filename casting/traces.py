"""Looking for what is left of an actor in a library's files, byte by byte."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

CHUNK = 1 << 22
PICTURES = frozenset({".jpg", ".png", ".webp", ".avif", ".gif", ".heic"})
NUMBERS = frozenset({".npy", ".npz", ".bin", ".faiss"})
"""Files of vectors. A short name could stand there, or in a picture, by chance; hashes are looked for anyway."""
WORD = 8
"""Bytes by which a vector is recognised: its first two numbers."""


@dataclass(frozen=True)
class Traces:
    """What must not be found any more."""

    names: tuple[str, ...]
    hashes: tuple[str, ...]
    """Hexadecimal; looked for as text and as bytes."""
    vectors: tuple[bytes, ...]
    """float32 vectors as they lie in files."""

    @cached_property
    def _words(self) -> npt.NDArray[np.uint64]:
        """Beginnings of the vectors; a vector of zeros would be found everywhere and tells nothing."""
        starts = np.frombuffer(b"".join(vector[:WORD] for vector in self.vectors if any(vector[:WORD])), "<u8")
        return np.unique(starts)

    def left_in(self, folder: Path) -> tuple[list[Path], int]:
        """Files below a folder in which something is left, and how many were searched."""
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        return [path for path in files if self.found_in(path)], len(files)

    def found_in(self, path: Path) -> bool:
        """Whether the file's name or content holds any of it."""
        marks = [text.encode() for text in self.hashes] + [bytes.fromhex(text) for text in self.hashes]
        names = [] if path.suffix in NUMBERS | PICTURES else [text.encode() for text in self.names]
        longest = max((len(trace) for trace in (*names, *marks)), default=1)
        return any(self._in(window, [*names, *marks]) for window in _windows(path, max(longest, WORD)))

    def _in(self, window: bytes, texts: Collection[bytes]) -> bool:
        return any(text in window for text in texts) or any(
            self._has_vector(window[offset:]) for offset in (range(0, WORD, 4) if len(self._words) else ())
        )

    def _has_vector(self, window: bytes) -> bool:
        """Vectors lie at multiples of four bytes, as windows do; only where two numbers agree are the rest compared."""
        words = np.frombuffer(window[: len(window) // WORD * WORD], "<u8")
        return bool(np.isin(words, self._words).any()) and any(vector in window for vector in self.vectors)


def _windows(path: Path, overlap: int) -> Iterator[bytes]:
    """The file's name, then its content in pieces that overlap."""
    yield path.name.encode()
    keep = -(-overlap // WORD) * WORD + (1 << 14)
    tail = b""
    with path.open("rb") as handle:
        while block := handle.read(CHUNK):
            yield tail + block
            tail = (tail + block)[-keep:] if len(block) == CHUNK else b""
