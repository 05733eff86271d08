"""Looking at a drawing several times, each time a little moved, turned, nearer or mirrored, and taking the mean.

A drawn face has no exact points: what one detector calls the corner of an eye lies some pixels off for another, and a
face network answers differently for each. The mean of several looks depends less on where the points happened to lie.
Photos need it less, there are many more of them, and an actor has several, so only what is looked for is seen so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.alignment import align
from embeddings.contract import RGB, FacePicture


@dataclass(frozen=True)
class Look:
    """One way of cutting out the same face; lengths in sides of the crop."""

    right: float = 0.0
    down: float = 0.0
    turn: float = 0.0
    """Degrees."""
    nearer: float = 1.0
    mirrored: bool = False

    def crop(self, seen: FacePicture, side: int) -> RGB:
        """The aligned face [side, side, 3] as this look shows it."""
        points = np.asarray(seen.face.points, np.float64)
        cut = align(seen.image, self.moved(points).astype(np.float32), side)
        return np.ascontiguousarray(cut[:, ::-1]) if self.mirrored else cut

    def moved(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Where the face would have its points [5, 2] if it lay straight in the crop for this look."""
        middle = points.mean(0)
        eyes = points[1] - points[0]
        width = float(np.hypot(*eyes)) / EYES
        factor = np.exp(1j * np.radians(self.turn)) / self.nearer
        turned = (points - middle) @ np.array([[factor.real, factor.imag], [-factor.imag, factor.real]])
        along = eyes / max(float(np.hypot(*eyes)), 1e-9)
        across = np.array([-along[1], along[0]])
        return np.asarray(middle + turned + width * (self.right * along + self.down * across), np.float64)


EYES = 0.315
"""Distance of the eyes in sides of the crop."""
LOOKS = (
    Look(),
    Look(mirrored=True),
    Look(right=0.025, down=0.02, turn=3.0),
    Look(right=-0.025, down=-0.02, turn=-3.0, mirrored=True),
)
"""Looks at what is searched for. Eight were no better than four."""
