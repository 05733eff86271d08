"""The pipeline: complete, resumable, stoppable, bounded, and patient with bad pictures."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from castoon.errors import InputError, NotReadyError
from embeddings import FacePicture, VectorStore
from embeddings.contract import FindHint, Finding
from embeddings.fakes import FakeEncoder, FakeFinder
from embeddings.pipeline import Group, Lane, Progress, Source, find, run
from embeddings.pipeline.flow import groups, in_order

RGB = npt.NDArray[np.uint8]


def image(number: int) -> RGB:
    return np.random.default_rng(number).integers(0, 255, (90, 80, 3)).astype(np.uint8)


def sources(count: int) -> list[Source]:
    return [Source(f"p{n}", lambda n=n: image(n), label=f"{n}.jpg") for n in range(count)]  # type: ignore[misc]


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
    report = run(sources(21), FakeFinder(), lanes, store, batch=16, on_progress=seen.append)
    assert (report.done, report.vectors, report.failed, report.stopped) == (21, 63, (), False)
    assert encoder.calls == [8, 8, 8, 8, 5, 5], "what a batch holds goes through in two groups"
    assert second.calls == [8, 8, 5]
    face = FakeFinder().find(image(0)).faces[0]
    for number in range(21):
        for lane, style in ((lanes[0], False), (lanes[1], True), (lanes[2], False)):
            key = lane.key(f"p{number}", face)
            expected = direct(lane.encoder, number, style)  # type: ignore[arg-type]
            assert np.allclose(store.get_many([key])[key], expected, atol=1e-6)
    assert [one.done for one in seen] == [0, 8, 16, 21]
    assert seen[-1].seconds_left == 0
    assert seen[1].seconds_left is not None
    assert seen[1].rate > 0


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

    store, encoder, told = VectorStore(tmp_path), Counting(), list[Group[Source]]()
    report = run(sources(50), Watched(), [Lane(encoder), Lane(encoder, "cel", negative)], store, batch=8 * threads,
                 threads=threads, on_group=told.append)  # fmt: skip
    assert report.vectors == 100
    found = [one for group in told for one in group.faces]
    assert [one.source.photo for one in found] == [f"p{n}" for n in range(50)], "in order"
    assert all(one.finding is not None for one in found)
    assert 2 <= most <= threads
    assert max(len(group.faces) for group in told) == 4
    face = FakeFinder().find(image(0)).faces[0]
    keys = [Lane(encoder).key(f"p{number}", face) for number in range(50)]
    rows = store.get_many(keys)
    assert all(np.allclose(rows[key], direct(encoder, number), atol=1e-6) for number, key in enumerate(keys))


def test_a_second_run_computes_nothing_and_a_new_lane_only_itself(tmp_path: Path) -> None:
    store, first, second = VectorStore(tmp_path), Counting(), Counting("clip", 12)
    run(sources(10), FakeFinder(), [Lane(first)], store)
    first.calls.clear()
    report = run(sources(12), FakeFinder(), [Lane(first), Lane(second)], store)
    assert (sum(first.calls), sum(second.calls), report.vectors) == (2, 12, 14)


def known_faces(count: int) -> list[Source]:
    face = FakeFinder().find(image(0)).faces[0]
    return [replace(one, face=face) for one in sources(count)]


def test_known_faces_are_skipped_without_being_read(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    run(known_faces(6), FakeFinder(), [Lane(Counting())], store)

    def unreadable() -> RGB:
        raise AssertionError("read again")

    again = [replace(one, load=unreadable) for one in known_faces(6)]
    seen: list[Progress] = []
    report = run(again, FakeFinder(), [Lane(Counting())], store, on_progress=seen.append)
    assert (report.skipped, report.vectors, seen[-1].done) == (6, 0, 6)


def test_anew_computes_what_is_stored_and_keeps_one_of_each(tmp_path: Path) -> None:
    store, encoder = VectorStore(tmp_path), Counting()
    run(known_faces(6), FakeFinder(), [Lane(encoder)], store)
    report = run(known_faces(6), FakeFinder(), [Lane(encoder)], store, anew=True)
    assert (report.skipped, report.vectors, sum(encoder.calls), len(store)) == (0, 6, 12, 6)


def damaged() -> RGB:
    raise InputError("x.jpg", "damaged.", "Copy it again.")


def gone() -> RGB:
    raise FileNotFoundError(2, "No such file or directory")


def test_bad_pictures_never_take_good_ones_down(tmp_path: Path) -> None:
    good = sources(5)
    bad = [Source("b1", damaged, label="x.jpg"), Source("b2", gone, label="y.jpg"),
           Source("b3", lambda: np.full((50, 50, 3), 7, np.uint8), label="z.jpg")]  # fmt: skip
    report = run([bad[0], *good[:2], bad[1], *good[2:], bad[2]], FakeFinder(), [Lane(Counting())],
                 VectorStore(tmp_path), batch=6)  # fmt: skip
    assert report.vectors == 5
    assert [error.thing for error in report.failed] == ["x.jpg", "y.jpg", "z.jpg"]
    assert all(error.next_step for error in report.failed)


class Picky(FakeFinder):
    """Breaks on some pictures."""

    def __init__(self, breaks_on: range, error: Exception) -> None:
        self.images = [image(number) for number in breaks_on]
        self.error = error

    def find(self, image: RGB, hint: FindHint = "auto") -> Finding:
        if any(np.array_equal(image, one) for one in self.images):
            raise self.error
        return super().find(image, hint)


class Choking(Counting):
    """Breaks on every batch that holds some picture."""

    def encode_gallery(self, faces: Sequence[FacePicture]) -> npt.NDArray[np.float32]:
        if any(np.array_equal(face.image, image(4)) for face in faces):
            raise RuntimeError("choked")
        return super().encode_gallery(faces)


def test_what_breaks_a_model_is_put_down_to_that_picture(tmp_path: Path) -> None:
    store, second = VectorStore(tmp_path), Counting("clip", 12)
    lanes = [Lane(Choking()), Lane(second, name="clip:photo")]
    report = run(sources(12), Picky(range(7, 8), RuntimeError("lost")), lanes, store, batch=12)
    assert report.vectors == 20
    assert [(error.thing, error.reason) for error in report.failed] == [
        ("4.jpg", "it could not be embedded in arcface (RuntimeError: choked)."),
        ("7.jpg", "looking for a face failed (RuntimeError: lost)."),
    ]


def test_a_model_that_works_on_nothing_is_itself_at_fault(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="bug"):
        run(sources(30), Picky(range(30), RuntimeError("bug")), [Lane(Counting())], store, batch=4)
    with pytest.raises(NotReadyError):
        run(sources(30), Picky(range(1, 2), NotReadyError("x", "y", "z")), [Lane(Counting())], store)
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.mark.parametrize("threads", [1, 3])
def test_stopping_keeps_all_that_was_computed_and_running_again_goes_on(tmp_path: Path, threads: int) -> None:
    store, encoder, seen = VectorStore(tmp_path), Counting(), list[Progress]()
    report = run(sources(40), FakeFinder(), [Lane(encoder)], store, batch=6, threads=threads, on_progress=seen.append,
                 stopped=lambda: bool(seen) and seen[-1].done >= 9)  # fmt: skip
    assert report.stopped
    assert 9 <= report.vectors <= 18
    assert sum(encoder.calls) == report.vectors == len(store) == report.done
    rest = run(sources(40), FakeFinder(), [Lane(encoder)], store, batch=6)
    assert not rest.stopped
    assert (rest.vectors, len(store), sum(encoder.calls)) == (40 - report.vectors, 40, 40)


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
    run(many, FakeFinder(), [Lane(Counting())], VectorStore(tmp_path), batch=12, threads=2)
    assert 3 <= peak <= 8
    peak = 0
    assert len(list(find(many, FakeFinder(), batch=12, threads=2))) == 120
    assert peak <= 4


def test_faces_alone_come_in_order_and_the_work_ends_with_its_consumer() -> None:
    loaded: list[int] = []

    def load(number: int) -> RGB | None:
        loaded.append(number)
        time.sleep(0.01 if number % 3 else 0.03)
        return None if number == 2 else image(number)

    many = [replace(one, load=lambda n=n: load(n)) for n, one in enumerate(sources(40))]  # type: ignore[misc]
    found = find(many, FakeFinder(), batch=6, threads=3)
    first = [next(found) for _ in range(4)]
    assert [one.source.photo for one in first] == ["p0", "p1", "p2", "p3"]
    assert [one.face is None for one in first] == [False, False, True, False]
    assert first[2].failure is None
    found.close()
    count = len(loaded)
    assert count <= 4 + 6
    time.sleep(0.1)
    assert len(loaded) == count


def test_no_more_is_under_way_than_was_allowed() -> None:
    started: list[int] = []

    def slow(number: int) -> int:
        started.append(number)
        time.sleep(0.01)
        return number

    with ThreadPoolExecutor(4) as pool:
        results = in_order(slow, range(30), pool, 5)
        assert next(results) == 0
        time.sleep(0.2)
        assert max(started) <= 4, "the one handed out counts until the next is asked for"
        assert list(results) == list(range(1, 30))
    assert list(groups(range(7), 3)) == [(0, 1, 2), (3, 4, 5), (6,)]
