"""Working ahead, a bounded number of items, in order: on workers that all stages share, or on a thread.

One pool of workers serves every stage, so that as many threads are busy as there are cores to use, whatever each of
them does just then: several pools would get in each other's way, and every change between networks costs the cache.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], pool: Executor, ahead: int
) -> Generator[Result, None, None]:
    """`function` of every item, computed by the pool's workers, handed out in order; at most `ahead` are under way."""
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= max(1, ahead):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        wait(waiting)


class _End:
    """What a worker leaves behind: nothing, or the exception that ended it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterable[Item], count: int) -> Generator[Item, None, None]:
    """The same items in the same order, produced up to `count` ahead on another thread.

    An exception of the producer is raised here. When the consumer goes away, the producer stops at its next item.
    """
    line: queue.Queue[Item | _End] = queue.Queue(maxsize=max(1, count))
    gone = threading.Event()

    def put(item: Item | _End) -> bool:
        while not gone.is_set():
            with contextlib.suppress(queue.Full):
                line.put(item, timeout=0.1)
                return True
        return False

    def work() -> None:
        iterator = iter(items)
        try:
            for item in iterator:
                if not put(item):
                    return
            put(_End())
        except BaseException as error:
            put(_End(error))
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        while True:
            item = line.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        gone.set()
        worker.join(timeout=60)
