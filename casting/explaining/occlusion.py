"""What a likeness hangs on: hide a place, look again, and see how much of the similarity is gone.

Both faces are cut out upright and at one size. A place is hidden by a strong blur with soft edges, which takes its
detail and leaves its tone, so that no edge is added that a network would see. Every space of photos that ranks takes
part, by its weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from casting.engine import Engine
from casting.explaining.parts import Mask
from casting.spaces import Space
from castoon.images import RGB

if TYPE_CHECKING:
    from casting.tuning.bridge import Bridge
    from embeddings import Face, FacePicture
    from embeddings.contract import Vectors

SIDE = 224
BLUR = 0.09
"""Standard deviation of the blur that hides, as a share of the crop's side."""
BATCH = 16

Check = Callable[[int], None]
"""Called after every batch with the number of pictures looked at; raises to end the work."""
Drops = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Portrait:
    """A face cut out upright: crop [SIDE, SIDE, 3] and the face in its pixels."""

    crop: RGB
    face: Face

    @classmethod
    def of(cls, image: RGB, face: Face) -> Portrait:
        """The face of a picture."""
        from embeddings.alignment import box_around
        from toonify import portrait_crop

        cut = portrait_crop(image, face.points, SIDE)
        return cls(cut.image, replace(face, box=box_around(cut.points), points=cut.points))

    def picture(self, pixels: RGB | None = None) -> FacePicture:
        """As encoders read it, with other pixels if given."""
        from embeddings import FacePicture

        return FacePicture(self.crop if pixels is None else pixels, self.face)

    def without(self, masks: Sequence[Mask]) -> list[FacePicture]:
        """The same face with one place hidden in each."""
        import cv2

        hidden = cv2.GaussianBlur(self.crop, (0, 0), BLUR * SIDE).astype(np.float32)
        plain = self.crop.astype(np.float32)
        mixed = (plain + (hidden - plain) * mask[..., None] for mask in masks)
        return [self.picture(np.clip(one, 0, 255).astype(np.uint8)) for one in mixed]


@dataclass(frozen=True, eq=False)
class PairScorer:
    """Similarity of drawings and photos over all spaces that rank."""

    engine: Engine
    weights: Mapping[str, float]
    bridges: Mapping[str, Bridge]

    def drawings(self, faces: Sequence[FacePicture]) -> dict[str, Vectors]:
        """Vectors of drawings, over the bridges; one glance each: a place is hidden in one picture, not in four."""
        spaces = {name: self.engine.encoder(Space.parse(name).encoder) for name in self.weights}
        found = {name: encoder.encode_query(faces, once=True) for name, encoder in spaces.items()}
        return {name: self.bridges[name].carry(rows) if name in self.bridges else rows for name, rows in found.items()}

    def photos(self, faces: Sequence[FacePicture]) -> dict[str, Vectors]:
        """Vectors of photos."""
        return {name: self.engine.encode_gallery(Space.parse(name), faces) for name in self.weights}

    def cosine(self, drawings: Mapping[str, Vectors], photos: Mapping[str, Vectors]) -> Drops:
        """Weighted cosine of every drawing with every photo; one of the two sides has one row."""
        total = sum(self.weights.values())
        parts = [self.weights[name] * (drawings[name] @ photos[name].T).reshape(-1) for name in self.weights]
        return np.asarray(np.sum(parts, axis=0) / total, np.float64)


def occluded(
    scorer: PairScorer, drawing: Portrait, photo: Portrait, masks: Sequence[Mask], hide: str, check: Check
) -> Drops:
    """What hiding each place in the `drawing` or the `photo` takes from their cosine, [len(masks)]."""
    drawn, shot = scorer.drawings([drawing.picture()]), scorer.photos([photo.picture()])
    base = float(scorer.cosine(drawn, shot)[0])
    drops: list[float] = []
    for start in range(0, len(masks), BATCH):
        some = masks[start : start + BATCH]
        if hide == "drawing":
            left = scorer.cosine(scorer.drawings(drawing.without(some)), shot)
        else:
            left = scorer.cosine(drawn, scorer.photos(photo.without(some)))
        drops += (base - left).tolist()
        check(len(some))
    return np.array(drops)


def heat_map(masks: Sequence[Mask], drops: Drops) -> npt.NDArray[np.float32]:
    """Drops of overlapping places as one smooth map [SIDE, SIDE] between -1 and 1."""
    import cv2

    weight = np.sum(masks, axis=0)
    summed = np.sum([mask * drop for mask, drop in zip(masks, drops, strict=True)], axis=0)
    smooth = cv2.GaussianBlur(np.asarray(summed / np.maximum(weight, 1e-6), np.float32), (0, 0), SIDE / 40)
    return np.asarray(smooth / max(float(np.abs(smooth).max()), 1e-9), np.float32)
