"""Whether the best actor is a match at all, or no better than what a stranger gets."""

from __future__ import annotations

from dataclasses import dataclass

from casting.results import Match, in_100
from casting.scoring import Fused
from casting.tuning.active import Plan


@dataclass(frozen=True)
class Judged:
    """The state of a ranking's best match, and why."""

    state: Match
    reason: str
    strangers: float | None = None
    """Of drawings whose actor is missing from a cast of this size, the share whose best actor scores as high; None
    where that is not known."""


def judge_match(fused: Fused, plan: Plan, pictures: float = 1.0) -> Judged:
    """Compare the best actor with what past drawings got from their actors, and from strangers.

    `pictures` is how many by different hands the character's are worth.
    """
    if not fused.passing:
        return Judged("none", "No actor was compared.")
    calibration = plan.calibration
    if calibration is None:
        return Judged("unsure", f"Scores are not calibrated: {plan.why_not}")
    best = fused.similarity[fused.best(1)]
    chance = round(100 * float(calibration.probabilities(best, fused.passing)[0]))
    shares = calibration.strangers_share(best, fused.passing, pictures)
    share = None if shares is None else float(shares[0])
    among = "" if share is None else f" With the actor missing, about {in_100(share)} of 100 drawings get as far."
    if calibration.is_none(best, fused.passing, pictures)[0]:
        return Judged(
            "none", f"Even the best actor ({chance} of 100) is no better than what a stranger gets.{among}", share
        )
    if not calibration.is_good(best, fused.passing, pictures)[0]:
        return Judged(
            "unsure", f"The best actor ({chance} of 100) is better than most strangers, but not clearly.{among}", share
        )
    return Judged("good", f"The best actor ({chance} of 100) is better than almost every stranger.{among}", share)
