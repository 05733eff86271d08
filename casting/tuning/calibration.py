"""From fused similarities to scores that mean something, and to the state "no good match".

A similarity of s standard deviations is worth less among many actors than among few, because the best of many
strangers comes far too. The odds that an actor is the right one are therefore exp(slope s + offset) / strangers, a
logistic curve whose prior is one in the gallery; a monotone table then corrects what the curve gets wrong. What a cast
of another size changes beyond that prior is measured too, on casts drawn by lot from the gallery.

Several pictures of a character tell the actor from a stranger far better than one. A score means the same for them, but
the limits between the states lie elsewhere: they are fitted for one picture, for two and for three.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Pictures = float | Doubles
"""How many pictures by different hands characters are worth: all the same, or one number each."""


@dataclass(frozen=True)
class Limit:
    """A logit of the best actor that divides two states."""

    at: float
    """In a cast as large as the one that it was fitted in."""
    slope: float = 0.0
    """Its change with e times as many strangers, so that it errs as often in a small cast as in a large one."""


@dataclass(frozen=True)
class Limits:
    """What divides the states, for characters shown in so many pictures."""

    none_below: Limit
    """Under it even the best actor is no better than what a stranger gets."""
    good_from: Limit
    """From it the match is called good."""
    strangers: tuple[tuple[float, Limit], ...] = ()
    """Falling pairs (share of drawings whose actor is missing that reach a limit all the same, that limit); empty in a
    file from before this was kept."""


@dataclass(frozen=True)
class Calibration:
    """Fitted on drawings of known actors; see `casting.tuning.calibrating`."""

    slope: float
    offset: float
    knots: tuple[tuple[float, float], ...]
    """Rising pairs (logit of the curve, share that was right); between them on straight lines, flat beyond."""
    limits: tuple[Limits, ...]
    """For one picture of a character, for the mean of two, and so on; at least one."""
    error: float
    """Expected calibration error of the best actors, on drawings of actors that were not fitted on."""
    actors: int
    """Size of the gallery that it was fitted in."""
    prior: float = 1.0
    """What the log odds lose with e times as many strangers; 1 if all strangers were alike."""
    alike: float = 0.0
    """Mean cosine of two drawings of one actor, carried over the bridge: how alike pictures by two hands are."""

    def logits(self, similarity: Doubles, actors: int) -> Doubles:
        """Log odds of each actor being the right one among `actors`."""
        known = np.log(max(self.actors - 1, 1))
        return np.asarray(self.slope * similarity + self.offset - known - self.prior * self._more(actors), np.float64)

    def probabilities(self, similarity: Doubles, actors: int) -> Doubles:
        """Chance, 0 to 1, that an actor with this similarity among so many is the right one."""
        at = np.array([knot for knot, _ in self.knots])
        share = np.array([value for _, value in self.knots])
        return np.asarray(np.interp(self.logits(similarity, actors), at, share), np.float64)

    def worth(self, alike: float, pictures: int) -> float:
        """How many pictures by different hands so many are worth, of which two have this mean cosine: 1 to `pictures`.

        As alike as two artists' drawings, they count in full; twice the same picture is one.
        """
        shared = float(np.clip((alike - self.alike) / max(1.0 - self.alike, 1e-6), 0.0, 1.0))
        return pictures / (1.0 + (pictures - 1) * shared)

    def strangers_share(self, similarity: Doubles, actors: int, pictures: float = 1.0) -> Doubles | None:
        """Of characters whose actor is missing, the share whose best actor is as similar; None where it is not known.

        Nothing is said beyond the outermost limits: the share of the nearest is given there.
        """
        if not all(limits.strangers for limits in self.limits):
            return None
        shares = np.array([share for share, _ in self.limits[0].strangers])
        rows = [[self._moved(limit, actors) for _, limit in limits.strangers] for limits in self.limits]
        at = np.maximum.accumulate([float(self._between(list(column), pictures)) for column in zip(*rows, strict=True)])
        return np.asarray(np.interp(self.logits(similarity, actors), at, shares), np.float64)

    def is_none(self, similarity: Doubles, actors: int, pictures: Pictures = 1.0) -> Bools:
        """Whether a best actor of this similarity among so many is no better than what a stranger gets."""
        return np.asarray(self.logits(similarity, actors) < self._none_below(actors, pictures), np.bool_)

    def is_good(self, similarity: Doubles, actors: int, pictures: Pictures = 1.0) -> Bools:
        """Whether a best actor of this similarity among so many is a good match."""
        good = self._between([self._moved(limits.good_from, actors) for limits in self.limits], pictures)
        limit = np.maximum(self._none_below(actors, pictures), good)
        return np.asarray(self.logits(similarity, actors) >= limit, np.bool_)

    def _none_below(self, actors: int, pictures: Pictures) -> Doubles:
        return self._between([self._moved(limits.none_below, actors) for limits in self.limits], pictures)

    def _between(self, values: list[float], pictures: Pictures) -> Doubles:
        """The value for so many pictures, of those for one, two, and so on."""
        places = np.log(np.maximum(pictures, 1.0))
        return np.asarray(np.interp(places, np.log(np.arange(len(values)) + 1.0), values), np.float64)

    def _moved(self, limit: Limit, actors: int) -> float:
        return limit.at + limit.slope * self._more(actors)

    def _more(self, actors: int) -> float:
        """Logarithm of how many times as many strangers there are as in the gallery that this was fitted in."""
        return float(np.log(max(actors - 1, 1) / max(self.actors - 1, 1)))
