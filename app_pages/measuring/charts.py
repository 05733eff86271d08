"""Figures with their intervals, as Vega-Lite charts that follow the theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from app_pages.state import t

if TYPE_CHECKING:
    from casting.evaluation import EvaluationReport

QUIET = "#8a9491"
PERCENT = {"format": ".0%"}


def accent() -> str:
    """The theme's own colour, which differs on a dark page."""
    return "#3fc4b4" if st.context.theme.type == "dark" else "#0b7a6f"


def ablation_chart(report: EvaluationReport) -> None:
    """R@1 of each way of ranking, with its interval."""
    rows = [
        {
            "name": row.name, "kind": row.kind, "value": row.metrics["R@1"].value, "low": row.metrics["R@1"].low,
            "high": row.metrics["R@1"].high,
        }
        for row in report.ablation
    ]  # fmt: skip
    names = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 260}}
    share = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": PERCENT, "title": "R@1"}
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "rule", "strokeWidth": 2, "color": QUIET},
         "encoding": {"y": names, "x": {"field": "low", **share}, "x2": {"field": "high"}}},
        {"mark": {"type": "circle", "size": 110, "opacity": 1},
         "encoding": {"y": names, "x": {"field": "value", **share},
                      "color": {"field": "kind", "type": "nominal", "title": None, "legend": {"orient": "bottom"}},
                      "tooltip": [{"field": "name"}, {"field": "value", "format": ".1%"},
                                  {"field": "low", "format": ".1%"}, {"field": "high", "format": ".1%"}]}},
    ]  # fmt: skip
    st.vega_lite_chart(rows, {"layer": layers}, width="stretch", height=28 * len(rows) + 90, key="ablation chart")


def cumulative_chart(shares: Sequence[float]) -> None:
    """Share of drawings whose actor is among the first k."""
    rows = [{"k": k, "share": share} for k, share in enumerate(shares, 1)]
    spec = {
        "mark": {"type": "line", "point": {"color": accent(), "size": 45}, "color": accent()},
        "encoding": {
            "x": {"field": "k", "type": "quantitative", "title": t("eval.among"), "axis": {"tickMinStep": 1}},
            "y": {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": PERCENT,
                  "title": t("eval.share")},
            "tooltip": [{"field": "k"}, {"field": "share", "format": ".1%"}],
        },
    }  # fmt: skip
    st.vega_lite_chart(rows, spec, width="stretch", height=280, key="cumulative chart")


def similarity_chart(own: Sequence[float], strangers: Sequence[float]) -> None:
    """How similar drawings are to the right actors, and to others."""
    rows = [{"similarity": value, "who": t("eval.right")} for value in own]
    rows += [{"similarity": value, "who": t("eval.others")} for value in strangers]
    spec = {
        "transform": [{"density": "similarity", "groupby": ["who"]}],
        "mark": {"type": "area", "opacity": 0.55},
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "title": t("eval.similarity")},
            "y": {"field": "density", "type": "quantitative", "axis": None},
            "color": {"field": "who", "type": "nominal", "title": None, "legend": {"orient": "bottom"},
                      "scale": {"domain": [t("eval.right"), t("eval.others")], "range": [accent(), QUIET]}},
        },
    }  # fmt: skip
    st.vega_lite_chart(rows, spec, width="stretch", height=280, key="similarity chart")


def calibration_chart(bins: Sequence[Any]) -> None:
    """What scores said, against how often they were right."""
    rows = [{"chance": one["chance"], "share": one["share"], "drawings": one["drawings"]} for one in bins]
    axis = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": PERCENT}
    layers: list[dict[str, Any]] = [
        {"data": {"values": [{"at": 0}, {"at": 1}]}, "mark": {"type": "line", "color": QUIET, "strokeDash": [4, 4]},
         "encoding": {"x": {"field": "at", **axis}, "y": {"field": "at", **axis}}},
        {"mark": {"type": "circle", "color": accent(), "opacity": 0.9},
         "encoding": {"x": {"field": "chance", **axis, "title": t("eval.said")},
                      "y": {"field": "share", **axis, "title": t("eval.was")},
                      "size": {"field": "drawings", "type": "quantitative", "legend": None},
                      "tooltip": [{"field": "chance", "format": ".0%"}, {"field": "share", "format": ".0%"},
                                  {"field": "drawings"}]}},
    ]  # fmt: skip
    st.vega_lite_chart(rows, {"layer": layers}, width="stretch", height=280, key="calibration chart")
