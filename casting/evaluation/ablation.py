"""Many ways of ranking the same drawings side by side, on vectors that are embedded once.

Spaces that the tuning gave no weight are measured beside the others all the same, with the weights they would have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import get_args

from casting.evaluation.metrics import Comparison, Metric, Resampled, ranking_gains
from casting.evaluation.trials import SpaceScores, Trial, run_trial
from casting.scoring import Recipe
from casting.spaces import PHOTO, Space
from casting.tuning.active import Plan
from casting.tuning.tuning import ALL, Tuning
from index import Aggregation

MOST_PAIRS = 15


@dataclass(frozen=True)
class AblationRow:
    """One way of ranking."""

    name: str
    kind: str
    """`reading`, `space`, `bridge`, `style`, `pair`, `fusion`, `added` or `aggregation`."""
    metrics: Mapping[str, Metric]
    against: str
    """The row it is compared with."""
    difference: Comparison
    """R@1 minus that of `against`."""


@dataclass(frozen=True)
class Unlearnt:
    """The same drawings as a face network sees them that has learnt nothing of drawings."""

    whole: SpaceScores
    """The whole face alone, as any face search sees it."""
    as_photos: SpaceScores | None
    """All that the network is asked for, drawings read as photos are; None where they always are."""


@dataclass(frozen=True)
class _Way:
    name: str
    kind: str
    against: str
    plan: Plan
    how: Aggregation
    scores: SpaceScores | None = None
    """Where the drawings are not read as they are otherwise."""


def ablate(
    scores: SpaceScores,
    right: Sequence[int],
    tuning: Tuning | None,
    whole: Plan,
    how: Aggregation,
    unlearnt: Unlearnt | None = None,
) -> list[AblationRow]:
    """Every space alone, with and without its bridge; each style beside the photos; pairs; fusions; aggregations.

    With `unlearnt` the first row is the face network with nothing learnt at all, and others are compared with it; one
    more says what is lost where drawings are read as photos and carried over no bridge.
    """
    resampled = Resampled([row.actor for row in scores.queries.truth])
    trials: dict[str, Trial] = {}
    rows = []
    for way in _ways(list(scores.index.spaces), tuning, whole, how, unlearnt):
        if way.name in trials:
            continue
        trials[way.name] = run_trial(way.name, way.scores or scores, right, way.plan, way.how)
        gains = ranking_gains(trials[way.name].ranks)
        other = ranking_gains(trials.get(way.against, trials[way.name]).ranks)
        metrics = {name: resampled.metric(values) for name, values in gains.items()}
        rows.append(
            AblationRow(way.name, way.kind, metrics, way.against, resampled.compare(gains["R@1"], other["R@1"]))
        )
    return rows


def _ways(
    spaces: Sequence[str], tuning: Tuning | None, whole: Plan, how: Aggregation, unlearnt: Unlearnt | None
) -> Iterator[_Way]:
    plain = sorted(spaces, key=lambda name: (Space.parse(name).rendering != PHOTO, name))
    base = plain[0]
    if unlearnt is not None:
        (name,) = unlearnt.whole.queries.vectors
        base = f"{name}, nothing learnt"
        yield _Way(base, "reading", base, _plan([name], None), how, unlearnt.whole)
    for name in plain:
        yield _Way(name, "space", base, _plan([name], None), how)
    bridged = [name for name in plain if tuning and name in tuning.spaces and tuning.spaces[name].bridge]
    for name in bridged:
        yield _Way(f"{name} + bridge", "bridge", name, _plan([name], tuning), how)
    ready = tuning if tuning is not None and all(name in tuning.spaces for name in plain) else None
    ending = " + bridge" if bridged else ""
    for name in plain:
        photo = f"{Space.parse(name).encoder}:{PHOTO}"
        if name != photo and photo in plain:
            yield _Way(f"{photo} + {name}{ending}", "style", f"{photo}{ending}", _plan([photo, name], ready), how)
    for one, other in list(combinations(plain, 2))[:MOST_PAIRS]:
        yield _Way(f"{one} + {other}{ending}", "pair", f"{one}{ending}", _plan([one, other], ready), how)
    yield _Way("as it ranks", "fusion", base, whole, how)
    if unlearnt is not None and unlearnt.as_photos is not None:
        (name,) = unlearnt.as_photos.queries.vectors
        words = f"{name}, drawings read as photos"
        yield _Way(words, "reading", "as it ranks", _plan([name], None), how, unlearnt.as_photos)
    yield from _added(plain, ready, how)
    weights = whole.recipe.weights
    if len(weights) > 1:
        for fusion in ("cosine", "reciprocal"):
            yield _Way(
                f"as it ranks, fused by {fusion}", "fusion", "as it ranks",
                Plan(Recipe(weights, fusion), whole.bridges, None), how,
            )  # fmt: skip
        if ready is not None:
            equal = dict.fromkeys(weights, 1.0)
            yield _Way("as it ranks, equal weights", "fusion", "as it ranks", _plan(list(equal), ready), how)
    for other_how in get_args(Aggregation):
        if other_how != how:
            yield _Way(f"as it ranks, by {other_how}", "aggregation", "as it ranks", whole, other_how)


def _added(spaces: Sequence[str], tuning: Tuning | None, how: Aggregation) -> Iterator[_Way]:
    """What each space without weight would add, and all of them together."""
    known = {} if tuning is None else tuning.beside
    beside = {name: learnt for name, learnt in known.items() if set(learnt) <= set(spaces)}
    if list(beside.values()).count(beside.get(ALL, {})) > 1:
        beside.pop(ALL)
    for name, learnt in beside.items():
        added = "everything together" if name == ALL else f"as it ranks + {name}"
        yield _Way(f"{added}, weights as learnt", "added", "as it ranks", _plan(list(learnt), tuning, learnt), how)


def _plan(spaces: Sequence[str], tuning: Tuning | None, learnt: Mapping[str, float] | None = None) -> Plan:
    """These spaces with equal weights, or as learnt: tuned, or as they are."""
    weights = learnt or dict.fromkeys(spaces, 1.0)
    if tuning is None:
        return Plan(Recipe(weights), {}, None)
    bridges = {name: bridge for name in spaces if (bridge := tuning.spaces[name].bridge) is not None}
    return Plan(tuning.recipe(weights), bridges, None)
