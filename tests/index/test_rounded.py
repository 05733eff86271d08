"""Search over rounded rows is exact: the bound on rounding holds, and the answers are those of the reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Aggregation, FaissIndex, NumpyIndex, Tuning, VersionedIndex, backends, rounded, rows
from index.native import Chosen
from index.rounded import Rounded
from tests.index.making import FILTERS, facts, space, unit

SPACE = "arcface:photo"
OWNERS = 60


@pytest.fixture(scope="module", autouse=True)
def always_rounded() -> object:
    """Small spaces are rounded and split among threads as well; some filters pass few rows, some many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "ROUNDED_FROM", 1)
        patch.setattr(rows, "ROUNDED_SHARE", 1.0)
        patch.setattr(rows, "SPLIT_ROWS", 1)
        patch.setattr(rounded, "COPIED_ROWS", 30)
        yield


Pair = tuple[FaissIndex, NumpyIndex]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, bool, Aggregation], Pair]:
    """Indexes of 16 numbers, which FAISS compares in one go, and of 10, with and without duplicates."""
    made: dict[tuple[int, bool, Aggregation], Pair] = {}
    hows: tuple[Aggregation, ...] = ("best", "top3", "centroid")
    for dim in (16, 10):
        for duplicates in (False, True):
            for how in hows:
                rng = np.random.default_rng(dim)
                data, known = space(rng, OWNERS, 6, duplicates, dim), facts(rng, OWNERS)
                store = VersionedIndex(tmp_path_factory.mktemp("rounded"), Tuning(aggregation=how))
                store.publish([data], known, 1, "test")
                index = store.open()
                assert index.layered[SPACE].layers[0].rows(how).rounded is not None
                made[dim, duplicates, how] = index, NumpyIndex("r", {SPACE: data}, known)
    return made


@settings(max_examples=150, deadline=None)
@given(
    dim=st.sampled_from([16, 10]),
    duplicates=st.booleans(),
    how=st.sampled_from(["best", "top3", "centroid"]),
    seed=st.integers(0, 10_000),
    k=st.integers(0, OWNERS + 5),
    where=st.sampled_from(FILTERS),
    threads=st.integers(1, 3),
)
def test_answers_are_those_of_the_reference(
    pairs: dict[tuple[int, bool, Aggregation], Pair], dim: int, duplicates: bool, how: Aggregation, seed: int, k: int,
    where: str, threads: int,
) -> None:  # fmt: skip
    index, reference = pairs[dim, duplicates, how]
    index.threads = threads
    query = unit(np.random.default_rng(seed), 2, dim)
    assert index.search(SPACE, query, k, where, how) == reference.search(SPACE, query, k, where, how)


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    dim=st.sampled_from([8, 16, 33, 64]),
    count=st.integers(1, 200),
    odd=st.sampled_from(["", "one number rules", "constant number", "one row", "axes"]),
    share=st.sampled_from([1.0, 0.5, 0.1]),
)
def test_no_row_left_out_exceeds_the_bound(seed: int, dim: int, count: int, odd: str, share: float) -> None:
    rng = np.random.default_rng(seed)
    vectors = unit(rng, 1 if odd == "one row" else 200, dim)
    match odd:
        case "one number rules":
            vectors[:, 0] += 5
        case "constant number":
            vectors[:, 0] = 0.5
        case "axes":
            vectors = np.eye(dim, dtype=np.float32)[rng.integers(0, dim, 200)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    (query,) = unit(rng, 1, dim)
    mask = rng.random(len(vectors)) < share
    if not mask.any():
        return
    count = min(count, int(mask.sum()))
    found, unseen = Rounded.of(vectors).best(query, count, None if mask.all() else Chosen(mask))
    left = np.setdiff1d(np.flatnonzero(mask), found)
    assert len(set(found.tolist())) == count
    assert mask[found].all()
    assert not len(left) or float((vectors[left] @ query).max()) <= unseen


def test_one_filter_serves_several_sets_of_rows() -> None:
    rng = np.random.default_rng(1)
    (query,) = unit(rng, 1, 16)
    few = Chosen(np.arange(50) < 5)
    for _ in range(2):
        vectors = unit(rng, 50, 16)
        found, _ = Rounded.of(vectors).best(query, 1, few)
        assert found.tolist() == [int((vectors[:5] @ query).argmax())]


def test_it_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (query,) = unit(rng, 1, 16)
    made = Rounded.of(unit(rng, 50, 16))
    made.write(tmp_path / "space")
    read = Rounded.read(tmp_path / "space")
    assert read is not None
    rows_before, unseen_before = made.best(query, 7, None)
    rows_after, unseen_after = read.best(query, 7, None)
    assert (rows_before.tolist(), unseen_before) == (rows_after.tolist(), unseen_after)
    assert Rounded.read(tmp_path / "nothing") is None
