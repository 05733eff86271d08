"""Fourth stage: one call of each lane's encoder for a whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from embeddings.pipeline.work import Encoded, Lane, Prepared
from embeddings.store import Vector, VectorKey


def encode(prepared: Iterable[Prepared], lanes: Sequence[Lane]) -> Iterator[Encoded]:
    """The vectors of every batch, all lanes together."""
    for batch in prepared:
        vectors: dict[VectorKey, Vector] = {}
        for lane in lanes:
            tasks = [task for task in batch.tasks if task.lane is lane]
            if tasks:
                rows = lane.encoder.encode_gallery([task.picture for task in tasks])
                vectors.update({task.key: row for task, row in zip(tasks, rows, strict=True)})
        yield Encoded(batch.faces, vectors)
