"""The same drawings among other casts, and several at a time: what recall, scores and "no good match" are worth then.

A figure holds for the cast that it was measured among: the best of many strangers comes closer than the best of few.
Scores take the size of the cast into account; whether they do so rightly is measured here. A cast of the truth's
actors alone is what comparisons on unseen people are usually made among; the other actors of a library are people on
whom, perhaps, something was fitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from casting.averaging import mean_of
from casting.evaluation.checking import CalibrationCheck, check_calibration
from casting.evaluation.lots import MOST, casts_by_lot, drawn_together
from casting.evaluation.metrics import Metric, Resampled, ranking_gains
from casting.evaluation.trials import SpaceScores, Trial, run_trial
from casting.tuning.active import Plan
from index import Aggregation

LEAST = 5
"""Actors from which a cast is worth ranking."""
LEAST_TOGETHER = 20
"""Characters of several pictures from which these are worth ranking."""
ALL, KNOWN, BY_LOT = "all actors", "actors of the known answers", "drawn by lot"
SHOWN = ("R@1", "R@5")


@dataclass(frozen=True)
class CastRow:
    """One kind of cast."""

    name: str
    """`all actors`, `actors of the known answers` or `drawn by lot`."""
    actors: int
    pictures: int
    """Of each character; more than one are averaged, as a ranking does."""
    metrics: Mapping[str, Metric]
    calibration: CalibrationCheck | None

    def as_dict(self) -> dict[str, Any]:
        """For tables and JSON."""
        check, mrr = self.calibration, self.metrics["MRR"]
        return {
            "cast": self.name,
            "actors": self.actors,
            "pictures": self.pictures,
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
    """All actors (the trial `whole`), those of the truth alone, and casts of several sizes drawn by lot.

    Among the first two also characters of several pictures, as far as there are enough.
    """
    actors = scores.queries.actors
    places, everybody = np.asarray(right, np.int64), whole.size
    yield _row(ALL, [whole], plan, actors)
    together = list(_together(scores, places, plan))
    for some, there, worth in together:
        yield _row(ALL, [run_trial(ALL, some, there.tolist(), plan, how)], plan, some.queries.actors, worth)
    known = np.unique(places)
    if LEAST <= len(known) < everybody:
        yield _row(KNOWN, [run_trial(KNOWN, scores, right, plan, how, _tiled(known, places))], plan, actors)
        for some, there, worth in together:
            trial = run_trial(KNOWN, some, there.tolist(), plan, how, _tiled(known, there))
            yield _row(KNOWN, [trial], plan, some.queries.actors, worth)
    for casts in casts_by_lot(places, everybody):
        yield _row(BY_LOT, [run_trial(BY_LOT, scores, right, plan, how, cast) for cast in casts], plan, actors)


def _tiled(known: npt.NDArray[np.int64], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.tile(known, (len(places), 1))


@dataclass(frozen=True, eq=False)
class _Worth:
    """Characters of several pictures."""

    pictures: int
    each: npt.NDArray[np.float64]
    """[characters], how many by different hands they are worth."""


def _together(
    scores: SpaceScores, places: npt.NDArray[np.int64], plan: Plan
) -> Iterator[tuple[SpaceScores, npt.NDArray[np.int64], _Worth]]:
    """Characters of two and of three of the drawings, by lot; the place of each one's actor; what each is worth."""
    queries = scores.queries
    carried = plan.carried({space: queries.vectors[space] for space in plan.recipe.weights})
    for pictures in range(2, MOST + 1):
        rows = drawn_together(queries.actors, queries.found, pictures)
        if len(rows) < LEAST_TOGETHER:
            return
        vectors = {space: queries.vectors[space][rows] for space in plan.recipe.weights}
        worth = [plan.worth({space: of[at] for space, of in carried.items()}) for at in rows]
        some = queries.only(np.zeros(len(queries.found), np.bool_))
        some = replace(
            some,
            truth=tuple(queries.truth[at] for at in rows[:, 0].tolist()),
            found=np.ones(len(rows), np.bool_),
            vectors={space: mean_of(of) for space, of in vectors.items()},
        )
        yield SpaceScores(scores.index, some), places[rows[:, 0]], _Worth(pictures, np.array(worth))


def _row(
    name: str, trials: Sequence[Trial], plan: Plan, actors: npt.NDArray[np.str_], worth: _Worth | None = None
) -> CastRow:
    trial = _joined(trials)
    resampled = Resampled(np.tile(actors, len(trials)))
    metrics = {figure: resampled.metric(gains) for figure, gains in ranking_gains(trial.ranks).items()}
    check = check_calibration(trial, plan.calibration, resampled, worth.each if worth else None)
    return CastRow(name, trial.size, worth.pictures if worth else 1, metrics, check)


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
