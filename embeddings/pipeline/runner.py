"""The stages put together: resumable, stoppable, bounded in memory."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from castoon.errors import CastoonError
from embeddings.contract import FaceFinder, FindHint, Finding
from embeddings.pipeline.detector import detect
from embeddings.pipeline.encoder import encode
from embeddings.pipeline.flow import ahead
from embeddings.pipeline.progress import Meter, Progress
from embeddings.pipeline.reader import read
from embeddings.pipeline.stylizer import batches, prepare
from embeddings.pipeline.work import Lane, Source
from embeddings.pipeline.writer import write
from embeddings.store import VectorStore


@dataclass(frozen=True)
class Report:
    """What a run did."""

    total: int
    """Pictures handed in."""
    skipped: int
    """Pictures not even read, because everything was stored already."""
    vectors: int
    """New vectors."""
    failed: tuple[tuple[str, CastoonError], ...]
    """Photo and reason, for every picture without a vector."""
    stopped: bool
    """Whether it was asked to stop before the end; running it again goes on."""
    seconds: float


def run(
    sources: Sequence[Source],
    finder: FaceFinder,
    lanes: Sequence[Lane],
    store: VectorStore,
    *,
    hint: FindHint = "photo",
    batch: int = 16,
    threads: int = 1,
    read_ahead: int = 8,
    on_found: Callable[[str, Finding], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Embed every source in every lane and store the vectors.

    `threads` workers do whatever is next: decode a picture, look for its face, or encode a batch of `batch` faces.
    Models that use one thread each give the best rate: several pictures side by side beat several threads within one.

    At most `read_ahead` + twice `threads` pictures and `threads` + 5 batches are in memory. A source whose face is
    known and whose vectors are stored is skipped without being read, so that a stopped or killed run goes on where it
    was; `on_found` (called on the workers' threads) hands out new findings to be kept for that. `stopped` is asked
    after each batch.
    """
    began = time.monotonic()
    todo = _left(sources, lanes, store)
    meter = Meter(len(sources))
    skipped = len(sources) - len(todo)
    _tell(on_progress, meter.add(skipped))
    failed: list[tuple[str, CastoonError]] = []
    new = 0
    was_stopped = stopped()
    with contextlib.ExitStack() as stages:
        pool = stages.enter_context(ThreadPoolExecutor(max(1, threads), thread_name_prefix="castoon"))
        pictures = read(todo, pool, read_ahead)
        faces = batches(detect(pictures, finder, pool, hint, on_found, 2 * threads), batch)
        groups = stages.enter_context(contextlib.closing(ahead(faces, 1)))
        encoded = encode(prepare(groups, lanes, store), lanes, pool, threads)
        written = write(stages.enter_context(contextlib.closing(encoded)), store)
        while not was_stopped and (step := next(written, None)) is not None:
            finished, added = step
            bad = [(one.photo, one.failure) for one in finished.faces if one.failure is not None]
            failed += bad
            new += added
            _tell(on_progress, meter.add(len(finished.faces), len(bad)))
            was_stopped = meter.done < meter.total and stopped()
    return Report(len(sources), skipped, new, tuple(failed), was_stopped, time.monotonic() - began)


def _left(sources: Sequence[Source], lanes: Sequence[Lane], store: VectorStore, chunk: int = 1024) -> list[Source]:
    """Sources that are not stored in every lane, as far as that can be told without reading them."""
    left: list[Source] = []
    for start in range(0, len(sources), chunk):
        part = sources[start : start + chunk]
        keys = {one: [lane.key(one.photo, one.face) for lane in lanes] for one in part if one.face is not None}
        stored = store.get_many(key for many in keys.values() for key in many)
        left += [one for one in part if one not in keys or any(key not in stored for key in keys[one])]
    return left


def _tell(listener: Callable[[Progress], None] | None, progress: Progress) -> None:
    if listener is not None:
        listener(progress)
