"""Figures of rankings, each with an interval over actors.

Drawings of one actor resemble each other, so intervals come from drawing whole actors with replacement, not drawings.
Every figure but the median is a mean over drawings; a drawing without a face gains nothing, it is not left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
RECALLS = (1, 5, 10)
RESAMPLES = 1000
SEED = 20240229
MISS = 10**9
"""Rank of an actor who was not found at all."""
FEW_ACTORS = 10
"""With fewer actors than this an interval says nothing, and "insufficient data" stands in the place of a figure."""


@dataclass(frozen=True)
class Metric:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Rounded, for JSON."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} ({100 * self.low:.1f} to {100 * self.high:.1f})"


@dataclass(frozen=True)
class Comparison:
    """Whether one way of ranking beats another on the same drawings."""

    difference: Metric
    """Of the mean gain, first minus second."""
    p: float
    """Two-sided, by paired bootstrap over actors."""
    enough: bool
    """False with too few actors to say anything."""

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `no difference shown` or `insufficient data`."""
        if not self.enough:
            return "insufficient data"
        if self.p >= 0.05:
            return "no difference shown"
        return "better" if self.difference.value > 0 else "worse"


class Resampled:
    """Bootstrap over actors for drawings of known actors; the same resamples for everything measured with it."""

    def __init__(self, actors: Sequence[str] | npt.NDArray[np.str_], resamples: int = RESAMPLES) -> None:
        self.names, self.actor_of = np.unique(np.asarray(actors, dtype=str), return_inverse=True)
        self.actors = len(self.names)
        self.counts = np.bincount(self.actor_of, minlength=self.actors).astype(np.float64)
        picks = np.random.default_rng(SEED).integers(0, self.actors, (resamples, self.actors))
        self._times = np.stack([np.bincount(row, minlength=self.actors) for row in picks]).astype(np.float64)

    @cached_property
    def _drawings(self) -> Doubles:
        return np.asarray(self._times @ self.counts, np.float64)

    @property
    def enough(self) -> bool:
        """Whether there are enough actors to say anything."""
        return self.actors >= FEW_ACTORS

    def means(self, gains: Doubles) -> Doubles:
        """Mean gain over drawings in every resample."""
        sums = np.bincount(self.actor_of, weights=gains, minlength=self.actors)
        return np.asarray(self._times @ sums / self._drawings, np.float64)

    def metric(self, gains: Doubles) -> Metric:
        """Mean of gains [n] with its interval."""
        low, high = np.percentile(self.means(gains), [2.5, 97.5])
        return Metric(float(gains.mean()), float(low), float(high))

    def statistic(self, values: Doubles, of: Callable[[Doubles], float]) -> Metric:
        """Any statistic of values [n] with its interval."""
        rows = [np.flatnonzero(self.actor_of == actor) for actor in range(self.actors)]
        found = [
            of(values[np.concatenate([np.tile(rows[a], int(n)) for a, n in enumerate(times) if n])])
            for times in self._times[:300]
        ]
        low, high = np.percentile(found, [2.5, 97.5])
        return Metric(of(values), float(low), float(high))

    def compare(self, first: Doubles, second: Doubles) -> Comparison:
        """First against second, drawing by drawing."""
        differences = self.means(first - second)
        low, high = np.percentile(differences, [2.5, 97.5])
        beyond = min(float((differences <= 0).mean()), float((differences >= 0).mean()))
        least = 1 / len(differences)
        mean = float((first - second).mean())
        return Comparison(Metric(mean, float(low), float(high)), min(1.0, max(2 * beyond, least)), self.enough)


def ranking_gains(ranks: Doubles) -> dict[str, Doubles]:
    """What each drawing adds to recall at k and to the mean reciprocal rank; ranks [n] count from 1."""
    gains = {f"R@{k}": (ranks <= k).astype(np.float64) for k in RECALLS}
    gains["MRR"] = np.where(ranks < MISS, 1 / ranks, 0.0)
    return gains


def verification(own: Doubles, others: Doubles, found: npt.NDArray[np.bool_]) -> dict[str, Doubles]:
    """What each drawing adds to 1:1 figures: share of strangers below its actor, and acceptance at 1% and 0.1%.

    `own` [n] are similarities to the right actor, `others` all those to strangers, in one order of any length.
    """
    strangers = np.sort(others[np.isfinite(others)])
    if not len(strangers):
        nothing = np.zeros(len(own))
        return {"AUC": nothing, "TAR@1%": nothing, "TAR@0.1%": nothing}
    below = np.searchsorted(strangers, own, "left") / len(strangers)
    gains = {"AUC": np.where(found, below, 0.0)}
    for name, share in (("TAR@1%", 0.01), ("TAR@0.1%", 0.001)):
        limit = strangers[min(len(strangers) - 1, int(np.ceil((1 - share) * len(strangers))))]
        gains[name] = (found & (own > limit)).astype(np.float64)
    return gains


def roc(own: Doubles, others: Doubles, points: int = 200) -> tuple[Doubles, Doubles]:
    """False and true acceptance over all thresholds, rising."""
    own, others = own[np.isfinite(own)], np.sort(others[np.isfinite(others)])
    if not len(own) or not len(others):
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    false = np.unique(np.concatenate([[0.0], np.logspace(-4, 0, points)]))
    limits = np.quantile(others, 1 - false)
    return false, np.array([float((own >= limit).mean()) for limit in limits])


def trade_off(right: Doubles, strangers: Doubles, points: int = 101) -> tuple[tuple[float, float], ...]:
    """What any limit would do: (share of `right` below it, share of `strangers` below it), rising."""
    if not len(right) or not len(strangers):
        return ()
    shares = np.linspace(0, 1, points)
    limits = np.quantile(right, shares)
    return tuple((float(share), float((strangers < limit).mean())) for share, limit in zip(shares, limits, strict=True))


def calibration_error(chances: Doubles, right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: how far chances stray from shares, over bins with equally many drawings."""
    if not len(chances):
        return float("nan")
    order = np.argsort(chances, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    return float(sum(len(part) * abs(chances[part].mean() - right[part].mean()) for part in parts) / len(order))


def calibration_noise(chances: Doubles, bins: int = 10) -> float:
    """The calibration error that perfectly calibrated chances would show on so many drawings, by luck alone."""
    rng = np.random.default_rng(SEED)
    return float(np.mean([calibration_error(chances, rng.random(len(chances)) < chances, bins) for _ in range(200)]))


def reliability(chances: Doubles, right: npt.NDArray[np.bool_], bins: int = 10) -> list[dict[str, float]]:
    """Mean chance and share that was right, in bins with equally many drawings."""
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, max(1, len(order)))) if len(part)]
    return [
        {"chance": float(chances[part].mean()), "share": float(right[part].mean()), "drawings": float(len(part))}
        for part in parts
    ]


def as_dicts(metrics: Mapping[str, Metric]) -> dict[str, dict[str, float]]:
    """For JSON."""
    return {name: metric.as_dict() for name, metric in metrics.items()}
