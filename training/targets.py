"""What the student must answer for each picture: the teacher's vector, drawn towards the person it shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casting.tuning.bridge import Bridge
from casting.tuning.methods import Pairs, WhiteningByNetwork
from training.drawn import DrawnSet
from training.faces import FaceSet
from training.teacher import NETWORKS, Vectors, unit

SHRINKAGE = 0.4
"""Of the teacher's bridge; among those that the product tries, and as good as its neighbours."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Crops to learn from; `targets` [n, dim] have unit length, `drawing` marks rows that are drawings."""

    rows: npt.NDArray[np.int64]
    targets: Vectors


def principal_axes(vectors: Vectors, dim: int) -> Vectors:
    """The `dim` directions [dim, 640] that hold most of the teacher's vectors; cosines survive (nothing is centred)."""
    moments = vectors.astype(np.float64).T @ vectors
    return np.linalg.eigh(moments)[1][:, ::-1][:, :dim].T.astype(np.float32)


def towards_person(vectors: Vectors, people: npt.NDArray[np.str_], share: float) -> Vectors:
    """Each vector mixed with `share` of the centroid of its person's vectors, back at unit length."""
    _, place = np.unique(people, return_inverse=True)
    sums = np.zeros((place.max() + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, place, vectors)
    return unit((1 - share) * vectors + share * unit(sums)[place])


def photo_lesson(faces: FaceSet, teacher: Vectors, axes: Vectors, share: float) -> Lesson:
    """All training photos of the face set."""
    rows = faces.rows("train")
    people = faces.table["person"].to_numpy()[rows].astype(str)
    return Lesson(rows, towards_person(unit(teacher[rows] @ axes.T), people, share))


def drawn_lessons(
    drawn: DrawnSet, teacher: Vectors, axes: Vectors, share: float, photo_share: float
) -> tuple[Lesson, Lesson]:
    """Photos and drawings of the training actors: a drawing is to land on the centroid of its actor's photos."""
    vectors = unit(teacher @ axes.T)
    train = drawn.part == "train"
    photos, drawings = np.flatnonzero(train & ~drawn.drawing), np.flatnonzero(train & drawn.drawing)
    centroid = {
        actor: unit(vectors[photos[drawn.actors[photos] == actor]].mean(0)) for actor in np.unique(drawn.actors[train])
    }
    goal = np.stack([centroid[actor] for actor in drawn.actors[drawings]])
    return (
        Lesson(photos, towards_person(vectors[photos], drawn.actors[photos], photo_share)),
        Lesson(drawings, unit(share * goal + (1 - share) * vectors[drawings])),
    )


def teacher_bridge(drawn: DrawnSet, teacher: Vectors) -> Bridge:
    """What carries the teacher's vectors of drawings to where photos lie, fitted on the training actors.

    The teacher has never seen them, so its bridge is as true of other actors; one of the student's, which has learnt
    these drawings, would not be.
    """
    train = drawn.part == "train"
    rows = {actor: train & (drawn.actors == actor) for actor in np.unique(drawn.actors[train & drawn.drawing])}
    pairs = Pairs(
        {actor: teacher[mask & drawn.drawing] for actor, mask in rows.items()},
        {actor: teacher[mask & ~drawn.drawing] for actor, mask in rows.items()},
        NETWORKS,
    )
    return WhiteningByNetwork(SHRINKAGE).fit(pairs)
