"""Fitting the calibration: the logistic curve on all pairs, the table on best actors, the limits on strangers.

A score answers: of drawings whose best actor scored like this, how many showed that actor? Actors further down get the
score that they would have as the best, so that two who are equally similar score the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import calibration_error
from casting.tuning.calibration import Calibration
from casting.tuning.choosing import FOLDS, folds
from casting.tuning.logistic import isotonic, platt

Doubles = npt.NDArray[np.float64]
RIGHT_LOST = 0.09
"""Share of drawings whose actor is there and first that may be told "no good match"."""
STRANGERS_GOOD = 0.05
"""Share of drawings whose actor is not there that may be called a good match."""


@dataclass(frozen=True)
class Calibrated:
    """A calibration and what it does on actors held out."""

    calibration: Calibration
    error: float
    """Expected calibration error."""
    stranger_caught: float
    """Share of "no good match" among drawings whose actor was taken out of the gallery."""
    right_lost: float
    """Share of it among drawings whose actor is there and ranked first."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "expected_calibration_error": round(self.error, 4),
            "no_match_when_actor_is_missing": round(self.stranger_caught, 4),
            "no_match_when_actor_is_first": round(self.right_lost, 4),
        }


def calibrate(
    fused: Doubles, right: npt.NDArray[np.int64], actors: npt.NDArray[np.str_], without: Doubles
) -> Calibrated:
    """Fit on held-out similarities: `fused` [n, owners]; `without` [n] is the best stranger's, the actor missing."""
    size = fused.shape[1]
    best, first = np.nanmax(fused, axis=1), _first(fused, right)
    chances, lost, caught = np.empty(len(best)), np.empty(len(best), bool), np.empty(len(best), bool)
    fold = folds(actors)
    for number in range(FOLDS):
        out = fold == number
        some = _fit(fused[~out], right[~out], best[~out], first[~out], without[~out])
        chances[out] = some.probabilities(best[out], size)
        lost[out] = some.logits(best[out], size) < some.none_below
        caught[out] = some.logits(without[out], size - 1) < some.none_below
    error = calibration_error(chances, first)
    whole = _fit(fused, right, best, first, without)
    calibration = Calibration(whole.slope, whole.offset, whole.knots, whole.none_below, whole.good_from, error)
    return Calibrated(calibration, error, float(caught.mean()), float(lost[first].mean()) if first.any() else 0.0)


def _first(fused: Doubles, right: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    return np.asarray(np.nanargmax(fused, axis=1) == right, np.bool_)


def _fit(
    fused: Doubles, right: npt.NDArray[np.int64], best: Doubles, first: npt.NDArray[np.bool_], without: Doubles
) -> Calibration:
    size = fused.shape[1]
    truth = np.zeros(fused.shape, np.bool_)
    truth[np.arange(len(fused)), right] = True
    known = ~np.isnan(fused)
    prior = np.full(int(known.sum()), -np.log(max(size - 1, 1)))
    slope, offset = platt(fused[known], truth[known], prior)
    plain = Calibration(slope, offset, (), 0.0, 0.0, 0.0)
    at = plain.logits(best, size)
    knots = tuple(isotonic(at, first))
    own = at[first] if first.any() else at
    none_below = float(np.quantile(own, RIGHT_LOST))
    good_from = float(np.quantile(plain.logits(without, size - 1), 1 - STRANGERS_GOOD))
    return Calibration(slope, offset, knots, none_below, max(none_below, good_from), 0.0)
