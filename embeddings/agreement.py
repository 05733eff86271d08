"""Merging what several looks at one picture saw: faces that many looks agree on stay, lone weak ones go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from embeddings.detectors import Detections, Floats, overlaps

SAME_FACE = 0.45
"""Intersection over union from which two boxes of different looks mean one face."""
TOO_CLOSE = 0.3
"""Intersection over union from which the weaker of two merged faces is taken for a misplaced view of the other."""
INSIDE = 0.75
"""Share of the smaller box inside the larger from which the weaker of two faces is taken for a part of the other."""

CONCENTRIC = 0.3
"""Distance of two centres, in longer sides of the smaller box, below which two boxes are drawn around one face."""

LIMITS = (SAME_FACE, TOO_CLOSE, INSIDE, CONCENTRIC)
"""All that decides which detections are one face; part of a finder's contract."""


@dataclass(eq=False)
class Candidate:
    """One face as seen by the looks that saw it."""

    boxes: list[Floats] = field(default_factory=list)
    points: list[Floats] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)

    def add(self, box: Floats, points: Floats, score: float, look: int) -> None:
        """Another look that saw it."""
        self.boxes.append(box)
        self.points.append(points)
        self.scores.append(score)
        self.looks.append(look)

    def confidence(self, looks: int) -> float:
        """Mean score over all looks that were taken; a look that saw nothing counts 0."""
        return sum(self.scores) / looks

    def merged(self, trust: Sequence[float]) -> tuple[Floats, Floats]:
        """Box [4] and points [5, 2]: means weighted by score and by how far each look's points are trusted."""
        weights = np.array(self.scores, np.float32) * np.array([trust[look] for look in self.looks], np.float32)
        weights /= weights.sum()
        box = np.tensordot(weights, np.stack(self.boxes), axes=1)
        points = np.tensordot(weights, np.stack(self.points), axes=1)
        return np.asarray(box, np.float32), np.asarray(points, np.float32)


def gather(looks: Sequence[Detections]) -> list[Candidate]:
    """Candidates from several looks, each look contributing at most one detection to each."""
    order = sorted(
        ((float(score), look, at) for look, seen in enumerate(looks) for at, score in enumerate(seen.scores)),
        key=lambda item: (-item[0], item[1], item[2]),
    )
    found: list[Candidate] = []
    for score, look, at in order:
        box, points = looks[look].boxes[at], looks[look].points[at]
        near = [(float(overlaps(box[None], one.boxes[0][None])[0, 0]), one) for one in found if look not in one.looks]
        best = max(near, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] >= SAME_FACE:
            best[1].add(box, points, score, look)
        else:
            found.append(Candidate())
            found[-1].add(box, points, score, look)
    return found


def agreed(looks: Sequence[Detections], threshold: float, trust: Sequence[float] | None = None) -> Detections:
    """Faces whose confidence over all looks reaches `threshold`, none inside another; most confident first.

    `trust` has a positive number for each look: how much its boxes and points weigh where several looks are merged.
    """
    ranked = sorted(gather(looks), key=lambda one: -one.confidence(len(looks)))
    kept = [one for one in ranked if one.confidence(len(looks)) >= threshold]
    if not kept:
        return Detections(np.empty((0, 4), np.float32), np.empty((0, 5, 2), np.float32), np.empty(0, np.float32))
    weights = trust or [1.0] * len(looks)
    merged = [one.merged(weights) for one in kept]
    scores = np.array([one.confidence(len(looks)) for one in kept], np.float32)
    return without_parts(Detections(np.stack([b for b, _ in merged]), np.stack([p for _, p in merged]), scores))


def without_parts(seen: Detections) -> Detections:
    """Drop every detection that overlaps a better one so far that it is the same face or a part of it."""
    kept: list[int] = []
    for at in np.argsort(-seen.scores, kind="stable"):
        if not any(_is_same_or_part(seen.boxes[at], seen.boxes[other]) for other in kept):
            kept.append(int(at))
    return Detections(seen.boxes[kept], seen.points[kept], seen.scores[kept])


def _is_same_or_part(box: Floats, other: Floats) -> bool:
    if float(overlaps(box[None], other[None])[0, 0]) >= TOO_CLOSE:
        return True
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    shared = float(np.clip(high - low, 0, None).prod())
    size, other_size = box[2:] - box[:2], other[2:] - other[:2]
    smaller = min(float(size.prod()), float(other_size.prod()))
    apart = float(np.hypot(*((box[:2] + box[2:] - other[:2] - other[2:]) / 2)))
    is_concentric = apart < CONCENTRIC * min(float(size.max()), float(other_size.max()))
    return is_concentric or shared >= INSIDE * max(smaller, 1e-6)
