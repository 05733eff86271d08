"""The actor index against bare FAISS: search, recall, build time, memory and slope by size, and what a change costs.

    python -m bench.index [--sizes 10000,100000,1000000] [--how best,centroid] [--backends flat,auto] [--threads 1,2]
    python -m bench.index --keep FOLDER    # what was published there before is measured again, not built again
    python -m bench.index --rebuild 100000

Vectors are made up: actors and most of their photos' variation lie in as many of 512 dimensions as matter in real face
vectors (participation ratio about 80 there, 100 here), five photos each at cosine 0.75 to their actor, queries at
cosine 0.5, as drawings are. One size's figures
are all taken within one run, the sides taking turns query by query, and read as ratios; milliseconds are given of the
processor and of the clock. "Raw" is the bare FAISS index that gives answers as good as those of the actor index, but
rows instead of actors, for as many rows as the actor index asks of it and with the same selector where there is a
filter: `IndexFlatIP` where search is exact, otherwise the very structure of the version in an `IndexRefineFlat`,
which scores as many candidates exactly as the actor index does. "Grouped" answers ten actors with their five best
photos each; "unnamed" the same ten actors without photos.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from index import Aggregation, Names, SpaceData, Tuning, VersionedIndex
from index.layers import Layer
from index.native import Chosen, faiss
from index.rows import OVERSAMPLED, Kind

DIM, PHOTOS_EACH, MATTERING, K = 512, 5, 160, 10
PHOTO_COSINE, DRAWING_COSINE = 0.75, 0.5
FILTER = "gender=female"
Vectors = npt.NDArray[np.float32]


def unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def near(vectors: Vectors, cosine: float, rng: np.random.Generator, basis: Vectors) -> Vectors:
    """Unit vectors at that cosine; three quarters of the rest vary as actors do, one quarter anyhow."""
    within = unit(rng.standard_normal((len(vectors), len(basis)), np.float32) @ basis)
    noise = 0.75**0.5 * within + 0.5 * unit(rng.standard_normal(vectors.shape, np.float32))
    noise -= np.vecdot(noise, vectors)[:, None] * vectors
    return np.asarray(cosine * vectors + (1 - cosine**2) ** 0.5 * unit(noise), np.float32)


class Cast:
    """Made-up actors; photos are written block by block into a file, so that a million need no memory."""

    def __init__(self, rows: int, folder: Path) -> None:
        self.rng = np.random.default_rng(rows)
        self.actors = rows // PHOTOS_EACH
        scale = (np.arange(1, MATTERING + 1) ** -0.3).astype(np.float32)
        self.basis = np.linalg.qr(self.rng.standard_normal((DIM, MATTERING)))[0].T.astype(np.float32) * scale[:, None]
        self.codes = self.rng.standard_normal((self.actors, MATTERING)).astype(np.float32)
        file, shape = folder / f"made-up-{rows}.npy", (self.actors * PHOTOS_EACH, DIM)
        if file.is_file():
            self.vectors = np.load(file, mmap_mode="r")
            return
        self.vectors = np.lib.format.open_memmap(file, "w+", np.float32, shape)
        for start in range(0, self.actors, 10_000):
            block = np.repeat(self.identities(slice(start, start + 10_000)), PHOTOS_EACH, axis=0)
            photos = near(block, PHOTO_COSINE, self.rng, self.basis)
            self.vectors[start * PHOTOS_EACH : start * PHOTOS_EACH + len(photos)] = photos

    def identities(self, which: Any) -> Vectors:
        return unit(self.codes[which] @ self.basis)

    def queries(self, count: int) -> Vectors:
        rng = np.random.default_rng(self.actors + 1)
        return near(self.identities(rng.integers(0, self.actors, count)), DRAWING_COSINE, rng, self.basis)

    def space(self) -> SpaceData:
        owners = np.char.add("a", np.char.zfill(np.arange(self.actors).astype("U8"), 8)).astype("S9")
        sources = np.char.zfill(np.arange(len(self.vectors)).astype("U8"), 8).astype("S8")
        return SpaceData.of_arrays(
            "arcface:photo", "bench", self.vectors, Names(np.repeat(owners, PHOTOS_EACH)), Names(sources)
        )

    def facts(self) -> dict[str, dict[str, str]]:
        sexes = np.random.default_rng(self.actors + 2).random(self.actors) < 0.5
        return {f"a{n:08d}": {"gender": "female" if sexes[n] else "male"} for n in range(self.actors)}


def memory_mb(kind: str) -> float:
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def size_mb(file: Path) -> int:
    return round(file.stat().st_size / 2**20) if file.is_file() else 0


def timed(sides: dict[str, Callable[[Vectors], Any]], queries: Vectors) -> dict[str, tuple[float, float]]:
    """Milliseconds a query for each side, the sides taking turns: mean of processor time, median of the clock."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for number in range(-5, len(queries)):
        for name, search in sides.items():
            cpu, clock = time.process_time(), time.perf_counter()
            search(queries[number : number + 1] if number >= 0 else queries[:1])
            if number >= 0:
                spent[name].append((time.process_time() - cpu, time.perf_counter() - clock))
    trimmed = {
        name: np.sort(np.array(values)[:, 0])[: max(1, int(0.9 * len(values)))] for name, values in spent.items()
    }
    return {
        name: (1000 * float(trimmed[name].mean()), 1000 * float(np.median(np.array(values)[:, 1])))
        for name, values in spent.items()
    }


