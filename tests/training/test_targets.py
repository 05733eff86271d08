"""What the student is to answer for a drawing: what the teacher answers, carried to where photos lie."""

from __future__ import annotations

import numpy as np
import pytest

from training.drawn import DrawnSet
from training.splits import actor_parts
from training.targets import teacher_bridge
from training.teacher import NETWORKS, Vectors, unit

ACTORS, EACH = 90, 6


@pytest.fixture(scope="module")
def drawn() -> tuple[DrawnSet, Vectors]:
    """Actors who differ in some values of each network; drawings add to half of these how they are drawn."""
    rng = np.random.default_rng(5)
    dim = sum(NETWORKS)
    telling = np.concatenate([np.arange(16), NETWORKS[0] + np.arange(16)])
    people = np.zeros((ACTORS, dim))
    people[:, telling] = rng.normal(0, 1, (ACTORS, len(telling)))
    vectors, names, drawing = [], [], []
    for number, person in enumerate(people):
        for picture in range(2 * EACH):
            is_drawn = picture >= EACH
            vector = person + rng.normal(0, 0.05, dim)
            if is_drawn:
                vector[telling[::2]] += 0.8 + rng.normal(0, 3.0, len(telling) // 2)
            vectors.append(vector)
            names.append(f"actor {number:02d}")
            drawing.append(is_drawn)
    count = len(names)
    crops = np.zeros((count, 1, 1, 3), np.uint8)
    points = np.zeros((count, 5, 2), np.float32)
    files = np.array(names)
    return DrawnSet(crops, np.array(names), np.array(drawing), points, files, files), unit(np.array(vectors))


def _right(drawn: DrawnSet, queries: Vectors, vectors: Vectors) -> float:
    """Share of the drawings of actors not trained on that are nearest to their own actor."""
    names = np.unique(drawn.actors)
    centroids = unit(np.stack([vectors[(drawn.actors == name) & ~drawn.drawing].mean(0) for name in names]))
    asked = drawn.drawing & (drawn.part == "test")
    return float((names[(queries[asked] @ centroids.T).argmax(1)] == drawn.actors[asked]).mean())


def test_the_teachers_bridge_helps_drawings_of_actors_it_was_not_fitted_on(drawn: tuple[DrawnSet, Vectors]) -> None:
    pictures, vectors = drawn
    carried = teacher_bridge(pictures, vectors).carry(vectors)
    assert _right(pictures, carried, vectors) > _right(pictures, vectors, vectors) + 0.1


def test_the_teachers_bridge_knows_training_actors_only(drawn: tuple[DrawnSet, Vectors]) -> None:
    pictures, vectors = drawn
    parts = actor_parts(np.unique(pictures.actors).tolist())
    others = np.array([parts[str(name)] != "train" for name in pictures.actors])
    changed = np.where(others[:, None], np.roll(vectors, 7, axis=1), vectors)
    assert np.array_equal(teacher_bridge(pictures, changed).matrix, teacher_bridge(pictures, vectors).matrix)
