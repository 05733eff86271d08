"""Glancing at a drawing several times, each time a little moved, turned or mirrored, and taking the mean.

A drawn face has no exact points: what one detector calls the corner of an eye lies some pixels off for another, and a
face network answers differently for each. The mean of several glances depends less on where the points happened to
lie. Photos need it less, and an actor has several, so only what is searched for is seen so.

Drawings are seen from a little further off and lower than photos: where an artist makes chin and hair larger, eyes,
nose and mouth alone would cut the face out too tightly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from castoon.files import short_hash
from embeddings.alignment import align
from embeddings.contract import RGB, FacePicture, Points

EYES = 0.315
"""Distance of the eyes in sides of the crop."""


@dataclass(frozen=True)
class Glance:
    """One way of cutting out the same face; lengths in sides of the crop."""

    right: float = 0.0
    down: float = 0.0
    turn: float = 0.0
    """Degrees."""
    zoom: float = 1.0
    """Size of the face in the crop, compared with a photo's."""
    mirrored: bool = False

    def crop(self, seen: FacePicture, side: int) -> RGB:
        """The aligned face [side, side, 3] as this glance shows it."""
        cut = align(seen.image, self.moved(seen.face.points), side)
        return np.ascontiguousarray(cut[:, ::-1]) if self.mirrored else cut

    def moved(self, points: Points) -> Points:
        """Where the face would have its points [5, 2] if it lay straight in the crop for this glance."""
        z = np.asarray(points, np.float64) @ np.array([1, 1j])
        side = (z[1] - z[0]) / EYES / self.zoom
        turned = (z - z.mean()) * np.exp(1j * np.radians(self.turn)) / self.zoom
        z = z.mean() + turned + side * complex(self.right, self.down)
        return np.stack([z.real, z.imag], axis=1).astype(np.float32)


GLANCES = (
    Glance(down=0.018, zoom=0.96),
    Glance(down=0.018, zoom=0.96, mirrored=True),
    Glance(right=-0.025, down=0.003, turn=3.0, zoom=0.92),
    Glance(right=0.025, down=0.043, turn=-3.0, zoom=0.92, mirrored=True),
)
"""At what is searched for. Six or eight were no better than four; docs/ranking.md has what they were measured at."""
WAY_OF_GLANCING = short_hash(repr(GLANCES))
"""Part of the key under which a drawing's vector is kept: other glances, another vector."""
