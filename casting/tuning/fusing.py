"""Which spaces rank together and how much each counts: learnt by conditional logistic regression, judged held out.

All scores are [drawings, owners], NaN where a space does not know an owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from casting.evaluation.lots import casts_by_lot
from casting.evaluation.metrics import Comparison, Resampled, ranking_gains
from casting.scoring import Usual
from casting.tuning.calibrating import UNKNOWN, Outcomes
from casting.tuning.choosing import FOLDS, folds, ranks_of
from casting.tuning.logistic import choice_weights
from casting.tuning.tuning import ALL

Doubles = npt.NDArray[np.float64]


def usual_scores(scores: Doubles, right: npt.NDArray[np.int64]) -> Usual:
    """Mean and spread of strangers' scores, averaged over drawings."""
    strangers = scores.copy()
    strangers[np.arange(len(scores)), right] = np.nan
    return Usual(float(np.nanmean(np.nanmean(strangers, axis=1))), float(np.nanmean(np.nanstd(strangers, axis=1))))


def standardised(scores: Doubles, usual: Usual) -> Doubles:
    """Scores in standard deviations of each drawing over the gallery."""
    return np.stack([usual.standardised(row) for row in scores])


def fuse_spaces(parts: Mapping[str, Doubles], weights: Mapping[str, float]) -> Doubles:
    """Weighted mean [n, owners] over the spaces that know an owner."""
    total = np.sum([np.where(np.isnan(parts[name]), 0.0, weights[name]) for name in weights], axis=0)
    summed = np.nansum([weights[name] * parts[name] for name in weights], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, summed / total, np.nan), np.float64)


def learnt_weights(parts: Mapping[str, Doubles], right: npt.NDArray[np.int64]) -> dict[str, float]:
    """Weights that add up to 1, learnt by conditional logistic regression."""
    names = list(parts)
    if len(names) == 1:
        return {names[0]: 1.0}
    found = choice_weights(np.stack([parts[name] for name in names], axis=2), right)
    total = max(float(found.sum()), 1e-9)
    return {name: float(weight / total) for name, weight in zip(names, found, strict=True)}


def held_out_fusion(
    parts: Mapping[str, Doubles], right: npt.NDArray[np.int64], actors: npt.NDArray[np.str_]
) -> Doubles:
    """Fused scores [n, owners] of every drawing, with weights learnt without its actor."""
    if len(parts) == 1:
        return next(iter(parts.values()))
    fold = folds(actors)
    fused = np.empty_like(next(iter(parts.values())))
    for number in range(FOLDS):
        out = fold == number
        weights = learnt_weights({name: part[~out] for name, part in parts.items()}, right[~out])
        fused[out] = fuse_spaces({name: part[out] for name, part in parts.items()}, weights)
    return fused


def choose_spaces(
    parts: Mapping[str, Doubles], right: npt.NDArray[np.int64], actors: npt.NDArray[np.str_]
) -> tuple[list[str], dict[str, Comparison]]:
    """The best space, and then every other that is shown to improve on what is there; the rest with the reason."""
    resampled = Resampled(actors)

    def gains(names: Sequence[str]) -> Doubles:
        fused = held_out_fusion({name: parts[name] for name in names}, right, actors)
        return ranking_gains(ranks_of(fused, right))["MRR"]

    single = {name: float(gains([name]).mean()) for name in parts}
    order = sorted(parts, key=lambda name: -single[name])
    chosen, dropped = [order[0]], {}
    for name in order[1:]:
        compared = resampled.compare(gains([*chosen, name]), gains(chosen))
        if compared.verdict == "better":
            chosen.append(name)
        else:
            dropped[name] = compared
    return chosen, dropped


def best_without_right(
    scores: Mapping[str, Doubles],
    usual: Mapping[str, Usual],
    weights: Mapping[str, float],
    right: npt.NDArray[np.int64],
) -> Doubles:
    """[n], similarity of the best actor when the right one is not in the gallery."""
    parts = {}
    for name, values in scores.items():
        left = values.copy()
        left[np.arange(len(left)), right] = np.nan
        parts[name] = standardised(left, usual[name])
    return np.asarray(np.nan_to_num(fuse_spaces(parts, weights), nan=UNKNOWN).max(axis=1), np.float64)


def weights_beside(
    parts: Mapping[str, Doubles], chosen: Sequence[str], right: npt.NDArray[np.int64]
) -> dict[str, dict[str, float]]:
    """For every space that was not chosen, the weights with it added; under `ALL` those of every space."""
    others = [name for name in parts if name not in chosen]
    wanted = {name: [*chosen, name] for name in others} | ({ALL: list(parts)} if others else {})
    return {name: learnt_weights({one: parts[one] for one in names}, right) for name, names in wanted.items()}


def smaller_casts(
    scores: Mapping[str, Doubles],
    usual: Mapping[str, Usual],
    weights: Mapping[str, float],
    right: npt.NDArray[np.int64],
) -> list[Outcomes]:
    """The same drawings in casts drawn by lot, several of each size below that of the gallery."""
    everybody = next(iter(scores.values())).shape[1]
    outcomes = []
    for casts in casts_by_lot(right, everybody):
        for among in casts:
            some = {name: np.take_along_axis(values, among, axis=1) for name, values in scores.items()}
            place = np.asarray((among < right[:, None]).sum(axis=1), np.int64)
            fused = fuse_spaces({name: standardised(values, usual[name]) for name, values in some.items()}, weights)
            outcomes.append(Outcomes.of(fused, place, best_without_right(some, usual, weights, place)))
    return outcomes
