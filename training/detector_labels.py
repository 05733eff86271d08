"""Pictures with one known face each: what scenes are composed of, and what the detector is tested on.

Photos and drawings are labelled where YuNet and SCRFD agree on the five points; their mean is the label. Boxes always
follow from the points: the ellipse that SCRFD's boxes enclose on upright photos, carried by the face's own similarity
transform, so that a turned or drawn face gets a box of the same convention.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.drawn import PAD, load_drawn, scrfd_finds, sure, yunet_finds
from training.faces import Crops, decode, load_faces
from training.finders import TEMPLATE, Found, Points, Scrfd, Yunet, label_makers, similarity
from training.paths import shared_dir, small, var_dir
from training.splits import person_part

SIDE = 256
CROP = 160
"""Side of a face crop."""
TOLERANCE = 0.18
"""Of the eye distance: two detectors that differ by more do not mean the same point."""
CROPS = {"train": 6000, "val": 100, "test": 400}
ELLIPSE = (56.0, 63.5, 40.0, 53.0)
"""Centre and half axes of a face in the 112x112 template; see `fit_ellipse`."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """Pictures [n, 256, 256, 3] (what does not fill the square is marked by `size` as h, w), with points."""

    images: Crops
    sizes: npt.NDArray[np.int64]
    points: npt.NDArray[np.float32]
    kind: npt.NDArray[np.str_]
    part: npt.NDArray[np.str_]

    def rows(self, part: str, *kinds: str) -> npt.NDArray[np.int64]:
        """Rows of one part and some kinds: portrait, crop, photo, drawing."""
        return np.flatnonzero((self.part == part) & np.isin(self.kind, kinds))

    def picture(self, row: int) -> Crops:
        """One picture without the unused border."""
        height, width = self.sizes[row]
        return self.images[row, :height, :width]


def box_of(points: Points) -> npt.NDArray[np.float32]:
    """Box x1, y1, x2, y2 that follows from five points."""
    matrix = similarity(TEMPLATE, points)
    cx, cy, rx, ry = ELLIPSE
    centre = matrix[:, :2] @ np.array([cx, cy]) + matrix[:, 2]
    reach = np.sqrt(((matrix[:, :2] * np.array([rx, ry])) ** 2).sum(1))
    return np.concatenate([centre - reach, centre + reach]).astype(np.float32)


def fit_ellipse(faces: list[Found]) -> tuple[float, float, float, float]:
    """The ellipse whose bounds SCRFD's boxes are, as the median over upright faces."""
    rows = []
    for face in faces:
        matrix = similarity(face.points, TEMPLATE)
        if abs(matrix[0, 1]) > 0.05 * abs(matrix[0, 0]):
            continue
        corners = face.box.reshape(2, 2) @ matrix[:, :2].T + matrix[:, 2]
        rows.append(np.concatenate([corners.mean(0), (corners[1] - corners[0]) / 2]))
    cx, cy, rx, ry = np.median(rows, axis=0)
    return float(cx), float(cy), float(rx), float(ry)


def between(first: Points, second: Points, tolerance: float = TOLERANCE) -> Points | None:
    """Mean of two detectors' points, when none differs by more than this much of the eye distance.

    The two were trained on different annotations and differ by 4 to 9% at nose and mouth; the mean splits that.
    """
    eyes = float(np.linalg.norm(first[1] - first[0]))
    if np.linalg.norm(first - second, axis=1).max() > tolerance * eyes:
        return None
    return np.asarray((first + second) / 2, np.float32)


def agreed(image: Crops, scrfd: Scrfd, yunet: Yunet) -> Points | None:
    """What both detectors say of a picture of one face, each finding exactly that one."""
    pad = image.shape[0] // 2
    padded = np.asarray(cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE), np.uint8)
    theirs = yunet.find(image, 0.6)
    if len(theirs) != 1:
        return None
    ours = [face for face in scrfd.find(padded, 640, 0.45) if face.score > 0.45]
    if len(ours) != 1:
        return None
    return between(ours[0].points - pad, theirs[0].points)


