"""Fitting a tuning on known castings: bridge of each space, weights of the spaces, calibration - all cross-validated.

Nothing is judged on drawings of actors that it was fitted on. What ships in the end is fitted on all of them, in the
way that cross-validation chose.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from casting.engine import Engine
from casting.evaluation.metrics import Comparison, Metric, Resampled, ranking_gains
from casting.evaluation.queries import Queries, QueryCache
from casting.evaluation.truth import Truth, truth_hash
from casting.library import Library
from casting.progress import Progress, Silent
from casting.ranking import check_contracts
from casting.spaces import Space
from casting.tuning.calibrating import Calibrated, calibrate
from casting.tuning.choosing import Choice, Samples, choose_bridge, ranks_of
from casting.tuning.fusing import (
    best_without_right,
    choose_spaces,
    held_out_fusion,
    learnt_weights,
    smaller_casts,
    standardised,
    usual_scores,
    weights_beside,
)
from casting.tuning.several import Weighed, several_pictures
from casting.tuning.tuning import BESIDE, TunedSpace, Tuning
from castoon.errors import InputError
from castoon.words import Words

if TYPE_CHECKING:
    from index import FlatIndex

Doubles = npt.NDArray[np.float64]
MIN_ACTORS = 15
MIN_DRAWINGS = 40
"""With less nothing can be held out that would say anything."""


@dataclass(frozen=True, eq=False)
class FitReport:
    """What was fitted, on what, and what it gained on actors held out."""

    tuning: Tuning
    actors: int
    """Actors held out in turn, whose drawings everything below was judged on."""
    drawings: int
    without_face: int
    gallery_actors: int
    choices: Mapping[str, Choice]
    before: Metric
    """R@1 of the best single space without a bridge."""
    after: Metric
    """R@1 of everything together, on actors held out."""
    gain: Comparison
    dropped: Mapping[str, Comparison]
    """Spaces that got no weight: what adding them did to the mean reciprocal rank."""
    calibrated: Calibrated
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "actors": self.actors,
            "drawings": self.drawings,
            "without_face": self.without_face,
            "gallery_actors": self.gallery_actors,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "gain": {**self.gain.difference.as_dict(), "p": round(self.gain.p, 4), "verdict": self.gain.verdict},
            "weights": {name: round(weight, 4) for name, weight in self.tuning.weights.items()},
            "bridges": {
                name: {
                    "chosen": choice.method.name if choice.method else "none",
                    "gain": {**choice.gain.difference.as_dict(), "p": round(choice.gain.p, 4)},
                    "tried": {
                        method: {figure: metric.as_dict() for figure, metric in figures.items()}
                        for method, figures in choice.tried.items()
                    },
                }
                for name, choice in self.choices.items()
            },
            "dropped": {name: one.verdict for name, one in self.dropped.items()},
            "calibration": self.calibrated.as_dict(),
        }


def fit_tuning(
    library: Library,
    engine: Engine,
    truth: Sequence[Truth],
    *,
    spaces: Sequence[str] | None = None,
    unseen: Collection[str] | None = None,
    index: FlatIndex | None = None,
    progress: Progress | None = None,
) -> FitReport:
    """Fit bridges, weights and calibration on known castings; refuses with too little data.

    `spaces` are the candidates, by default all that the live index holds. Where the encoder was trained on some of the
    actors, `unseen` names those that it was not: bridges are fitted on all, but judged and calibrated on these.
    """
    watcher = progress or Silent()
    live = index or library.index.open()
    names = list(spaces or [name for name in live.spaces if engine.has(Space.parse(name))])
    check_contracts(live, engine, names)
    queries = known_queries(library, engine, live, truth, names, watcher)
    judged = np.array([unseen is None or actor in unseen for actor in queries.actors.tolist()], np.bool_)
    _refuse_few(queries.actors[judged])
    watcher.begin("fit bridges", len(names))
    samples = {name: _samples(live, queries, name, *_joined(engine, name)) for name in names}
    choices: dict[str, Choice] = {}
    for name in names:
        choices[name] = choose_bridge(samples[name], judged)
        watcher.advance()
    watcher.begin("fit weights and calibration", None)
    actors, right = queries.actors[judged], samples[names[0]].right[judged]
    usual = {name: usual_scores(choice.scores, right) for name, choice in choices.items()}
    parts = {name: standardised(choice.scores, usual[name]) for name, choice in choices.items()}
    chosen, dropped = choose_spaces(parts, right, actors)
    weights = learnt_weights({name: parts[name] for name in chosen}, right)
    fused = held_out_fusion({name: parts[name] for name in chosen}, right, actors)
    weighed = {name: choices[name].scores for name in chosen}
    several, alike = several_pictures(
        Weighed(samples, choices, {name: usual[name] for name in chosen}, weights), judged
    )
    calibrated = calibrate(
        fused, right, actors, best_without_right(weighed, usual, weights, right),
        smaller_casts(weighed, usual, weights, right), several, alike,
    )  # fmt: skip
    everyone = Resampled(actors)
    rows = np.flatnonzero(judged)
    raw = {name: ranking_gains(ranks_of(samples[name].scores(rows, None), right))["R@1"] for name in names}
    best = max(raw, key=lambda name: float(raw[name].mean()))
    together = ranking_gains(ranks_of(fused, right))["R@1"]
    tuned = {}
    for name in names:
        method = choices[name].method
        bridge = method.fit(samples[name].pairs(sorted(set(queries.actors.tolist())))) if method else None
        reading = engine.reading(Space.parse(name))
        tuned[name] = TunedSpace(live.spaces[name].contract, reading, weights.get(name, 0.0), usual[name], bridge)
    gain = everyone.compare(together, raw[best])
    facts = {
        "actors": len(set(queries.actors.tolist())),
        "drawings": len(queries.actors),
        "judged on drawings": len(actors),
        "gallery_actors": len(live.owners),
        "truth": truth_hash(truth),
        "R@1 before": round(float(raw[best].mean()), 4),
        "R@1 after, actors held out": round(float(together.mean()), 4),
        "gain p": round(gain.p, 4),
        "bridges": {name: choice.method.name if choice.method else "none" for name, choice in choices.items()},
        BESIDE: weights_beside(parts, chosen, right),
    }
    return FitReport(
        tuning=Tuning(tuned, calibrated.calibration, library.settings.aggregation, facts),
        actors=len(set(actors.tolist())),
        drawings=len(actors),
        without_face=len(truth) - len(queries.actors),
        gallery_actors=len(live.owners),
        choices=choices,
        before=everyone.metric(raw[best]),
        after=everyone.metric(together),
        gain=gain,
        dropped=dropped,
        calibrated=calibrated,
        stopped=queries.stopped,
    )


def known_queries(
    library: Library,
    engine: Engine,
    index: FlatIndex,
    truth: Sequence[Truth],
    spaces: Sequence[str],
    progress: Progress,
) -> Queries:
    """Drawings with a face whose actors the index holds; refuses when there are too few to fit anything."""
    there = {str(facts["name"]) for facts in index.facts.values()}
    queries = QueryCache(library, engine).collect([row for row in truth if row.actor in there], spaces, progress)
    usable = queries.only(queries.found)
    _refuse_few(usable.actors)
    return usable


def _refuse_few(drawings: npt.NDArray[np.str_]) -> None:
    """Refuse to fit on drawings [n], named by their actors, that are too few to hold any out."""
    actors = len(set(drawings.tolist()))
    if actors < MIN_ACTORS or len(drawings) < MIN_DRAWINGS:
        raise InputError(
            Words("past castings"),
            Words(
                "{count} usable drawings of {actors} actors in this library are too few to fit on.",
                count=len(drawings),
                actors=actors,
            ),
            Words(
                "Gather at least {drawings} drawings of {actors} actors; until then the pack's tuning is used.",
                drawings=MIN_DRAWINGS,
                actors=MIN_ACTORS,
            ),
        )


def _joined(engine: Engine, space: str) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    """Lengths of the vectors that a space joins, and which of them are of earlier layers; empty where it joins none."""
    from embeddings.concat import parts_of
    from embeddings.hiding import LAYERS, blocks

    encoder = engine.encoder(Space.parse(space).encoder)
    networks = parts_of(encoder)
    return (networks, tuple(block == LAYERS for block in blocks(encoder))) if len(networks) > 1 else ((), ())


def _samples(
    index: FlatIndex, queries: Queries, space: str, networks: tuple[int, ...], earlier: tuple[bool, ...]
) -> Samples:
    owners = list(index.owners)
    owner_of = {str(index.facts[owner]["name"]): owner for owner in owners}
    place = {owner: at for at, owner in enumerate(owners)}
    data = index.space(space)
    centroids = np.full((len(owners), data.vectors.shape[1]), np.nan, np.float32)
    photos: dict[str, npt.NDArray[np.float32]] = {}
    wanted = set(queries.actors.tolist())
    for at, owner in enumerate(data.owners):
        centroids[place[owner]] = data.centroids[at]
        name = str(index.facts[owner]["name"])
        if name in wanted:
            photos[name] = np.asarray(data.vectors[data.rows(at)], np.float32)
    right = np.array([place[owner_of[str(actor)]] for actor in queries.actors], np.int64)
    return Samples(queries.vectors[space], queries.actors, right, centroids, photos, networks, earlier)
