"""From fused similarities to scores that mean something, and to the state "no good match".

A similarity of s standard deviations is worth less among many actors than among few, because the best of many
strangers comes far too. The odds that an actor is the right one are therefore exp(slope s + offset) / (strangers), a
logistic curve whose prior is one in the gallery; a monotone table then corrects what the curve gets wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """Fitted on drawings of known actors; see `casting.tuning.calibrating`."""

    slope: float
    offset: float
    knots: tuple[tuple[float, float], ...]
    """Rising pairs (logit of the curve, share that was right); between them on straight lines, flat beyond."""
    none_below: float
    """Logit of the best actor under which even the best is no better than what a stranger gets."""
    good_from: float
    """Logit of the best actor from which the match is called good."""
    error: float
    """Expected calibration error of the best actors, on drawings of actors that were not fitted on."""

    def logits(self, similarity: Doubles, actors: int) -> Doubles:
        """Log odds of each actor being the right one among `actors`."""
        return np.asarray(self.slope * similarity + self.offset - np.log(max(actors - 1, 1)), np.float64)

    def probabilities(self, similarity: Doubles, actors: int) -> Doubles:
        """Chance, 0 to 1, that an actor with this similarity among so many is the right one."""
        at = np.array([knot for knot, _ in self.knots])
        share = np.array([value for _, value in self.knots])
        return np.asarray(np.interp(self.logits(similarity, actors), at, share), np.float64)
