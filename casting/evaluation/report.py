"""What an evaluation measured: values, tables and JSON. `plots` makes pictures of it, `page` a file to send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casting.evaluation.ablation import AblationRow
from casting.evaluation.casts import CastRow
from casting.evaluation.checking import CalibrationCheck
from casting.evaluation.groups import Exposure, GroupRow
from casting.evaluation.metrics import Metric, as_dicts
from castoon.errors import InputError
from castoon.files import write_atomic

if TYPE_CHECKING:
    import pandas as pd

INSUFFICIENT = "insufficient data"


@dataclass(frozen=True)
class QueryResult:
    """One drawing and what became of it."""

    image: str
    actor: str
    rank: int | None
    """None where no face was found or the actor is in no space."""
    best: str
    """Who was ranked first."""
    own: float | None
    """Similarity to the right actor."""
    top: float | None
    """Similarity of the best."""
    score: float | None
    """Calibrated score of the best, where there is a calibration."""
    flags: tuple[str, ...]
    groups: Mapping[str, str]


@dataclass(frozen=True)
class EvaluationReport:
    """What was measured, on what."""

    queries: int
    gallery_actors: int
    no_face: int
    metrics: Mapping[str, Metric]
    """R@1, R@5, R@10, MRR and mAP over drawings; AUC and acceptance of 1:1 pairs; each 0 to 1."""
    median_rank: Metric
    per_space: Mapping[str, Mapping[str, Metric]]
    per_group: Mapping[str, Mapping[str, Metric]]
    """By the column `group` of the truth; see `groups` for others, comparisons and "insufficient data"."""
    groups: tuple[GroupRow, ...]
    exposure: tuple[Exposure, ...]
    ablation: tuple[AblationRow, ...]
    calibration: CalibrationCheck | None
    casts: tuple[CastRow, ...]
    """The same drawings ranked among other casts: of the truth's actors alone, and of fewer actors drawn by lot."""
    roc: tuple[tuple[float, float], ...]
    """(false acceptance, true acceptance) of 1:1 pairs, rising."""
    cumulative: tuple[float, ...]
    """Share of drawings whose actor is among the first 1, 2, ... 20."""
    own_similarities: tuple[float, ...]
    stranger_similarities: tuple[float, ...]
    """A sample of similarities to the right actors, and to others."""
    results: tuple[QueryResult, ...]
    index_version: str
    pack: str
    pack_licence: str
    weights: Mapping[str, float]
    tuning: str
    """Which tuning ranked: `library`, `pack`, or why none."""
    cautions: tuple[str, ...]
    """What to keep in mind when reading, in sentences."""
    refused: tuple[InputError, ...] = ()
    stopped: bool = False
    ranks: tuple[int, ...] = field(default=(), repr=False)

    def worst(self, count: int = 12) -> list[QueryResult]:
        """The drawings whose actor stands furthest down, those without a face first."""
        return sorted(self.results, key=lambda one: -(one.rank or 10**9))[:count]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "queries": self.queries,
            "gallery_actors": self.gallery_actors,
            "no_face": self.no_face,
            "metrics": as_dicts(self.metrics),
            "median_rank": self.median_rank.as_dict(),
            "per_space": {space: as_dicts(metrics) for space, metrics in self.per_space.items()},
            "per_group": {group: as_dicts(metrics) for group, metrics in self.per_group.items()},
            "groups": self.groups_frame().to_dict("records"),
            "exposure": self.exposure_frame().to_dict("records"),
            "ablation": self.ablation_frame().to_dict("records"),
            "calibration": None if self.calibration is None else {
                "expected_calibration_error": round(self.calibration.error, 4),
                "error_by_luck": round(self.calibration.by_luck, 4),
                "no_match_when_actor_is_missing": self.calibration.missing_caught.as_dict(),
                "no_match_when_actor_is_first": self.calibration.first_lost.as_dict(),
                "no_match_when_actor_is_missing_at_a_tenth_lost": round(self.calibration.caught_at_a_tenth, 4),
                "no_match_trade": [list(point) for point in self.calibration.trade],
                "bins": [dict(one) for one in self.calibration.bins],
            },
            "casts": self.casts_frame().to_dict("records"),
            "roc": [list(point) for point in self.roc],
            "cumulative": list(self.cumulative),
            "results": self.results_frame().to_dict("records"),
            "index_version": self.index_version,
            "pack": self.pack,
            "weights": dict(self.weights),
            "tuning": self.tuning,
            "cautions": list(self.cautions),
            "refused": [error.as_dict() for error in self.refused],
            "stopped": self.stopped,
        }  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """One row a figure, with its interval."""
        import pandas as pd

        rows = {**self.metrics, "median rank": self.median_rank}
        return pd.DataFrame([{"figure": name, **metric.as_dict()} for name, metric in rows.items()])

    def ablation_frame(self) -> pd.DataFrame:
        """One row a way of ranking: figures, intervals, and how it compares."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "ranking": row.name,
                    "kind": row.kind,
                    **{name: round(row.metrics[name].value, 4) for name in ("R@1", "R@5", "R@10", "MRR")},
                    "R@1 low": round(row.metrics["R@1"].low, 4),
                    "R@1 high": round(row.metrics["R@1"].high, 4),
                    "against": row.against,
                    "difference": round(row.difference.difference.value, 4),
                    "difference low": round(row.difference.difference.low, 4),
                    "difference high": round(row.difference.difference.high, 4),
                    "p": round(row.difference.p, 4),
                    "verdict": "-" if row.against == row.name else row.difference.verdict,
                }
                for row in self.ablation
            ]
        )

    def casts_frame(self) -> pd.DataFrame:
        """One row a cast that the drawings were ranked among; `-` where nothing is calibrated."""
        import pandas as pd

        return pd.DataFrame([row.as_dict() for row in self.casts])

    def groups_frame(self) -> pd.DataFrame:
        """One row a group of drawings."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "by": row.by,
                    "group": row.group,
                    "drawings": row.drawings,
                    "actors": row.actors,
                    "R@1": INSUFFICIENT if row.recall is None else str(row.recall),
                    "against the rest": INSUFFICIENT if row.against_rest is None else str(row.against_rest.difference),
                    "verdict": INSUFFICIENT if row.against_rest is None else row.against_rest.verdict,
                }
                for row in self.groups
            ]
        )

    def exposure_frame(self) -> pd.DataFrame:
        """One row a group of actors: share of the gallery, and of the first ten places."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "by": row.by,
                    "group": row.group,
                    "actors": row.actors,
                    "share of the gallery": round(row.gallery_share, 4),
                    "share of the first ten": INSUFFICIENT if row.shown_share is None else str(row.shown_share),
                    "ratio": INSUFFICIENT if row.ratio is None else f"{row.ratio:.2f}",
                }
                for row in self.exposure
            ]
        )

    def results_frame(self) -> pd.DataFrame:
        """One row a drawing."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "image": one.image,
                    "actor": one.actor,
                    "rank": one.rank,
                    "best": one.best,
                    "own similarity": one.own,
                    "best similarity": one.top,
                    "best score": one.score,
                    "flags": ", ".join(one.flags),
                    **one.groups,
                }
                for one in self.results
            ]
        ).astype({"rank": "Int64"})

    def page(self) -> str:
        """One self-contained HTML page with every plot."""
        from casting.evaluation.page import page

        return page(self)

    def write_html(self, path: Path) -> None:
        """Write `page`."""
        write_atomic(path, self.page().encode())
