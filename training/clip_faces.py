"""What CLIP learns from: face crops with what is known of them, and the teacher's vectors of the same crops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from training.augment import Strength, augment
from training.captions import CHILD, MALE, NAMES, TRAITS
from training.card import CLIP_CROP
from training.detector_labels import ELLIPSE
from training.drawn import DrawnSet
from training.evaluate_face import age_band
from training.faces import SIDE, TOP, Crops, FaceSet
from training.prepare import drawn_teacher, teacher_vectors
from training.targets import drawn_lessons, photo_lesson, principal_axes
from training.teacher import Vectors

REACH = 2 * ELLIPSE[3] * CLIP_CROP
CENTRE = TOP + ELLIPSE[1]
"""Side and middle row of that square in the 160x160 crops."""
AGES = {"0-12": "child", "40-59": "middle-aged", "60+": "elderly"}

Labels = npt.NDArray[np.int8]
"""[faces, traits] of 1 (so), -1 (not so), 0 (unknown)."""


def known_traits(table: pd.DataFrame) -> Labels:
    """What the tables say of each face: CelebA's attributes, gender, age."""
    labels = np.zeros((len(table), len(TRAITS)), np.int8)
    labelled = table["attributes"].notna().to_numpy()
    attributes = [set(str(text).split()) for text in table["attributes"].fillna("")]
    for place, trait in enumerate(TRAITS):
        name = trait.label.lstrip("~")
        if name:
            so = np.array([name in one for one in attributes]) != trait.label.startswith("~")
            labels[:, place] = np.where(labelled, np.where(so, 1, -1), 0)
    gender = table["gender"].fillna("").to_numpy()
    labels[:, MALE] = np.where(gender == "male", 1, np.where(gender == "female", -1, 0))
    bands = table["age"].map(age_band).to_numpy()
    for band, name in AGES.items():
        labels[:, NAMES.index(name)] = np.where(bands == "", 0, np.where(bands == band, 1, -1))
    young = np.isin(bands, ["0-12", "13-19", "20-39"])
    column = labels[:, NAMES.index("young")]
    column[(bands != "") & ~labelled] = np.where(young, 1, -1)[(bands != "") & ~labelled]
    labels[labelled, CHILD] = -1
    return labels


def views(crops: Tensor, side: int, strength: Strength | None = None) -> Tensor:
    """uint8 crops [n, 160, 160, 3] -> what CLIP sees of them, [n, 3, side, side] in -1..1; as they are, or varied."""
    if strength is not None:
        x = augment(crops, strength, side, REACH, CENTRE)
    else:
        n, half = len(crops), REACH / SIDE
        matrix = torch.tensor([[half, 0, 0], [0, half, 2 * CENTRE / SIDE - 1]], device=crops.device).expand(n, 2, 3)
        grid = F.affine_grid(matrix, [n, 3, side, side], align_corners=False)
        pictures = crops.permute(0, 3, 1, 2).float() / 127.5 - 1
        x = F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    return x.contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True, eq=False)
class Batch:
    """Crops [n, 160, 160, 3], what is known of them, and where the teacher puts them [n, dim]."""

    crops: Tensor
    labels: Tensor
    targets: Tensor


class Album:
    """Draws batches: faces with attributes, other faces, drawings of training actors; some restyled."""

    def __init__(
        self, faces: FaceSet, drawn: DrawnSet, dim: int, restyled: tuple[npt.NDArray[np.int64], Crops]
    ) -> None:
        self._faces, self._drawn = faces, drawn
        self.labels = known_traits(faces.table)
        teacher, taught = teacher_vectors(faces), drawn_teacher(drawn)
        axes = principal_axes(teacher[faces.rows("train")], dim)
        lesson = photo_lesson(faces, teacher, axes, 0.2)
        self._targets: Vectors = np.zeros((len(faces.table), dim), np.float32)
        self._targets[lesson.rows] = lesson.targets
        rich = faces.table["attributes"].notna().to_numpy()[lesson.rows]
        self._pools = [lesson.rows[rich], lesson.rows[~rich]]
        self._orders = [np.zeros(0, np.int64), np.zeros(0, np.int64)]
        _, self._drawings = drawn_lessons(drawn, taught, axes, 0.7, 0.2)
        self._restyled = dict(zip(restyled[0].tolist(), restyled[1], strict=True))

    def _next(self, pool: int, count: int) -> npt.NDArray[np.int64]:
        """The next rows of a shuffled pass through a pool."""
        while len(self._orders[pool]) < count:
            shuffled = np.random.permutation(self._pools[pool])
            self._orders[pool] = np.concatenate([self._orders[pool], shuffled])
        found, self._orders[pool] = np.split(self._orders[pool], [count])
        return np.sort(found)

    def batch(self, rng: np.random.Generator, size: int, plain: float, drawings: float, restyled: float) -> Batch:
        """`plain` and `drawings`: shares of faces without attributes, and of drawings. `restyled`: how often a face
        that was drawn by the webtoon stylizer is shown so."""
        others, drawn = round(size * plain), round(size * drawings)
        rows = np.concatenate([self._next(0, size - others - drawn), self._next(1, others)])
        crops = self._faces.crops[rows]
        for place, row in enumerate(rows.tolist()):
            if row in self._restyled and rng.random() < restyled:
                crops[place] = self._restyled[row]
        which = rng.integers(0, len(self._drawings.rows), drawn)
        crops = np.concatenate([crops, self._drawn.crops[self._drawings.rows[which]]])
        labels = np.concatenate([self.labels[rows], np.zeros((drawn, len(TRAITS)), np.int8)])
        targets = np.concatenate([self._targets[rows], self._drawings.targets[which]])
        return Batch(torch.from_numpy(crops), torch.from_numpy(labels), torch.from_numpy(targets))


def frequencies(labels: Labels) -> npt.NDArray[np.float32]:
    """Share of the faces of which a trait is known that have it."""
    known = (labels != 0).sum(0)
    return np.asarray((labels == 1).sum(0) / np.maximum(known, 1), np.float32).clip(0.02, 0.98)