def both_on_actor(image: Crops, scrfd: Scrfd, yunet: Yunet) -> tuple[Points, Points] | None:
    """The points of either detector's surest find on a tight photo or drawing of one face, where both find any."""
    pad = round(PAD * max(image.shape[:2]))
    padded = np.asarray(cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE), np.uint8)
    ours, theirs = sure(scrfd_finds(padded, scrfd)), sure(yunet_finds(padded, yunet))
    return None if ours is None or theirs is None else (ours.points - pad, theirs.points - pad)


def agreed_on_actor(image: Crops, scrfd: Scrfd, yunet: Yunet) -> Points | None:
    """What both detectors say of a tight photo or drawing of one face."""
    both = both_on_actor(image, scrfd, yunet)
    return None if both is None else between(*both)


def label_of(image: Crops, kind: str, scrfd: Scrfd, yunet: Yunet) -> Points | None:
    """What both detectors say of a picture of this kind; face crops get a border, which serves them only."""
    if kind in ("photo", "drawing"):
        return agreed_on_actor(image, scrfd, yunet)
    pad = (SIDE - CROP) // 2 if kind == "crop" else 0
    found = agreed(np.asarray(cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE)), scrfd, yunet)
    return None if found is None else found - np.float32(pad)


def _photos(shared: Path) -> Iterator[tuple[Crops, str, str]]:
    """Portraits and face crops with kind and part; a portrait shares its person with a crop of the same name."""
    with zipfile.ZipFile(shared / "portraits" / "portraits-256.zip") as archive:
        for name in sorted(archive.namelist()):
            yield decode(archive.read(name)), "portrait", person_part(f"scut__Images__{name}")
    faces = load_faces()
    rng = np.random.default_rng(11)
    for part, count in CROPS.items():
        rows = faces.rows(part)[faces.table["set"].to_numpy()[faces.rows(part)] != "scut"]
        for row in rng.permutation(rows)[:count]:
            yield np.asarray(faces.crops[row]), "crop", part


def cache_labelled() -> Path:
    """Label everything once; returns the cache."""
    path = var_dir("cache") / "labelled.npz"
    if path.is_file():
        return path
    shared = shared_dir()
    scrfd, yunet = label_makers(shared)
    images: list[Crops] = []
    sizes: list[tuple[int, int]] = []
    points: list[Points] = []
    kinds: list[str] = []
    parts: list[str] = []
    for count, (image, kind, part) in enumerate(_photos(shared)):
        if (kind == "portrait" and part == "train" and count % 3 == 2) or (small() and count % 12):
            continue
        found = label_of(image, kind, scrfd, yunet)
        if count % 1000 == 0:
            print(f"labelled {count}, kept {len(images)}", flush=True)
        if found is None:
            continue
        add(images, sizes, image)
        points.append(found)
        kinds.append(kind)
        parts.append(part)
    drawn = load_drawn()
    for row in np.flatnonzero(drawn.by != "guess"):
        image = decode((shared / str(drawn.files[row])).read_bytes())
        kind = "drawing" if drawn.drawing[row] else "photo"
        found = label_of(image, kind, scrfd, yunet)
        if found is None or not 0.12 * image.shape[1] < np.linalg.norm(found[1] - found[0]) < 0.7 * image.shape[1]:
            continue
        add(images, sizes, image)
        points.append(found)
        kinds.append(kind)
        parts.append(str(drawn.part[row]))
    np.savez(
        path,
        images=np.stack(images),
        sizes=np.array(sizes),
        points=np.stack(points).astype(np.float32),
        kind=np.array(kinds),
        part=np.array(parts),
    )
    return path


def add(images: list[Crops], sizes: list[tuple[int, int]], image: Crops) -> None:
    """Keep a picture in the upper left of an empty square, and its size."""
    canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
    height, width = image.shape[:2]
    canvas[:height, :width] = image
    images.append(canvas)
    sizes.append((height, width))


def load_labelled() -> Labelled:
    """All labelled pictures."""
    with np.load(cache_labelled(), allow_pickle=False) as data:
        return Labelled(**{name: data[name] for name in ("images", "sizes", "points", "kind", "part")})


if __name__ == "__main__":
    labelled = load_labelled()
    print({kind: int((labelled.kind == kind).sum()) for kind in np.unique(labelled.kind)})
