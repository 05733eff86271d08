"""How often the right actor comes first: recall at k and mean reciprocal rank, with intervals over actors.

Drawings of one actor resemble each other, so intervals come from drawing whole actors with replacement, not drawings.
A query in which no face is found is a miss, not an omission.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from casting.catalog import Evaluation
from casting.engine import Engine
from casting.library import Library
from casting.progress import Progress, Silent
from casting.ranking import check_contracts, find_faces, fuse, query_vector
from casting.spaces import Space
from castoon.errors import InputError
from castoon.images import read
from index import Aggregation, FlatIndex

RECALLS = (1, 5, 10)
RESAMPLES = 1000
SEED = 20240229
MISS = 10**9
"""Rank of an actor who was not found at all."""


@dataclass(frozen=True)
class Truth:
    """One drawing and the actor who is right for it."""

    image: Path
    actor: str
    group: str = ""


@dataclass(frozen=True)
class Metric:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class EvaluationReport:
    """What was measured, on what."""

    queries: int
    gallery_actors: int
    no_face: int
    metrics: Mapping[str, Metric]
    per_space: Mapping[str, Mapping[str, Metric]]
    per_group: Mapping[str, Mapping[str, Metric]]
    index_version: str
    pack: str
    refused: tuple[InputError, ...] = ()
    stopped: bool = False
    ranks: tuple[int, ...] = field(default=(), repr=False)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "queries": self.queries,
            "gallery_actors": self.gallery_actors,
            "no_face": self.no_face,
            "metrics": _plain(self.metrics),
            "per_space": {space: _plain(metrics) for space, metrics in self.per_space.items()},
            "per_group": {group: _plain(metrics) for group, metrics in self.per_group.items()},
            "index_version": self.index_version,
            "pack": self.pack,
            "refused": [error.as_dict() for error in self.refused],
            "stopped": self.stopped,
        }


def _plain(metrics: Mapping[str, Metric]) -> dict[str, dict[str, float]]:
    return {
        name: {"value": round(metric.value, 4), "low": round(metric.low, 4), "high": round(metric.high, 4)}
        for name, metric in metrics.items()
    }


def read_truth(path: Path) -> list[Truth]:
    """Rows of a truth table: `image` (relative to the table), `actor`, optional `group`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            columns = [name.strip().lower() for name in reader.fieldnames or []]
            if not {"image", "actor"} <= set(columns):
                raise InputError(
                    str(path), "the columns `image` and `actor` are needed.", "Columns: image,actor[,group]"
                )
            reader.fieldnames = columns
            rows = [
                Truth(path.parent / row["image"].strip(), row["actor"].strip(), (row.get("group") or "").strip())
                for row in reader
                if row["image"] and row["actor"]
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(path), f"it cannot be read ({error}).", "Save it as UTF-8 CSV.") from error
    if not rows:
        raise InputError(str(path), "it holds no rows.", "Add one row a drawing: image,actor.")
    return rows


def evaluate(
    library: Library, engine: Engine, truth: Sequence[Truth], progress: Progress | None = None, name: str = ""
) -> EvaluationReport:
    """Rank every drawing of the truth against the live index and measure where the right actor stands."""
    watcher = progress or Silent()
    index = library.index.open()
    weights = {space: weight for space, weight in library.settings.spaces.items() if weight > 0}
    check_contracts(index, engine, list(weights))
    owners = {str(facts["name"]): owner for owner, facts in index.facts.items()}
    searched = _Searched(engine, index, weights, owners, library.settings.aggregation)
    refused: list[InputError] = []
    answered: list[tuple[Truth, dict[str, int]]] = []
    no_face = 0
    watcher.begin("evaluate", len(truth))
    for row in truth:
        if watcher.stopped:
            break
        try:
            ranks = searched.ranks(row)
            no_face += not ranks
            answered.append((row, ranks))
        except InputError as error:
            refused.append(error)
        watcher.advance()
    if not answered:
        reason = refused[0].reason if refused else "nothing was evaluated."
        raise InputError(
            name or "truth", f"no query could be used: {reason}", "Check the images and the actors' names."
        )
    report = EvaluationReport(
        queries=len(answered),
        gallery_actors=max(index.spaces[space].owners for space in weights),
        no_face=no_face,
        metrics=_measure(answered, ""),
        per_space={space: _measure(answered, space) for space in weights},
        per_group={
            group: _measure([one for one in answered if one[0].group == group], "")
            for group in sorted({row.group for row, _ in answered} - {""})
        },
        index_version=index.version,
        pack=engine.pack.name,
        refused=tuple(refused),
        stopped=watcher.stopped,
        ranks=tuple(ranks.get("", MISS) for _, ranks in answered),
    )
    with library.database.transaction() as session:
        session.add(Evaluation(truth=name, index_version=index.version, metrics=_plain(report.metrics)))
    return report


@dataclass(frozen=True)
class _Searched:
    """One index, searched in the same way for every query."""

    engine: Engine
    index: FlatIndex
    weights: Mapping[str, float]
    owners: Mapping[str, str]
    aggregation: Aggregation

    def ranks(self, row: Truth) -> dict[str, int]:
        """Rank of the right actor, fused under the key "" and in each space; empty when no face was found."""
        from embeddings import FacePicture

        if row.actor not in self.owners:
            step = "Correct the name, or import the actor."
            raise InputError(str(row.image), f"`{row.actor}` is not in the library.", step)
        image = read(row.image).pixels
        finding = find_faces(self.engine, image)
        if not finding.faces:
            return {}
        face = [FacePicture(image, finding.faces[0])]
        queries = {space: query_vector(self.engine, Space.parse(space), face) for space in self.weights}
        fused = fuse(self.index, queries, self.weights, len(self.index.facts), how=self.aggregation)
        scores = {"": {one.owner: one.score for one in fused}}
        for space in self.weights:
            scores[space] = {one.owner: one.hits[space].score for one in fused if space in one.hits}
        return {space: _rank_of(self.owners[row.actor], known) for space, known in scores.items()}


def _rank_of(owner: str, scores: Mapping[str, float]) -> int:
    if owner not in scores:
        return MISS
    mine = (-scores[owner], owner)
    return 1 + sum((-score, other) < mine for other, score in scores.items())


def _measure(answered: Sequence[tuple[Truth, Mapping[str, int]]], space: str) -> dict[str, Metric]:
    ranks = np.array([ranks.get(space, MISS) for _, ranks in answered], np.float64)
    actors = [row.actor for row, _ in answered]
    gains = {f"R@{k}": (ranks <= k).astype(np.float64) for k in RECALLS}
    gains["MRR"] = np.where(ranks < MISS, 1 / ranks, 0.0)
    return {name: _interval(gain, actors) for name, gain in gains.items()}


def _interval(gain: npt.NDArray[np.float64], actors: Sequence[str]) -> Metric:
    """Mean with a 95% percentile bootstrap over actors."""
    sums, counts = map(np.array, zip(*_per_actor(gain, actors), strict=True))
    picks = np.random.default_rng(SEED).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Metric(float(gain.mean()), float(low), float(high))


def _per_actor(gain: npt.NDArray[np.float64], actors: Sequence[str]) -> Iterator[tuple[float, int]]:
    places: dict[str, list[int]] = {}
    for place, actor in enumerate(actors):
        places.setdefault(actor, []).append(place)
    for rows in places.values():
        yield float(gain[rows].sum()), len(rows)
