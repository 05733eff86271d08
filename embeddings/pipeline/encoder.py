"""Fourth stage: one call of each lane's encoder for a whole batch, several batches side by side."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Executor

from embeddings.pipeline.flow import in_order
from embeddings.pipeline.work import Encoded, Lane, Prepared
from embeddings.store import Vector, VectorKey


def encode(
    prepared: Iterable[Prepared], lanes: Sequence[Lane], pool: Executor, ahead: int = 1
) -> Generator[Encoded, None, None]:
    """The vectors of every batch, all lanes together; `ahead` batches are under way.

    A batch keeps one worker busy: encoders that use one thread each give the best rate.
    """

    def work(batch: Prepared) -> Encoded:
        vectors: dict[VectorKey, Vector] = {}
        for lane in lanes:
            tasks = [task for task in batch.tasks if task.lane is lane]
            if tasks:
                rows = lane.encoder.encode_gallery([task.picture for task in tasks])
                vectors.update({task.key: row for task, row in zip(tasks, rows, strict=True)})
        return Encoded(batch.faces, vectors)

    return in_order(work, prepared, pool, ahead)
