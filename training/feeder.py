"""Examples made in a thread of their own, so that the network need not wait for them."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

Example = TypeVar("Example")


class Feeder(Generic[Example]):
    """Hands out batches of what `one` makes; a few batches wait. To be used in a `with`, which ends the thread.

    A thread that is still at work when Python ends may take the whole process down with it.
    """

    def __init__(self, one: Callable[[], Example], batch: int) -> None:
        self._queue: queue.Queue[list[Example] | Exception] = queue.Queue(maxsize=4)
        self._one, self._batch, self._ended = one, batch, False
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        try:
            while not self._ended:
                self._queue.put([self._one() for _ in range(self._batch)])
        except Exception as error:
            self._queue.put(error)

    def __enter__(self) -> Feeder[Example]:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended = True
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self._queue.get(timeout=0.05)

    def next(self) -> list[Example]:
        """The next batch, or what went wrong in making it."""
        made = self._queue.get()
        if isinstance(made, Exception):
            raise made
        return made
