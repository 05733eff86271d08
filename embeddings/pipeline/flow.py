"""Groups of items worked on side by side, a bounded number of them, handed out in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def groups(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """`size` items together, in order; the last group may be smaller."""
    rest = iter(items)
    while group := tuple(islice(rest, max(1, size))):
        yield group


def in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    pool: Executor,
    ahead: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Generator[Result, None, None]:
    """`function` of every item, computed by the pool's workers, handed out in order.

    At most `ahead` items are under way, one that the consumer is busy with included. Once `stopped` answers yes no more
    are begun, and those that were begun are still handed out.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            if stopped():
                break
            waiting.append(pool.submit(function, item))
            if len(waiting) >= max(1, ahead):
                yield waiting.popleft().result()
        while waiting:
            first = waiting.popleft()
            if not (stopped() and first.cancel()):
                yield first.result()
    finally:
        for future in waiting:
            future.cancel()
        wait(waiting)
