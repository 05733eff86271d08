"""The drawn set (actors, photos, artists' drawings), every face found and aligned once.

Drawings are tight and strange, so the picture is padded and tried at several sizes: SCRFD where it is sure, YuNet
where it is not, whatever scored best after that, and the usual place of a face as the last resort (counted as such).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.faces import SIDE, Crops, decode
from training.finders import TEMPLATE, Found, Points, Scrfd, Yunet, align, label_makers
from training.paths import shared_dir, small, var_dir
from training.splits import actor_parts

PAD = 0.45
SIZES = (192, 256, 320)


@dataclass(frozen=True, eq=False)
class DrawnSet:
    """Aligned crops with actor, kind and the way each face was found; `parts` says how an actor may be used."""

    crops: Crops
    actors: npt.NDArray[np.str_]
    drawing: npt.NDArray[np.bool_]
    points: npt.NDArray[np.float32]
    files: npt.NDArray[np.str_]
    by: npt.NDArray[np.str_]

    @property
    def part(self) -> npt.NDArray[np.str_]:
        """Part (train, val, test) of every row."""
        parts = actor_parts(sorted(set(self.actors.tolist())))
        return np.array([parts[str(actor)] for actor in self.actors])


def usual_points(width: int, height: int) -> Points:
    """Where the points of a tight portrait lie when nothing better is known."""
    scale = 0.62 * width / 112
    points = (TEMPLATE - TEMPLATE.mean(0)) * scale + np.array([0.5 * width, 0.5 * height])
    return np.asarray(points, np.float32)


def scrfd_finds(padded: Crops, scrfd: Scrfd) -> list[Found]:
    """Faces of a padded picture, looked for at several sizes."""
    return [face for size in SIZES for face in scrfd.find(padded, size, 0.25)]


def yunet_finds(padded: Crops, yunet: Yunet) -> list[Found]:
    """The same by the second detector, which reads a picture at its own size."""
    found: list[Found] = []
    for scale in (1.0, 0.6, 0.4):
        small = np.asarray(cv2.resize(padded, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        found += [face.moved(0, 0, scale) for face in yunet.find(small, 0.3)]
    return found


def sure(found: list[Found]) -> Found | None:
    """The find with the best score."""
    return max(found, key=lambda face: face.score, default=None)


def find_one(image: Crops, scrfd: Scrfd, yunet: Yunet) -> Found:
    """The face of a picture that shows exactly one."""
    height, width = image.shape[:2]
    pad = round(PAD * max(height, width))
    padded = np.asarray(cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE), np.uint8)
    found = scrfd_finds(padded, scrfd)
    best = sure(found)
    if best is None or best.score < 0.5:
        best = sure(found + yunet_finds(padded, yunet))
    if best is None:
        points = usual_points(width, height)
        return Found(np.array([0, 0, width, height], np.float32), points, 0.0, "guess")
    return best.moved(pad, pad)


def cache_drawn() -> Path:
    """Find and align every picture of the drawn set, unless done; returns the cache."""
    path = var_dir("cache") / "drawn.npz"
    if path.is_file():
        return path
    shared = shared_dir()
    scrfd, yunet = label_makers(shared)
    files = sorted(shared.glob("drawn/photos/*/*.jpg")) + sorted(shared.glob("drawn/drawings/*/*.jpg"))
    if small():  # the first of the sorted actors keep their parts
        kept = sorted({file.parent.name for file in files})[:18]
        files = [file for file in files if file.parent.name in kept]
    crops = np.zeros((len(files), SIDE, SIDE, 3), np.uint8)
    points = np.zeros((len(files), 5, 2), np.float32)
    by = []
    for row, file in enumerate(files):
        image = decode(file.read_bytes())
        face = find_one(image, scrfd, yunet)
        crops[row], points[row] = align(image, face.points), face.points
        by.append(face.by)
    np.savez_compressed(
        path,
        crops=crops,
        points=points,
        actors=np.array([file.parent.name for file in files]),
        drawing=np.array([file.parent.parent.name == "drawings" for file in files]),
        files=np.array([str(file.relative_to(shared)) for file in files]),
        by=np.array(by),
    )
    return path


def load_drawn() -> DrawnSet:
    """The aligned drawn set."""
    with np.load(cache_drawn(), allow_pickle=False) as data:
        return DrawnSet(**{name: data[name] for name in ("crops", "actors", "drawing", "points", "files", "by")})
