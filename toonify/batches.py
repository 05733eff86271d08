"""Running long lists in batches that fit into memory: when one does not, it is halved and work goes on."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from castoon.errors import NotReadyError

A = TypeVar("A")
B = TypeVar("B")

log = logging.getLogger(__name__)
_MEMORY_WORDS = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "failed to allocate memory",
    "bad_alloc",
)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of PyTorch, ONNX Runtime or Python says that memory ran out."""
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in _MEMORY_WORDS)


def run_in_batches(items: Sequence[A], run: Callable[[Sequence[A]], Sequence[B]], size: int, thing: str) -> list[B]:
    """`run` over all items, `size` at a time at first, in order.

    A batch that runs out of memory is split and tried again; later batches keep the smaller size. `thing` names what
    is running, should a single item not fit.
    """
    done: list[B] = []
    size = max(1, size)
    while len(done) < len(items):
        batch = items[len(done) : len(done) + size]
        try:
            made = run(batch)
        except Exception as error:
            if not out_of_memory(error):
                raise
            if len(batch) == 1:
                raise NotReadyError(
                    thing, "one picture does not fit into memory.", "Use a smaller picture, or another device."
                ) from error
            size = len(batch) // 2
            log.warning("%s: out of memory with %d pictures, going on with %d", thing, len(batch), size)
            made = None
        if made is None:
            _free()
            continue
        if len(made) != len(batch):
            raise RuntimeError(f"{thing} made {len(made)} pictures of {len(batch)}")
        done.extend(made)
    return done


def _free() -> None:
    gc.collect()
    import sys

    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
