"""Many short strings in one array: opened without parsing, decoded only where a person looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from castoon.errors import InputError
from castoon.words import Words


class Names(Sequence[str]):
    """An immutable sequence of strings over `encoded`, UTF-8 in an array of fixed width [n]."""

    def __init__(self, encoded: npt.NDArray[np.bytes_]) -> None:
        self.encoded = encoded

    @classmethod
    def of(cls, texts: Iterable[str]) -> Names:
        """Encode strings; one that holds or ends with NUL would not come back as it was, and is refused."""
        if isinstance(texts, Names):
            return texts
        parts = [text.encode() for text in texts]
        for part in parts:
            if b"\0" in part or not part:
                raise InputError(
                    Words("key {part!r}", part=part),
                    "a key of the index is empty or holds NUL.",
                    "Give it another key.",
                )
        return cls(np.array(parts, dtype=f"S{max(map(len, parts), default=1)}"))

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Names: ...
    def __getitem__(self, at: int | slice) -> str | Names:
        if isinstance(at, slice):
            return Names(self.encoded[at])
        return bytes(self.encoded[at]).decode()

    def take(self, places: npt.NDArray[Any]) -> list[str]:
        """The strings at these places."""
        return list(map(bytes.decode, self.encoded[places].tolist()))

    def __len__(self) -> int:
        return len(self.encoded)

    def __iter__(self) -> Iterator[str]:
        return (text.decode() for text in self.encoded.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Names) and np.array_equal(self.encoded, other.encoded)

    def __hash__(self) -> int:
        return hash(self.encoded.tobytes())
