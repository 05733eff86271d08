"""What ranking costs after the models: 10,000 actors, 5 photos each, 4 spaces, vectors ready.

    python -m bench.ranking [--actors 10000] [--photos 5] [--dim 512] [--queries 30]

Made-up unit vectors in a real library (catalog, published index), with a tuning of bridges, weights and calibration.
Measured by the clock and in CPU time of this process, on one thread, and as a ratio to the bare matrix products of the
spaces, which no exact ranking can do without.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from casting import Engine, Library
from casting.catalog import Actor, Photo, PhotoFace
from casting.ranking import Query, rank_vectors
from casting.scoring import Recipe, Usual
from casting.tuning import Bridge, Calibration, Limit, Limits
from casting.tuning.active import Plan
from casting.tuning.calibrating import STRANGERS
from index import Facts, SpaceData

SPACES = ("arcface:photo", "arcface:cel", "clip:photo", "clip:cel")


def fill(library: Library, actors: int, photos: int, dim: int) -> None:
    """Actors and photos in the catalog, and vectors around a random middle of each actor in every space."""
    rng = np.random.default_rng(0)
    with library.database.transaction() as session:
        for number in range(actors):
            actor = Actor(name=f"actor {number:05d}")
            session.add(actor)
            for take in range(photos):
                sha = f"{number:032x}{take:032x}"
                photo = Photo(sha256=sha, pixels=sha, file=f"photos/{sha}.jpg", original=f"{take}.jpg", width=300,
                              height=400, format="JPEG", actor=actor)  # fmt: skip
                session.add(
                    PhotoFace(
                        contract="c",
                        box=[50.0, 50, 200, 250],
                        points=[[1.0, 1.0]] * 5,
                        score=0.9,
                        kind="photo",
                        quality={"flags": ["small"]},
                        photo=photo,
                    )
                )
    with library.database.session() as session:
        rows = sorted((f"a{photo.actor_id:08d}", photo.sha256) for photo in session.query(Photo))
    facts: dict[str, Facts] = {owner: {"name": owner, "gender": "female", "tags": ("a", "b")} for owner, _ in rows}
    spaces = []
    for name in SPACES:
        middles = np.repeat(rng.standard_normal((actors, dim)).astype(np.float32), photos, axis=0)
        vectors = middles + rng.standard_normal(middles.shape).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        items = ((owner, sha, vector) for (owner, sha), vector in zip(rows, vectors, strict=True))
        spaces.append(SpaceData.build(name, f"contract of {name}", dim, items))
    library.index.publish(spaces, facts, 0, "bench", 1)


def planned(dim: int) -> Plan:
    """Bridges in every space, four weights, a calibration."""
    rng = np.random.default_rng(1)
    matrix = (np.eye(dim) + 0.01 * rng.standard_normal((dim, dim))).astype(np.float32)
    bridge = Bridge("bench", np.zeros(dim, np.float32), matrix)
    recipe = Recipe(dict.fromkeys(SPACES, 0.25), "standardised", dict.fromkeys(SPACES, Usual(0.0, 0.05)))
    shares = tuple((share, Limit(-2.0 - 4 * share)) for share in STRANGERS)
    limits = (Limits(Limit(-2.0), Limit(2.0), shares),) * 3
    calibration = Calibration(1.5, 0.0, ((-5.0, 0.1), (5.0, 0.9)), limits, 0.02, 10_000)
    return Plan(recipe, dict.fromkeys(SPACES, bridge), calibration)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actors", type=int, default=10_000)
    parser.add_argument("--photos", type=int, default=5)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--queries", type=int, default=30)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = Library.create(Path(folder) / "library", pack="fake")
        fill(library, given.actors, given.photos, given.dim)
        engine, live, plan = Engine(library.settings), library.index.open(), planned(given.dim)
        centroids = [np.ascontiguousarray(live.space(name).centroids) for name in SPACES]
        rng = np.random.default_rng(2)
        names = ("whole", "whole, clock", "search", "describe", "bare products")
        spent: dict[str, list[float]] = {name: [] for name in names}
        for number in range(given.queries + 3):
            rows = rng.standard_normal((len(SPACES), 1, given.dim)).astype(np.float32)
            rows /= np.linalg.norm(rows, axis=2, keepdims=True)
            query = Query("bench", dict(zip(SPACES, rows, strict=True)), plan)
            began, clock = time.process_time(), time.perf_counter()
            ranking = rank_vectors(library, engine, live, query, k=20)
            whole, waited = 1000 * (time.process_time() - began), 1000 * (time.perf_counter() - clock)
            began = time.process_time()
            for row, middle in zip(rows, centroids, strict=True):
                np.vecdot(middle, row[0])
            bare = 1000 * (time.process_time() - began)
            if number >= 3:
                spent["whole"].append(whole)
                spent["whole, clock"].append(waited)
                spent["bare products"].append(bare)
                spent["search"].append(ranking.took_ms["search"])
                spent["describe"].append(ranking.took_ms["describe"])
        assert len(ranking.results) == 20
    print(
        f"{given.actors} actors x {given.photos} photos x {len(SPACES)} spaces of {given.dim}, {given.queries} queries"
    )
    for name, values in spent.items():
        kind = "wall" if name in {"whole, clock", "search", "describe"} else "CPU"
        print(f"{name:14} median {statistics.median(values):6.1f} ms {kind}, p90 {np.percentile(values, 90):6.1f}")
    print(f"whole / bare products: {statistics.median(spent['whole']) / statistics.median(spent['bare products']):.2f}")


if __name__ == "__main__":
    main()
