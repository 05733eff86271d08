"""Scanning large panels and very tall strips: windows at several sizes, so that every face is whole in one of them.

Windows of one size overlap by half, so that any face up to half a window is whole in some window. Sizes double until
half a window holds the largest face that the picture can have. A detection that touches a window's inner border is a
face cut in two and is dropped: a neighbouring or a larger window has it whole.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from embeddings.agreement import without_parts
from embeddings.contract import RGB
from embeddings.detectors import NOTHING, Detections, Detector

SMALLEST = 960
"""Side of the smallest windows in pixels; the detector sees them at 640, so that faces from about 25 pixels count."""
TOUCH = 0.01
"""Share of a window's side within which a box counts as touching its border."""

Window = tuple[int, int, int, int]


def windows(width: int, height: int, smallest: int = SMALLEST) -> Iterator[Window]:
    """x1, y1, x2, y2 of the windows that cover a picture, smallest first; none when one window is all of it."""
    side = smallest
    largest_face = 1.4 * min(width, height)
    while side < max(width, height):
        for y in _starts(height, side):
            for x in _starts(width, side):
                yield (x, y, min(x + side, width), min(y + side, height))
        if side / 2 >= largest_face:
            return
        side *= 2


def scan(image: RGB, detector: Detector, threshold: float, smallest: int = SMALLEST) -> Detections:
    """Faces seen in any window, each once, in pixels of the picture."""
    height, width = image.shape[:2]
    found = [NOTHING]
    for x1, y1, x2, y2 in windows(width, height, smallest):
        seen = detector.detect(np.ascontiguousarray(image[y1:y2, x1:x2]), threshold)
        shift = np.array([x1, y1], np.float32)
        moved = Detections(seen.boxes + np.tile(shift, 2), seen.points + shift, seen.scores)
        whole = np.flatnonzero(~_is_cut(moved, (x1, y1, x2, y2), width, height))
        found.append(Detections(moved.boxes[whole], moved.points[whole], moved.scores[whole]))
    return without_parts(
        Detections(
            np.concatenate([one.boxes for one in found]),
            np.concatenate([one.points for one in found]),
            np.concatenate([one.scores for one in found]),
        )
    )


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = -(-(length - side) // (side // 2)) + 1
    return [round(at) for at in np.linspace(0, length - side, count)]


def _is_cut(seen: Detections, window: Window, width: int, height: int) -> np.ndarray:
    x1, y1, x2, y2 = window
    near = TOUCH * max(x2 - x1, y2 - y1)
    left, top, right, low = seen.boxes.T if len(seen) else np.empty((4, 0), np.float32)
    cut = np.zeros(len(seen), np.bool_)
    cut |= (left < x1 + near) & (x1 > 0)
    cut |= (top < y1 + near) & (y1 > 0)
    cut |= (right > x2 - near) & (x2 < width)
    cut |= (low > y2 - near) & (y2 < height)
    return cut
