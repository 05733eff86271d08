"""The vector store: exact, durable, erasable, shared between processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from castoon.errors import InputError, NotReadyError
from embeddings import VectorKey, VectorStore
from embeddings import shelf as shelf_module
from embeddings.keytable import ENTRY
from embeddings.store import photo_digest


def key(number: int, contract: str = "c", rendering: str = "photo") -> VectorKey:
    return VectorKey(f"photo-{number:06d}", "1-2-3", rendering, contract)


def vector(number: int, dim: int = 24) -> np.ndarray:
    return np.random.default_rng(number).standard_normal(dim).astype(np.float32)


def filled(folder: Path, count: int = 50, dim: int = 24) -> VectorStore:
    store = VectorStore(folder)
    store.add({key(i): vector(i, dim) for i in range(count)})
    return store


def files_of(folder: Path, kind: str) -> list[Path]:
    return sorted(folder.glob(f"*/{kind}-*.bin"))


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_what_was_added_comes_back_bit_by_bit(tmp_path: Path) -> None:
    store = filled(tmp_path)
    back = VectorStore(tmp_path).get_many([*(key(i) for i in range(60)), key(0, "other")])
    assert len(back) == 50 and key(55) not in back
    assert all(back[key(i)].tobytes() == vector(i).tobytes() for i in range(50))
    assert store.contracts() == {"c": 50}


def test_all_four_parts_of_a_key_count(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    keys = [VectorKey("a", "b", "c", "d"), VectorKey("ab", "", "c", "d"), VectorKey("a", "b", "cd", ""),
            VectorKey("a", "b", "x", "d"), VectorKey("a", "x", "c", "d")]  # fmt: skip
    store.add({one: vector(n) for n, one in enumerate(keys)})
    back = VectorStore(tmp_path).get_many(keys)
    assert all(np.array_equal(back[one], vector(n)) for n, one in enumerate(keys))


def test_adding_twice_keeps_the_first(tmp_path: Path) -> None:
    store = filled(tmp_path, 3)
    assert store.add({key(1): vector(99), key(7): vector(7)}) == 1
    assert np.array_equal(store.get_many([key(1)])[key(1)], vector(1))


def test_another_length_under_one_contract_is_refused_whole(tmp_path: Path) -> None:
    store = filled(tmp_path, 3)
    with pytest.raises(NotReadyError, match="24 numbers"):
        store.add({key(8): vector(8), key(9): vector(9, 25)})
    assert store.get_many([key(8), key(9)]) == {}


@pytest.mark.parametrize("bad", [np.array([], np.float32), np.array([1.0, np.nan], np.float32)])
def test_unusable_vectors_are_refused(tmp_path: Path, bad: np.ndarray) -> None:
    with pytest.raises(InputError):
        VectorStore(tmp_path).add({key(1): bad})
    assert VectorStore(tmp_path).contracts() == {}


def test_forgetting_leaves_no_byte(tmp_path: Path) -> None:
    store = filled(tmp_path, 20)
    store.add({key(3, "second"): vector(3, 8), key(3, "c", "cel"): vector(33)})
    secrets = [vector(3).tobytes(), vector(33).tobytes(), vector(3, 8).tobytes(), photo_digest("photo-000003"),
               key(3).digest(), key(3, "second").digest(), b"photo-000003"]  # fmt: skip
    assert sum(secret in everything(tmp_path) for secret in secrets) == 6
    assert store.forget(["photo-000003", "photo-never"]) == 3
    assert not any(secret in everything(tmp_path) for secret in secrets)
    assert store.get_many([key(3), key(3, "second")]) == {}
    assert len(store.get_many([key(i) for i in range(20)])) == 19
    assert store.add({key(3): vector(3)}) == 1


def test_a_reader_that_was_open_before_sees_what_happened_since(tmp_path: Path) -> None:
    writer = filled(tmp_path, 10)
    reader = VectorStore(tmp_path)
    assert len(reader.get_many([key(i) for i in range(20)])) == 10
    writer.add({key(i): vector(i) for i in range(10, 20)})
    assert len(reader.get_many([key(i) for i in range(20)])) == 20
    writer.forget(["photo-000012"])
    assert key(12) not in reader.get_many([key(12)])
    writer.compact()
    assert len(reader.get_many([key(i) for i in range(20)])) == 19
    writer.drop("c")
    assert reader.get_many([key(1)]) == {}


def test_two_writers_take_turns(tmp_path: Path) -> None:
    first, second = VectorStore(tmp_path), VectorStore(tmp_path)
    for number in range(10):
        (first if number % 2 else second).add({key(number): vector(number)})
    assert len(VectorStore(tmp_path).get_many([key(i) for i in range(10)])) == 10


def test_a_writer_waits_and_then_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import embeddings.store as module

    store = filled(tmp_path, 1)
    monkeypatch.setattr(module, "LOCK_PATIENCE", 0.1)
    with store._writing(), pytest.raises(NotReadyError, match="another process"):
        VectorStore(tmp_path).add({key(5): vector(5)})


def test_compacting_gives_room_back_and_loses_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path, 100)
    store.forget([f"photo-{i:06d}" for i in range(0, 100, 2)])
    before = len(everything(tmp_path))
    assert store.compact() == 50 * (24 * 4 + ENTRY.itemsize)
    assert len(everything(tmp_path)) < before - 5000
    back = VectorStore(tmp_path).get_many([key(i) for i in range(100)])
    assert sorted(k.photo for k in back) == [key(i).photo for i in range(1, 100, 2)]
    assert all(np.array_equal(back[key(i)], vector(i)) for i in range(1, 100, 2))
    assert store.compact() == 0


@pytest.mark.parametrize("cut", [1, ENTRY.itemsize - 1, ENTRY.itemsize, ENTRY.itemsize * 3 + 7])
def test_a_torn_tail_of_keys_costs_only_the_tail(tmp_path: Path, cut: int) -> None:
    filled(tmp_path, 10)
    keys = files_of(tmp_path, "keys")[0]
    os.truncate(keys, keys.stat().st_size - cut)
    left = 10 - -(-cut // ENTRY.itemsize)
    store = VectorStore(tmp_path)
    assert len(store.get_many([key(i) for i in range(10)])) == left
    assert store.add({key(i): vector(i) for i in range(12)}) == 12 - left
    back = VectorStore(tmp_path).get_many([key(i) for i in range(12)])
    assert all(np.array_equal(back[key(i)], vector(i)) for i in range(12))


@pytest.mark.parametrize("cut", [1, 24 * 4 * 2 + 5])
def test_vectors_that_never_reached_the_disk_are_made_again(tmp_path: Path, cut: int) -> None:
    filled(tmp_path, 10)
    rows = files_of(tmp_path, "vectors")[0]
    os.truncate(rows, rows.stat().st_size - cut)
    store = VectorStore(tmp_path)
    left = len(store.get_many([key(i) for i in range(10)]))
    assert left == 10 - -(-cut // (24 * 4))
    store.add({key(i): vector(i) for i in range(10)})
    back = VectorStore(tmp_path).get_many([key(i) for i in range(10)])
    assert all(np.array_equal(back[key(i)], vector(i)) for i in range(10))


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    filled(tmp_path, 6, dim=4)
    truth = {key(i): vector(i, 4) for i in range(6)}
    for kind in ("keys", "vectors"):
        path = files_of(tmp_path, kind)[0]
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
            back = VectorStore(tmp_path).get_many(truth)
            assert len(back) == 5 and all(np.array_equal(back[k], truth[k]) for k in back), (kind, at)
        path.write_bytes(whole)
    assert VectorStore(tmp_path).verify() == {"vectors": 6, "damaged": 0, "erased": 0}


def test_verify_counts_and_a_damaged_vector_can_be_added_again(tmp_path: Path) -> None:
    store = filled(tmp_path, 10)
    store.forget(["photo-000001"])
    rows = files_of(tmp_path, "vectors")[0]
    content = bytearray(rows.read_bytes())
    content[24 * 4 * 5 + 3] ^= 255
    rows.write_bytes(content)
    assert VectorStore(tmp_path).verify() == {"vectors": 8, "damaged": 1, "erased": 1}
    assert store.add({key(i): vector(i) for i in range(10)}) == 2
    assert np.array_equal(VectorStore(tmp_path).get_many([key(5)])[key(5)], vector(5))
    store.compact()
    assert store.verify() == {"vectors": 10, "damaged": 0, "erased": 0}


def test_a_damaged_description_says_what_to_do(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    next(tmp_path.glob("*/meta.json")).write_text("{}")
    with pytest.raises(NotReadyError, match="Delete this folder"):
        VectorStore(tmp_path).get_many([key(0)])


def test_no_space_left_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path, 5)
    real = shelf_module._append

    def full(path: Path, content: bytes) -> None:
        if path.name.startswith("keys"):
            real(path, content[:17])
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(shelf_module, "_append", full)
    with pytest.raises(NotReadyError, match="Make room"):
        store.add({key(i): vector(i) for i in range(5, 9)})
    monkeypatch.undo()
    assert len(VectorStore(tmp_path).get_many([key(i) for i in range(9)])) == 5
    assert store.add({key(i): vector(i) for i in range(9)}) == 4
    assert VectorStore(tmp_path).verify()["vectors"] == 9


WRITER = """
import sys, numpy as np
from pathlib import Path
from embeddings import VectorKey, VectorStore
store, step = VectorStore(Path(sys.argv[1])), int(sys.argv[2])
for start in range(0, 100_000, step):
    numbers = range(start, start + step)
    store.add({VectorKey(f"photo-{i:06d}", "1-2-3", "photo", "c"):
               np.random.default_rng(i).standard_normal(24).astype(np.float32) for i in numbers})
    print(start + step, flush=True)
    if start % (5 * step) == 4 * step:
        store.forget([f"photo-{start:06d}"])
        store.compact()
