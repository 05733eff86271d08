"""A face given by hand: a box, or five points, taken wherever a found face is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from castoon.errors import InputError
from castoon.words import Words
from embeddings.alignment import box_around, points_in_box
from embeddings.contract import RGB, Box, Face
from embeddings.quality import judge

_NEXT = "Draw the box around the face from forehead to chin, or mark both eyes, the nose tip and both mouth corners."


def manual_face(
    image: RGB, box: Box | None = None, points: Sequence[Sequence[float]] | np.ndarray | None = None
) -> Face:
    """The face of `image` that a person marked, in pixels of that picture.

    With a box alone the five points are placed as in an upright frontal face; with points alone the box is drawn around
    them; with neither, the whole picture is taken as the face.
    """
    height, width = image.shape[:2]
    if box is None and points is None:
        box = (0.0, 0.0, float(width), float(height))
    marked = None if points is None else np.asarray(points, dtype=np.float32)
    if marked is not None and (marked.shape != (5, 2) or not np.isfinite(marked).all()):
        raise InputError(
            Words("five points"), Words("these are not five x, y pairs (shape {shape}).", shape=marked.shape), _NEXT
        )
    if marked is not None and float(np.ptp(marked, axis=0).min()) < 1.0:
        raise InputError(Words("five points"), "they lie on one spot or one line.", _NEXT)
    if box is None:
        assert marked is not None
        box = box_around(marked)
    x1, y1, x2, y2 = (float(v) for v in box)
    if not np.isfinite([x1, y1, x2, y2]).all() or x2 - x1 < 4 or y2 - y1 < 4:
        raise InputError(
            Words("box"),
            Words("({x1:g}, {y1:g}, {x2:g}, {y2:g}) spans less than 4 pixels.", x1=x1, y1=y1, x2=x2, y2=y2),
            _NEXT,
        )
    if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
        raise InputError(
            Words("box"),
            Words("it lies outside the picture of {width} x {height} pixels.", width=width, height=height),
            _NEXT,
        )
    place = points_in_box((x1, y1, x2, y2)) if marked is None else marked
    return Face((x1, y1, x2, y2), place, 1.0, "manual", judge(image, (x1, y1, x2, y2), place))
