"""Approximate back-ends: never a wrong score, never too few, and published only with the recall they prove."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from castoon.errors import NotReadyError
from index import Aggregation, FaissIndex, NumpyIndex, SpaceData, Tuning, VersionedIndex, backends, rows
from index.rows import Kind
from tests.index.making import FILTERS, facts, items, names, unit

OWNERS, DIM = 300, 16
SPACE = "arcface:photo"
Pair = tuple[FaissIndex, NumpyIndex, list[float]]


def made(kind: Kind, how: Aggregation, duplicates: bool, folder: Path) -> Pair:
    rng = np.random.default_rng(5)
    data = SpaceData.build(SPACE, "c", DIM, items(rng, names(OWNERS), 6, duplicates, DIM))
    known = facts(rng, OWNERS)
    index = VersionedIndex(folder / f"{kind}-{how}-{duplicates}", Tuning(backend=kind, aggregation=how))
    manifest = index.publish([data], known, 1, "test")
    (record,) = manifest.layers[SPACE]
    assert (record.backend.kind, record.backend.note) == (kind, "")
    assert record.backend.recall is not None
    assert record.backend.recall >= 0.99
    return index.open(), NumpyIndex("r", {SPACE: data}, known), []


@pytest.fixture(scope="module", autouse=True)
def always_approximate() -> object:
    """Small spaces are searched approximately as well, filtered or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "FEW_ROWS", 0)
        patch.setattr(rows, "FEW_SHARE", 0.0)
        patch.setattr(rows, "ROWS_AN_EFFORT", 0)
        patch.setattr(backends, "APPROXIMATE_FROM", 100)
        yield


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Pair, Aggregation]]:
    folder = tmp_path_factory.mktemp("approximate")
    return {
        "hnsw best": (made("hnsw", "best", False, folder), "best"),
        "hnsw centroid": (made("hnsw", "centroid", False, folder), "centroid"),
        "hnsw duplicates": (made("hnsw", "best", True, folder), "best"),
        "ivfpq best": (made("ivfpq", "best", False, folder), "best"),
        "ivfpq top3": (made("ivfpq", "top3", False, folder), "top3"),
    }


@settings(max_examples=60, deadline=None)
@given(
    which=st.sampled_from(["hnsw best", "hnsw centroid", "hnsw duplicates", "ivfpq best", "ivfpq top3"]),
    seed=st.integers(0, 10_000),
    k=st.integers(0, 30) | st.just(OWNERS + 5),
    where=st.sampled_from(FILTERS),
)
def test_what_comes_is_right_and_as_much_as_there_is(
    pairs: dict[str, tuple[Pair, Aggregation]], which: str, seed: int, k: int, where: str
) -> None:
    (index, reference, recalls), how = pairs[which]
    query = unit(np.random.default_rng(seed), 1, DIM)
    (hits,) = index.search(SPACE, query, k, where, how)
    (right,) = reference.search(SPACE, query, k, where, how)
    owners = [hit.owner for hit in hits]
    assert len(owners) == len(right) == len(set(owners))
    assert hits == reference.rescore(SPACE, query, owners, how)[0]
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.owner))
    passing = {hit.owner for hit in reference.search(SPACE, query, OWNERS, where, how)[0]}
    assert set(owners) <= passing
    assert index.search(SPACE, query, k, where, how, exact=True) == [right]
    if 0 < k <= 10 and right:
        tied = [hit.score for hit in right][-1]
        recalls.append(sum(hit.score >= tied for hit in hits) / len(right))


def test_the_recall_holds_over_all_that_was_asked(pairs: dict[str, tuple[Pair, Aggregation]]) -> None:
    for (index, reference, recalls), how in pairs.values():
        for seed in range(15):
            query = unit(np.random.default_rng(seed), 1, DIM)
            (hits,), (right,) = (one.search(SPACE, query, 10, "", how) for one in (index, reference))
            recalls.append(sum(hit.score >= right[-1].score for hit in hits) / 10)
        assert np.mean(recalls) >= 0.99


class TestChoice:
    def test_size_and_memory_decide(self) -> None:
        assert backends.wanted_kind(1_000_000, 512, Tuning()) == "flat"
        assert backends.wanted_kind(2_000_000, 512, Tuning()) == "hnsw"
        assert backends.wanted_kind(2_000_000, 512, Tuning(memory_mb=400)) == "ivfpq"
        assert backends.wanted_kind(5_000, 512, Tuning(backend="hnsw")) == "hnsw"

    def test_what_cannot_prove_itself_is_not_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Random directions and hardly any effort: automatic choice searches exactly, a choice by hand is refused."""
        monkeypatch.setattr(backends, "EFFORTS", {"hnsw": (1,), "ivfpq": (1,)})
        monkeypatch.setattr(rows, "OVERSAMPLED", {"hnsw": 1, "ivfpq": 1})
        rng = np.random.default_rng(0)
        data = SpaceData.build(SPACE, "c", 64, items(rng, names(1500), 1, False, 64))
        index = VersionedIndex(tmp_path, Tuning(exact_up_to=100, memory_mb=1))
        backend = index.publish([data], {}, 1).layers[SPACE][0].backend
        assert backend.kind == "flat"
        assert "exact search instead" in backend.note
        assert not index.outgrown()
        query = unit(rng, 3, 64)
        assert index.open().search(SPACE, query, 10) == NumpyIndex("r", {SPACE: data}, {}).search(SPACE, query, 10)
        by_hand = VersionedIndex(tmp_path, Tuning(backend="ivfpq"))
        live = by_hand.live
        with pytest.raises(NotReadyError, match=r"less than 0\.99 is not published"):
            by_hand.publish([data], {}, 2)
        assert by_hand.live == live
        assert by_hand.names() == [live]
