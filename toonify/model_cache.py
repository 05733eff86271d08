"""Networks in memory: loaded when first needed, shared, and dropped when others need the room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class ModelCache:
    """Keeps what was used last, up to `limit` bytes; safe to share between threads.

    One entry larger than the limit is kept alone: it is in use. What a caller holds stays alive for that caller
    even when the cache has let go of it.
    """

    def __init__(self, limit: int = 3 << 30) -> None:
        self.limit = limit
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._loading: dict[Hashable, threading.Lock] = {}

    @property
    def bytes(self) -> int:
        """What all entries take together."""
        with self._lock:
            return sum(size for _, size in self._held.values())

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._held

    def get(self, key: Hashable, load: Callable[[], T], size_of: Callable[[T], int]) -> T:
        """The entry `key`, loaded by `load` if it is not there; two threads never load the same entry twice."""
        with self._lock:
            gate = self._loading.setdefault(key, threading.Lock())
        with gate:
            with self._lock:
                if key in self._held:
                    self._held.move_to_end(key)
                    found: T = self._held[key][0]
                    return found
            made = load()
            with self._lock:
                self._held[key] = (made, size_of(made))
                while len(self._held) > 1 and sum(size for _, size in self._held.values()) > self.limit:
                    self._held.popitem(last=False)
            return made

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._held.clear()


MODELS = ModelCache()
"""The cache that all engines of this process share."""
