"""Cross-validation by actor: which bridge suits a space, measured on drawings of actors that it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import Comparison, Metric, Resampled, ranking_gains
from casting.tuning.bridge import Bridge, Vectors
from casting.tuning.methods import Method, Pairs, methods_for

Doubles = npt.NDArray[np.float64]
FOLDS = 5
SEED = 7


@dataclass(frozen=True, eq=False)
class Samples:
    """Drawings of known actors and the gallery they are looked for in, in one space."""

    drawings: Vectors
    """[n, dim]."""
    actors: npt.NDArray[np.str_]
    """[n]."""
    right: npt.NDArray[np.int64]
    """[n], place of the right actor in the gallery."""
    centroids: Vectors
    """[owners, dim], unit mean vector of each actor's photos; NaN for those that the space does not know."""
    photos: Mapping[str, Vectors]
    """Photos of the drawings' actors, [m, dim] each."""
    networks: tuple[int, ...] = ()
    """Lengths of the vectors of the networks that the space joins; empty where it is one network's."""
    earlier: tuple[bool, ...] = ()
    """Which of them are of earlier layers; empty where none is."""

    def pairs(self, actors: Sequence[str]) -> Pairs:
        """What a bridge is fitted on: these actors only."""
        wanted = [actor for actor in actors if len(self.photos.get(actor, ()))]
        return Pairs(
            {actor: self.drawings[self.actors == actor] for actor in wanted},
            {actor: self.photos[actor] for actor in wanted},
            self.networks,
            self.earlier,
        )

    def scores(self, rows: npt.NDArray[np.int64], bridge: Bridge | None) -> Doubles:
        """Cosines of some drawings with the whole gallery, [rows, owners]."""
        queries = self.drawings[rows] if bridge is None else bridge.carry(self.drawings[rows])
        return np.asarray(queries @ self.centroids.T, np.float64)


def folds(actors: npt.NDArray[np.str_], count: int = FOLDS) -> npt.NDArray[np.int64]:
    """Fold of every drawing; all drawings of an actor share one."""
    names = np.unique(actors)
    order = np.random.default_rng(SEED).permutation(len(names))
    fold = np.empty(len(names), np.int64)
    fold[order] = np.arange(len(names)) % count
    return fold[np.searchsorted(names, actors)]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Bridges of one method, each fitted without a part of the actors."""

    fold_of: Mapping[str, int]
    bridges: tuple[Bridge, ...]
    """One a fold; empty where nothing is carried."""

    @classmethod
    def of(cls, samples: Samples, method: Method | None) -> HeldOut:
        """The same folds for every method."""
        fold = folds(samples.actors)
        names = [sorted(set(samples.actors[fold != number].tolist())) for number in range(FOLDS)]
        bridges = tuple(method.fit(samples.pairs(others)) for others in names) if method else ()
        return cls(dict(zip(samples.actors.tolist(), fold.tolist(), strict=True)), bridges)

    def carry(self, queries: Vectors, actors: npt.NDArray[np.str_]) -> Vectors:
        """Vectors [n, dim] of drawings of these actors [n], each over the bridge that was fitted without its actor."""
        if not self.bridges:
            return queries
        fold = np.array([self.fold_of[actor] for actor in actors.tolist()], np.int64)
        carried = np.empty_like(queries)
        for number, bridge in enumerate(self.bridges):
            carried[fold == number] = bridge.carry(queries[fold == number])
        return carried


def held_out_scores(samples: Samples, method: Method | None) -> Doubles:
    """Cosines [n, owners] of every drawing, over a bridge that was fitted without its actor."""
    carried = HeldOut.of(samples, method).carry(samples.drawings, samples.actors)
    return np.asarray(carried @ samples.centroids.T, np.float64)


def ranks_of(scores: Doubles, right: npt.NDArray[np.int64]) -> Doubles:
    """Rank of the right actor for each drawing; unknown actors are not compared."""
    own = scores[np.arange(len(scores)), right][:, None]
    ranks = 1.0 + (scores > own).sum(axis=1)
    return np.where(np.isnan(own[:, 0]), float(scores.shape[1]), ranks)


@dataclass(frozen=True, eq=False)
class Choice:
    """What cross-validation says of the bridges of one space."""

    method: Method | None
    """None where no bridge helped."""
    scores: Doubles
    """Held-out cosines [judged, owners] with the method chosen."""
    tried: Mapping[str, Mapping[str, Metric]]
    """Method -> R@1 and MRR on held-out actors."""
    gain: Comparison
    """R@1 of the method chosen against none."""


def choose_bridge(samples: Samples, judged: npt.NDArray[np.bool_], methods: Sequence[Method] | None = None) -> Choice:
    """The method, or none, with the best mean reciprocal rank over the drawings [n] that are `judged`.

    Bridges are fitted on all other actors. An encoder that was trained on some of them knows those too well: only
    actors that it never saw may be judged.
    """
    resampled = Resampled(samples.actors[judged])
    right = samples.right[judged]
    plain = held_out_scores(samples, None)[judged]
    before = ranking_gains(ranks_of(plain, right))
    tried = {"none": {name: resampled.metric(before[name]) for name in ("R@1", "MRR")}}
    best: tuple[float, Method | None, Doubles] = (float(before["MRR"].mean()), None, plain)
    for method in methods or methods_for(samples.networks, samples.earlier):
        scores = held_out_scores(samples, method)[judged]
        gains = ranking_gains(ranks_of(scores, right))
        tried[method.name] = {name: resampled.metric(gains[name]) for name in ("R@1", "MRR")}
        if gains["MRR"].mean() > best[0]:
            best = (float(gains["MRR"].mean()), method, scores)
    after = ranking_gains(ranks_of(best[2], right))
    return Choice(best[1], best[2], tried, resampled.compare(after["R@1"], before["R@1"]))
