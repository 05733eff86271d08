"""Characters of several pictures each, made of the known drawings of one actor, to learn what more pictures change.

The mean of two drawings by two hands errs far less than either of them, so the limits between good, unsure and no good
match lie elsewhere. Pictures by one hand err alike and are worth less than their number: see `Calibration.worth`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casting.averaging import mean_cosine, mean_of
from casting.evaluation.lots import MOST, drawn_together
from casting.scoring import Usual
from casting.tuning.calibrating import Outcomes, Several
from casting.tuning.choosing import Choice, HeldOut, Samples
from casting.tuning.fusing import best_without_right, fuse_spaces, smaller_casts, standardised

LEAST = 40
"""Characters that are needed to fit limits on."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """The spaces that rank together, and how."""

    samples: Mapping[str, Samples]
    choices: Mapping[str, Choice]
    usual: Mapping[str, Usual]
    weights: Mapping[str, float]


def several_pictures(weighed: Weighed, judged: npt.NDArray[np.bool_]) -> tuple[list[Several], float]:
    """What became of characters of two and of three pictures, where there are enough; how alike two pictures are."""
    first = next(iter(weighed.samples.values()))
    held_out = {name: HeldOut.of(weighed.samples[name], weighed.choices[name].method) for name in weighed.weights}
    several = []
    for pictures in range(2, MOST + 1):
        together = drawn_together(first.actors, judged, pictures)
        if len(together) < LEAST:
            break
        actors, right = first.actors[together[:, 0]], first.right[together[:, 0]]
        scores = {
            name: np.asarray(
                one.carry(mean_of(weighed.samples[name].drawings[together]), actors)
                @ weighed.samples[name].centroids.T,
                np.float64,
            )
            for name, one in held_out.items()
        }
        parts = {name: standardised(values, weighed.usual[name]) for name, values in scores.items()}
        without = best_without_right(scores, weighed.usual, weighed.weights, right)
        whole = Outcomes.of(fuse_spaces(parts, weighed.weights), right, without)
        casts = smaller_casts(scores, weighed.usual, weighed.weights, right)
        several.append(Several(pictures, actors, whole, tuple(casts)))
    return several, _alike(weighed, held_out, judged) if several else 0.0


def _alike(weighed: Weighed, held_out: Mapping[str, HeldOut], judged: npt.NDArray[np.bool_]) -> float:
    """Mean cosine of two drawings of one actor, over actors and weighed over spaces."""
    found = 0.0
    for name, weight in weighed.weights.items():
        samples = weighed.samples[name]
        carried = held_out[name].carry(samples.drawings, samples.actors)
        own = [carried[(samples.actors == actor) & judged] for actor in np.unique(samples.actors[judged])]
        found += weight * float(np.mean([mean_cosine(rows) for rows in own if len(rows) > 1]))
    return found / sum(weighed.weights.values())
