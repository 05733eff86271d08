"""Third stage: faces as a lane shall see them."""

from __future__ import annotations

from collections.abc import Sequence

from embeddings.contract import FacePicture
from embeddings.pipeline.work import Lane


def render(lane: Lane, faces: Sequence[FacePicture]) -> Sequence[FacePicture]:
    """The same faces, rendered together where the lane asks for it."""
    return faces if lane.render is None else lane.render(faces)
