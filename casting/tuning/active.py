"""Which tuning a ranking uses: the library's own, else the pack's, else none - and if none, why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from casting.averaging import mean_cosine
from casting.engine import Engine
from casting.library import Library
from casting.scoring import Recipe
from casting.spaces import Space
from casting.tuning.bridge import Bridge, Vectors
from casting.tuning.calibration import Calibration
from casting.tuning.tuning import TUNING_FILE, Tuning


@dataclass(frozen=True)
class Plan:
    """How queries are carried over, fused and calibrated for one set of weights."""

    recipe: Recipe
    bridges: Mapping[str, Bridge]
    calibration: Calibration | None
    why_not: str = ""
    """Where nothing is calibrated, the reason; a sentence."""

    def carried(self, vectors: Mapping[str, Vectors]) -> dict[str, Vectors]:
        """Space -> unit vectors [n, dim] over the bridge, where there is one."""
        return {
            name: self.bridges[name].carry(rows) if name in self.bridges else rows for name, rows in vectors.items()
        }

    def worth(self, carried: Mapping[str, Vectors]) -> float:
        """How many by different hands a character's pictures are worth, given as carried vectors [n, dim] a space."""
        count = max(len(rows) for rows in carried.values())
        if count == 1 or self.calibration is None:
            return 1.0
        weights = self.recipe.weights
        alike = sum(weights[name] * mean_cosine(rows) for name, rows in carried.items())
        return self.calibration.worth(alike / sum(weights.values()), count)


def library_tuning(library: Library) -> Path:
    """Where a library keeps its own tuning."""
    return library.folder / TUNING_FILE


def active_tuning(library: Library, engine: Engine, wanted: Collection[str] = ()) -> tuple[Tuning | None, str]:
    """The tuning whose contracts are those of the models in use, and if there is none, why.

    It must fit in every space that it gives weight to. Of others it holds those that are `wanted` and fit; nothing is
    loaded for the rest.
    """
    why = f"the model pack `{engine.pack.name}` ships no calibration; fit one with `castoon bridge fit`."
    for path in (library_tuning(library), engine.tuning_file):
        if path is None or not path.is_file():
            continue
        tuning = _load(path, path.stat().st_mtime_ns)
        asked = {name: space for name, space in tuning.spaces.items() if space.weight > 0 or name in wanted}
        fitting = {name: space for name, space in asked.items() if _is_current(engine, name, space.contract)}
        current = {name: one for name, one in fitting.items() if engine.reading(Space.parse(name)) == one.reading}
        if all(name in current for name in tuning.weights):
            return replace(tuning, spaces=current), ""
        stale = [name for name in tuning.weights if name not in fitting]
        fitted = f"on other models ({', '.join(stale)})" if stale else "on drawings that were looked at in another way"
        why = f"{path.name} was fitted {fitted}; fit it again with `castoon bridge fit`."
    return None, why


def plan(library: Library, engine: Engine, weights: Mapping[str, float]) -> Plan:
    """How to rank with these weights, all above zero."""
    tuning, why = active_tuning(library, engine, weights)
    asked = library.settings.fusion
    if tuning is None or not all(name in tuning.spaces for name in weights):
        missing = [name for name in weights if tuning is not None and name not in tuning.spaces]
        reason = why or f"{', '.join(missing)} was not part of the calibration."
        return Plan(Recipe(weights, "reciprocal" if asked == "reciprocal" else "cosine"), {}, None, reason)
    bridges = {name: bridge for name in weights if (bridge := tuning.spaces[name].bridge) is not None}
    if asked in {"cosine", "reciprocal"}:
        return Plan(Recipe(weights, asked), bridges, None, f"fusion is set to `{asked}`; scores are raw then.")
    recipe = tuning.recipe(weights)
    if not _same(weights, tuning.weights):
        return Plan(recipe, bridges, None, "the weights differ from those that the calibration was fitted with.")
    if library.settings.aggregation != tuning.aggregation:
        return Plan(recipe, bridges, None, f"the calibration was fitted with the aggregation `{tuning.aggregation}`.")
    return Plan(recipe, bridges, tuning.calibration, "" if tuning.calibration else "nothing was calibrated.")


def space_weights(library: Library, engine: Engine) -> dict[str, float]:
    """Spaces that a ranking uses, all above zero: as set by the library's owner, else as tuned, else as built in."""
    tuning, _ = active_tuning(library, engine)
    chosen = library.settings.spaces
    if tuning is not None and not engine.spaces_are_chosen:
        chosen = tuning.weights or chosen
    return {name: weight for name, weight in chosen.items() if weight > 0}


def _is_current(engine: Engine, name: str, contract: str) -> bool:
    space = Space.parse(name)
    return engine.has(space) and engine.contract(space) == contract


def _same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    if set(one) != set(other):
        return False
    a, b = (np.array([values[name] for name in sorted(values)], np.float64) for values in (one, other))
    return bool(np.allclose(a / a.sum(), b / b.sum(), atol=1e-4))


@lru_cache(maxsize=8)
def _load(path: Path, changed: int) -> Tuning:
    del changed
    return Tuning.load(path)
