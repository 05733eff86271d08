"""Last stage: vectors into the store, a batch at a time, so that a kill loses one batch at most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from embeddings.pipeline.work import Encoded
from embeddings.store import VectorStore


def write(encoded: Iterable[Encoded], store: VectorStore) -> Iterator[tuple[Encoded, int]]:
    """Each batch once it is on disk, with the number of vectors that were new."""
    for batch in encoded:
        yield batch, store.add(batch.vectors)
