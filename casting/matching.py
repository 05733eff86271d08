"""Whether the best actor is a match at all, or no better than what a stranger gets."""

from __future__ import annotations

from dataclasses import dataclass

from casting.results import Match
from casting.scoring import Fused
from casting.tuning.active import Plan


@dataclass(frozen=True)
class Judged:
    """The state of a ranking's best match, and why."""

    state: Match
    reason: str


def judge_match(fused: Fused, plan: Plan) -> Judged:
    """Compare the best actor with what past drawings got from their actors, and from strangers."""
    if not fused.passing:
        return Judged("none", "No actor was compared.")
    calibration = plan.calibration
    if calibration is None:
        return Judged("unsure", f"Scores are not calibrated: {plan.why_not}")
    best = fused.similarity[fused.best(1)]
    chance = round(100 * float(calibration.probabilities(best, fused.passing)[0]))
    if calibration.is_none(best, fused.passing)[0]:
        return Judged("none", f"Even the best actor ({chance} of 100) is no better than what a stranger gets.")
    if not calibration.is_good(best, fused.passing)[0]:
        return Judged("unsure", f"The best actor ({chance} of 100) is better than most strangers, but not clearly.")
    return Judged("good", f"The best actor ({chance} of 100) is better than almost every stranger.")
