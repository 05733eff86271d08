"""Whole pictures: every face is cut out, stylized together with the others, and pasted back or handed out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from castoon.errors import InputError
from toonify.align import Points, PortraitCrop, portrait_crop
from toonify.contract import RGB, Stylizer

FindPoints = Callable[[RGB], Sequence[Points]]
"""Finds the faces of a picture: five points each, [5, 2]. The caller brings it; this stage knows no detectors."""


@dataclass(frozen=True, eq=False)
class StylizedPicture:
    """What became of one picture."""

    picture: RGB
    """The whole picture with its stylized faces in place; the picture itself when it has none."""
    crops: tuple[PortraitCrop, ...]
    portraits: tuple[RGB, ...]
    """The stylized crops, one for each face."""
    reason: str = ""
    """Why nothing was stylized; empty when something was."""


def stylize_pictures(
    pictures: Sequence[RGB], find: FindPoints, stylizer: Stylizer, *, size: int = 256, feather: float = 0.12
) -> list[StylizedPicture]:
    """Stylize all faces of all pictures, in batches across pictures.

    A picture without a face, or one that cannot be used, comes back as it is with the reason; it never takes the others
    down with it.
    """
    crops: list[list[PortraitCrop]] = []
    reasons: list[str] = []
    for picture in pictures:
        try:
            found = [portrait_crop(picture, points, size) for points in find(picture)]
            reasons.append("" if found else "No face was found; mark it by hand, or use a larger picture.")
        except InputError as error:
            found = []
            reasons.append(str(error))
        crops.append(found)
    made = iter(stylizer.stylize([crop.image for found in crops for crop in found]))
    results: list[StylizedPicture] = []
    for picture, found, reason in zip(pictures, crops, reasons, strict=True):
        portraits = tuple(next(made) for _ in found)
        pasted = picture
        for crop, portrait in zip(found, portraits, strict=True):
            pasted = crop.paste_back(pasted, portrait, feather)
        results.append(StylizedPicture(pasted, tuple(found), portraits, reason))
    return results
