"""Ranking: exact fusion, filters, contracts, missing spaces, and a schema that machines can rely on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casting import Engine, Library, import_cast, rank_image, rebuild
from casting.catalog import Actor
from casting.scoring import Recipe, Usual, combine, fuse
from castoon.errors import ContractMismatchError, InputError, NotReadyError
from castoon.images import decode
from index import FlatIndex, Names, NumpyIndex, SpaceData

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


def test_an_actor_without_vectors_in_a_space_is_not_punished() -> None:
    rng = np.random.default_rng(0)
    query = _unit(rng, 1)
    near = query[0]
    spaces = {
        "a": SpaceData.build("a", "c", 8, [("x", "1", near), ("y", "2", _unit(rng, 1)[0])]),
        "b": SpaceData.build("b", "c", 8, [("y", "2", _unit(rng, 1)[0])]),
    }
    index = FlatIndex("v", spaces, {})
    fused = fuse(index, {"a": query, "b": query}, Recipe({"a": 1.0, "b": 1.0}))
    (first,) = fused.best(1)
    assert fused.owners[first] == "x"
    assert fused.similarity[first] == pytest.approx(1.0, abs=1e-6)
    assert np.isnan(fused.shares["b"][first])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), owners=st.integers(1, 60), k=st.integers(1, 20), weight=st.floats(0.05, 1.0),
       how=st.sampled_from(["centroid", "best", "top3"]))  # fmt: skip
def test_fusion_agrees_with_fusing_one_actor_at_a_time(seed: int, owners: int, k: int, weight: float, how: str) -> None:
    rng = np.random.default_rng(seed)
    spaces = {}
    for name in ("a", "b"):
        items = [
            (f"o{i:03d}", f"{i}-{j}", _unit(rng, 1)[0]) for i in range(owners) for j in range(2) if rng.random() < 0.9
        ]
        spaces[name] = SpaceData.build(name, "c", 8, items)
    facts = {owner: {"even": "yes" if int(owner[1:]) % 2 == 0 else "no"} for owner in _owners(spaces)}
    queries = {"a": _unit(rng, 1), "b": _unit(rng, 1)}
    weights = {"a": 1.0, "b": weight}
    where = "even=yes" if seed % 2 else ""
    fused = fuse(FlatIndex("v", spaces, facts), queries, Recipe(weights), where=where, how=how)  # type: ignore[arg-type]
    reference = NumpyIndex("v", spaces, facts)
    hits = {name: {hit.owner: hit.score for hit in reference.search(name, queries[name], 999, where, how)[0]}  # type: ignore[arg-type]
            for name in spaces}  # fmt: skip
    scores = {}
    for owner in {*hits["a"], *hits["b"]}:
        parts = [(weights[name], known[owner]) for name, known in hits.items() if owner in known]
        scores[owner] = sum(w * s for w, s in parts) / sum(w for w, _ in parts)
    expected = sorted(scores.values(), reverse=True)[:k]
    places = fused.best(k)
    assert fused.passing == len(scores)
    assert fused.similarity[places].tolist() == pytest.approx(expected, abs=1e-5)
    for place in places:
        assert np.nansum([share[place] for share in fused.shares.values()]) == pytest.approx(fused.similarity[place])


def test_standardised_scores_do_not_depend_on_how_close_a_query_is_to_everybody() -> None:
    scores = np.random.default_rng(1).normal(0.1, 0.05, 500)
    recipe = Recipe({"a": 1.0, "b": 1.0}, "standardised", {"a": Usual(0.1, 0.05), "b": Usual(0.3, 0.2)})
    everybody = np.ones(500, bool)
    owners = Names.of(f"o{number:03d}" for number in range(500))
    plain = combine(owners, {"a": scores, "b": 0.3 + 4 * (scores - 0.1)}, recipe, everybody)
    shifted = combine(owners, {"a": scores + 0.2, "b": 0.3 + 4 * (scores - 0.1)}, recipe, everybody)
    assert plain.best(10).tolist() == shifted.best(10).tolist()
    assert np.corrcoef(plain.similarity, shifted.similarity)[0, 1] > 0.999


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40), st.floats(-0.3, 0.3), st.floats(0.01, 0.3))
def test_standardised_scores_keep_the_order_of_the_cosines(scores: list[float], mean: float, spread: float) -> None:
    cosines = np.round(np.array(scores), 3)
    found = Usual(mean, spread).standardised(cosines)
    order = np.argsort(cosines, kind="stable")
    assert (np.diff(found[order]) >= -1e-9).all()
    with_unknown = Usual(mean, spread).standardised(np.append(cosines, np.nan))
    assert np.array_equal(with_unknown[:-1], found)


def test_an_actor_stands_out_as_far_in_a_small_cast_as_in_a_large_one() -> None:
    rng, usual = np.random.default_rng(3), Usual(0.1, 0.05)
    strangers = rng.normal(0.1, 0.05, 2000)
    large = usual.standardised(np.append(strangers, 0.4))[-1]
    small = [usual.standardised(np.append(rng.choice(strangers, 9), 0.4))[-1] for _ in range(200)]
    assert large == pytest.approx(6, abs=0.2)
    assert np.mean(small) == pytest.approx(large, rel=0.08)


@given(seed=st.integers(0, 200))
def test_reciprocal_ranks_follow_ranks_only(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = {"a": rng.normal(size=30), "b": rng.normal(size=30)}
    owners = Names.of(f"o{number:02d}" for number in range(30))
    recipe = Recipe({"a": 1.0, "b": 2.0}, "reciprocal")
    one = combine(owners, scores, recipe, np.ones(30, bool))
    other = combine(owners, {name: np.exp(3 * values) for name, values in scores.items()}, recipe, np.ones(30, bool))
    assert one.best(30).tolist() == other.best(30).tolist()


def _owners(spaces: dict[str, SpaceData]) -> list[str]:
    return sorted({owner for data in spaces.values() for owner in data.owners})


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
