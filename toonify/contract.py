"""What the rest of Castoon may rely on from a stylizer: one Protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

RGB = npt.NDArray[np.uint8]
"""A picture: uint8, [height, width, 3], red first."""


@runtime_checkable
class Stylizer(Protocol):
    """Turns photos of faces into the same faces in another style.

    Input is a list of aligned portrait crops (`toonify.align.portrait_crop`), usually 256 px square; output has
    the same order and sizes, and a face's features stay where they were unless the style is documented to move them.
    """

    @property
    def name(self) -> str:
        """How people call it: `cel`, or `engine:variant` such as `dualstylegan:cartoon/53`."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hash over engine version, weights and parameters: same fingerprint, same output."""
        ...

    def stylize(self, faces: Sequence[RGB]) -> list[RGB]:
        """Stylized pictures, one for each face handed in."""
        ...
