"""The stages put together: resumable, stoppable, bounded in memory."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Generic

from castoon.errors import InputError
from embeddings.contract import Face, FaceFinder, FacePicture, FindHint
from embeddings.pipeline.detector import detect
from embeddings.pipeline.encoder import encode
from embeddings.pipeline.flow import groups, in_order
from embeddings.pipeline.patience import Patience
from embeddings.pipeline.progress import Meter, Progress
from embeddings.pipeline.reader import read
from embeddings.pipeline.work import AnyReadable, AnySource, Found, Group, Lane, Task
from embeddings.pipeline.writer import write
from embeddings.store import Vector, VectorKey, VectorStore

GROUPS_A_WORKER = 2
"""Groups under way for each worker: one that it works on, and one that waits so that it never does."""


@dataclass(frozen=True)
class Report:
    """What a run did."""

    done: int
    """Pictures that were seen to: embedded, skipped or failed."""
    skipped: int
    """Pictures not even read, because everything was stored already."""
    vectors: int
    """New vectors."""
    failed: tuple[InputError, ...]
    """What is wrong with each picture that lacks a vector."""
    stopped: bool
    """Whether it was asked to stop before the end; running it again goes on."""
    seconds: float


def find(
    sources: Iterable[AnyReadable],
    finder: FaceFinder,
    *,
    hint: FindHint = "photo",
    batch: int = 16,
    threads: int = 1,
) -> Generator[Found[AnyReadable], None, None]:
    """The face of every source, in order: the first two stages alone, for those who only look for faces.

    At most `batch` sources are ahead of the one handed out, and a picture is dropped as soon as it has been searched.
    Closing the generator ends the work.
    """
    patience = Patience(batch)
    ahead, size = _shares(batch, threads)
    with _workers(threads) as pool:
        found = in_order(
            lambda group: [detect(read(one), finder, patience, hint) for one in group],
            groups(sources, size), pool, ahead,
        )  # fmt: skip
        with contextlib.closing(found):
            for group in found:
                yield from group


def run(
    sources: Iterable[AnySource],
    finder: FaceFinder,
    lanes: Sequence[Lane],
    store: VectorStore,
    *,
    total: int = 0,
    hint: FindHint = "photo",
    batch: int = 32,
    threads: int = 1,
    anew: bool = False,
    on_group: Callable[[Group[AnySource]], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Embed every source in every lane and store the vectors.

    `threads` workers take a group of pictures each through all stages. Models that use one thread each give the best
    rate: several pictures side by side beat several threads within one.

    All groups that are under way make up one `batch` of pictures, which is what a kill loses at most and what is in
    memory at most. A source whose face is known and whose vectors are stored is skipped without being read, so that a
    stopped or killed run goes on where it was, unless everything is to be computed `anew`; `on_group` is told of each
    group once its vectors are on disk, so that new findings can be kept. `stopped` is asked before each group; those
    that were begun are finished and stored. `total` is the number of sources where they have no length.
    """
    began = time.monotonic()
    meter = Meter(total or (len(sources) if isinstance(sources, Sequence) else 0))
    work = _Work[AnySource](finder, lanes, store, hint, anew, Patience(batch), [Patience(batch) for _ in lanes])
    failed: list[InputError] = []
    skipped = new = 0
    was_asked = False

    def asked() -> bool:
        nonlocal was_asked
        was_asked = was_asked or stopped()
        return was_asked

    _tell(on_progress, meter.add(0))
    ahead, size = _shares(batch, threads)
    with _workers(threads) as pool:
        done = in_order(work.group, groups(sources, size), pool, ahead, asked)
        with contextlib.closing(done):
            for group in done:
                new += write(group, store, anew)
                if on_group is not None:
                    on_group(group)
                bad = [one.failure for one in group.faces if one.failure is not None]
                failed += bad
                skipped += group.skipped
                _tell(on_progress, meter.add(group.skipped + len(group.faces), len(bad)))
    left = was_asked and meter.done < meter.total
    return Report(meter.done, skipped, new, tuple(failed), left, time.monotonic() - began)


def _workers(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, count), thread_name_prefix="castoon")


def _shares(batch: int, threads: int) -> tuple[int, int]:
    """How many groups are under way, and how many pictures each has: together no more than `batch`."""
    ahead = max(1, min(GROUPS_A_WORKER * threads, batch))
    return ahead, max(1, batch // ahead)


@dataclass(frozen=True, eq=False)
class _Work(Generic[AnySource]):
    """All stages but the last for a group of pictures, on one worker."""

    finder: FaceFinder
    lanes: Sequence[Lane]
    store: VectorStore
    hint: FindHint
    anew: bool
    finding: Patience
    encoding: Sequence[Patience]

    def group(self, sources: Sequence[AnySource]) -> Group[AnySource]:
        stored = self._stored([(one.photo, one.face) for one in sources if one.face is not None])
        todo = [one for one in sources if one.face is None or not self._keys(one.photo, one.face) <= stored]
        faces: list[Found[AnySource]] = []
        tasks: dict[int, Task] = {}
        for source in todo:
            picture = read(source)
            found = detect(picture, self.finder, self.finding, self.hint)
            if found.face is not None and picture.image is not None:
                tasks[len(faces)] = Task(source.photo, source.label, FacePicture(picture.image, found.face))
            faces.append(found)
        stored |= self._stored([(one.source.photo, one.face) for one in faces if one.finding and one.face])
        vectors = self._encoded(faces, tasks, stored)
        return Group(tuple(faces), vectors, len(sources) - len(todo))

    def _encoded(
        self, faces: list[Found[AnySource]], tasks: dict[int, Task], stored: Set[VectorKey]
    ) -> dict[VectorKey, Vector]:
        """Vectors that are not stored yet; whatever a lane fails on is noted, and left out of the lanes after it."""
        vectors: dict[VectorKey, Vector] = {}
        for lane, patience in zip(self.lanes, self.encoding, strict=True):
            keys = {at: lane.key(task.photo, task.picture.face) for at, task in tasks.items()}
            left = {at: key for at, key in keys.items() if key not in stored}
            answers = encode(lane, [tasks[at] for at in left], patience)
            for at, key in left.items():
                answer = answers[tasks[at]]
                if isinstance(answer, InputError):
                    faces[at] = replace(faces[at], failure=answer)
                    del tasks[at]
                else:
                    vectors[key] = answer
        return vectors

    def _keys(self, photo: str, face: Face) -> set[VectorKey]:
        return {lane.key(photo, face) for lane in self.lanes}

    def _stored(self, faces: Iterable[tuple[str, Face]]) -> set[VectorKey]:
        """What need not be computed for these faces."""
        if self.anew:
            return set()
        return set(self.store.get_many(key for photo, face in faces for key in self._keys(photo, face)))


def _tell(listener: Callable[[Progress], None] | None, progress: Progress) -> None:
    if listener is not None:
        listener(progress)
