"""Third stage: batches across photos, each lane's faces rendered together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from embeddings.contract import FacePicture
from embeddings.pipeline.work import Found, Lane, Prepared, Task
from embeddings.store import VectorKey, VectorStore


def batches(faces: Iterable[Found], size: int) -> Iterator[tuple[Found, ...]]:
    """`size` pictures together, in order; the last batch may be smaller."""
    waiting: list[Found] = []
    for face in faces:
        waiting.append(face)
        if len(waiting) >= size:
            yield tuple(waiting)
            waiting = []
    if waiting:
        yield tuple(waiting)


def prepare(faces: Iterable[tuple[Found, ...]], lanes: Sequence[Lane], store: VectorStore) -> Iterator[Prepared]:
    """What is left to encode of each batch, rendered; vectors that are stored already are not made again."""
    for batch in faces:
        wanted = [
            (lane, lane.key(one.photo, one.picture.face), one.picture)
            for lane in lanes
            for one in batch
            if one.picture is not None
        ]
        stored = store.get_many(key for _, key, _ in wanted)
        tasks: list[Task] = []
        for lane in lanes:
            left = {key: picture for owner, key, picture in wanted if owner is lane and key not in stored}
            tasks += _render(lane, left)
        yield Prepared(batch, tuple(tasks))


def _render(lane: Lane, left: dict[VectorKey, FacePicture]) -> list[Task]:
    pictures: Sequence[FacePicture] = list(left.values())
    if lane.render is not None and pictures:
        pictures = lane.render(pictures)
    return [Task(key, lane, picture) for key, picture in zip(left, pictures, strict=True)]
