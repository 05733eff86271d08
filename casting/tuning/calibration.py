"""From fused similarities to scores that mean something, and to the state "no good match".

A similarity of s standard deviations is worth less among many actors than among few, because the best of many
strangers comes far too. The odds that an actor is the right one are therefore exp(slope s + offset) / strangers, a
logistic curve whose prior is one in the gallery; a monotone table then corrects what the curve gets wrong. What a cast
of another size changes beyond that prior is measured too, on casts drawn by lot from the gallery.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """A logit of the best actor that divides two states."""

    at: float
    """In a cast as large as the one that it was fitted in."""
    slope: float = 0.0
    """Its change with e times as many strangers, so that it errs as often in a small cast as in a large one."""


@dataclass(frozen=True)
class Calibration:
    """Fitted on drawings of known actors; see `casting.tuning.calibrating`."""

    slope: float
    offset: float
    knots: tuple[tuple[float, float], ...]
    """Rising pairs (logit of the curve, share that was right); between them on straight lines, flat beyond."""
    none_below: Limit
    """Under it even the best actor is no better than what a stranger gets."""
    good_from: Limit
    """From it the match is called good."""
    error: float
    """Expected calibration error of the best actors, on drawings of actors that were not fitted on."""
    actors: int
    """Size of the gallery that it was fitted in."""
    prior: float = 1.0
    """What the log odds lose with e times as many strangers; 1 if all strangers were alike."""

    def logits(self, similarity: Doubles, actors: int) -> Doubles:
        """Log odds of each actor being the right one among `actors`."""
        known = np.log(max(self.actors - 1, 1))
        return np.asarray(self.slope * similarity + self.offset - known - self.prior * self._more(actors), np.float64)

    def probabilities(self, similarity: Doubles, actors: int) -> Doubles:
        """Chance, 0 to 1, that an actor with this similarity among so many is the right one."""
        at = np.array([knot for knot, _ in self.knots])
        share = np.array([value for _, value in self.knots])
        return np.asarray(np.interp(self.logits(similarity, actors), at, share), np.float64)

    def is_none(self, similarity: Doubles, actors: int) -> Bools:
        """Whether a best actor of this similarity among so many is no better than what a stranger gets."""
        return np.asarray(self.logits(similarity, actors) < self._limit(self.none_below, actors), np.bool_)

    def is_good(self, similarity: Doubles, actors: int) -> Bools:
        """Whether a best actor of this similarity among so many is a good match."""
        limit = max(self._limit(self.none_below, actors), self._limit(self.good_from, actors))
        return np.asarray(self.logits(similarity, actors) >= limit, np.bool_)

    def _limit(self, limit: Limit, actors: int) -> float:
        return limit.at + limit.slope * self._more(actors)

    def _more(self, actors: int) -> float:
        """Logarithm of how many times as many strangers there are as in the gallery that this was fitted in."""
        return float(np.log(max(actors - 1, 1) / max(self.actors - 1, 1)))
