"""Evaluations that were measured before: what, when, on which index, with which figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from casting.catalog import Evaluation
from casting.library import Library


@dataclass(frozen=True)
class PastEvaluation:
    """One line of the history."""

    truth: str
    index_version: str
    measured: datetime
    """UTC."""
    metrics: Mapping[str, Mapping[str, float]]
    """Figure -> value, low, high."""


def past_evaluations(library: Library, count: int = 20) -> list[PastEvaluation]:
    """The latest evaluations, newest first."""
    with library.database.session() as session:
        rows = session.scalars(select(Evaluation).order_by(Evaluation.id.desc()).limit(count))
        return [PastEvaluation(row.truth, row.index_version, row.measured, row.metrics) for row in rows]
