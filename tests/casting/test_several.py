"""Several pictures of one character: what they are worth, and where the limits lie then."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casting.averaging import mean_cosine, mean_of
from casting.evaluation.lots import drawn_together
from casting.scoring import Usual
from casting.tuning import Calibration, Limit, Limits
from casting.tuning.calibrating import RIGHT_LOST, Told, calibrate
from casting.tuning.choosing import Samples, choose_bridge
from casting.tuning.fusing import best_without_right, standardised, usual_scores
from casting.tuning.several import Weighed, several_pictures

SIZE, DIM = 60, 48


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def made_up(seed: int, noise: float = 2.0, each: int = 6) -> Samples:
    """Drawings by as many hands as there are: an actor's place and an error of its own."""
    rng = np.random.default_rng(seed)
    places = rng.standard_normal((SIZE, DIM))
    right = np.repeat(np.arange(SIZE), each)
    drawings = _unit(places[right] + noise * rng.standard_normal((len(right), DIM)))
    actors = np.array([f"p{at:02}" for at in right])
    photos = {f"p{at:02}": _unit(places[at] + 0.3 * rng.standard_normal((4, DIM))) for at in range(SIZE)}
    return Samples(drawings, actors, right, _unit(places), photos)


def _fitted(samples: Samples) -> tuple[Calibration, Usual, dict[int, Told]]:
    everyone = np.ones(len(samples.actors), np.bool_)
    choice = choose_bridge(samples, everyone, methods=[])
    usual = usual_scores(choice.scores, samples.right)
    several, alike = several_pictures(Weighed({"a": samples}, {"a": choice}, {"a": usual}, {"a": 1.0}), everyone)
    without = best_without_right({"a": choice.scores}, {"a": usual}, {"a": 1.0}, samples.right)
    fused = standardised(choice.scores, usual)
    found = calibrate(fused, samples.right, samples.actors, without, (), several, alike)
    return found.calibration, usual, dict(found.several)


def _told(
    samples: Samples, calibration: Calibration, usual: Usual, pictures: int, limits_of: float
) -> tuple[float, float]:
    """Share caught with the actor missing, and lost with the actor first."""
    together = drawn_together(samples.actors, np.ones(len(samples.actors), np.bool_), pictures)
    right = samples.right[together[:, 0]]
    scores = np.asarray(mean_of(samples.drawings[together]) @ samples.centroids.T, np.float64)
    best = standardised(scores, usual)
    without = best_without_right({"a": scores}, {"a": usual}, {"a": 1.0}, right)
    first = best.argmax(axis=1) == right
    lost = calibration.is_none(best.max(axis=1)[first], SIZE, limits_of).mean()
    return float(calibration.is_none(without, SIZE - 1, limits_of).mean()), float(lost)


def test_limits_for_several_pictures_hold_for_other_characters() -> None:
    """With the limits for one picture, three would let strangers pass who are told easily."""
    calibration, usual, figures = _fitted(made_up(1))
    assert sorted(figures) == [2, 3]
    other = made_up(2)
    caught = {}
    for pictures in (1, 2, 3):
        caught[pictures], lost = _told(other, calibration, usual, pictures, pictures)
        assert lost < RIGHT_LOST + 0.05
    assert caught[1] < caught[2] < caught[3]
    as_one, _ = _told(other, calibration, usual, 3, 1.0)
    assert caught[3] > as_one + 0.1
    assert figures[3].first == pytest.approx(1.0, abs=0.1)
    assert figures[3].stranger_caught == pytest.approx(caught[3], abs=0.08)
    assert figures[3].right_lost < RIGHT_LOST + 0.03


def test_no_more_of_the_right_are_lost_than_strangers_pass() -> None:
    calibration, usual, _ = _fitted(made_up(3, noise=1.0))
    caught, lost = _told(made_up(4, noise=1.0), calibration, usual, 1, 1.0)
    assert lost < 1 - caught + 0.03 < RIGHT_LOST


def test_how_alike_pictures_by_different_hands_are_is_measured() -> None:
    samples = made_up(5)
    calibration, _, _ = _fitted(samples)
    own = [samples.drawings[samples.right == at] for at in range(SIZE)]
    assert calibration.alike == pytest.approx(np.mean([mean_cosine(rows) for rows in own]), abs=0.01)
    assert calibration.worth(calibration.alike, 3) == pytest.approx(3.0)


def test_too_few_characters_leave_the_limits_for_one_picture() -> None:
    samples = made_up(6, each=1)
    calibration, _, figures = _fitted(samples)
    assert (len(calibration.limits), figures, calibration.alike) == (1, {}, 0.0)


def _calibration(alike: float) -> Calibration:
    limits = tuple(Limits(Limit(at), Limit(at + 1.0)) for at in (0.0, 1.0, 1.5))
    return Calibration(1.0, 0.0, ((-3.0, 0.1), (3.0, 0.9)), limits, 0.0, 60, alike=alike)


@given(alike=st.floats(-0.2, 0.9), cosine=st.floats(-1.0, 1.0), pictures=st.integers(2, 12))
@settings(max_examples=80, deadline=None)
def test_pictures_are_worth_one_to_their_number(alike: float, cosine: float, pictures: int) -> None:
    calibration = _calibration(alike)
    worth = calibration.worth(cosine, pictures)
    assert 1.0 <= worth <= pictures
    assert calibration.worth(1.0, pictures) == pytest.approx(1.0), "the same picture again is no other picture"
    assert worth >= calibration.worth(min(1.0, cosine + 0.1), pictures) - 1e-9


def test_the_limit_rises_with_what_the_pictures_are_worth() -> None:
    calibration = _calibration(0.3)
    similarity = np.linspace(-2.0, 9.0, 200)
    refused = [calibration.is_none(similarity, 60, worth).sum() for worth in (1.0, 1.4, 2.0, 2.6, 3.0, 7.0)]
    assert refused == sorted(refused) and refused[0] < refused[1] < refused[3]
    assert refused[-1] == refused[-2], "more than were learnt from count as the most of these"


@given(seed=st.integers(0, 1000), count=st.integers(2, 6))
@settings(max_examples=20, deadline=None)
def test_the_mean_cosine_is_that_of_all_pairs(seed: int, count: int) -> None:
    rows = _unit(np.random.default_rng(seed).standard_normal((count, 16)))
    pairs = [float(rows[a] @ rows[b]) for a in range(count) for b in range(a)]
    assert mean_cosine(rows) == pytest.approx(np.mean(pairs), abs=1e-5)
