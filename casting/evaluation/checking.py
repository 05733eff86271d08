"""Whether scores mean what they say, and whether "no good match" is said when it should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import (
    Metric,
    Resampled,
    calibration_error,
    calibration_noise,
    reliability,
    trade_off,
)
from casting.evaluation.trials import Trial
from casting.tuning.calibration import Calibration


@dataclass(frozen=True)
class CalibrationCheck:
    """Whether scores mean what they say, and whether "no good match" fires when it should."""

    error: float
    """Expected calibration error of the best actors' scores."""
    by_luck: float
    """The error that perfectly calibrated scores would show on so many drawings."""
    bins: tuple[Mapping[str, float], ...]
    """`chance`, `share` that was right, `drawings`; rising."""
    missing_caught: Metric
    """Share of "no good match" when the right actor is taken out of the gallery: leave one actor out."""
    first_lost: Metric
    """Share of "no good match" among drawings whose actor is there and ranked first."""
    trade: tuple[tuple[float, float], ...] = ()
    """(first lost, missing caught) over all limits that "no good match" could have, rising."""

    @property
    def caught_at_a_tenth(self) -> float:
        """Share caught with the limit at which a tenth of those first is lost, whatever the limit in use."""
        lost, caught = np.array(self.trade or ((0.0, 0.0),)).T
        return float(np.interp(0.1, lost, caught))


def check_calibration(
    trial: Trial, calibration: Calibration | None, resampled: Resampled, pictures: npt.NDArray[np.float64] | None = None
) -> CalibrationCheck | None:
    """Check a calibration on a trial of drawings whose actors `resampled` draws; None where nothing is calibrated.

    `pictures` [drawings] is what each is worth where it stands for several.
    """
    found, first = trial.found, trial.first
    if calibration is None or not found.any():
        return None
    actors = resampled.names[resampled.actor_of]
    top = trial.similarity.max(axis=1)
    chances = calibration.probabilities(top[found], trial.size)
    worth = np.ones(len(found)) if pictures is None else pictures
    caught = calibration.is_none(trial.without[found], trial.size - 1, worth[found]).astype(np.float64)
    lost = calibration.is_none(top[first], trial.size, worth[first]).astype(np.float64)
    return CalibrationCheck(
        calibration_error(chances, first[found]),
        calibration_noise(chances),
        tuple(reliability(chances, first[found])),
        Resampled(actors[found]).metric(caught),
        Resampled(actors[first]).metric(lost) if first.any() else Metric(0.0, 0.0, 0.0),
        trade_off(calibration.logits(top[first], trial.size), calibration.logits(trial.without[found], trial.size - 1)),
    )
