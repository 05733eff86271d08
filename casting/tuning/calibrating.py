"""Fitting the calibration: the logistic curve on all pairs, the table on best actors, the limits on strangers.

A score answers: of drawings whose best actor scored like this, how many showed that actor? Actors further down get the
score that they would have as the best, so that two who are equally similar score the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import calibration_error
from casting.tuning.calibration import Calibration
from casting.tuning.choosing import FOLDS, folds
from casting.tuning.logistic import isotonic, platt

Doubles = npt.NDArray[np.float64]
Table = Literal["logistic", "isotonic"]
TABLES: tuple[Table, ...] = get_args(Table)
RIGHT_LOST = 0.10
"""Share of drawings whose actor is there and first that may be told "no good match"; the fewer drawings were seen, the
further below it the limit is set."""
PULL = 2.0
"""Precision of the belief that the curve fitted on pairs needs no correction (slope 1, offset 0)."""
STRANGERS_GOOD = 0.05
"""Share of drawings whose actor is not there that may be called a good match."""


@dataclass(frozen=True)
class Calibrated:
    """A calibration and what it does on actors held out."""

    calibration: Calibration
    table: Table
    """How outcomes were smoothed."""
    error: float
    """Expected calibration error."""
    stranger_caught: float
    """Share of "no good match" among drawings whose actor was taken out of the gallery."""
    right_lost: float
    """Share of it among drawings whose actor is there and ranked first."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "table": self.table,
            "expected_calibration_error": round(self.error, 4),
            "no_match_when_actor_is_missing": round(self.stranger_caught, 4),
            "no_match_when_actor_is_first": round(self.right_lost, 4),
        }


def calibrate(
    fused: Doubles, right: npt.NDArray[np.int64], actors: npt.NDArray[np.str_], without: Doubles
) -> Calibrated:
    """Fit on held-out similarities: `fused` [n, owners]; `without` [n] is the best stranger's, the actor missing.

    The table is a second logistic curve or isotonic, whichever has the smaller squared error on actors held out.
    """
    seen = _Seen(fused, right, without)
    fold = folds(actors)
    tables: dict[Table, tuple[Doubles, Doubles, Doubles]] = {}
    for table in TABLES:
        chances, best, missing = np.empty(len(right)), np.empty(len(right)), np.empty(len(right))
        for number in range(FOLDS):
            out = fold == number
            some = _fit(seen.only(~out), table)
            chances[out] = some.probabilities(seen.best[out], seen.size)
            best[out] = some.logits(seen.best[out], seen.size) - some.none_below
            missing[out] = some.logits(without[out], seen.size - 1) - some.none_below
        tables[table] = (chances, best, missing)
    table = min(tables, key=lambda name: float(np.square(tables[name][0] - seen.first).mean()))
    chances, best, missing = tables[table]
    error = calibration_error(chances, seen.first)
    lost = float((best[seen.first] < 0).mean()) if seen.first.any() else 0.0
    return Calibrated(replace(_fit(seen, table), error=error), table, error, float((missing < 0).mean()), lost)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Similarities that a calibration is fitted on."""

    fused: Doubles
    right: npt.NDArray[np.int64]
    without: Doubles

    @property
    def size(self) -> int:
        """Owners in the gallery."""
        return int(self.fused.shape[1])

    @cached_property
    def best(self) -> Doubles:
        """Of the best actor, [n]."""
        return np.asarray(np.nanmax(self.fused, axis=1), np.float64)

    @cached_property
    def first(self) -> npt.NDArray[np.bool_]:
        """Whether the right actor is first, [n]."""
        return np.asarray(np.nanargmax(self.fused, axis=1) == self.right, np.bool_)

    def only(self, keep: npt.NDArray[np.bool_]) -> _Seen:
        """Some of the drawings."""
        return _Seen(self.fused[keep], self.right[keep], self.without[keep])


def _fit(seen: _Seen, table: Table) -> Calibration:
    truth = np.zeros(seen.fused.shape, np.bool_)
    truth[np.arange(len(seen.fused)), seen.right] = True
    known = ~np.isnan(seen.fused)
    prior = np.full(int(known.sum()), -np.log(max(seen.size - 1, 1)))
    slope, offset = platt(seen.fused[known], truth[known], prior)
    plain = Calibration(slope, offset, (), 0.0, 0.0, 0.0)
    at = plain.logits(seen.best, seen.size)
    own = at[seen.first] if seen.first.any() else at
    allowed = RIGHT_LOST - 0.5 * float(np.sqrt(RIGHT_LOST * (1 - RIGHT_LOST) / len(own)))
    none_below = float(np.quantile(own, max(allowed, 0.0)))
    good_from = float(np.quantile(plain.logits(seen.without, seen.size - 1), 1 - STRANGERS_GOOD))
    knots = isotonic(at, seen.first) if table == "isotonic" else _curve(at, seen.first)
    return Calibration(slope, offset, tuple(knots), none_below, max(none_below, good_from), 0.0)


def _curve(at: Doubles, first: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """A logistic curve through the outcomes, as a table; few outcomes move it little from what the pairs said."""
    slope, offset = platt(at, first, np.zeros(len(at)), PULL)
    reach = np.linspace(float(at.min()) - 4.0, float(at.max()) + 4.0, 41)
    return [(float(x), float(1 / (1 + np.exp(-(slope * x + offset))))) for x in reach]
