"""Ranking: exact fusion, filters, contracts, missing spaces, and a schema that machines can rely on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casting import Engine, Library, import_cast, rank_image, ranking, rebuild
from casting.catalog import Actor
from castoon.errors import ContractMismatchError, InputError, NotReadyError
from castoon.images import decode
from index import FlatIndex, SpaceData

Maker = Callable[..., bytes]


def test_every_person_is_found_first_by_an_unseen_picture(ready: Library, engine: Engine, draw: Maker) -> None:
    for person in range(6):
        answer = rank_image(ready, engine, decode(draw(person, 77)).pixels, k=3)
        assert answer.results[0].actor == f"actor {person}"
        assert [row.rank for row in answer.results] == [1, 2, 3]
        assert answer.results[0].margin == pytest.approx(answer.results[0].score - answer.results[1].score)
        assert (ready.folder / answer.results[0].photo).is_file()
        assert answer.results[0].photo_name.startswith(f"actor {person}/")


def test_contributions_add_up_to_the_score(ready: Library, engine: Engine, draw: Maker) -> None:
    weights = {"arcface:photo": 2.0, "arcface:cel": 1.0}
    answer = rank_image(ready, engine, decode(draw(1, 5)).pixels, weights=weights)
    for row in answer.results:
        assert sum(row.contributions.values()) == pytest.approx(row.score)
        expected = (2 * row.spaces["arcface:photo"] + row.spaces["arcface:cel"]) / 3
        assert row.score == pytest.approx(expected)


def test_a_filter_decides_who_is_compared(ready: Library, engine: Engine, draw: Maker) -> None:
    with ready.database.transaction() as session:
        for actor in session.query(Actor):
            actor.birth_year = 1980 + actor.id
    assert rebuild(ready, engine).published
    answer = rank_image(ready, engine, decode(draw(0)).pixels, where="birth_year>1983")
    assert {row.actor for row in answer.results} == {"actor 3", "actor 4", "actor 5"}
    assert not rank_image(ready, engine, decode(draw(0)).pixels, where="birth_year>3000").results
    with pytest.raises(InputError, match="Columns are"):
        rank_image(ready, engine, decode(draw(0)).pixels, where="shoe_size=3")


def test_vectors_of_another_model_are_never_compared(ready: Library, draw: Maker) -> None:
    from embeddings.fakes import FakeEncoder

    other = Engine(ready.settings)
    other._encoders = {"arcface": FakeEncoder("arcface", 64, seed=99)}
    with pytest.raises(ContractMismatchError) as caught:
        rank_image(ready, other, decode(draw(0)).pixels)
    assert caught.value.stored in str(caught.value)
    assert caught.value.current in str(caught.value)
    assert "castoon rebuild" in caught.value.next_step


def test_what_is_not_ready_says_so(library: Library, engine: Engine, draw: Maker) -> None:
    with pytest.raises(NotReadyError, match="castoon rebuild"):
        rank_image(library, engine, decode(draw(0)).pixels)
    with pytest.raises(NotReadyError, match="nothing to index"):
        rebuild(library, engine)


def test_a_picture_without_a_face_and_a_face_that_is_not_there(ready: Library, engine: Engine, draw: Maker) -> None:
    with pytest.raises(InputError) as caught:
        rank_image(ready, engine, np.full((50, 50, 3), 9, np.uint8), label="blank.png")
    assert caught.value.thing == "blank.png"
    with pytest.raises(InputError, match="numbered 0 to 0"):
        rank_image(ready, engine, decode(draw(0)).pixels, face=3)


def test_an_actor_without_vectors_in_a_space_is_not_punished(ready: Library, engine: Engine) -> None:
    rng = np.random.default_rng(0)
    query = _unit(rng, 1)
    near = query[0]
    spaces = {
        "a": SpaceData.build("a", "c", 8, [("x", "1", near), ("y", "2", _unit(rng, 1)[0])]),
        "b": SpaceData.build("b", "c", 8, [("y", "2", _unit(rng, 1)[0])]),
    }
    index = FlatIndex("v", spaces, {})
    fused = ranking.fuse(index, {"a": query, "b": query}, {"a": 1.0, "b": 1.0}, 2)
    assert fused[0].owner == "x"
    assert fused[0].score == pytest.approx(1.0, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), owners=st.integers(1, 60), k=st.integers(1, 20), weight=st.floats(0.05, 1.0))
def test_fusion_is_exact_although_it_looks_at_few_candidates(seed: int, owners: int, k: int, weight: float) -> None:
    rng = np.random.default_rng(seed)
    spaces = {}
    for name in ("a", "b"):
        items = [
            (f"o{i:03d}", f"{i}-{j}", _unit(rng, 1)[0]) for i in range(owners) for j in range(2) if rng.random() < 0.9
        ]
        spaces[name] = SpaceData.build(name, "c", 8, items)
    index = FlatIndex("v", spaces, {})
    queries = {"a": _unit(rng, 1), "b": _unit(rng, 1)}
    weights = {"a": 1.0, "b": weight}
    before = ranking.FIRST_CANDIDATES
    ranking.FIRST_CANDIDATES = 1
    try:
        few = ranking.fuse(index, queries, weights, k)
    finally:
        ranking.FIRST_CANDIDATES = before
    scores = {}
    for owner in sorted({*spaces["a"].owners, *spaces["b"].owners}):
        parts = [
            (weights[name], float(data.centroids[data.position[owner]] @ queries[name][0]))
            for name, data in spaces.items() if owner in data.position
        ]  # fmt: skip
        scores[owner] = sum(w * s for w, s in parts) / sum(w for w, _ in parts)
    expected = sorted(scores.values(), reverse=True)[:k]
    assert [one.score for one in few] == pytest.approx(expected, abs=1e-5)


def _unit(rng: np.random.Generator, n: int) -> np.ndarray:
    vectors = rng.standard_normal((n, 8)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class TestRebuild:
    def test_nothing_is_computed_twice(self, ready: Library, engine: Engine, cast_folder, draw: Maker) -> None:  # type: ignore[no-untyped-def]
        live = ready.index.live
        again = rebuild(ready, engine)
        assert (again.computed, again.published, ready.index.live) == (0, False, live)
        (cast_folder / "actor 2" / "new.png").write_bytes(draw(2, 50))
        import_cast(ready, cast_folder, engine.finder)
        assert rebuild(ready, engine, dry_run=True).wanted == 2
        assert ready.index.live == live
        more = rebuild(ready, engine)
        assert (more.computed, more.published) == (2, True)

    def test_a_photo_that_fails_is_recorded_and_tried_again(
        self,
        ready: Library,
        engine: Engine,
        cast_folder,
        draw: Maker,  # type: ignore[no-untyped-def]
    ) -> None:
        (cast_folder / "actor 1" / "new.png").write_bytes(draw(1, 50))
        import_cast(ready, cast_folder, engine.finder)
        victim = max((ready.folder / "photos").rglob("*.png"), key=lambda path: path.stat().st_mtime_ns)
        content = victim.read_bytes()
        victim.unlink()
        report = rebuild(ready, engine)
        assert len(report.failed) == 1
        assert report.failed[0].next_step
        assert ready.index.open().spaces["arcface:photo"].vectors == 18
        victim.write_bytes(content)
        assert rebuild(ready, engine).computed == 2
        assert ready.index.open().spaces["arcface:photo"].vectors == 19

    def test_stopping_keeps_what_was_computed(self, library: Library, engine: Engine, cast_folder) -> None:  # type: ignore[no-untyped-def]
        import_cast(library, cast_folder, engine.finder)
        report = rebuild(library, engine, max_minutes=0)
        assert report.stopped
        assert library.index.live is None
        assert rebuild(library, engine).published

    def test_a_second_writer_is_told_who_holds_the_lock(self, ready: Library, engine: Engine) -> None:
        with ready.writing("castoon import"), pytest.raises(NotReadyError, match=r"castoon import.*process \d+, since"):
            rebuild(ready, engine)
        assert not rebuild(ready, engine).published
