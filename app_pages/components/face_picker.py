"""A picture with its faces framed: one click picks a face, dragging corrects its box and its five points."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent
Box = tuple[float, float, float, float]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Mark:
    """What a person marked, in shares of the picture's width and height."""

    box: Box
    points: Points


@cache
def _component() -> Any:
    return st.components.v2.component(
        "castoon_face_picker",
        html='<div class="stage" part="stage"></div>',
        css=(HERE / "face_picker.css").read_text("utf-8"),
        js=(HERE / "face_picker.js").read_text("utf-8"),
    )


def face_picker(
    picture: bytes,
    faces: Sequence[tuple[Box, Points]],
    chosen: int,
    adjusting: tuple[Box, Points] | None,
    *,
    key: str,
    words: dict[str, object],
) -> tuple[int | None, Mark | None]:
    """Show a WebP picture with faces (shares of its size); returns the face just clicked, and what was marked last.

    With `adjusting` the box and points given there can be dragged, and faces cannot be clicked.
    """
    result = _component()(
        data={
            "picture": f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}",
            "faces": [box for box, _ in faces],
            "chosen": chosen,
            "box": adjusting[0] if adjusting else None,
            "points": adjusting[1] if adjusting else None,
            "words": words,
        },
        key=key,
        on_mark_change=lambda: None,
        on_picked_change=lambda: None,
    )
    picked = result.get("picked")
    clicked = picked if isinstance(picked, int) and 0 <= picked < len(faces) else None
    return clicked, _checked(result.get("mark"))


def _checked(sent: Any) -> Mark | None:
    """What the browser sent, or None where it makes no sense."""
    if not isinstance(sent, dict):
        return None
    try:
        x1, y1, x2, y2 = (float(value) for value in sent["box"])
        points = tuple((float(x), float(y)) for x, y in sent["points"])
    except (KeyError, TypeError, ValueError):
        return None
    values = [x1, y1, x2, y2, *(value for point in points for value in point)]
    sound = len(points) == 5 and all(math.isfinite(value) and -1 <= value <= 2 for value in values)
    return Mark((x1, y1, x2, y2), points) if sound and x1 < x2 and y1 < y2 else None
