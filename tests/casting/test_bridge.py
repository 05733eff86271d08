"""Bridges, weights and calibration: they help where drawings differ from photos in a learnable way, and say so."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casting import Engine, Library, evaluate, explain, rank_faces
from casting.evaluation import Truth
from casting.evaluation.metrics import calibration_error
from casting.results import in_100
from casting.scoring import Usual
from casting.spaces import Space
from casting.tuning import Bridge, Calibration, Limit, Limits, Tuning
from casting.tuning.calibrating import STRANGERS, calibrate
from casting.tuning.choosing import Samples, choose_bridge, folds
from casting.tuning.fitting import fit_tuning
from casting.tuning.fusing import best_without_right, choose_spaces, smaller_casts, standardised, weights_beside
from casting.tuning.logistic import choice_weights, isotonic, platt
from casting.tuning.methods import EARLIER_SHRINKAGE, METHODS, OF_EARLIER, Pairs, WhiteningByNetwork
from casting.tuning.tuning import ALL, BESIDE
from castoon.errors import InputError, NotReadyError
from embeddings.contract import AS_GALLERY

DIM, ACTORS, EACH = 24, 60, 6


def made_up(seed: int = 0, shift: float = 1.2, strangers: int = 0) -> Samples:
    """Photos around each actor; drawings lie elsewhere, and vary along a few directions that mean nothing."""
    rng = np.random.default_rng(seed)
    people = rng.standard_normal((ACTORS + strangers, DIM))
    style = rng.standard_normal((4, DIM))
    names = np.array([f"p{number:03d}" for number in range(ACTORS)])
    photos = {
        name: _unit(people[at] + 0.5 * rng.standard_normal((4, DIM)) + rng.standard_normal((4, 4)) @ style * 0.5)
        for at, name in enumerate(names)
    }
    away = shift * rng.standard_normal(DIM)
    drawings = np.repeat(people[:ACTORS], EACH, axis=0) + away
    drawings = (
        drawings + 0.9 * rng.standard_normal((len(drawings), 4)) @ style + 0.6 * rng.standard_normal(drawings.shape)
    )
    centroids = np.stack([photos[name].mean(0) for name in names] + list(people[ACTORS:]))
    return Samples(
        _unit(drawings), np.repeat(names, EACH), np.repeat(np.arange(ACTORS), EACH), _unit(centroids), photos
    )


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def everyone(samples: Samples) -> np.ndarray:
    return np.ones(len(samples.actors), bool)


def test_a_bridge_helps_actors_that_it_was_not_fitted_on() -> None:
    samples = made_up()
    choice = choose_bridge(samples, everyone(samples))
    assert choice.method is not None
    assert choice.gain.verdict == "better"
    assert choice.gain.difference.value > 0.1
    assert choice.tried["means"]["MRR"].value > choice.tried["none"]["MRR"].value


def test_no_bridge_is_an_answer_too() -> None:
    rng = np.random.default_rng(3)
    photos = {f"p{at:03d}": _unit(rng.standard_normal((3, DIM))) for at in range(ACTORS)}
    names = np.array(sorted(photos))
    centroids = _unit(np.stack([photos[name].mean(0) for name in names]))
    samples = Samples(np.repeat(centroids, EACH, axis=0), np.repeat(names, EACH), np.repeat(np.arange(ACTORS), EACH),
                      centroids, photos)  # fmt: skip
    assert choose_bridge(samples, everyone(samples)).method is None


def test_folds_never_part_an_actor() -> None:
    actors = np.repeat([f"p{number}" for number in range(17)], 5)
    fold = folds(actors)
    assert all(len(set(fold[actors == actor].tolist())) == 1 for actor in set(actors.tolist()))
    assert len(set(fold.tolist())) == 5


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_gives_unit_vectors_and_bears_few_photos(method) -> None:  # type: ignore[no-untyped-def]
    samples = made_up()
    pairs = samples.pairs(sorted(samples.photos)[:20])
    thin = Pairs(pairs.drawings, {actor: rows[:1] for actor, rows in pairs.photos.items()})
    carried = method.fit(thin).carry(samples.drawings[:7])
    assert carried.shape == (7, DIM)
    assert np.linalg.norm(carried, axis=1) == pytest.approx(np.ones(7), abs=1e-5)


def test_networks_of_a_joined_space_are_whitened_each_by_itself() -> None:
    one, other = made_up(1), made_up(2)
    joined = Samples(
        _unit(np.concatenate([one.drawings, 3 * other.drawings], axis=1)), one.actors, one.right,
        _unit(np.concatenate([one.centroids, other.centroids], axis=1)),
        {name: _unit(np.concatenate([one.photos[name], other.photos[name]], axis=1)) for name in one.photos},
        (DIM, DIM),
    )  # fmt: skip
    pairs = joined.pairs(sorted(joined.photos))
    bridge = WhiteningByNetwork(0.4).fit(pairs)
    assert not bridge.matrix[:DIM, DIM:].any()
    assert not bridge.matrix[DIM:, :DIM].any()
    moved = (joined.drawings - bridge.mean) @ bridge.matrix.T
    lengths = [float(np.linalg.norm(half, axis=1).mean()) for half in (moved[:, :DIM], moved[:, DIM:])]
    assert 3 * lengths[0] == pytest.approx(lengths[1], rel=0.01), "each network counts as it does in the space"
    tried = choose_bridge(joined, everyone(joined)).tried
    assert "whitening 0.4 by network" in tried
    assert not any("by network" in name for name in choose_bridge(one, everyone(one)).tried)


def test_earlier_layers_can_be_whitened_alone() -> None:
    one, other = made_up(1), made_up(2)
    joined = Samples(
        _unit(np.concatenate([one.drawings, other.drawings], axis=1)), one.actors, one.right,
        _unit(np.concatenate([one.centroids, other.centroids], axis=1)),
        {name: _unit(np.concatenate([one.photos[name], other.photos[name]], axis=1)) for name in one.photos},
        (DIM, DIM), (False, True),
    )  # fmt: skip
    pairs = joined.pairs(sorted(joined.photos))
    bridge = OF_EARLIER.fit(pairs)
    moved = (joined.drawings - bridge.mean) @ bridge.matrix.T
    share = float(np.abs(bridge.matrix[0, 0]))
    assert np.allclose(moved[:, :DIM], share * joined.drawings[:, :DIM], atol=1e-6), "vectors are left alone"
    by_itself = WhiteningByNetwork(EARLIER_SHRINKAGE).fit(Pairs(
        {name: rows[:, DIM:] for name, rows in pairs.drawings.items()},
        {name: rows[:, DIM:] for name, rows in pairs.photos.items()},
    ))  # fmt: skip
    alone = (joined.drawings[:, DIM:] - by_itself.mean) @ by_itself.matrix.T
    assert np.allclose(_unit(moved[:, DIM:]), _unit(alone), atol=1e-4)
    lengths = [float(np.linalg.norm(half, axis=1).mean()) for half in (moved[:, :DIM], moved[:, DIM:])]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.01), "each counts as it does in the space"
    both = WhiteningByNetwork(0.7).fit(pairs)
    assert np.allclose(
        _unit(both.matrix[DIM:, DIM:].reshape(1, -1)), _unit(bridge.matrix[DIM:, DIM:].reshape(1, -1)), atol=1e-4
    ), "how much earlier layers are shrunk is not chosen"
    assert OF_EARLIER.name in choose_bridge(joined, everyone(joined)).tried
    assert OF_EARLIER.name not in choose_bridge(replace(joined, earlier=()), everyone(joined)).tried


def test_what_a_space_without_weight_would_add_is_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    right = rng.integers(0, 40, 300)
    parts = dict(zip(("good", "fair", "bad"), rng.standard_normal((3, 300, 40)), strict=True))
    parts["good"][np.arange(300), right] += 2.5
    parts["fair"][np.arange(300), right] += 1.0
    beside = weights_beside(parts, ["good"], right)
    assert set(beside) == {"fair", "bad", ALL}
    assert set(beside[ALL]) == set(parts)
    assert beside["fair"]["fair"] > beside["bad"]["bad"]
    tuning = replace(_tuning("contract", None), facts={BESIDE: beside})
    tuning.save(tmp_path / "tuning.npz")
    back = Tuning.load(tmp_path / "tuning.npz").beside
    assert back["fair"] == pytest.approx(beside["fair"])
    assert all(weight > 0 for weights in back.values() for weight in weights.values())


def test_weights_prefer_the_space_that_knows() -> None:
    rng = np.random.default_rng(0)
    right = rng.integers(0, 40, 300)
    good, bad = rng.standard_normal((2, 300, 40))
    good[np.arange(300), right] += 2.5
    weights = choice_weights(np.stack([good, bad], axis=2), right)
    assert weights[0] > 5 * max(weights[1], 0.01)
    actors = np.array([f"p{number // 5}" for number in range(300)])
    chosen, dropped = choose_spaces({"good": good, "bad": bad}, right, actors)
    assert chosen == ["good"]
    assert set(dropped) == {"bad"}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 500))
def test_isotonic_steps_rise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at = rng.normal(size=200)
    steps = isotonic(at, rng.random(200) < 1 / (1 + np.exp(-2 * at)), 10)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(steps))


def test_platt_finds_the_curve_it_was_made_from() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, 20_000)
    right = rng.random(20_000) < 1 / (1 + np.exp(-(1.7 * x - 0.4 - 1.0)))
    slope, offset = platt(x, right, np.full(20_000, -1.0))
    assert (slope, offset) == (pytest.approx(1.7, abs=0.1), pytest.approx(-0.4, abs=0.1))


def test_few_outcomes_move_a_curve_little() -> None:
    none = np.zeros(2)
    slope, offset = platt(np.array([0.5, 1.0]), np.array([True, True]), none, 2.0)
    assert (slope, offset) == (pytest.approx(1.0, abs=0.3), pytest.approx(0.0, abs=0.5))
    assert platt(np.array([0.5, 1.0]), np.array([True, True]), none)[1] > 2


def test_scores_are_calibrated_and_strangers_are_caught() -> None:
    rng = np.random.default_rng(1)
    size, count = 100, 600
    right = rng.integers(0, size, count)
    fused = rng.standard_normal((count, size))
    fused[np.arange(count), right] += rng.normal(3.5, 1.2, count)
    others = fused.copy()
    others[np.arange(count), right] = -9
    actors = np.array([f"p{number // 6}" for number in range(count)])
    found = calibrate(fused, right, actors, others.max(axis=1))
    assert found.error < 0.05
    assert found.right_lost < 0.14
    assert found.stranger_caught > 0.4
    chances = found.calibration.probabilities(fused.max(axis=1), size)
    assert calibration_error(chances, fused.argmax(axis=1) == right) < 0.05
    rising = found.calibration.probabilities(np.linspace(-2, 8, 50), size)
    assert (np.diff(rising) >= 0).all()
    crowded = found.calibration.probabilities(np.linspace(-2, 8, 50), 100 * size)
    assert (crowded <= rising).all()
    falling = found.calibration.strangers_share(np.linspace(-2, 8, 50), size)
    assert falling is not None
    assert (np.diff(falling) <= 0).all() and falling[0] == STRANGERS[0] and falling[-1] == STRANGERS[-1]


def test_scores_hold_in_casts_of_any_size() -> None:
    """One space; drawings differ in how far their actor stands out, and casts in how many others there are."""
    rng = np.random.default_rng(2)
    size, count = 150, 700
    right = rng.integers(0, size, count)
    cosines = rng.normal(0.1, 0.05, (count, size))
    cosines[np.arange(count), right] += 0.05 * rng.normal(3.2, 1.5, count)
    actors = np.array([f"p{number // 7}" for number in range(count)])
    usual, weights = {"a": Usual(0.1, 0.05)}, {"a": 1.0}

    half = np.arange(count) < count // 2
    scores = {"a": cosines[half]}
    without = best_without_right(scores, usual, weights, right[half])
    fused, casts = standardised(scores["a"], usual["a"]), smaller_casts(scores, usual, weights, right[half])
    plain = calibrate(fused, right[half], actors[half], without).calibration
    found = calibrate(fused, right[half], actors[half], without, casts).calibration
    assert (plain.prior, plain.limits[0].none_below.slope) == (1.0, 0.0)
    others = smaller_casts({"a": cosines[~half]}, usual, weights, right[~half])
    for size in {cast.size for cast in others}:
        same = [cast for cast in others if cast.size == size]
        best, first = (np.concatenate([getattr(cast, name) for cast in same]) for name in ("best", "first"))
        error = calibration_error(found.probabilities(best, size), first)
        assert error < 0.06
        assert error < calibration_error(plain.probabilities(best, size), first) + 0.01
        assert found.is_none(best[first], size).mean() < 0.16
        assert np.mean([found.is_none(cast.without, size - 1).mean() for cast in same]) > 0.4
        shares = found.strangers_share(np.concatenate([cast.without for cast in same]), size - 1)
        assert shares is not None
        for share in (0.5, 0.2, 0.1):
            assert (shares <= share).mean() == pytest.approx(share, abs=0.09), "as many get as far as is said"
        assert (
            (shares <= 0.05) == found.is_good(np.concatenate([cast.without for cast in same]), size - 1)
        ).mean() > 0.9


def test_an_actor_far_down_scores_near_nothing_and_no_two_unlike_score_the_same() -> None:
    """Even where the right actor almost always comes first, so that outcomes say little of low similarities."""
    rng = np.random.default_rng(5)
    right = np.arange(240) % 60
    fused = rng.standard_normal((240, 60))
    fused[np.arange(240), right] += rng.normal(4.5, 1.0, 240)
    without = np.sort(fused, axis=1)[:, -2]
    found = calibrate(fused, right, np.array([f"p{at}" for at in right]), without)
    best, usual, low = found.calibration.probabilities(np.array([5.0, 0.0, -2.0]), 60)
    assert best > 0.9
    assert low < usual < 0.15
    steps = np.diff(found.calibration.probabilities(np.arange(0.0, 5.6, 0.5), 60))
    assert (steps > 0.002).all()


def test_actors_without_photos_do_not_upset_what_is_learnt_of_small_casts() -> None:
    rng = np.random.default_rng(4)
    right = np.arange(60) % 20
    cosines = rng.normal(0.1, 0.05, (60, 40))
    cosines[np.arange(60), right] += 0.2
    cosines[:, 18:] = np.nan
    usual, weights, actors = {"a": Usual(0.1, 0.05)}, {"a": 1.0}, np.array([f"p{at}" for at in right])
    casts = smaller_casts({"a": cosines}, usual, weights, right)
    without = best_without_right({"a": cosines}, usual, weights, right)
    found = calibrate(standardised(cosines, usual["a"]), right, actors, without, casts).calibration
    slopes = [found.limits[0].none_below.slope, found.limits[0].good_from.slope]
    assert np.isfinite([found.slope, found.offset, found.prior, *slopes]).all()


def test_scores_of_an_earlier_form_are_dropped_and_bridges_kept(tmp_path: Path) -> None:
    bridge = METHODS[3].fit(made_up().pairs(sorted(made_up().photos)))
    _tuning("contract", bridge).save(tmp_path / "tuning.npz")
    with np.load(tmp_path / "tuning.npz") as stored:
        arrays = dict(stored)
    head = json.loads(arrays["head"].tobytes().decode())
    head["form"] = 1
    head["calibration"] |= {"none_below": -1.0, "good_from": 1.0}
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    np.savez(tmp_path / "tuning.npz", **arrays)
    back = Tuning.load(tmp_path / "tuning.npz")
    assert back.calibration is None
    assert back.weights == {"arcface:photo": 1.0}
    assert back.spaces["arcface:photo"].bridge is not None


def test_a_file_that_knows_one_picture_a_character_only_is_read(tmp_path: Path) -> None:
    _tuning("contract", None).save(tmp_path / "tuning.npz")
    with np.load(tmp_path / "tuning.npz") as stored:
        head = json.loads(stored["head"].tobytes().decode())
    known = head["calibration"]
    known |= {name: known["limits"][0][name] for name in ("none_below", "good_from")}
    del known["limits"], known["alike"]
    head["form"] = 2
    np.savez(tmp_path / "tuning.npz", head=np.frombuffer(json.dumps(head).encode(), np.uint8))
    calibration = Tuning.load(tmp_path / "tuning.npz").calibration
    assert calibration is not None and len(calibration.limits) == 1
    similarity = np.linspace(-3.0, 3.0, 13)
    assert calibration.strangers_share(similarity, 6) is None
    assert (calibration.is_none(similarity, 6, 3.0) == calibration.is_none(similarity, 6)).all()


def test_a_tuning_comes_back_from_its_file(tmp_path: Path) -> None:
    library_like = made_up()
    bridge = METHODS[3].fit(library_like.pairs(sorted(library_like.photos)))
    tuning = _tuning("contract", bridge)
    tuning.save(tmp_path / "tuning.npz")
    back = Tuning.load(tmp_path / "tuning.npz")
    assert back.weights == tuning.weights
    assert back.calibration == tuning.calibration
    carried = back.spaces["arcface:photo"].bridge
    assert carried is not None
    assert np.abs(carried.carry(library_like.drawings) - bridge.carry(library_like.drawings)).max() < 5e-3
    (tmp_path / "tuning.npz").write_bytes((tmp_path / "tuning.npz").read_bytes()[:-200])
    with pytest.raises(NotReadyError, match="castoon bridge fit"):
        Tuning.load(tmp_path / "tuning.npz")


def _tuning(contract: str, bridge: Bridge | None) -> Tuning:
    from casting.tuning import TunedSpace

    strangers = ((0.5, Limit(-1.0)), (0.05, Limit(1.0, 0.5)))
    limits = (Limits(Limit(-1.0), Limit(1.0), strangers), Limits(Limit(0.0), Limit(1.5), strangers))
    calibration = Calibration(1.0, 0.0, ((-3.0, 0.05), (3.0, 0.95)), limits, 0.02, 6, alike=0.4)
    return Tuning(
        {"arcface:photo": TunedSpace(contract, AS_GALLERY, 1.0, Usual(0.0, 0.3), bridge)}, calibration, "centroid", {}
    )


class TestInALibrary:
    @pytest.fixture
    def tuned(self, ready: Library, engine: Engine) -> Iterator[Library]:
        _tuning(engine.contract(Space("arcface", "photo")), None).save(ready.folder / "tuning.npz")
        yield ready

    def ranking(self, library: Library, engine: Engine, draw, **options):  # type: ignore[no-untyped-def]
        from castoon.images import decode

        pixels = decode(draw(2, 70)).pixels
        face = engine.face_picture(pixels, engine.finder.find(pixels).faces[0])
        return rank_faces(library, engine, [face], **options), face

    def test_scores_run_from_0_to_100_and_say_so(self, tuned: Library, engine: Engine, draw) -> None:  # type: ignore[no-untyped-def]
        ranking, _ = self.ranking(tuned, engine, draw, weights={"arcface:photo": 1.0})
        assert ranking.calibrated
        scores = [row.score for row in ranking.results]
        assert scores == sorted(scores, reverse=True)
        assert 0 <= min(scores) <= max(scores) <= 100
        assert "0 to 100" in ranking.score_meaning
        assert ranking.strangers is not None and 0.05 <= ranking.strangers <= 0.5
        assert ranking.as_dict()["match"]["strangers"] == round(ranking.strangers, 3)
        assert f"about {in_100(ranking.strangers)} of 100 drawings get as far" in ranking.match_reason
        assert ranking.results[0].actor == "actor 2"
        first = ranking.results[0]
        assert sum(first.contributions.values()) == pytest.approx(first.similarity)
        assert first.spaces["arcface:photo"] <= 1.0

    def test_the_same_picture_twice_is_worth_one(self, tuned: Library, engine: Engine, draw) -> None:  # type: ignore[no-untyped-def]
        once, face = self.ranking(tuned, engine, draw, weights={"arcface:photo": 1.0})
        twice = rank_faces(tuned, engine, [face, face], weights={"arcface:photo": 1.0})
        assert (once.pictures, twice.pictures) == (1.0, pytest.approx(1.0))
        assert (twice.match, twice.match_reason) == (once.match, once.match_reason)
        from castoon.images import decode

        other = decode(draw(2, 71)).pixels
        both = rank_faces(
            tuned, engine, [face, engine.face_picture(other, engine.finder.find(other).faces[0])],
            weights={"arcface:photo": 1.0},
        )  # fmt: skip
        assert 1.0 < both.pictures <= 2.0
        assert both.as_dict()["match"]["pictures"] == round(both.pictures, 2)

    def test_other_weights_are_not_calibrated(self, tuned: Library, engine: Engine, draw) -> None:  # type: ignore[no-untyped-def]
        ranking, _ = self.ranking(tuned, engine, draw)
        assert not ranking.calibrated
        assert (ranking.match, ranking.strangers) == ("unsure", None)
        assert "arcface:cel was not part" in ranking.match_reason

    def test_a_tuning_of_other_models_is_left_aside(self, ready: Library, engine: Engine, draw) -> None:  # type: ignore[no-untyped-def]
        _tuning("another contract", None).save(ready.folder / "tuning.npz")
        ranking, _ = self.ranking(ready, engine, draw, weights={"arcface:photo": 1.0})
        assert not ranking.calibrated
        assert "fitted on other models" in ranking.match_reason

    def test_a_tuning_of_another_way_of_looking_is_left_aside(self, ready: Library, engine: Engine, draw) -> None:  # type: ignore[no-untyped-def]
        made = _tuning(engine.contract(Space("arcface", "photo")), None)
        for known in ("once, straight on", ""):
            spaces = {name: replace(space, reading=known) for name, space in made.spaces.items()}
            replace(made, spaces=spaces).save(ready.folder / "tuning.npz")
            ranking, _ = self.ranking(ready, engine, draw, weights={"arcface:photo": 1.0})
            assert not ranking.calibrated
            assert "looked at in another way" in ranking.match_reason

    def test_a_stale_space_without_weight_does_no_harm(self, ready: Library, engine: Engine, draw) -> None:  # type: ignore[no-untyped-def]
        made = _tuning(engine.contract(Space("arcface", "photo")), None)
        other = replace(made.spaces["arcface:photo"], weight=0.0, contract="of an older style")
        replace(made, spaces={**made.spaces, "arcface:cel": other}).save(ready.folder / "tuning.npz")
        alone, _ = self.ranking(ready, engine, draw, weights={"arcface:photo": 1.0})
        assert alone.calibrated
        both, _ = self.ranking(ready, engine, draw)
        assert not both.calibrated

    def test_too_few_castings_are_refused(self, ready: Library, engine: Engine, tmp_path: Path, draw) -> None:  # type: ignore[no-untyped-def]
        rows = []
        for person in range(6):
            path = tmp_path / f"{person}.png"
            path.write_bytes(draw(person, 60))
            rows.append(Truth(path, f"actor {person}"))
        with pytest.raises(InputError, match="too few to fit on"):
            fit_tuning(ready, engine, rows)
        assert evaluate(ready, engine, rows).queries == 6

    def test_an_explanation_carries_the_score(self, tuned: Library, engine: Engine, draw) -> None:  # type: ignore[no-untyped-def]
        ranking, face = self.ranking(tuned, engine, draw, weights={"arcface:photo": 1.0})
        told = explain(tuned, engine, face, ranking.results[0].actor_id, weights={"arcface:photo": 1.0})
        assert told.calibrated
        assert told.score == pytest.approx(ranking.results[0].score)
        assert (told.match, told.match_reason) == (ranking.match, ranking.match_reason)
