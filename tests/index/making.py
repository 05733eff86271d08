"""Random spaces and facts for the tests of the index."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from index import SpaceData
from index.contract import Facts

DIM = 8
FILTERS = ["", "gender=female", "birth_year>=1980, tags~romance", "gender in (female, male)", "tags=none", "birth_year"]


def unit(rng: np.random.Generator, n: int, dim: int = DIM) -> np.ndarray:
    vectors = rng.standard_normal((n, dim)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def items(rng: np.random.Generator, owners: list[str], per_owner: int, duplicates: bool, dim: int = DIM) -> list:  # type: ignore[type-arg]
    made = []
    pool = unit(rng, 3, dim)
    for owner in owners:
        count = int(rng.integers(1, per_owner + 1))
        fresh = unit(rng, count, dim)
        for source in range(count):
            vector = pool[int(rng.integers(3))] if duplicates else fresh[source]
            made.append((owner, f"{owner}/{source}", vector))
    return made


def names(count: int) -> list[str]:
    return [f"a{owner:04d}" for owner in range(count)]


def space(
    rng: np.random.Generator, owners: int, per_owner: int, duplicates: bool, dim: int = DIM, name: str = "arcface:photo"
) -> SpaceData:
    return SpaceData.build(name, "c1", dim, items(rng, names(owners), per_owner, duplicates, dim))


def facts(rng: np.random.Generator, owners: int) -> Mapping[str, Facts]:
    return {
        owner: {
            "gender": ["female", "male", None][int(rng.integers(3))],
            "birth_year": int(rng.integers(1950, 2010)),
            "tags": ("action",) if rng.random() < 0.3 else ("romance", "action film"),
        }
        for owner in names(owners)
    }
