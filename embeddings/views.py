"""Ways of looking at one picture that help a photo-trained detector with a drawing, and the way back.

A face that fills its picture, as drawn characters do, is seen once it has a border around it; a weak outline, once the
contrast is raised; and a mirrored look gives an independent second opinion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embeddings.contract import RGB
from embeddings.detectors import Detections

GREY = 127
_MIRRORED_ORDER = [1, 0, 2, 4, 3]


@dataclass(frozen=True)
class View:
    """One way of looking."""

    border: float = 0.0
    """Grey border on every side, as a share of the longer side."""
    mirrored: bool = False
    contrast: bool = False
    """Raise local contrast of the lightness (CLAHE)."""

    def __str__(self) -> str:
        words = [f"border {self.border:g}" if self.border else "as it is"]
        words += [word for word, on in (("mirrored", self.mirrored), ("more contrast", self.contrast)) if on]
        return ", ".join(words)

    def apply(self, image: RGB) -> RGB:
        """The picture as this view shows it."""
        import cv2

        seen = np.ascontiguousarray(_raise_contrast(image) if self.contrast else image)
        if self.mirrored:
            seen = np.ascontiguousarray(seen[:, ::-1])
        if by := self._width(image):
            grey = (GREY, GREY, GREY)
            seen = np.asarray(cv2.copyMakeBorder(seen, by, by, by, by, cv2.BORDER_CONSTANT, value=grey), np.uint8)
        return seen

    def restore(self, seen: Detections, image: RGB) -> Detections:
        """Detections in this view, in pixels of the picture itself."""
        by = np.float32(self._width(image))
        boxes, points = seen.boxes - by, seen.points - by
        if self.mirrored:
            width = np.float32(image.shape[1])
            boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)
            points = np.stack([width - points[..., 0], points[..., 1]], axis=2)[:, _MIRRORED_ORDER]
        return Detections(boxes, points, seen.scores)

    def _width(self, image: RGB) -> int:
        return round(self.border * float(max(image.shape[0], image.shape[1])))


def _raise_contrast(image: RGB) -> RGB:
    import cv2

    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(4, 4)).apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)
