"""What the rest of Castoon may rely on from a face finder and an encoder: two small Protocols and the values they pass.

Coordinates are pixels of the picture handed in, x to the right and y down, as floats. Five points are always in the
order left eye, right eye, nose tip, left mouth corner, right mouth corner, *as seen in the picture*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

RGB = npt.NDArray[np.uint8]
"""A picture: uint8, [height, width, 3], red first."""

Vectors = npt.NDArray[np.float32]
"""A batch of embeddings: float32, [n, dim], every row of unit length."""

Points = npt.NDArray[np.float32]
"""Five facial points: float32, [5, 2]."""

FaceKind = Literal["photo", "drawn", "manual"]
AS_GALLERY = "as the gallery"
"""The query contract of encoders that read what is searched for like the gallery."""
FindHint = Literal["photo", "drawn", "auto"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Quality:
    """Numbers that say how far a face picture can be trusted, and the flags that follow from them."""

    size_px: float
    """Shorter side of the box, in pixels of the original picture."""
    blur: float
    """Sharpness of the aligned face, 0 (no edges at all) upwards; see `embeddings.quality` for the scale."""
    yaw: float
    """Estimated turn of the head in degrees, from the points; positive looks to the picture's right."""
    roll: float
    """Tilt of the eye line in degrees."""
    exposure: float
    """Mean luminance of the aligned face, 0 to 1."""
    cut_off: float
    """Share of the (slightly enlarged) box that lies outside the picture, 0 to 1."""
    flags: tuple[str, ...] = ()
    """Stable short words for what is wrong: small, blurred, turned, tilted, dark, bright, cut_off."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face in one picture."""

    box: Box
    """x1, y1, x2, y2; may reach outside the picture."""
    points: Points
    score: float
    """The detector's own score, 0 to 1; 1.0 for a face given by hand."""
    kind: FaceKind
    quality: Quality | None = None

    @property
    def key(self) -> str:
        """Identity of this face within its picture: the points rounded to whole pixels."""
        return "-".join(f"{round(float(v))}" for v in self.points.reshape(-1))


@dataclass(frozen=True)
class Finding:
    """The answer of a face finder; finding nothing is an answer too."""

    faces: tuple[Face, ...]
    """Largest and most central first."""
    reason: str = ""
    """Why nothing was found, in words for a person; empty when something was."""
    next_step: str = ""
    """What the person can do about it, such as giving a box by hand."""
    tried: tuple[str, ...] = field(default=())
    """Steps of the cascade that were run, in order."""


@dataclass(frozen=True, eq=False)
class FacePicture:
    """A face together with the picture that its coordinates refer to: what an encoder reads."""

    image: RGB
    face: Face


@runtime_checkable
class FaceFinder(Protocol):
    """Finds faces in photos and drawings."""

    @property
    def contract(self) -> str:
        """Hash over weights and parameters: other contract, other faces."""
        ...

    def find(self, image: RGB, hint: FindHint = "auto") -> Finding:
        """All faces of one picture. `hint` says what the picture is, when the caller knows."""
        ...


@runtime_checkable
class Encoder(Protocol):
    """Turns face pictures into vectors of one space.

    Gallery photos and query drawings have a method each because a model may treat them differently; both return
    vectors that may be compared by cosine.
    """

    @property
    def name(self) -> str:
        """First half of a space's name: `arcface` in `arcface:photo`."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def contract(self) -> str:
        """Hash over weights, preprocessing, alignment template and mirror setting."""
        ...

    @property
    def query_contract(self) -> str:
        """Hash over how what is searched for is read beside that; a short word where it is read like the gallery."""
        ...

    def encode_gallery(self, faces: Sequence[FacePicture]) -> Vectors:
        """Vectors [n, dim] of faces of known people (photos or their stylized renderings)."""
        ...

    def encode_query(self, faces: Sequence[FacePicture], *, once: bool = False) -> Vectors:
        """Vectors [n, dim] of faces that are looked for (drawings, as a rule).

        An encoder may look several times and take the mean; `once` it looks a single time, to compare one picture with
        another that differs in a detail.
        """
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """An encoder that also reads words: its text vectors may be compared with its picture vectors by cosine."""

    @property
    def contract(self) -> str:
        """The contract of the picture side; text and pictures share one space."""
        ...

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Vectors [n, dim] of descriptions such as "short black hair, sharp eyes, glasses"."""
        ...
