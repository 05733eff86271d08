"""Keeping a photo's colours under another picture's strokes."""

from __future__ import annotations

import cv2
import numpy as np

from toonify.contract import RGB


def with_colours_of(colours: RGB, strokes: RGB) -> RGB:
    """The lightness of `strokes` with the chroma of `colours`, in CIE Lab; both have the same size.

    Gatys et al., "Preserving Color in Neural Artistic Style Transfer" (2016).
    """
    lab = cv2.cvtColor(colours.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.cvtColor(strokes.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
    return np.asarray(np.clip(np.rint(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255), 0, 255), dtype=np.uint8)
