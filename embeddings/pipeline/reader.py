"""First stage: pictures read and decoded by the workers, ahead of need, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor

from castoon.errors import CastoonError, InputError
from castoon.words import Words
from embeddings.pipeline.flow import in_order
from embeddings.pipeline.work import Picture, Source


def read(sources: Iterable[Source], pool: Executor, ahead: int = 8) -> Iterator[Picture]:
    """Every source decoded, in order; at most `ahead` pictures wait in memory. Bad pictures carry their reason."""
    return in_order(_load, sources, pool, ahead)


def _load(source: Source) -> Picture:
    try:
        return Picture(source, source.load())
    except CastoonError as error:
        return Picture(source, None, error)
    except OSError as error:
        failure = InputError(
            source.photo[:12], Words("the picture cannot be read ({why}).", why=error.strerror), "Import it again."
        )
        return Picture(source, None, failure)
