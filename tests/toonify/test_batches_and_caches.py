"""Batches within memory, networks in memory, results on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from castoon.errors import NotReadyError
from toonify.batches import out_of_memory, run_in_batches
from toonify.fakes import FakeStylizer
from toonify.model_cache import ModelCache
from toonify.result_cache import CachedStylizer, picture_hash


class Small:
    """Runs out of memory above a number of items."""

    def __init__(self, room: int, error: Exception) -> None:
        self.room, self.error = room, error
        self.sizes: list[int] = []

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.sizes.append(len(items))
        if len(items) > self.room:
            raise self.error
        return [item * 10 for item in items]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("Failed to allocate memory for requested buffer of size 268435456"),
    ],
)
def test_out_of_memory_splits_the_batch_and_goes_on(error: Exception) -> None:
    run = Small(3, error)
    assert run_in_batches(range(10), run, 8, "style x") == [i * 10 for i in range(10)]
    assert run.sizes == [8, 4, 2, 2, 2, 2, 2]


def test_one_item_that_does_not_fit_is_an_error_and_other_errors_pass_through() -> None:
    with pytest.raises(NotReadyError, match="one picture does not fit"):
        run_in_batches(range(3), Small(0, MemoryError()), 4, "style x")
    with pytest.raises(RuntimeError, match="shapes"):
        run_in_batches(range(3), Small(0, RuntimeError("shapes differ")), 4, "style x")
    assert not out_of_memory(ValueError("memory of an elephant"))


def test_a_real_stylizer_survives_running_out_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    import toonify
    from toonify.networks.animegan2 import Generator

    (tmp_path / "stylizers" / "animegan2").mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(Generator().state_dict(), tmp_path / "stylizers" / "animegan2" / "own.pt")
    faces = [np.random.default_rng(i).integers(0, 256, (64, 64, 3), dtype=np.uint8) for i in range(4)]
    stylizer = toonify.load("animegan2:own", models=tmp_path)
    whole = stylizer.stylize(faces)
    forward, sizes = Generator.forward, []

    def cramped(self: Generator, pictures: torch.Tensor, align_corners: bool = True) -> torch.Tensor:
        sizes.append(len(pictures))
        if len(pictures) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(self, pictures, align_corners)

    monkeypatch.setattr(Generator, "forward", cramped)
    split = stylizer.stylize(faces)
    assert sizes == [4, 2, 1, 1, 1, 1]
    assert all(np.abs(a.astype(int) - b).max() <= 1 for a, b in zip(whole, split, strict=True))


def test_the_cache_stays_within_its_limit_and_keeps_what_was_used_last() -> None:
    cache = ModelCache(limit=100)
    loads: list[str] = []

    def get(key: str, size: int) -> str:
        return cache.get(key, lambda: loads.append(key) or key, lambda _: size)

    get("a", 40)
    get("b", 40)
    get("a", 40)
    get("c", 40)
    assert "a" in cache and "b" not in cache and cache.bytes == 80
    get("huge", 500)
    assert cache.bytes == 500 and "a" not in cache
    get("a", 40)
    assert loads == ["a", "b", "c", "huge", "a"] and cache.bytes == 40


def test_threads_load_a_network_once() -> None:
    cache, loads = ModelCache(), []

    def load() -> object:
        loads.append(1)
        time.sleep(0.05)
        return object()

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(cache.get("k", load, lambda _: 1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1 and len({id(one) for one in found}) == 1


def test_a_load_that_fails_can_be_tried_again() -> None:
    cache = ModelCache()
    with pytest.raises(OSError, match="disk"):
        cache.get("k", lambda: (_ for _ in ()).throw(OSError("disk")), lambda _: 1)
    assert cache.get("k", lambda: 5, lambda _: 1) == 5


def _faces(count: int) -> list[np.ndarray]:
    return [np.random.default_rng(i).integers(0, 256, (20, 24, 3), dtype=np.uint8) for i in range(count)]


def test_results_are_computed_once_and_survive_the_process(tmp_path: Path) -> None:
    fake = FakeStylizer()
    cached = CachedStylizer(fake, tmp_path)
    faces = _faces(3)
    first = cached.stylize([*faces, faces[0]])
    assert fake.faces_seen == 3
    again = CachedStylizer(FakeStylizer(), tmp_path)
    second = again.stylize([*faces, faces[0]])
    assert again.misses == 0 and again.hits == 4
    expected = fake.stylize([*faces, faces[0]])
    for a, b, c in zip(first, second, expected, strict=True):
        assert np.array_equal(a, c) and np.array_equal(b, c)


def test_another_fingerprint_is_another_result(tmp_path: Path) -> None:
    CachedStylizer(FakeStylizer("one"), tmp_path).stylize(_faces(1))
    other = CachedStylizer(FakeStylizer("other"), tmp_path)
    other.stylize(_faces(1))
    assert other.misses == 1


def test_a_damaged_result_is_made_again(tmp_path: Path) -> None:
    CachedStylizer(FakeStylizer(), tmp_path).stylize(_faces(1))
    (file,) = tmp_path.glob("*/*.png")
    file.write_bytes(file.read_bytes()[:60])
    cached = CachedStylizer(FakeStylizer(), tmp_path)
    assert np.array_equal(cached.stylize(_faces(1))[0], FakeStylizer().stylize(_faces(1))[0])
    assert cached.misses == 1


def test_the_folder_is_bounded_and_forgets_the_oldest(tmp_path: Path) -> None:
    cached = CachedStylizer(FakeStylizer(), tmp_path)
    faces = _faces(6)
    for face in faces:
        cached.stylize([face])
        time.sleep(0.01)
    size = max(path.stat().st_size for path in tmp_path.glob("*/*.png"))
    cached.limit = 2 * size
    assert cached.sweep() >= 4
    cached.stylize([faces[5]])
    assert cached.hits == 1


def test_size_belongs_to_a_picture_s_identity() -> None:
    flat = np.zeros((4, 6, 3), dtype=np.uint8)
    assert picture_hash(flat) != picture_hash(flat.reshape(6, 4, 3))
