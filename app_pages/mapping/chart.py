"""The map as a chart: a point an actor, a diamond with its name a character, a picture under the pointer.

Names reach the chart as data, never as markup: Vega draws them on a canvas and escapes them in its tooltip.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app_pages import facts, map_state
from app_pages.state import t
from casting.mapping import Placed

HEIGHT_PX = 620
MOST_COLOURS = 8
MARGIN = 0.07
"""Room around the points, as a share of the map."""
MOST_NAMED = 12
STAR = "#f5b301"
NUMBERS = ("birth_year", "height_cm")
PALETTE = ["#0b7a6f", "#e25822", "#4f6bed", "#c98a00", "#b03a8c", "#5b8c2a", "#7a5cc7", "#2b98c4", "#8a9491"]


def show_chart(points: Sequence[Placed], column: str, *, pictures: bool, faces: bool) -> str | None:
    """Draw the points; returns the name of the one that was clicked.

    Few characters bear their names; a single one is tied to the actors it resembles most.
    """
    usual = _frequent(points, column)
    rows = [_row(one, column, usual, pictures) for one in points]
    if any(row["kind"] == "actor" and row["value"] not in usual for row in rows) and column not in NUMBERS:
        usual = [*usual, t("map.other")]
    spec = _spec(_frames(points), column, usual, pictures, faces)
    characters = [one for one in points if one.kind == "character"]
    if len(characters) == 1:
        spec["layer"].insert(0, _ties(characters[0], points, spec["layer"][0]["encoding"]))
    if len(characters) <= MOST_NAMED:
        spec["layer"] += _names(spec["layer"][-1]["encoding"])
    state: Any = st.vega_lite_chart(
        rows, spec, width="stretch", height=HEIGHT_PX, key="cast map chart", on_select="rerun", selection_mode="chosen"
    )
    chosen = state["selection"].get("chosen") if state else None
    return str(chosen[0]["label"]) if chosen else None


def _row(one: Placed, column: str, usual: list[str], pictures: bool) -> dict[str, Any]:
    value = one.facts.get(column)
    shown = value[0] if isinstance(value, tuple) and value else value if not isinstance(value, tuple) else None
    row: dict[str, Any] = {"x": one.x, "y": one.y, "label": one.name, "kind": one.kind}
    if column in NUMBERS:
        row["value"] = shown
    else:
        text = t("map.unknown") if shown is None else facts.value_name(shown)
        row["value"] = text if text in usual else t("map.other")
    row["known"] = (
        ", ".join(one.nearest) if one.kind == "character"
        else "" if value in (None, ()) else facts.value_in(column, value)
    )  # fmt: skip
    if pictures:
        row["image"] = map_state.hover_picture(one)
    return row


def _frequent(points: Sequence[Placed], column: str) -> list[str]:
    """The most frequent values of a column; the rest shares one colour."""
    if column in NUMBERS:
        return []
    values = [one.facts.get(column) for one in points if one.kind == "actor"]
    firsts = [value[0] if isinstance(value, tuple) and value else value for value in values]
    names = [t("map.unknown") if value in (None, ()) else facts.value_name(value) for value in firsts]
    return [name for name, _ in Counter(names).most_common(MOST_COLOURS)]


def _frames(points: Sequence[Placed]) -> dict[str, list[float]]:
    """How far the chart reaches each way, so that the map fills it."""
    reach = {}
    for axis in ("x", "y"):
        places = [getattr(one, axis) for one in points]
        room = MARGIN * max(max(places) - min(places), 0.1)
        reach[axis] = [min(places) - room, max(places) + room]
    return reach


def _spec(reach: dict[str, list[float]], column: str, usual: list[str], pictures: bool, faces: bool) -> dict[str, Any]:
    place = {
        axis: {"field": axis, "type": "quantitative", "axis": None, "scale": {"domain": reach[axis], "zero": False}}
        for axis in ("x", "y")
    }
    tip = [
        {"field": "label", "title": t("map.tip.name")},
        {"field": "known", "title": t("map.tip.known")},
        *([{"field": "image"}] if pictures else []),
    ]
    title = facts.column_name(column)
    if column in NUMBERS:
        colour: dict[str, Any] = {
            "field": "value", "type": "quantitative", "title": title, "legend": {"format": "d", "orient": "bottom"},
            "scale": {"scheme": "viridis", "zero": False},
        }  # fmt: skip
    else:
        colour = {
            "field": "value", "type": "nominal", "title": title, "legend": {"orient": "bottom", "columns": 4},
            "scale": {"domain": usual, "range": PALETTE[: len(usual)]},
        }  # fmt: skip
    only = {kind: [{"filter": f"datum.kind === '{kind}'"}] for kind in ("actor", "character")}
    actors: dict[str, Any] = {
        "transform": only["actor"],
        "mark": {"type": "circle", "size": 130, "opacity": 0.85, "cursor": "pointer"},
        "params": [{"name": "chosen", "select": {"type": "point", "fields": ["label"]}}],
        "encoding": {**place, "color": colour, "tooltip": tip},
    }
    portraits = {
        "transform": only["actor"],
        "mark": {"type": "image", "width": 34, "height": 34},
        "encoding": {**place, "url": {"field": "image"}, "tooltip": tip},
    }
    rings = {**actors, "mark": {"type": "square", "size": 1650, "opacity": 1, "cursor": "pointer"}}
    stars = {
        "transform": only["character"],
        "mark": {"type": "point", "shape": "diamond", "size": 210, "filled": True, "opacity": 1, "color": STAR,
                 "stroke": "#17211f", "strokeWidth": 1.5},
        "encoding": {**place, "tooltip": [tip[0], {"field": "known", "title": t("map.tip.nearest")}, *tip[2:]]},
    }  # fmt: skip
    return {"layer": [*([rings, portraits] if faces else [actors]), stars], "config": {"view": {"stroke": None}}}


def _names(encoding: dict[str, Any]) -> list[dict[str, Any]]:
    """Names of characters, with a halo in the page's own colour so that they can be read over portraits."""
    dark = st.context.theme.type == "dark"
    paper, ink = ("#101514", "#e6eceb") if dark else ("#ffffff", "#17211f")
    text = {"type": "text", "dy": -16, "fontSize": 13, "fontWeight": 600, "limit": 160}
    words = {**{axis: encoding[axis] for axis in ("x", "y")}, "text": {"field": "label"}}
    only = [{"filter": "datum.kind === 'character'"}]
    return [
        {"transform": only, "mark": {**text, "color": paper, "stroke": paper, "strokeWidth": 4}, "encoding": words},
        {"transform": only, "mark": {**text, "color": ink}, "encoding": words},
    ]


def _ties(character: Placed, points: Sequence[Placed], encoding: dict[str, Any]) -> dict[str, Any]:
    """Lines from a character to the actors it resembles most."""
    ends = [one for one in points if one.kind == "actor" and one.name in character.nearest]
    lines = [{"x": character.x, "y": character.y, "x2": one.x, "y2": one.y} for one in ends]
    return {
        "data": {"values": lines},
        "mark": {"type": "rule", "color": STAR, "strokeWidth": 2, "strokeDash": [5, 4]},
        "encoding": {"x": encoding["x"], "y": encoding["y"], "x2": {"field": "x2"}, "y2": {"field": "y2"}},
    }
