"""Who is served how well, and who is shown: gaps between groups of drawings, and exposure of groups of actors.

A group with few actors gets "insufficient data" instead of a figure: a number that chance alone could turn around would
do more harm than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from casting.evaluation.metrics import FEW_ACTORS, Comparison, Metric, Resampled
from casting.evaluation.trials import Trial
from casting.evaluation.truth import Truth
from index import Facts

Doubles = npt.NDArray[np.float64]
TOP = 10
AGE_BANDS = ((20, "under 20"), (30, "20-29"), (40, "30-39"), (50, "40-49"), (60, "50-59"), (200, "60 and over"))
AGREED = ("gender", "age", "race")
"""Facts of actors that groups are made by, where they are known."""


@dataclass(frozen=True)
class GroupRow:
    """One group of drawings."""

    by: str
    group: str
    drawings: int
    actors: int
    recall: Metric | None
    """R@1; None where there are too few actors to say."""
    against_rest: Comparison | None
    """R@1 of the group minus that of all others."""

    @property
    def enough(self) -> bool:
        """Whether the figures say anything."""
        return self.recall is not None


@dataclass(frozen=True)
class Exposure:
    """How often a group of actors is shown among the first ten, against its share of the gallery."""

    by: str
    group: str
    actors: int
    gallery_share: float
    shown_share: Metric | None
    """Share of the first ten places, over all drawings; None where the group is too small to say."""

    @property
    def ratio(self) -> float | None:
        """Above 1: shown more often than its share."""
        return None if self.shown_share is None else self.shown_share.value / max(self.gallery_share, 1e-9)


def actor_groups(facts: Facts, today: datetime | None = None) -> dict[str, str]:
    """Groups of one actor: gender, age band, race where a tag `race:...` says so."""
    found: dict[str, str] = {}
    if gender := facts.get("gender"):
        found["gender"] = str(gender)
    if isinstance(born := facts.get("birth_year"), int | float):
        age = (today or datetime.now(UTC)).year - int(born)
        found["age"] = next(name for limit, name in AGE_BANDS if age < limit)
    tags = facts.get("tags")
    for tag in tags if isinstance(tags, tuple) else ():
        if tag.startswith("race:"):
            found["race"] = tag.removeprefix("race:").strip()
    return found


def drawing_groups(row: Truth, facts: Facts) -> dict[str, str]:
    """Groups of one drawing: those of its actor, and the columns of the truth table."""
    return {**actor_groups(facts), **({"group": row.group} if row.group else {}), **row.facts}


def group_rows(gains: Doubles, actors: npt.NDArray[np.str_], groups: Sequence[Mapping[str, str]]) -> list[GroupRow]:
    """R@1 of every group, and against all others; gains [n] are 1 where the right actor is first."""
    rows = []
    for by in sorted({name for one in groups for name in one}):
        values = np.array([one.get(by, "") for one in groups])
        for group in sorted(set(values.tolist()) - {""}):
            inside = values == group
            count = len(set(actors[inside].tolist()))
            rest = (values != group) & (values != "")
            enough = count >= FEW_ACTORS
            recall = Resampled(actors[inside]).metric(gains[inside]) if enough else None
            apart = (
                _apart(gains, actors, inside, rest)
                if enough and len(set(actors[rest].tolist())) >= FEW_ACTORS
                else None
            )
            rows.append(GroupRow(by, group, int(inside.sum()), count, recall, apart))
    return rows


def _apart(gains: Doubles, actors: npt.NDArray[np.str_], one: Any, other: Any) -> Comparison:
    """Two groups of different actors, resampled independently of each other."""
    first, second = Resampled(actors[one]), Resampled(actors[other])
    spread = first.means(gains[one]) - np.random.default_rng(1).permutation(second.means(gains[other]))
    low, high = np.percentile(spread, [2.5, 97.5])
    beyond = min(float((spread <= 0).mean()), float((spread >= 0).mean()))
    value = float(gains[one].mean() - gains[other].mean())
    return Comparison(Metric(value, float(low), float(high)), min(1.0, max(2 * beyond, 1 / len(spread))), True)


def exposure_rows(trial: Trial, facts: Mapping[str, Facts], actors: npt.NDArray[np.str_]) -> list[Exposure]:
    """Share of the first ten places that each group of actors gets."""
    found = np.flatnonzero(trial.found)
    if not len(found):
        return []
    top = min(TOP, len(trial.owners))
    shown = np.argsort(-trial.similarity[found], axis=1, kind="stable")[:, :top]
    of_owner = [actor_groups(facts.get(owner, {})) for owner in trial.owners]
    rows = []
    for by in AGREED:
        values = np.array([one.get(by, "") for one in of_owner])
        known = values != ""
        for group in sorted(set(values.tolist()) - {""}):
            members = values == group
            share = float(members.sum() / known.sum())
            gains = members[shown].sum(axis=1) / np.maximum(known[shown].sum(axis=1), 1)
            resampled = Resampled(actors[found])
            enough = int(members.sum()) >= FEW_ACTORS and resampled.enough
            rows.append(Exposure(by, group, int(members.sum()), share, resampled.metric(gains) if enough else None))
    return rows
