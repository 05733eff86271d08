"""Measure the live index on drawings whose actors are known: everything that `casting.evaluation.report` holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from casting.catalog import Evaluation
from casting.engine import Engine
from casting.evaluation.ablation import Unlearnt, ablate
from casting.evaluation.casts import other_casts
from casting.evaluation.checking import check_calibration
from casting.evaluation.groups import drawing_groups, exposure_rows, group_rows
from casting.evaluation.metrics import (
    MISS,
    Metric,
    Resampled,
    as_dicts,
    ranking_gains,
    roc,
    verification,
)
from casting.evaluation.queries import Queries, QueryCache
from casting.evaluation.report import EvaluationReport, QueryResult
from casting.evaluation.trials import SpaceScores, Trial, run_trial
from casting.evaluation.truth import Truth, truth_hash
from casting.library import Library
from casting.progress import Progress, Silent
from casting.ranking import check_contracts
from casting.scoring import Recipe
from casting.spaces import PHOTO, Space
from casting.tuning.active import Plan, active_tuning, library_tuning, plan, space_weights
from castoon.errors import InputError
from castoon.words import Words

if TYPE_CHECKING:
    from index import FlatIndex

Doubles = npt.NDArray[np.float64]
SHOWN_RANKS = 20
SAMPLED = 2000


def evaluate(
    library: Library,
    engine: Engine,
    truth: Sequence[Truth],
    progress: Progress | None = None,
    name: str = "",
    *,
    weights: Mapping[str, float] | None = None,
    ablation: bool = True,
    cancelled: Callable[[], bool] | None = None,
) -> EvaluationReport:
    """Rank every drawing of the truth against the live index and measure where the right actor stands.

    Vectors of the drawings are kept in the library's cache, so that a second evaluation takes seconds. With `ablation`
    every space that the index holds is measured too. Stopped early (`progress.stopped` or `cancelled`), it measures the
    drawings that were done by then.
    """
    watcher = _Watch(progress or Silent(), cancelled)
    index = library.index.open()
    chosen = {space: weight for space, weight in (weights or space_weights(library, engine)).items() if weight > 0}
    spaces = [space for space in index.spaces if ablation or space in chosen]
    check_contracts(index, engine, list(chosen))
    spaces = [space for space in spaces if space in chosen or engine.has(Space.parse(space))]
    check_contracts(index, engine, spaces)
    place = {owner: at for at, owner in enumerate(index.owners)}
    owners = {str(facts["name"]): owner for owner, facts in index.facts.items() if owner in place}
    known = [row for row in truth if row.actor in owners]
    refused = [
        InputError(
            str(row.image),
            Words("`{actor}` is not in the library.", actor=row.actor),
            "Correct the name, or import the actor.",
        )
        for row in truth
        if row.actor not in owners
    ]
    queries = QueryCache(library, engine).collect(known, spaces, watcher)
    refused += queries.refused
    if not queries.truth:
        reason = refused[0].reason if refused else Words("nothing was evaluated.")
        step = "Check the images and the actors' names."
        raise InputError(name or "truth", Words("no query could be used: {reason}", reason=reason), step)
    planned = plan(library, engine, chosen)
    tuning, why = active_tuning(library, engine, spaces)
    right = [place[owners[row.actor]] for row in queries.truth]
    unlearnt = _nothing_learnt(library, engine, index, queries, watcher) if ablation else None
    watcher.begin("measure", 2)
    scores = SpaceScores(index, queries)
    how = library.settings.aggregation
    trial = run_trial("as it ranks", scores, right, planned, how)
    watcher.advance()
    rows = ablate(scores, right, tuning, planned, how, unlearnt) if ablation else []
    watcher.advance()
    resampled = Resampled(queries.actors)
    gains = ranking_gains(trial.ranks)
    gains["mAP"] = _average_precision(index, queries, planned, right)
    gains |= verification(np.where(trial.found, trial.own, -np.inf), trial.strangers, trial.found)
    groups = [drawing_groups(row, index.facts[owners[row.actor]]) for row in queries.truth]
    false, true = roc(np.where(np.isfinite(trial.own), trial.own, -1e9), trial.strangers)
    by_group = {
        group: np.array([row.group == group for row in queries.truth])
        for group in sorted({row.group for row in queries.truth} - {""})
    }
    report = EvaluationReport(
        queries=len(queries.truth),
        gallery_actors=max(index.spaces[space].owners for space in chosen),
        no_face=int((~queries.found).sum()),
        metrics={figure: resampled.metric(values) for figure, values in gains.items()},
        median_rank=resampled.statistic(np.minimum(trial.ranks, len(place)), lambda ranks: float(np.median(ranks))),
        per_space={
            space: _figures(run_trial(space, scores, right, _alone(planned, space), how).ranks, resampled)
            for space in chosen
        },
        per_group={group: _figures_of(trial, inside, queries) for group, inside in by_group.items()},
        groups=tuple(group_rows(gains["R@1"], queries.actors, groups)),
        exposure=tuple(exposure_rows(trial, index.facts, queries.actors)),
        ablation=tuple(rows),
        calibration=check_calibration(trial, planned.calibration, resampled),
        casts=tuple(other_casts(scores, right, planned, how, trial)),
        roc=tuple(zip(false.tolist(), true.tolist(), strict=True)),
        cumulative=tuple(float((trial.ranks <= k).mean()) for k in range(1, SHOWN_RANKS + 1)),
        own_similarities=tuple(trial.own[np.isfinite(trial.own)].tolist()),
        stranger_similarities=_sampled(trial.strangers),
        results=_results(trial, queries, planned, groups, index),
        index_version=index.version,
        pack=engine.pack.name,
        pack_licence=engine.pack.licence,
        weights=chosen,
        tuning=_tuning_name(library, tuning is not None, why),
        cautions=_cautions(queries, tuning.facts if tuning else {}, truth, resampled, watcher.stopped),
        refused=tuple(refused),
        stopped=watcher.stopped,
        ranks=tuple(int(rank) for rank in trial.ranks),
    )
    with library.database.transaction() as session:
        session.add(Evaluation(truth=name, index_version=index.version, metrics=as_dicts(report.metrics)))
    return report


def _nothing_learnt(
    library: Library, engine: Engine, index: FlatIndex, queries: Queries, progress: Progress
) -> Unlearnt | None:
    """The same drawings read as photos are by the face network; None where they are seen so anyway, or if stopped."""
    from embeddings.arcface import networks
    from embeddings.hiding import FACE, only, views

    faces = str(Space("arcface", PHOTO))
    if faces not in queries.vectors:
        return None
    encoder, plain = engine.encoder("arcface"), queries
    has_manner = any(one.manner is not None for one in networks(encoder))
    if has_manner:
        if progress.stopped:
            return None
        plain = QueryCache(library, engine.reading_as_photos).collect(queries.truth, [faces], progress)
    elif not views(encoder):
        return None
    if plain.stopped:
        return None
    seen = plain.vectors[faces]
    whole = SpaceScores(index, replace(plain, vectors={faces: only(FACE, encoder, seen)}))
    return Unlearnt(whole, SpaceScores(index, replace(plain, vectors={faces: seen})) if has_manner else None)


class _Watch:
    """Progress that a second wish can stop as well."""

    def __init__(self, progress: Progress, cancelled: Callable[[], bool] | None) -> None:
        self._progress, self._cancelled = progress, cancelled
        self.begin, self.advance = progress.begin, progress.advance

    @property
    def stopped(self) -> bool:
        return self._progress.stopped or (self._cancelled is not None and self._cancelled())


def _figures(ranks: Doubles, resampled: Resampled) -> dict[str, Metric]:
    return {figure: resampled.metric(values) for figure, values in ranking_gains(ranks).items()}


def _figures_of(trial: Trial, inside: npt.NDArray[np.bool_], queries: Queries) -> dict[str, Metric]:
    return _figures(trial.ranks[inside], Resampled(queries.actors[inside]))


def _alone(planned: Plan, space: str) -> Plan:
    """One space as the plan treats it."""
    recipe = Recipe({space: 1.0}, planned.recipe.fusion, planned.recipe.usual)
    return Plan(recipe, planned.bridges, None)


def _average_precision(index: FlatIndex, queries: Queries, planned: Plan, right: Sequence[int]) -> Doubles:
    """Average precision of each drawing over photos instead of actors, in the space of photos that weighs most."""
    weights = planned.recipe.weights
    space = max(weights, key=lambda name: (Space.parse(name).rendering == PHOTO, weights[name], name))
    data, bridge = index.space(space), planned.bridges.get(space)
    rows = queries.vectors[space]
    cosines = (bridge.carry(rows) if bridge else rows) @ np.asarray(data.vectors).T
    owner_at = {owner: at for at, owner in enumerate(data.owners)}
    owner_of = np.repeat(np.arange(len(data.owners)), np.diff(data.starts))
    names = list(index.owners)
    gains = np.zeros(len(rows))
    for row in np.flatnonzero(queries.found).tolist():
        mine = np.asarray(owner_of == owner_at.get(names[right[row]], -1), np.bool_)
        hits = mine[np.argsort(-cosines[row], kind="stable")]
        if hits.any():
            at = np.flatnonzero(hits)
            gains[row] = float(np.mean((np.arange(len(at)) + 1) / (at + 1)))
    return gains


def _results(
    trial: Trial, queries: Queries, planned: Plan, groups: Sequence[Mapping[str, str]], index: FlatIndex
) -> tuple[QueryResult, ...]:
    names = [str(index.facts[owner]["name"]) for owner in trial.owners]
    results = []
    for row, truth in enumerate(queries.truth):
        found = bool(trial.found[row])
        top = float(trial.similarity[row].max()) if found else None
        chance = None
        if planned.calibration is not None and top is not None:
            chance = 100 * float(planned.calibration.probabilities(np.array([top]), len(names))[0])
        rank = int(trial.ranks[row])
        own = float(trial.own[row])
        results.append(
            QueryResult(
                image=str(truth.image),
                actor=truth.actor,
                rank=None if rank == MISS else rank,
                best=names[trial.best[row]] if found else "",
                own=round(own, 4) if np.isfinite(own) else None,
                top=None if top is None else round(top, 4),
                score=None if chance is None else round(chance, 1),
                flags=queries.flags[row] if found else ("no_face",),
                groups=groups[row],
            )
        )
    return tuple(results)


def _sampled(values: Doubles) -> tuple[float, ...]:
    """At most so many of the values, spread over all of them."""
    step = max(1, len(values) // SAMPLED)
    return tuple(np.sort(values)[::step].tolist())


def _tuning_name(library: Library, active: bool, why: str) -> str:
    if not active:
        return f"none: {why}"
    return "of this library" if library_tuning(library).is_file() else "of the model pack"


def _cautions(
    queries: Queries, facts: Mapping[str, object], truth: Sequence[Truth], resampled: Resampled, stopped: bool
) -> tuple[str, ...]:
    said = []
    if stopped:
        said.append(Words("The evaluation was stopped; it measures the drawings that were done by then."))
    if not resampled.enough:
        said.append(Words("Only {actors} actors: no interval here means much.", actors=resampled.actors))
    if facts.get("truth") == truth_hash(truth):
        said.append(
            Words(
                "The tuning was fitted on these very drawings: figures are too good; "
                "see what it says of actors held out."
            )
        )
    if int((~queries.found).sum()):
        said.append(Words("Drawings without a face count as misses."))
    return tuple(said)
