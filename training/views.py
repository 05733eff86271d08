"""The views of a face that the product joins (`embeddings.hiding`), for networks in training and for exported files."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embeddings.hiding import HIDDEN, WHOLE, Hidden
from training.faces import Crops, window
from training.teacher import Vectors, unit

View = Hidden | None
"""What is hidden; None is the whole face."""


def windows(crops: Crops, view: View) -> Crops:
    """What a face network is shown of 160x160 crops, [n, 112, 112, 3]."""
    faces = np.ascontiguousarray(window(crops))
    return faces if view is None else np.stack([view.without(face) for face in faces])


def joined(encode: Callable[[View], Vectors]) -> Vectors:
    """Unit vectors [n, 3 dim] of the unit vectors that `encode` gives for each view."""
    return unit(np.concatenate([np.sqrt(WHOLE) * encode(None), *(encode(hidden) for hidden in HIDDEN)], axis=1))
