"""Fitting the calibration: the logistic curve on all pairs, the table on best actors of casts of all sizes, the limits
on strangers.

A score answers: of drawings whose best actor scored like this, how many showed that actor? Actors further down get the
score that they would have as the best, so that two who are equally similar score the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import calibration_error
from casting.tuning.calibration import Calibration, Limit, Limits
from casting.tuning.choosing import FOLDS, folds
from casting.tuning.logistic import isotonic, logistic, platt

Doubles = npt.NDArray[np.float64]
RIGHT_LOST = 0.10
"""Share of drawings whose actor is there and first that may be told "no good match", unless fewer than that pass with
their actor missing; the fewer drawings were seen, the further below it the limit is set."""
UNKNOWN = -10.0
"""Similarity, in standard deviations, that stands for an actor whom no space knows: below everybody."""
PULL = 2.0
"""Precision of the belief that the curve fitted on pairs needs no correction (slope 1, offset 0)."""
SUREST = 0.995
"""Share of right actors that is believed of any score: some dozens of past drawings cannot show more."""
STRANGERS_GOOD = 0.05
"""Share of drawings whose actor is not there that may be called a good match."""


STRANGERS = (0.9, 0.75, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.075, STRANGERS_GOOD, 0.03, 0.02, 0.01)
"""Shares of such drawings for which it is kept what their best actor reaches."""


@dataclass(frozen=True)
class Told:
    """What characters of several pictures came to, on actors held out."""

    first: float
    """R@1."""
    stranger_caught: float
    right_lost: float
    """As in `Calibrated`."""


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
    several: Mapping[int, Told] = field(default_factory=dict)
    """For two pictures of a character, for three, as far as there were enough drawings."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "expected_calibration_error": round(self.error, 4),
            "no_match_when_actor_is_missing": round(self.stranger_caught, 4),
            "no_match_when_actor_is_first": round(self.right_lost, 4),
            "several_pictures": {
                str(pictures): {
                    "R@1": round(told.first, 4),
                    "no_match_when_actor_is_missing": round(told.stranger_caught, 4),
                    "no_match_when_actor_is_first": round(told.right_lost, 4),
                }
                for pictures, told in self.several.items()
            },
        }


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What became of drawings in a cast of one size; all arrays [n]."""

    size: int
    """Actors in the cast, the right one with them."""
    best: Doubles
    """Similarity of the best actor."""
    first: npt.NDArray[np.bool_]
    """Whether that is the right one."""
    without: Doubles
    """Similarity of the best actor when the right one is missing."""

    @classmethod
    def of(cls, fused: Doubles, right: npt.NDArray[np.int64], without: Doubles) -> Outcomes:
        """Of fused similarities [n, owners]; NaN for owners that no space knows."""
        known = np.nan_to_num(fused, nan=UNKNOWN)
        return cls(fused.shape[1], known.max(axis=1), known.argmax(axis=1) == right, without)

    def only(self, keep: npt.NDArray[np.bool_]) -> Outcomes:
        """Some of the drawings."""
        return Outcomes(self.size, self.best[keep], self.first[keep], self.without[keep])


@dataclass(frozen=True, eq=False)
class Several:
    """What became of characters shown in so many pictures each, all of one actor."""

    pictures: int
    actors: npt.NDArray[np.str_]
    """[n]."""
    whole: Outcomes
    """In the whole gallery."""
    casts: tuple[Outcomes, ...]
    """In smaller ones."""

    def only(self, keep: npt.NDArray[np.bool_]) -> Several:
        """Some of the characters."""
        casts = tuple(cast.only(keep) for cast in self.casts)
        return Several(self.pictures, self.actors[keep], self.whole.only(keep), casts)


def calibrate(
    fused: Doubles,
    right: npt.NDArray[np.int64],
    actors: npt.NDArray[np.str_],
    without: Doubles,
    casts: Sequence[Outcomes] = (),
    several: Sequence[Several] = (),
    alike: float = 0.0,
) -> Calibrated:
    """Fit on held-out similarities: `fused` [n, owners]; `without` [n] is the best stranger's, the actor missing.

    `casts` are the same drawings in smaller casts, to learn what the size changes; `several` are characters of two, of
    three and more of these drawings, of which two have the mean cosine `alike`.
    """
    seen = _Seen(fused, right, Outcomes.of(fused, right, without), tuple(casts), tuple(several))
    whole, fold = seen.whole, folds(actors)
    told = {one.pictures: np.empty((2, len(one.actors)), np.bool_) for one in several}
    chances, lost, caught = np.empty(len(right)), np.empty(len(right), np.bool_), np.empty(len(right), np.bool_)
    for number in range(FOLDS):
        out = fold == number
        others = set(actors[~out].tolist())
        held_out = [np.array([actor not in others for actor in one.actors.tolist()], np.bool_) for one in several]
        some = _fit(seen.only(~out, [~rows for rows in held_out]))
        chances[out] = some.probabilities(whole.best[out], whole.size)
        lost[out] = some.is_none(whole.best[out], whole.size)
        caught[out] = some.is_none(without[out], whole.size - 1)
        for one, rows in zip(several, held_out, strict=True):
            there = one.only(rows).whole
            told[one.pictures][0, rows] = some.is_none(there.without, whole.size - 1, one.pictures)
            told[one.pictures][1, rows] = some.is_none(there.best, whole.size, one.pictures)
    error = calibration_error(chances, whole.first)
    share_lost = float(lost[whole.first].mean()) if whole.first.any() else 0.0
    figures = {
        one.pictures: Told(
            float(one.whole.first.mean()),
            float(told[one.pictures][0].mean()),
            float(told[one.pictures][1, one.whole.first].mean()) if one.whole.first.any() else 0.0,
        )
        for one in several
    }
    found = replace(_fit(seen), error=error, alike=alike)
    return Calibrated(found, error, float(caught.mean()), share_lost, figures)


@dataclass(frozen=True, eq=False)
class _Seen:
    """What a calibration is fitted on."""

    fused: Doubles
    right: npt.NDArray[np.int64]
    whole: Outcomes
    """In the whole gallery."""
    casts: tuple[Outcomes, ...]
    """In smaller ones; several casts may be of one size."""
    several: tuple[Several, ...]

    def only(self, keep: npt.NDArray[np.bool_], of_several: Sequence[npt.NDArray[np.bool_]]) -> _Seen:
        """Some of the drawings, and of the characters of several."""
        casts = tuple(cast.only(keep) for cast in self.casts)
        several = tuple(one.only(rows) for one, rows in zip(self.several, of_several, strict=True))
        return _Seen(self.fused[keep], self.right[keep], self.whole.only(keep), casts, several)


def _fit(seen: _Seen) -> Calibration:
    whole = seen.whole
    truth = np.zeros(seen.fused.shape, np.bool_)
    truth[np.arange(len(seen.fused)), seen.right] = True
    known = ~np.isnan(seen.fused)
    prior = np.full(int(known.sum()), -np.log(max(whole.size - 1, 1)))
    slope, offset = platt(seen.fused[known], truth[known], prior)
    curve = Calibration(slope, offset, (), (Limits(Limit(0.0), Limit(0.0)),), 0.0, whole.size)
    curve = replace(curve, prior=_prior(curve, [whole, *seen.casts]))
    limits = [_limits(curve, whole, seen.casts), *(_limits(curve, one.whole, one.casts) for one in seen.several)]
    return replace(curve, knots=tuple(_table(*_everywhere(curve, [whole, *seen.casts]))), limits=tuple(limits))


def _everywhere(curve: Calibration, casts: Sequence[Outcomes]) -> tuple[Doubles, npt.NDArray[np.bool_]]:
    """Log odds of the best actors in all casts, and whether they were right: what odds mean is the same in each."""
    at = np.concatenate([curve.logits(cast.best, cast.size) for cast in casts])
    return np.asarray(at, np.float64), np.concatenate([cast.first for cast in casts])


def _limits(curve: Calibration, whole: Outcomes, casts: Sequence[Outcomes]) -> Limits:
    """Where the states part, for characters of so many pictures as these outcomes are of."""

    def own(cast: Outcomes) -> Doubles:
        return curve.logits(cast.best[cast.first] if cast.first.any() else cast.best, cast.size)

    def strangers(cast: Outcomes) -> Doubles:
        return curve.logits(cast.without, cast.size - 1)

    drawings = max(int(whole.first.sum()), 1)
    allowed = max(RIGHT_LOST - 0.5 * float(np.sqrt(RIGHT_LOST * (1 - RIGHT_LOST) / drawings)), 0.0)
    return Limits(
        none_below=_limit(own, min(allowed, _even(own(whole), strangers(whole))), whole, casts),
        good_from=_limit(strangers, 1 - STRANGERS_GOOD, whole, casts),
        strangers=tuple((share, _limit(strangers, 1 - share, whole, casts)) for share in STRANGERS),
    )


def _even(own: Doubles, strangers: Doubles) -> float:
    """The share of right actors lost by the limit that as large a share of strangers passes."""
    places = np.sort(np.concatenate([own, strangers]))
    lost = np.searchsorted(np.sort(own), places) / len(own)
    passed = 1 - np.searchsorted(np.sort(strangers), places) / len(strangers)
    return float(lost[np.abs(lost - passed).argmin()])


def _prior(curve: Calibration, casts: Sequence[Outcomes]) -> float:
    """What the log odds of a best actor lose with e times as many strangers, over casts of all sizes."""
    more = np.concatenate([np.full(len(cast.best), _more(cast, casts[0])) for cast in casts])
    at, first = _everywhere(curve, casts)
    x = np.stack([at, np.ones_like(at), more], axis=1)
    steep, _, size = logistic(x, first, np.zeros(len(at)), np.array([1.0, 0.0, 0.0]), PULL)
    return float(np.clip(curve.prior - size / max(steep, 1e-3), 0.5, 2.0))


def _limit(values: Callable[[Outcomes], Doubles], share: float, whole: Outcomes, casts: Sequence[Outcomes]) -> Limit:
    """A quantile in the whole gallery, and the line through it along which it moves with the size of the cast."""
    at = float(np.quantile(values(whole), share))
    smaller = [cast for cast in casts if cast.size < whole.size]
    if not smaller:
        return Limit(at)
    more = np.array([_more(cast, whole) for cast in smaller])
    moved = np.array([float(np.quantile(values(cast), share)) - at for cast in smaller])
    return Limit(at, float((more @ moved) / (more @ more)))


def _more(cast: Outcomes, whole: Outcomes) -> float:
    return float(np.log((cast.size - 1) / max(whole.size - 1, 1)))


def _table(at: Doubles, first: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Half-way, in log odds, between a logistic curve and isotonic steps.

    It bends where outcomes do, and yet rises everywhere: two actors who are not equally similar do not score the same.
    On actors held out it is as good as the better of the two.
    """
    tables = np.array(_curve(at, first)), np.array(_stairs(at, first))
    places = np.unique(np.concatenate([table[:, 0] for table in tables]))
    shares = [np.interp(places, table[:, 0], table[:, 1]).clip(1e-9, 1 - 1e-9) for table in tables]
    odds = np.mean([np.log(share / (1 - share)) for share in shares], axis=0)
    return [(float(x), float(1 / (1 + np.exp(-y)))) for x, y in zip(places, odds, strict=True)]


def _curve(at: Doubles, first: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """A logistic curve through the outcomes, as a table; few outcomes move it little from what the pairs said."""
    slope, offset = platt(at, first, np.zeros(len(at)), PULL)
    reach = np.linspace(float(at.min()) - 10.0, float(at.max()) + 4.0, 57)
    return [(float(x), float(1 / (1 + np.exp(-(slope * x + offset))))) for x in reach]


def _stairs(at: Doubles, first: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Isotonic steps, and below them the odds of the curve itself: actors far down are far below any best one."""
    steps = [(x, float(np.clip(share, 1 - SUREST, SUREST))) for x, share in isotonic(at, first)]
    lowest, share = steps[0]
    odds = float(np.log(share / (1 - share)))
    below = [(lowest - far, float(1 / (1 + np.exp(far - odds)))) for far in np.arange(10.0, 0.0, -0.5).tolist()]
    return [*below, *steps]
