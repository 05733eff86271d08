"""The table of docs/ranking.md from an evaluation: one row a way of ranking, with intervals, as Markdown."""

from __future__ import annotations

from casting.evaluation import EvaluationReport
from casting.evaluation.ablation import AblationRow
from casting.evaluation.casts import ALL, CastRow

LEFT_OUT = ("pair", "style")
"""Kinds of rows with equal weights; those with learnt weights (`added`) say the same thing better."""


def markdown(report: EvaluationReport) -> str:
    """Rows of the ablation, then what calibration and "no good match" were measured at."""
    rows = [_row(row) for row in report.ablation if row.kind not in LEFT_OUT]
    head = ["| ranking | R@1 | R@5 | MRR | R@1 against | difference |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows, "", *_calibration(report)])


def _row(row: AblationRow) -> str:
    first, fifth, mrr = (row.metrics[name] for name in ("R@1", "R@5", "MRR"))
    cells = [row.name, _percent(first.value, first.low, first.high), _percent(fifth.value, fifth.low, fifth.high)]
    cells.append(f"{mrr.value:.3f} ({mrr.low:.3f}-{mrr.high:.3f})")
    if row.name == row.against:
        return f"| {' | '.join([*cells, '', ''])} |"
    gain = row.difference.difference
    said = f"{100 * gain.value:+.1f} ({100 * gain.low:.1f} to {100 * gain.high:.1f}), {row.difference.verdict}"
    return f"| {' | '.join([*cells, row.against, said])} |"


def _percent(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f} ({100 * low:.1f}-{100 * high:.1f})"


def _calibration(report: EvaluationReport) -> list[str]:
    check = report.calibration
    if check is None:
        return ["Not calibrated."]
    several = [row for row in report.casts if row.name == ALL and row.pictures > 1]
    return [
        f"Calibration error {check.error:.3f} (perfect scores would show {check.by_luck:.3f}).",
        f'"No good match": {check.missing_caught}% with the actor missing, {check.first_lost}% with the actor first; '
        f"where a tenth of those first may be lost: {100 * check.caught_at_a_tenth:.1f}%.",
        *(_several(row) for row in several),
    ]


def _several(row: CastRow) -> str:
    check = row.calibration
    assert check is not None
    return (
        f"{row.pictures} pictures a character: R@1 {row.metrics['R@1']}, calibration error {check.error:.3f}, "
        f'"no good match" {check.missing_caught}% with the actor missing, {check.first_lost}% with the actor first.'
    )
