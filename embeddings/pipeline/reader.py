"""First stage: pictures read and decoded on several threads, ahead of need, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from castoon.errors import CastoonError, InputError
from embeddings.pipeline.work import Picture, Source


def read(sources: Iterable[Source], threads: int = 2, ahead: int = 8) -> Iterator[Picture]:
    """Every source decoded, in order; at most `ahead` pictures wait in memory. Bad pictures carry their reason."""
    waiting: deque[Future[Picture]] = deque()
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="castoon-read")
    try:
        for source in sources:
            waiting.append(pool.submit(_load, source))
            if len(waiting) >= max(1, ahead):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        pool.shutdown(wait=True)


def _load(source: Source) -> Picture:
    try:
        return Picture(source, source.load())
    except CastoonError as error:
        return Picture(source, None, error)
    except OSError as error:
        failure = InputError(source.photo[:12], f"the picture cannot be read ({error.strerror}).", "Import it again.")
        return Picture(source, None, failure)
