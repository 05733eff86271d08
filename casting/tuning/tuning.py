"""What was learnt from pairs (drawing, actor) about one set of spaces, as one file: bridges, weights, calibration.

A pack ships one (`tuning.npz`, role `tuning`), fitted on research data; a library may hold its own, fitted on a
studio's past castings with `castoon bridge fit`. Every space is bound to the contract of the encoder whose vectors it
was fitted on, and to the way in which that encoder read the drawings.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from casting.scoring import Recipe, Usual
from casting.tuning.bridge import Bridge
from casting.tuning.calibration import Calibration, Limit, Limits
from castoon.errors import NotReadyError
from castoon.files import write_atomic
from castoon.words import Words

FORM = 3
FORMS = (1, 2, FORM)
"""Forms that can be read. In the first, scores were standardised over all actors, the one in question too: its scores
from 0 to 100 no longer hold, its bridges and weights do. The second knew one picture a character only."""
TUNING_FILE = "tuning.npz"
ROLE = "tuning"
BESIDE = "weights beside"
"""Among the facts: for every space that got no weight, the weights of all with it added."""
ALL = "all"
"""Among these: the weights of every space together."""


@dataclass(frozen=True)
class TunedSpace:
    """One space: whose vectors, how drawings are carried over, what weight it has beside others."""

    contract: str
    reading: str
    """Query contract of the encoder: how the drawings were read; empty in a file from before this was kept."""
    weight: float
    usual: Usual
    bridge: Bridge | None = None
    """None where no bridge helped."""


@dataclass(frozen=True)
class Tuning:
    """Bridges, fusion weights and calibration that belong together."""

    spaces: Mapping[str, TunedSpace]
    calibration: Calibration | None
    aggregation: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What it was fitted on and what it gained, for people: actors, drawings, figures before and after."""

    @property
    def weights(self) -> dict[str, float]:
        """Space -> weight, of the spaces that help."""
        return {name: space.weight for name, space in self.spaces.items() if space.weight > 0}

    @property
    def beside(self) -> dict[str, dict[str, float]]:
        """Space that got no weight -> weights above zero with it added; `ALL` -> of every space together."""
        known = self.facts.get(BESIDE, {})
        found = {name: {one: float(weight) for one, weight in weights.items()} for name, weights in known.items()}
        return {name: {one: weight for one, weight in weights.items() if weight > 0} for name, weights in found.items()}

    def recipe(self, weights: Mapping[str, float]) -> Recipe:
        """How to fuse spaces that are all tuned."""
        return Recipe(weights, "standardised", {name: self.spaces[name].usual for name in weights})

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        buffer = io.BytesIO()
        arrays: dict[str, np.ndarray[Any, Any]] = {}
        described: dict[str, Any] = {}
        for number, (name, space) in enumerate(sorted(self.spaces.items())):
            described[name] = {
                "contract": space.contract, "reading": space.reading, "weight": space.weight,
                "usual": asdict(space.usual),
            }  # fmt: skip
            if space.bridge is not None:
                described[name] |= {"bridge": number, "method": space.bridge.method}
                arrays[f"mean_{number}"] = space.bridge.mean
                arrays[f"matrix_{number}"] = space.bridge.matrix.astype(np.float16)
        head = {
            "form": FORM, "spaces": described, "aggregation": self.aggregation, "facts": dict(self.facts),
            "calibration": None if self.calibration is None else asdict(self.calibration),
        }  # fmt: skip
        text = np.frombuffer(json.dumps(head, sort_keys=True).encode(), np.uint8)
        np.savez_compressed(buffer, allow_pickle=False, head=text, **arrays)
        write_atomic(path, buffer.getvalue())

    @classmethod
    def load(cls, path: Path) -> Tuning:
        """Read a file; one that is damaged or of another form is refused by name."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                head = json.loads(stored["head"].tobytes().decode())
                if head["form"] not in FORMS:
                    raise ValueError(f"form {head['form']}")
                spaces = {name: _space(entry, stored) for name, entry in head["spaces"].items()}
            known = head["calibration"] if head["form"] > 1 else None
            calibration = None if known is None else _calibration(known, head["form"])
            return cls(spaces, calibration, str(head["aggregation"]), head["facts"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise NotReadyError(
                str(path),
                Words("it is no tuning that can be read ({why}).", why=error),
                "Fit it again: `castoon bridge fit`.",
            ) from error


def _calibration(known: dict[str, Any], form: int) -> Calibration:
    knots = tuple((float(at), float(share)) for at, share in known.pop("knots"))
    stored = known.pop("limits") if form == FORM else [{name: known.pop(name) for name in ("none_below", "good_from")}]
    limits = tuple(
        Limits(
            Limit(**one["none_below"]),
            Limit(**one["good_from"]),
            tuple((float(share), Limit(**limit)) for share, limit in one.get("strangers", ())),
        )
        for one in stored
    )
    return Calibration(knots=knots, limits=limits, **known)


def _space(entry: Mapping[str, Any], stored: Any) -> TunedSpace:
    usual = Usual(float(entry["usual"]["mean"]), float(entry["usual"]["spread"]))
    bridge = None
    if "bridge" in entry:
        number = int(entry["bridge"])
        mean, matrix = stored[f"mean_{number}"], stored[f"matrix_{number}"].astype(np.float32)
        if matrix.shape != (len(mean), len(mean)) or not np.isfinite(matrix).all():
            raise ValueError(f"bridge {number} has the shape {matrix.shape}")
        bridge = Bridge(str(entry["method"]), mean, matrix)
    return TunedSpace(str(entry["contract"]), str(entry.get("reading", "")), float(entry["weight"]), usual, bridge)
