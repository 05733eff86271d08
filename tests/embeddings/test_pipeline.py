"""The pipeline: complete, resumable, stoppable, bounded, and patient with bad pictures."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from castoon.errors import InputError
from embeddings import FacePicture, VectorStore
from embeddings.contract import FindHint, Finding
from embeddings.fakes import FakeEncoder, FakeFinder
from embeddings.pipeline import Lane, Progress, Source, run
from embeddings.pipeline.flow import ahead
from embeddings.pipeline.reader import read

RGB = npt.NDArray[np.uint8]


def image(number: int) -> RGB:
    return np.random.default_rng(number).integers(0, 255, (90, 80, 3)).astype(np.uint8)


def sources(count: int) -> list[Source]:
    return [Source(f"p{number}", lambda n=number: image(n)) for number in range(count)]  # type: ignore[misc]


class Counting(FakeEncoder):
    """Remembers how many faces came at once."""

    def __init__(self, name: str = "arcface", dim: int = 8) -> None:
        super().__init__(name, dim)
        self.calls: list[int] = []

    def encode_gallery(self, faces: Sequence[FacePicture]) -> npt.NDArray[np.float32]:
        self.calls.append(len(faces))
        return super().encode_gallery(faces)


def negative(faces: Sequence[FacePicture]) -> list[FacePicture]:
    return [FacePicture(255 - face.image, face.face) for face in faces]


def direct(encoder: FakeEncoder, number: int, style: bool = False) -> npt.NDArray[np.float32]:
    picture = FacePicture(image(number), FakeFinder().find(image(number)).faces[0])
    return encoder.encode_gallery(negative([picture]) if style else [picture])[0]


def test_every_picture_in_every_lane_as_if_done_alone(tmp_path: Path) -> None:
    encoder, second = Counting(), Counting("clip", 12)
    lanes = [Lane(encoder), Lane(encoder, "cel", negative), Lane(second)]
    store, seen = VectorStore(tmp_path), list[Progress]()
    report = run(sources(21), FakeFinder(), lanes, store, batch=8, on_progress=seen.append)
    assert (report.total, report.vectors, report.failed, report.stopped) == (21, 63, (), False)
    assert encoder.calls == [8, 8, 8, 8, 5, 5] and second.calls == [8, 8, 5], "batches span photos"
    face = FakeFinder().find(image(0)).faces[0]
    for number in range(21):
        for lane, style in ((lanes[0], False), (lanes[1], True), (lanes[2], False)):
            key = lane.key(f"p{number}", face)
            expected = direct(lane.encoder, number, style)  # type: ignore[arg-type]
            assert np.allclose(store.get_many([key])[key], expected, atol=1e-6)
    assert [one.done for one in seen] == [0, 8, 16, 21] and seen[-1].seconds_left == 0
    assert seen[1].seconds_left is not None and seen[1].rate > 0


@pytest.mark.parametrize("threads", [2, 5])
def test_several_workers_do_what_one_does(tmp_path: Path, threads: int) -> None:
    busy = most = 0
    lock = threading.Lock()

    class Watched(FakeFinder):
        def find(self, image: RGB, hint: FindHint = "auto") -> Finding:
            nonlocal busy, most
            with lock:
                busy += 1
                most = max(most, busy)
            time.sleep(0.002)
            with lock:
                busy -= 1
            return super().find(image, hint)

    store, encoder, heard, seen = VectorStore(tmp_path), Counting(), list[str](), list[Progress]()
    report = run(sources(50), Watched(), [Lane(encoder), Lane(encoder, "cel", negative)], store, batch=8,
                 threads=threads, on_found=lambda photo, _: heard.append(photo), on_progress=seen.append)  # fmt: skip
    assert report.vectors == 100 and sorted(heard) == sorted(f"p{n}" for n in range(50))
    assert 2 <= most <= threads and [one.done for one in seen] == [0, 8, 16, 24, 32, 40, 48, 50]
    face = FakeFinder().find(image(0)).faces[0]
    keys = [Lane(encoder).key(f"p{number}", face) for number in range(50)]
    rows = store.get_many(keys)
    assert all(np.allclose(rows[key], direct(encoder, number), atol=1e-6) for number, key in enumerate(keys))


def test_a_second_run_computes_nothing_and_a_new_lane_only_itself(tmp_path: Path) -> None:
    store, first, second = VectorStore(tmp_path), Counting(), Counting("clip", 12)
    run(sources(10), FakeFinder(), [Lane(first)], store)
    first.calls.clear()
    report = run(sources(12), FakeFinder(), [Lane(first), Lane(second)], store)
    assert sum(first.calls) == 2 and sum(second.calls) == 12 and report.vectors == 14


def test_known_faces_are_skipped_without_being_read(tmp_path: Path) -> None:
    store, known = VectorStore(tmp_path), {}
    run(sources(6), FakeFinder(), [Lane(Counting())], store, on_found=lambda photo, found: known.update({photo: found}))
    assert set(known) == {f"p{n}" for n in range(6)}

    def unreadable() -> RGB:
        raise AssertionError("read again")

    again = [Source(photo, unreadable, finding.faces[0]) for photo, finding in known.items()]
    seen: list[Progress] = []
    report = run(again, FakeFinder(), [Lane(Counting())], store, on_progress=seen.append)
    assert (report.skipped, report.vectors, seen[-1].done) == (6, 0, 6)


def test_bad_pictures_never_take_good_ones_down(tmp_path: Path) -> None:
    def damaged() -> RGB:
        raise InputError("x.jpg", "damaged.", "Copy it again.")

    def gone() -> RGB:
        raise FileNotFoundError(2, "No such file or directory")

    good = sources(5)
    bad = [Source("b1", damaged), Source("b2", gone), Source("b3", lambda: np.full((50, 50, 3), 7, np.uint8))]
    report = run([bad[0], *good[:2], bad[1], *good[2:], bad[2]], FakeFinder(), [Lane(Counting())],
                 VectorStore(tmp_path), batch=3)  # fmt: skip
    assert report.vectors == 5 and [photo for photo, _ in report.failed] == ["b1", "b2", "b3"]
    assert all(error.next_step for _, error in report.failed)


def test_a_bug_in_a_stage_comes_out_and_leaves_what_was_stored(tmp_path: Path) -> None:
    class Broken(FakeFinder):
        count = 0

        def find(self, image: RGB, hint: FindHint = "auto") -> Finding:
            self.count += 1
            if self.count > 9:
                raise RuntimeError("bug")
            return super().find(image, hint)

    store = VectorStore(tmp_path)
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="bug"):
        run(sources(30), Broken(), [Lane(Counting())], store, batch=4)
    assert len(store) == 8
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_stopping_keeps_whole_batches_and_running_again_goes_on(tmp_path: Path) -> None:
    store, encoder, seen = VectorStore(tmp_path), Counting(), list[Progress]()
    report = run(sources(20), FakeFinder(), [Lane(encoder)], store, batch=4, on_progress=seen.append,
                 stopped=lambda: bool(seen) and seen[-1].done >= 8)  # fmt: skip
    assert report.stopped and report.vectors == 8 == len(store)
    encoder.calls.clear()
    rest = run(sources(20), FakeFinder(), [Lane(encoder)], store, batch=4)
    assert not rest.stopped and rest.vectors == 12 and len(store) == 20 and sum(encoder.calls) == 12


def test_few_pictures_are_in_memory_at_a_time(tmp_path: Path) -> None:
    alive = peak = 0
    lock = threading.Lock()

    class Tracked(np.ndarray):
        def __array_finalize__(self, _: object) -> None: ...

        def __del__(self) -> None:
            nonlocal alive
            if getattr(self, "counted", False):
                with lock:
                    alive -= 1

    def load(number: int) -> RGB:
        nonlocal alive, peak
        picture = image(number).view(Tracked)
        picture.counted = True  # type: ignore[attr-defined]
        with lock:
            alive += 1
            peak = max(peak, alive)
        return picture

    many = [replace(one, load=lambda n=n: load(n)) for n, one in enumerate(sources(120))]  # type: ignore[misc]
    run(many, FakeFinder(), [Lane(Counting())], VectorStore(tmp_path), batch=5, read_ahead=6, threads=2)
    assert 5 <= peak <= 6 + 2 * 2 + (2 + 5) * 5


def test_reading_ahead_keeps_order_and_does_not_run_away() -> None:
    started: list[int] = []

    def load(number: int) -> RGB:
        started.append(number)
        time.sleep(0.01 if number % 3 else 0.03)
        return image(number)

    slow = [Source(f"p{n}", lambda n=n: load(n)) for n in range(40)]  # type: ignore[misc]
    with ThreadPoolExecutor(4) as pool:
        pictures = read(slow, pool, ahead=5)
        assert next(pictures).source.photo == "p0"
        time.sleep(0.2)
        assert max(started) <= 6
        assert [one.source.photo for one in pictures] == [f"p{n}" for n in range(1, 40)]


def test_ahead_works_on_another_thread_and_ends_with_its_consumer() -> None:
    made: list[int] = []
    closed = threading.Event()

    def numbers() -> Iterator[int]:
        try:
            for number in range(1000):
                made.append(threading.get_ident())
                yield number
        finally:
            closed.set()

    stream = ahead(numbers(), 3)
    assert [next(stream), next(stream)] == [0, 1]
    stream.close()  # type: ignore[attr-defined]
    assert closed.wait(5) and len(made) <= 8 and set(made) != {threading.get_ident()}
    assert list(ahead(range(100), 4)) == list(range(100))
