"""Plots as SVG: no script, no font, no other file needed; readable on light and dark ground and on paper."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from casting.evaluation.casts import CastRow
    from casting.evaluation.metrics import Metric
    from casting.evaluation.report import EvaluationReport

WIDTH, RIGHT, TOP, LINE = 860, 190, 44, 24
LETTER, ACROSS = 7.3, 320
"""Pixels that a letter takes at most, on average, and the least that a plot of intervals is wide between its labels."""
COLOURS = ("#0b7a6f", "#e25822", "#6a5acd", "#8a8a8a")
STYLE = "font:13px system-ui,'Noto Sans KR',sans-serif;color:inherit;max-width:100%;height:auto"


@dataclass(frozen=True)
class Plot:
    """One plot; notebooks show it by itself."""

    title: str
    svg: str

    def _repr_html_(self) -> str:
        return self.svg


def forest(title: str, rows: Sequence[tuple[str, Metric | None]], unit: str = "%") -> Plot:
    """One line a row: a point with its 95% interval, or "insufficient data"."""
    known = [metric for _, metric in rows if metric is not None]
    scale = 100.0 if unit == "%" else 1.0
    low = min([0.0, *(scale * one.low for one in known)])
    high = max([scale * one.high for one in known] or [1.0])
    high = 100.0 if unit == "%" and high > 40 else high * 1.05 + 1e-9

    left = 24 + LETTER * max([len(label) for label, _ in rows] or [0])
    width = max(WIDTH, left + ACROSS + RIGHT)

    def x(value: float) -> float:
        return left + (value - low) / max(high - low, 1e-9) * (width - left - RIGHT)

    height = TOP + LINE * len(rows) + 40
    parts = [_axis(tick, x(tick), TOP - 10, height - 34) for tick in _ticks(low, high)]
    for number, (label, metric) in enumerate(rows):
        y = TOP + LINE * number + LINE / 2
        parts.append(_text(left - 10, y + 4, label, "end"))
        if metric is None:
            parts.append(_text(left + 8, y + 4, "insufficient data", "start", 0.6))
            continue
        value, first, last = (scale * number for number in (metric.value, metric.low, metric.high))
        parts.append(
            f'<line x1="{x(first):.1f}" x2="{x(last):.1f}" y1="{y}" y2="{y}" stroke="{COLOURS[0]}" stroke-width="3"/>'
        )
        parts.append(f'<circle cx="{x(value):.1f}" cy="{y}" r="5" fill="{COLOURS[0]}"/>')
        parts.append(_text(width - RIGHT + 12, y + 4, f"{value:.1f} ({first:.1f} to {last:.1f})", "start", 0.8))
    parts.append(
        _text(
            (left + width - RIGHT) / 2, height - 4, f"{unit}, with 95% intervals over actors".strip(", "), "middle", 0.7
        )
    )
    return Plot(title, _svg(title, height, parts, width))


def curves(
    title: str, series: Sequence[tuple[str, Sequence[tuple[float, float]]]], across: str, up: str,
    *, logarithmic: bool = False, diagonal: bool = False,
) -> Plot:  # fmt: skip
    """Lines over a shared pair of axes; `up` runs from 0 to 1."""
    left, right, height = 64, 190, 360
    values = [x for _, points in series for x, _ in points if not logarithmic or x > 0]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)

    def place(value: float) -> float:
        a, b, v = (float(np.log10(max(n, 1e-9))) for n in (low, high, value)) if logarithmic else (low, high, value)
        return left + (v - a) / max(b - a, 1e-9) * (WIDTH - left - right)

    def rise(share: float) -> float:
        return height - 50 - share * (height - 50 - TOP)

    parts = [_text(left - 8, rise(tick) + 4, f"{tick:g}", "end", 0.7) + _rule(left, WIDTH - right, rise(tick))
             for tick in (0, 0.25, 0.5, 0.75, 1)]  # fmt: skip
    ticks = [10.0**power for power in range(-4, 1) if low <= 10.0**power <= high] if logarithmic else _ticks(low, high)
    parts += [_text(place(tick), height - 30, f"{tick:g}", "middle", 0.7) for tick in ticks]
    if diagonal:
        parts.append(f'<line x1="{place(low):.1f}" y1="{rise(low):.1f}" x2="{place(high):.1f}" y2="{rise(high):.1f}" '
                     'stroke="currentColor" stroke-dasharray="4 4" opacity=".5"/>')  # fmt: skip
    for number, (name, points) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{place(x):.1f},{rise(y):.1f}" for x, y in points if not logarithmic or x > 0)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        if len(points) <= 25:
            parts += [f'<circle cx="{place(x):.1f}" cy="{rise(y):.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        parts.append(_text(WIDTH - right + 12, TOP + 20 * number + 12, name, "start", 1.0, colour))
    parts.append(_text((left + WIDTH - right) / 2, height - 8, across, "middle", 0.7))
    parts.append(_text(left, TOP - 8, up, "start", 0.7))
    return Plot(title, _svg(title, height, parts))


def histograms(title: str, series: Sequence[tuple[str, Sequence[float]]], across: str) -> Plot:
    """Distributions over one axis, each scaled to the same area."""
    values = np.concatenate([np.asarray(found, np.float64) for _, found in series]) if series else np.zeros(1)
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    edges = np.linspace(low, high + 1e-9, 41)
    middles = (edges[:-1] + edges[1:]) / 2
    counted = [(name, np.histogram(found, edges)[0] / max(len(found), 1)) for name, found in series]
    tallest = max([float(shares.max()) for _, shares in counted] or [1.0]) or 1.0
    lines = [(name, list(zip(middles.tolist(), (shares / tallest).tolist(), strict=True))) for name, shares in counted]
    return curves(title, lines, across, "share, scaled")


def all_plots(report: EvaluationReport) -> list[Plot]:
    """Every plot of a report, in the order to read them."""
    made = [
        forest("How often the right actor is found", [(name, report.metrics[name]) for name in report.metrics]),
        curves(
            "Share of drawings whose actor is among the first k",
            [("this ranking", [(float(k), share) for k, share in enumerate(report.cumulative, 1)])], "k", "share",
        ),
        curves("One drawing against one actor: true over false acceptance", [("this ranking", report.roc)],
               "false acceptance", "true acceptance", logarithmic=True),
        histograms("Similarity to the right actor and to others",
                   [("right actor", report.own_similarities), ("others", report.stranger_similarities)], "similarity"),
    ]  # fmt: skip
    if report.calibration is not None:
        bins = [(one["chance"], one["share"]) for one in report.calibration.bins]
        made.append(
            curves(
                f"Scores against outcomes (expected calibration error {report.calibration.error:.3f})",
                [("best actors", bins)], "score / 100", "share that was right", diagonal=True,
            )
        )  # fmt: skip
        made.append(
            curves(
                'What a limit for "no good match" would do',
                [("any limit", report.calibration.trade),
                 ("limit in use", [(report.calibration.first_lost.value, report.calibration.missing_caught.value)])],
                "said although the actor is there and first", "said when the actor is missing", diagonal=True,
            )
        )  # fmt: skip
    if len(report.casts) > 1:
        made.append(forest("R@1 in other casts", [(_cast(row), row.metrics["R@1"]) for row in report.casts]))
    if report.ablation:
        made.append(forest("R@1 of every way of ranking", [(row.name, row.metrics["R@1"]) for row in report.ablation]))
        compared = [(f"{row.name} - {row.against}", row.difference.difference if row.difference.enough else None)
                    for row in report.ablation if row.name != row.against]  # fmt: skip
        made.append(forest("Difference of R@1 between ways of ranking", compared))
    telling = {row.by for row in report.groups if row.enough}
    if telling:
        rows = [(f"{row.by}: {row.group}", row.recall) for row in report.groups if row.by in telling]
        made.append(forest("R@1 by group", rows))
    if report.exposure:
        rows = [
            (f"{row.by}: {row.group} ({100 * row.gallery_share:.0f}% of cast)", row.shown_share)
            for row in report.exposure
        ]
        made.append(forest("Share of the first ten places", rows))
    return made


def _cast(row: CastRow) -> str:
    several = f", {row.pictures} pictures" if row.pictures > 1 else ""
    return f"{row.name} ({row.actors}{several})"


def _svg(title: str, height: float, parts: Sequence[str], width: float = WIDTH) -> str:
    name = html.escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" style="{STYLE}"><title>{name}</title>'
        f'<text x="0" y="16" fill="currentColor" font-weight="600" font-size="15">{name}</text>{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str, opacity: float = 1.0, colour: str = "currentColor") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" opacity="{opacity}">'
        f"{html.escape(words)}</text>"
    )


def _axis(value: float, x: float, top: float, bottom: float) -> str:
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="currentColor" opacity=".18"/>'
    return line + _text(x, bottom + 14, f"{value:g}", "middle", 0.7)


def _rule(x1: float, x2: float, y: float) -> str:
    return f'<line x1="{x1}" x2="{x2}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" opacity=".18"/>'


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, five or so, from low to high."""
    span = max(high - low, 1e-9)
    step = 10 ** np.floor(np.log10(span / 4))
    step = float(next(step * factor for factor in (1, 2, 2.5, 5, 10) if span / (step * factor) <= 6))
    first = np.ceil(low / step) * step
    return [float(round(value, 10)) for value in np.arange(first, high + step / 100, step)]
