"""Why an actor stands where they stand: figures, heat maps over the two faces, and pictures ready to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from casting.explaining.parts import Part
from casting.results import Match
from castoon.images import RGB

Heat = npt.NDArray[np.float32]
"""[side, side], from -1 to 1: 1 where hiding the place costs most similarity, below 0 where it gains some."""


@dataclass(frozen=True)
class SpaceShare:
    """What one space says of this actor."""

    space: str
    weight: float
    cosine: float | None
    """By the encoder's own vectors; None where the space does not know the actor."""
    contribution: float
    """What it adds to the similarity; the contributions add up to it."""
    photo: str
    """The photo that matched best in this space, relative to the library."""
    photo_cosine: float | None


@dataclass(frozen=True)
class ViewRank:
    """Where the actor would stand if a face were only seen in one way."""

    view: str
    """`face` (the whole), `layers` (the same before the network's last layers), or the part that is hidden: `eyes`
    (with the brows), `nose_mouth`."""
    rank: int


@dataclass(frozen=True)
class PartShare:
    """How much of the likeness hangs on a part of the face."""

    part: Part
    share: float
    """0 to 1; the shares of all parts add up to 1, unless no part matters."""
    in_drawing: float
    """What hiding it in the drawing takes from the cosine of drawing and photo; below 0: they are closer without it."""
    in_photo: float
    """The same for the photo."""


@dataclass(frozen=True, eq=False)
class StyleChange:
    """What a stylizer does to the matched photo."""

    style: str
    picture: RGB
    """The photo's crop as the stylizer draws it, of the same size as `Explanation.photo_crop`."""
    kept: float
    """Cosine between the photo and its rendering by the face encoder: 1 when identity is untouched."""
    towards_drawing: float
    """What the rendering changes in the cosine to the drawing; above 0 it helps."""
    change: Heat
    """Where it changed most, 0 to 1, aligned to `Explanation.photo_crop`."""
    ranks: bool
    """Whether a stylized space takes part in the ranking; otherwise this is only shown."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """One actor's place in the ranking for one character."""

    actor_id: int
    actor: str
    rank: int
    gallery_actors: int
    score: float
    similarity: float
    margin: float | None
    """Distance of the similarity to the next actor's; None for the last."""
    calibrated: bool
    match: Match
    match_reason: str
    spaces: tuple[SpaceShare, ...]
    """Largest contribution first."""
    views: tuple[ViewRank, ...]
    """In the space of photos that weighs most; empty where its encoder only sees whole faces."""
    photo: str
    """The photo that the parts and heat maps are about, relative to the library."""
    photo_name: str
    pair_cosine: float
    """Cosine of drawing and photo that hiding parts is measured against: bridged, weighted over the spaces."""
    parts: tuple[PartShare, ...]
    """Largest share first."""
    drawing_crop: RGB
    photo_crop: RGB
    """Upright portraits of one size, the faces in the same place."""
    drawing_heat: Heat
    photo_heat: Heat
    style: StyleChange | None
    warnings: tuple[str, ...]
    """Short words: quality flags with the side they belong to (`drawing:blurred`, `photo:turned`), and
    `close_to_next`, `no_match`, `not_calibrated`, `space_missing`, `one_photo`."""
    took_s: float

    def overlay(self, side: str) -> RGB:
        """The heat over the crop of `drawing` or `photo`, to look at."""
        if side == "drawing":
            return overlay(self.drawing_crop, self.drawing_heat)
        return overlay(self.photo_crop, self.photo_heat)

    def as_dict(self) -> dict[str, Any]:
        """Figures for `--json`; pictures are left out."""
        return {
            "actor": self.actor,
            "rank": self.rank,
            "gallery_actors": self.gallery_actors,
            "score": round(self.score, 6),
            "similarity": round(self.similarity, 6),
            "margin": None if self.margin is None else round(self.margin, 6),
            "calibrated": self.calibrated,
            "match": {"state": self.match, "reason": self.match_reason},
            "spaces": [_rounded(vars(share)) for share in self.spaces],
            "views": {one.view: one.rank for one in self.views},
            "photo": self.photo,
            "photo_name": self.photo_name,
            "pair_cosine": round(self.pair_cosine, 6),
            "parts": [_rounded(vars(part)) for part in self.parts],
            "style": None if self.style is None else {
                "style": self.style.style, "kept": round(self.style.kept, 6),
                "towards_drawing": round(self.style.towards_drawing, 6), "ranks": self.style.ranks,
            },
            "warnings": list(self.warnings),
            "took_s": round(self.took_s, 2),
        }  # fmt: skip


def overlay(crop: RGB, heat: Heat, strength: float = 0.62) -> RGB:
    """A crop with its heat: warm where likeness hangs on it, blue where hiding it brought the two closer."""
    warm, cold = np.array([255, 92, 0], np.float32), np.array([0, 96, 255], np.float32)
    grey = crop.astype(np.float32).mean(axis=2, keepdims=True)
    base = 0.55 * crop + 0.45 * grey
    amount = (strength * np.abs(heat))[..., None]
    colour = np.where(heat[..., None] >= 0, warm, cold)
    return np.asarray(np.rint(np.clip(base * (1 - amount) + colour * amount, 0, 255)), np.uint8)


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in values.items()}