def raw_sides(layer: Layer, how: Aggregation, passing: npt.NDArray[np.bool_]) -> dict[str, Callable[[Vectors], Any]]:
    rows, data, library = layer.rows(how), layer.data, faiss()
    count = layer._first_count(K, how)
    chosen = Chosen(passing if how == "centroid" else passing[data.owner_of])
    if rows.backend.kind == "flat":
        bare, want = library.IndexFlatIP(data.dim), count
        bare.add(np.ascontiguousarray(rows.vectors))
        plain, picked = None, library.SearchParameters(sel=chosen.selector)
    else:
        kind, want = rows.backend.kind, count
        bare = library.IndexRefineFlat(rows._structure, library.swig_ptr(np.ascontiguousarray(rows.vectors)))
        asked = count * OVERSAMPLED[kind]
        plain, picked = (
            library.IndexRefineSearchParameters(k_factor=OVERSAMPLED[kind], base_index_params=params)
            for params in (rows.parameters(asked, None), rows.parameters(asked, chosen))
        )
    keep = (chosen, bare)
    return {
        "raw": lambda query: keep and bare.search(query, want, params=plain),
        "raw filtered": lambda query: keep and bare.search(query, want, params=picked),
    }


def one(size: int, how: Aggregation, backend: Kind | Literal["auto"], threads: list[int], queries: int, cast: Cast,
        folder: Path, build_threads: int) -> dict[str, Any]:  # fmt: skip
    tuning = Tuning(backend=backend, threads=build_threads, aggregation=how)
    index = VersionedIndex(folder / f"{size}-{how}-{backend}", tuning)
    data, facts = cast.space(), cast.facts()
    cpu, clock = time.process_time(), time.perf_counter()
    manifest = index.verify() if index.live else index.publish([data], facts, 0, "bench", tuning=tuning)
    build_cpu, build = time.process_time() - cpu, time.perf_counter() - clock
    (record,) = manifest.layers["arcface:photo"]
    del data
    before = memory_mb("Anonymous")
    clock = time.perf_counter()
    opened = index.open()
    asked = cast.queries(queries)
    opened.search("arcface:photo", asked[:1], K, FILTER, how)
    open_s, anonymous = time.perf_counter() - clock, memory_mb("Anonymous") - before
    structure = index.path(manifest.version) / f"{record.stem}.faiss"
    line: dict[str, Any] = {
        "vectors": size, "how": how, "backend": record.backend.kind, "effort": record.backend.effort,
        "note": record.backend.note, "publish_s": round(build, 1), "publish_cpu_s": round(build_cpu, 1),
        "structure_s": record.backend.build_s, "open_s": round(open_s, 2), "anonymous_mb": round(anonymous),
        "structure_mb": size_mb(structure), "rounded_mb": size_mb(structure.with_suffix(".rounded.faiss")),
        "probe_recall": record.backend.recall,
    }  # fmt: skip
    if record.backend.kind != "flat":
        for where in ("", FILTER):
            found = opened.search("arcface:photo", asked, K, where, how, 0)
            right = opened.search("arcface:photo", asked, K, where, how, 0, exact=True)
            shared = [len({h.owner for h in a} & {h.owner for h in b}) / K for a, b in zip(found, right, strict=True)]
            line["recall@10" + (" filtered" if where else "")] = round(float(np.mean(shared)), 4)
    layer = opened.layered["arcface:photo"].layers[0]
    passing = np.array([facts[owner]["gender"] == "female" for owner in layer.data.owners])
    raw = raw_sides(layer, how, passing)
    for number in threads:
        opened.threads = number
        faiss().omp_set_num_threads(number)
        sides = raw | {
            "grouped": lambda query: opened.search("arcface:photo", query, K, "", how),
            "grouped filtered": lambda query: opened.search("arcface:photo", query, K, FILTER, how),
            "unnamed": lambda query: opened.search("arcface:photo", query, K, "", how, 0),
            "unnamed filtered": lambda query: opened.search("arcface:photo", query, K, FILTER, how, 0),
        }
        took = timed(sides, asked[: max(20, min(queries, 20_000_000 // size))])
        line[f"{number} threads"] = {
            **{name: [round(value, 3) for value in values] for name, values in took.items()},
            **{
                f"{side} / raw, {clock}{where}": round(took[f"{side}{where}"][at] / took[f"raw{where}"][at], 2)
                for side in ("grouped", "unnamed")
                for at, clock in enumerate(("cpu", "clock"))
                for where in ("", " filtered")
            },
        }
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--how", default="best,centroid")
    parser.add_argument("--backends", default="flat,auto")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--build-threads", type=int, default=1)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    parser.add_argument("--keep", type=Path, help="a folder to work in that stays, instead of a temporary one")
    parser.add_argument("--rebuild", type=int, help="photos of the library in which ten are changed")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        made = arguments.keep or stack.enter_context(tempfile.TemporaryDirectory(dir=arguments.folder))
        if arguments.rebuild:
            from bench.rebuild_changes import measure

            measure(arguments.rebuild, Path(made))
            return
        threads = [int(number) for number in arguments.threads.split(",")]
        for size in (int(part) for part in arguments.sizes.split(",")):
            cast = Cast(size, Path(made))
            done: set[tuple[str, str]] = set()
            for how in arguments.how.split(","):
                for backend in arguments.backends.split(","):
                    faiss().omp_set_num_threads(arguments.build_threads)
                    line = one(size, how, backend, threads, arguments.queries, cast, Path(made),
                               arguments.build_threads)  # fmt: skip
                    if (how, line["backend"]) not in done:
                        print(json.dumps(line), flush=True)
                    done.add((how, line["backend"]))


if __name__ == "__main__":
    main()
