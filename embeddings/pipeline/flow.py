"""Working ahead on other threads, a bounded number of items, without losing their order."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(function: Callable[[Item], Result], items: Iterable[Item], threads: int, ahead: int) -> Iterator[Result]:
    """`function` of every item, computed on several threads, handed out in order; at most `ahead` results wait."""
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(max_workers=max(1, threads), thread_name_prefix="castoon")
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
        pool.shutdown(wait=True)


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
