"""Style pictures that people put into a folder, for the engines that learn from a single picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from castoon.errors import NotReadyError
from castoon.images import SUFFIXES, read
from castoon.words import Words
from toonify.contract import RGB


def style_pictures(folder: Path) -> dict[str, Path]:
    """Name -> file of the pictures in `<folder>/styles`."""
    found = sorted((folder / "styles").glob("*")) if (folder / "styles").is_dir() else []
    return {path.stem: path for path in found if path.suffix.lower() in SUFFIXES}


def find_style_picture(folder: Path, name: str, style: str) -> Path:
    """The file of the style picture `name`."""
    known = style_pictures(folder)
    if name not in known:
        raise NotReadyError(
            Words("style {style}", style=style),
            Words("there is no style picture `{name}`.", name=name),
            Words("Put {name}.png into {folder}.", name=name, folder=folder / "styles"),
        )
    return known[name]


def read_style(path: Path, side: int = 512) -> RGB:
    """A style picture whose shorter side is at most `side` pixels."""
    picture = read(path).pixels
    factor = side / min(picture.shape[:2])
    if factor >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
