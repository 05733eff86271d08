"""Examples made in a thread of their own, so that the network need not wait for them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Example = TypeVar("Example")


class Feeder(Generic[Example]):
    """Hands out batches of what `one` makes; a few batches wait."""

    def __init__(self, one: Callable[[], Example], batch: int) -> None:
        self._queue: queue.Queue[list[Example]] = queue.Queue(maxsize=4)
        self._one, self._batch = one, batch
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            self._queue.put([self._one() for _ in range(self._batch)])

    def next(self) -> list[Example]:
        """The next batch."""
        return self._queue.get()