"""


def killed_writer(folder: Path, delay: float) -> int:
    """Start a writer, kill it `delay` seconds after its first promise; the number of vectors it promised."""
    command = [sys.executable, "-c", WRITER, str(folder), "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        stream, lines = process.stdout, [int(process.stdout.readline())]
        reader = threading.Thread(target=lambda: lines.extend(int(line) for line in stream))
        reader.start()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        reader.join()
        return max(lines)


def test_kill_9_at_any_moment_loses_nothing_that_was_promised(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    for delay in (0.0, 0.05, 0.11, 0.18):
        promised = killed_writer(folder, delay)
        store = VectorStore(folder)
        wanted = {key(i): i for i in range(promised)}
        back = store.get_many(wanted)
        gone = {wanted[k] for k in wanted if k not in back}
        assert all(number % 35 == 28 for number in gone), gone
        assert all(back[k].tobytes() == vector(wanted[k]).tobytes() for k in back)
        assert store.verify()["damaged"] <= 1
        store.add({key(1_000_000): vector(5)})


def test_what_a_killed_erasure_left_is_erased_by_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path, 5)
    real = shelf_module._overwrite

    def killed(path: Path, rows: np.ndarray, width: int) -> None:
        if path.name.startswith("keys"):
            raise KeyboardInterrupt
        real(path, rows, width)

    monkeypatch.setattr(shelf_module, "_overwrite", killed)
    with pytest.raises(KeyboardInterrupt):
        store.forget(["photo-000002"])
    monkeypatch.undo()
    assert key(2) not in VectorStore(tmp_path).get_many([key(2)])
    VectorStore(tmp_path).forget(["photo-000002"])
    assert photo_digest("photo-000002") not in everything(tmp_path)


def test_old_generations_left_by_a_kill_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path, 10)
    store.forget(["photo-000002"])

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shelf_module, "_write_meta", killed)
    with pytest.raises(KeyboardInterrupt):
        store.compact()
    monkeypatch.undo()
    assert len(files_of(tmp_path, "keys")) == 2
    again = VectorStore(tmp_path)
    assert len(again.get_many([key(i) for i in range(10)])) == 9
    again.compact()
    assert len(files_of(tmp_path, "keys")) == 1
    assert len(VectorStore(tmp_path).get_many([key(i) for i in range(10)])) == 9


def test_opening_reads_no_vector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).standard_normal((100_000, 4)).astype(np.float32)
    VectorStore(tmp_path).add({key(i): row for i, row in enumerate(rows)})
    store, read = VectorStore(tmp_path), []
    real = shelf_module.Shelf._read
    monkeypatch.setattr(shelf_module.Shelf, "_read", lambda self, at: read.append(len(at)) or real(self, at))
    assert store.contracts() == {"c": 100_000} and not read
    wanted = [key(i) for i in range(0, 100_000, 1000)]
    back = store.get_many(wanted)
    assert read == [100]
    assert all(np.array_equal(back[key(i)], rows[i]) for i in range(0, 100_000, 1000))
