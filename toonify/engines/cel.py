"""`cel`: a webtoon look without training or weights, the offline default.

Edge-preserving smoothing, tone bands in CIE Lab with soft steps (Winnemoeller, Olsen & Gooch, "Real-Time Video
Abstraction", 2006), flow-guided XDoG ink lines, local contrast on eyes and mouth, and on request a webtoon's
proportions. Every pixel stays where it was unless `proportions` is above 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from castoon.files import short_hash
from toonify.align import STANDARD_POINTS, Points
from toonify.contract import RGB
from toonify.engine import Engine, Variant
from toonify.engines.cel_features import deformation, evened_skin, face_mask, feature_mask, local_contrast
from toonify.engines.cel_ink import ink_lines
from toonify.engines.cel_tones import smooth, soft_bands, tone_centres
from toonify.fitting import Fit, require_rgb
from toonify.parameters import parameters_hash, slider

VERSION = "cel-1"
FIT = Fit(smallest=1, largest=2048)
"""Larger pictures are drawn at 2048 px and enlarged."""


@dataclass(frozen=True)
class CelParameters:
    """What a person may change about the cel look."""

    smoothing: float = slider(0.6, 0, 1, title="Smoothing", help="How flat skin and cloth become.")
    bands: int = slider(6, 3, 12, title="Tone bands", help="How many tones from dark to light.")
    softness: float = slider(0.35, 0, 1, title="Softness", help="How gently one tone passes into the next.")
    ink: float = slider(0.5, 0, 1, title="Ink", help="How readily lines are drawn.")
    line_width: float = slider(1.0, 0.5, 3, title="Line width", help="In pixels at 256 px.", step=0.1)
    colour: float = slider(1.1, 0, 2, title="Colour", help="1 keeps the photo's, 0 is black and white.")
    feature_contrast: float = slider(0.5, 0, 1, title="Eyes and mouth", help="Local contrast on eyes and mouth.")
    proportions: float = slider(
        0.0, 0, 1, title="Webtoon proportions", help="Larger eyes, slimmer jaw. Moves features."
    )


class CelStylizer:
    """The cel look; see the module for how it is made."""

    name = "cel"

    def __init__(self, parameters: CelParameters | None = None) -> None:
        self.parameters = parameters or CelParameters()
        self.fingerprint = short_hash(VERSION, parameters_hash(self.parameters))

    def stylize(self, faces: Sequence[RGB], points: Sequence[Points | None] | None = None) -> list[RGB]:
        """Cel-shaded pictures of the same sizes.

        `points` are the five of each face in pixels; where they are missing, those of an average portrait crop are
        taken, which is right for pictures made by `portrait_crop`.
        """
        where = points if points is not None else [None] * len(faces)
        results: list[RGB] = []
        for index, (face, five) in enumerate(zip(faces, where, strict=True)):
            fitted = FIT.forth(require_rgb(face, index))
            shares = STANDARD_POINTS if five is None else five / _extent(face)
            made = self._one(fitted, shares * _extent(fitted))
            results.append(FIT.back(made, face))
        return results

    def _one(self, face: RGB, five: Points) -> RGB:
        chosen, scale = self.parameters, max(face.shape[:2]) / 256
        if chosen.proportions > 0:
            x, y = deformation(face.shape[:2], five, chosen.proportions)
            moved = cv2.remap(face, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
            face = np.asarray(moved, dtype=np.uint8)
        original = cv2.cvtColor(face.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        flat = cv2.cvtColor(smooth(face, chosen.smoothing, scale).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        mask = feature_mask(face.shape[:2], five)
        flat = evened_skin(flat, face_mask(face.shape[:2], five), mask, scale)
        lightness = flat[..., 0] + mask * 0.6 * (original[..., 0] - flat[..., 0])
        lightness = local_contrast(lightness, mask, 1.2 * chosen.feature_contrast, 3.0 * scale)
        banded = soft_bands(lightness, tone_centres(lightness, chosen.bands), chosen.softness)
        ink = ink_lines(flat[..., 0] / 100, chosen.line_width * scale, chosen.ink)
        result = np.empty_like(flat)
        result[..., 0] = banded * (1 - 0.85 * ink)
        result[..., 1:] = flat[..., 1:] * (chosen.colour * (1 - 0.5 * ink))[..., None]
        rgb = cv2.cvtColor(result, cv2.COLOR_LAB2RGB)
        return np.asarray(np.clip(np.rint(rgb * 255), 0, 255), dtype=np.uint8)


def _extent(picture: RGB) -> Points:
    return np.array([picture.shape[1], picture.shape[0]], dtype=np.float32)


ENGINE = Engine(
    name="cel",
    title="Cel shading (no download)",
    licence="Apache-2.0 (part of Castoon)",
    commercial_use=True,
    moves_features=False,
    parameters=CelParameters,
    variants=lambda folder: [Variant("", "Cel shading (no download)")],
    open=lambda request: CelStylizer(request.parameters),
)
