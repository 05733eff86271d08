"""A hash of a picture that survives resizing, recompression, brightening, greying and mirroring.

The low frequencies of the whole picture, each above or below their median: 143 signs (Zauner 2010, "pHash", with a
larger block). On the 276 photos of the demo cast, copies made in these ways differ in at most 6 signs; photos that are
not copies differ in 22 or more. A copy with 5% cut from its borders differs in 18 to 48: that alone is no proof, and
`casting.curation.review` asks the face vectors as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from castoon.files import atomic_writer
from castoon.images import RGB

SIDE_PX = 64
BLOCK = 12
BITS = BLOCK * BLOCK - 1
COPY_BITS = 16
"""Pictures whose hashes differ in no more signs are copies of each other."""
CROPPED_BITS = 34
"""Up to here two pictures may be copies with other borders, if the face vectors say so too."""

Signs = npt.NDArray[np.int8]
"""A hash: int8, [143], each +1 or -1."""


def picture_hash(pixels: RGB) -> Signs:
    """The hash of a picture."""
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = np.asarray(cv2.dct(small))[:BLOCK, :BLOCK].ravel()[1:]
    return np.where(low > np.median(low), 1, -1).astype(np.int8)


def mirrored(signs: Signs) -> Signs:
    """The hash of the mirrored picture: mirroring turns the sign of every odd horizontal frequency.

    `signs` may be one hash [143] or many [n, 143].
    """
    turn = np.where(np.arange(BLOCK * BLOCK) % BLOCK % 2, -1, 1).astype(np.int8)[1:]
    return (signs * turn).astype(np.int8)


def read_hashes(path: Path) -> dict[str, Signs]:
    """Hashes kept in a file, by photo; none where there is no sound file."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            names, signs = kept["photos"], kept["signs"]
    except (OSError, ValueError, KeyError):
        return {}
    if signs.shape != (len(names), BITS):
        return {}
    return {str(name): row for name, row in zip(names, signs.astype(np.int8), strict=True)}


def write_hashes(path: Path, hashes: Mapping[str, Signs]) -> None:
    """Keep hashes by photo."""
    names = np.array(list(hashes), dtype="U64")
    signs = np.array(list(hashes.values()), dtype=np.int8).reshape(-1, BITS)
    with atomic_writer(path) as handle:
        np.savez(handle, photos=names, signs=signs)
