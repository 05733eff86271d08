"""Adding, replacing and removing owners: the answers are those of an index built anew, and versions share files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from castoon.errors import NotReadyError
from castoon.files import PARTIAL
from index import Aggregation, Change, NumpyIndex, SpaceData, VersionedIndex, drafts
from tests.index.making import DIM, FILTERS, facts, items, names, space, unit

SPACE = "arcface:photo"
OWNERS = 30


@pytest.fixture(autouse=True)
def always_layered() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts, "LAYERED_FROM", 0)
        patch.setattr(drafts, "CHANGED_SHARE", 100.0)
        yield


def items_of(data: SpaceData) -> dict[str, list]:  # type: ignore[type-arg]
    return {
        owner: [(owner, source, data.vectors[row]) for row, source in
                zip(range(*data.rows(place).indices(len(data.sources))), data.sources[data.rows(place)], strict=True)]
        for place, owner in enumerate(data.owners)
    }  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    duplicates=st.booleans(),
    steps=st.lists(st.tuples(st.sets(st.integers(0, OWNERS + 5)), st.sets(st.integers(0, OWNERS + 5))), max_size=3),
    k=st.integers(1, 45),
    where=st.sampled_from(FILTERS),
    how=st.sampled_from(["best", "top3", "centroid"]),
)
def test_changes_answer_as_an_index_built_anew(
    tmp_path_factory: pytest.TempPathFactory, seed: int, duplicates: bool, steps: list, k: int, where: str,
    how: Aggregation,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    index = VersionedIndex(tmp_path_factory.mktemp("i"))
    first = space(rng, OWNERS, 4, duplicates)
    known, held = facts(rng, OWNERS + 6), items_of(first)
    index.publish([first], known, 0)
    everybody = names(OWNERS + 6)
    for put, taken in steps:
        given_anew = items(rng, [everybody[n] for n in sorted(put - taken)], 4, duplicates)
        removed = {everybody[n] for n in taken}
        index.amend({SPACE: Change(SpaceData.build(SPACE, "c1", DIM, given_anew), removed)}, known, 1)
        for owner in removed | {everybody[n] for n in put}:
            held.pop(owner, None)
        for item in given_anew:
            held.setdefault(item[0], []).append(item)
    anew = SpaceData.build(SPACE, "c1", DIM, [item for listed in held.values() for item in listed])
    opened, reference = index.open(), NumpyIndex("r", {SPACE: anew}, known)
    query = unit(rng, 2)
    assert opened.search(SPACE, query, k, where, how) == reference.search(SPACE, query, k, where, how)
    assert opened.rescore(SPACE, query, everybody, how) == reference.rescore(SPACE, query, everybody, how)
    assert opened.spaces[SPACE] == anew.info
    assert opened.holds([anew], known)
    index.verify()


@pytest.fixture
def store(tmp_path: Path) -> VersionedIndex:
    index = VersionedIndex(tmp_path / "index")
    index.publish([space(np.random.default_rng(1), OWNERS, 3, False)], {}, 0, "test")
    return index


def change(seed: int, owner: str = "a0003") -> dict[str, Change]:
    return {SPACE: Change(SpaceData.build(SPACE, "c1", DIM, items(np.random.default_rng(seed), [owner], 2, False)))}


def test_what_did_not_change_is_shared_not_copied(store: VersionedIndex) -> None:
    first, second = store.live, store.amend(change(2), {}, 1, "test").version
    assert first is not None
    shared = {path.name: path.stat().st_ino for path in store.path(first).glob("*.vectors.npy")}
    (base,) = shared
    assert (store.path(second) / base).stat().st_ino == shared[base]
    assert len(list(store.path(second).glob("*.changes.vectors.npy"))) == 1


def test_a_version_stands_without_those_it_shares_files_with(store: VersionedIndex) -> None:
    for seed in range(4):
        store.amend(change(seed), {}, seed, "test", keep=1)
    assert store.names() == [store.live]
    store.verify()
    assert len(store.open().search(SPACE, unit(np.random.default_rng(0), 1), 99)[0]) == OWNERS


def test_many_changes_make_a_new_base(store: VersionedIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "CHANGED_SHARE", 0.3)
    layers = [len(store.amend(change(2, owner), {}, 1).layers[SPACE]) for owner in names(12)]
    assert layers[0] == 2
    assert 1 in layers
    assert store.open().spaces[SPACE].owners == OWNERS


def test_a_reader_follows_the_pointer_and_keeps_what_it_has(store: VersionedIndex) -> None:
    other = VersionedIndex(store.folder)
    reader = store.open()
    assert store.open() is reader
    version = other.amend(change(9), {}, 1).version
    assert reader.version != version
    assert store.open().version == version


def test_the_next_version_takes_over_what_is_open_already(store: VersionedIndex) -> None:
    before = store.open()
    rng = np.random.default_rng(2)
    change = Change(SpaceData.build(SPACE, "c1", DIM, items(rng, ["a0003", "new"], 2, False)), {"a0003"})
    store.amend({SPACE: change}, {}, 1)
    after = store.open()
    assert after.version != before.version
    assert after.layered[SPACE].layers[0].data is before.layered[SPACE].layers[0].data
    assert after.facts is before.facts
    afresh = VersionedIndex(store.folder).open()
    query = unit(rng, 3)
    assert after.search(SPACE, query, 40) == afresh.search(SPACE, query, 40)
    assert "a0003" in {hit.owner for hit in before.search(SPACE, query[:1], 40)[0]}
    store.publish([space(rng, OWNERS, 3, False)], {"a0001": {"gender": "female"}}, 2)
    anew = store.open()
    assert anew.layered[SPACE].layers[0].data is not after.layered[SPACE].layers[0].data
    assert anew.facts == {"a0001": {"gender": "female"}}


def test_the_manifest_names_everything(store: VersionedIndex) -> None:
    manifest = store.amend(change(3), {}, 7, "castoon rebuild")
    assert manifest.catalog_revision == 7
    assert manifest.made_by.startswith("castoon rebuild, ")
    assert manifest.parameters["exact_up_to"] == 1_000_000
    assert {"faiss", "numpy", "keep", "aggregation", "threads"} <= set(manifest.parameters)
    base, changes = manifest.layers[SPACE]
    assert (base.owners, base.gone, changes.owners) == (OWNERS, 1, 1)
    on_disk = {path.name for path in store.path(manifest.version).iterdir()} - {"manifest.json"}
    assert on_disk == set(manifest.files)


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped"])
def test_every_file_is_watched(store: VersionedIndex, damage: str) -> None:
    version = store.amend(change(3), {}, 1).version
    for file in sorted(store.path(version).iterdir()):
        content = file.read_bytes()
        file.unlink()
        match damage:
            case "cut":
                file.write_bytes(content[:-1])
            case "flipped":
                file.write_bytes(content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 1])
                                 + content[len(content) // 2 + 1 :])  # fmt: skip
        if damage != "flipped" or file.name != "manifest.json":
            with pytest.raises(NotReadyError, match=f"{file.name}.*castoon rebuild.*rollback"):
                store.verify()
        if damage != "flipped":
            with pytest.raises(NotReadyError, match=file.name):
                VersionedIndex(store.folder).open()
        file.write_bytes(content)
    store.verify()


def test_rolling_back_to_a_damaged_version_is_refused(store: VersionedIndex) -> None:
    first = store.live
    assert first is not None
    live = store.amend(change(3), {}, 1).version
    os.truncate(store.path(first) / "facts.json", 1)
    with pytest.raises(NotReadyError, match=r"facts\.json"):
        store.roll_back()
    assert store.live == live


def test_leftovers_of_killed_writers_are_no_versions(store: VersionedIndex) -> None:
    live = store.live
    assert live is not None
    left = store.path(f"20990101T000000000{PARTIAL}")
    left.mkdir()
    (left / "manifest.json").write_bytes((store.path(live) / "manifest.json").read_bytes())
    assert store.names() == [live]
    store.amend(change(3), {}, 1)
    assert not left.exists()
