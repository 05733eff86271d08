"""The same drawings among other casts: what recall, scores and "no good match" are worth as a cast grows or shrinks.

A figure holds for the cast that it was measured among: the best of many strangers comes closer than the best of few.
Scores take the size of the cast into account; whether they do so rightly is measured here. A cast of the truth's
actors alone is what comparisons on unseen people are usually made among; the other actors of a library are people on
whom, perhaps, something was fitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from casting.evaluation.checking import CalibrationCheck, check_calibration
from casting.evaluation.lots import casts_by_lot
from casting.evaluation.metrics import Metric, Resampled, ranking_gains
from casting.evaluation.trials import SpaceScores, Trial, run_trial
from casting.tuning.active import Plan
from index import Aggregation

LEAST = 5
"""Actors from which a cast is worth ranking."""
ALL, KNOWN, BY_LOT = "all actors", "actors of the known answers", "drawn by lot"
SHOWN = ("R@1", "R@5")


@dataclass(frozen=True)
class CastRow:
    """One kind of cast."""

    name: str
    """`all actors`, `actors of the known answers` or `drawn by lot`."""
    actors: int
    metrics: Mapping[str, Metric]
    calibration: CalibrationCheck | None

    def as_dict(self) -> dict[str, Any]:
        """For tables and JSON."""
        check, mrr = self.calibration, self.metrics["MRR"]
        return {
            "cast": self.name,
            "actors": self.actors,
            **{name: str(self.metrics[name]) for name in SHOWN},
            "MRR": f"{mrr.value:.3f} ({mrr.low:.2f} to {mrr.high:.2f})",
            "calibration error": "-" if check is None else f"{check.error:.3f}",
            "no match, actor missing": "-" if check is None else str(check.missing_caught),
            "no match, actor first": "-" if check is None else str(check.first_lost),
            "at a tenth lost": "-" if check is None else f"{100 * check.caught_at_a_tenth:.1f}",
        }


def other_casts(
    scores: SpaceScores, right: Sequence[int], plan: Plan, how: Aggregation, whole: Trial
) -> Iterator[CastRow]:
    """All actors (the trial `whole`), those of the truth alone, and casts of several sizes drawn by lot."""
    actors = scores.queries.actors
    places, everybody = np.asarray(right, np.int64), whole.size
    yield _row(ALL, [whole], plan, actors)
    known = np.unique(places)
    if LEAST <= len(known) < everybody:
        among = np.tile(known, (len(places), 1))
        yield _row(KNOWN, [run_trial(KNOWN, scores, right, plan, how, among)], plan, actors)
    for casts in casts_by_lot(places, everybody):
        yield _row(BY_LOT, [run_trial(BY_LOT, scores, right, plan, how, cast) for cast in casts], plan, actors)


def _row(name: str, trials: Sequence[Trial], plan: Plan, actors: npt.NDArray[np.str_]) -> CastRow:
    trial = _joined(trials)
    resampled = Resampled(np.tile(actors, len(trials)))
    metrics = {figure: resampled.metric(gains) for figure, gains in ranking_gains(trial.ranks).items()}
    return CastRow(name, trial.size, metrics, check_calibration(trial, plan.calibration, resampled))


def _joined(trials: Sequence[Trial]) -> Trial:
    """Several trials of one size, drawing after drawing."""
    first = trials[0]
    if len(trials) == 1:
        return first
    return Trial(
        first.name,
        first.owners,
        np.concatenate([one.right for one in trials]),
        np.concatenate([one.found for one in trials]),
        np.concatenate([one.similarity for one in trials]),
        np.concatenate([one.without for one in trials]),
    )
