"""Every back-end answers as the NumPy reference does, whatever owners, duplicates, ties and filters there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from castoon.errors import InputError
from index import ActorIndex, Aggregation, FlatIndex, NumpyIndex, SpaceData, VersionedIndex
from index.drafts import moment
from tests.index.making import DIM, FILTERS, facts, space, unit


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    owners=st.integers(0, 40),
    per_owner=st.integers(1, 5),
    duplicates=st.booleans(),
    k=st.integers(0, 60),
    where=st.sampled_from(FILTERS),
    aggregation=st.sampled_from(["best", "top3", "centroid"]),
    sources=st.integers(0, 6),
)
def test_flat_agrees_with_reference(
    seed: int,
    owners: int,
    per_owner: int,
    duplicates: bool,
    k: int,
    where: str,
    aggregation: Aggregation,
    sources: int,
) -> None:
    rng = np.random.default_rng(seed)
    data = {"arcface:photo": space(rng, owners, per_owner, duplicates)}
    known = {**facts(rng, owners), "nobody": {"gender": "x", "birth_year": 1, "tags": ()}}
    reference: ActorIndex = NumpyIndex("v", data, known)
    flat: ActorIndex = FlatIndex("v", data, known)
    queries = unit(rng, 3)
    expected = reference.search("arcface:photo", queries, k, where, aggregation, sources)
    found = flat.search("arcface:photo", queries, k, where, aggregation, sources)
    assert found == expected
    passing = sum(where != "gender=female" or known[o]["gender"] == "female" for o in data["arcface:photo"].owners)
    if where in ("", "gender=female"):
        assert all(len(hits) == min(k, passing) for hits in found)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    where=st.sampled_from(FILTERS),
    aggregation=st.sampled_from(["best", "top3", "centroid"]),
)
def test_scores_of_all_owners_are_those_of_the_reference(seed: int, where: str, aggregation: Aggregation) -> None:
    rng = np.random.default_rng(seed)
    data = {"arcface:photo": space(rng, 12, 4, True), "clip:photo": space(rng, 7, 2, False, name="clip:photo")}
    known = facts(rng, 12)
    index, reference = FlatIndex("v", data, known), NumpyIndex("v", data, known)
    query = unit(rng, 2)
    assert list(index.owners) == sorted(known)
    for name in data:
        scores = index.scores(name, query, where, aggregation)
        for row, hits in enumerate(reference.search(name, query, 50, where, aggregation)):
            held = {owner: score for owner, score in zip(index.owners, scores[row], strict=True) if not np.isnan(score)}
            assert held == {hit.owner: np.float32(hit.score) for hit in hits}


def test_centroid_is_the_mean_direction_of_an_owner() -> None:
    a, b = np.eye(DIM, dtype=np.float32)[:2]
    index = FlatIndex("v", {"s": SpaceData.build("s", "c", DIM, [("x", "1", a), ("x", "2", b)])}, {})
    (hit,) = index.search("s", ((a + b) / np.sqrt(2))[None], 1)[0]
    assert hit.score == pytest.approx(1.0, abs=1e-6)
    assert hit.sources[0][1] == pytest.approx(2**-0.5, abs=1e-6)


def test_rescore_names_the_owners_that_a_space_lacks() -> None:
    index = FlatIndex("v", {"s": SpaceData.build("s", "c", DIM, [("x", "1", np.eye(DIM, dtype=np.float32)[0])])}, {})
    (hits,) = index.rescore("s", np.eye(DIM, dtype=np.float32)[:1], ["y", "x"])
    assert hits[0] is None
    assert hits[1] is not None
    assert hits[1].score == pytest.approx(1.0)


@pytest.mark.parametrize("poison", [np.full(DIM, np.nan), np.zeros(DIM), np.full(DIM, 3.0)])
def test_poisonous_vectors_are_refused(poison: np.ndarray) -> None:
    vector = poison.astype(np.float32)
    with pytest.raises(InputError, match="refused"):
        SpaceData.build("s", "c", DIM, [("x", "1", vector)])
    good = SpaceData.build("s", "c", DIM, [("x", "1", np.eye(DIM, dtype=np.float32)[0])])
    with pytest.raises(InputError, match="refused"):
        FlatIndex("v", {"s": good}, {}).search("s", vector[None], 1)


def test_a_query_of_another_size_and_an_unknown_space_are_named() -> None:
    good = SpaceData.build("s", "c", DIM, [("x", "1", np.eye(DIM, dtype=np.float32)[0])])
    index = FlatIndex("v", {"s": good}, {})
    with pytest.raises(InputError, match="8 values"):
        index.search("s", np.eye(4, dtype=np.float32), 1)
    with pytest.raises(InputError, match="It holds: s"):
        index.search("t", np.eye(DIM, dtype=np.float32), 1)


@settings(max_examples=300, deadline=None)
@given(st.integers(1_700_000_000_000, 2_000_000_000_000), st.integers(0, 999_999), st.integers(1, 2_000_000))
@example(1_795_779_290_999, 900_000, 100_000_000)
def test_a_later_version_sorts_later(milliseconds: int, rest: int, more: int) -> None:
    """The last half millisecond of a second was once named as its first, and rolling back chose the wrong version."""
    first = milliseconds * 1_000_000 + rest
    assert moment(first) <= moment(first + more)
    assert moment(first) < moment(first + 1_000_000)


class TestVersions:
    @pytest.fixture
    def store(self, tmp_path: Path) -> VersionedIndex:
        return VersionedIndex(tmp_path / "index")

    @pytest.fixture
    def publish(self, store: VersionedIndex) -> Callable[[int], str]:
        def _publish(seed: int) -> str:
            rng = np.random.default_rng(seed)
            return store.publish([space(rng, 5, 3, False)], facts(rng, 5), seed, "test").version

        return _publish

    def test_what_was_published_answers_as_before(self, store: VersionedIndex, publish: Callable[[int], str]) -> None:
        version = publish(1)
        rng = np.random.default_rng(1)
        expected = FlatIndex(version, {"arcface:photo": space(rng, 5, 3, False)}, facts(rng, 5))
        query = unit(rng, 2)
        opened = store.open()
        assert opened.version == version
        where = "birth_year>=1960"
        assert opened.search("arcface:photo", query, 3, where) == expected.search("arcface:photo", query, 3, where)

    def test_a_reader_keeps_its_version_while_another_is_published(
        self, store: VersionedIndex, publish: Callable[[int], str]
    ) -> None:
        first = publish(1)
        reader = store.open()
        second = publish(2)
        assert (reader.version, store.live) == (first, second)
        query = unit(np.random.default_rng(0), 1)
        assert reader.search("arcface:photo", query, 5) == store.open(first).search("arcface:photo", query, 5)

    def test_roll_back_and_keeping_the_newest(self, store: VersionedIndex, publish: Callable[[int], str]) -> None:
        versions = [publish(seed) for seed in range(5)]
        assert store.names() == versions[-3:]
        assert store.roll_back() == versions[-2] == store.live

    @pytest.mark.parametrize("damage", ["missing", "cut", "flipped"])
    def test_damage_is_named(self, store: VersionedIndex, publish: Callable[[int], str], damage: str) -> None:
        version = publish(1)
        store.verify()
        victim = next(store.path(version).glob("*.npy"))
        content = bytearray(victim.read_bytes())
        content[-3] ^= 1
        match damage:
            case "missing":
                victim.unlink()
            case "cut":
                victim.write_bytes(content[:-5])
            case "flipped":
                victim.write_bytes(content)
        with pytest.raises(Exception, match=f"{victim.name}.*castoon rebuild"):
            store.verify()
