"""Which structure FAISS gets over a set of rows: chosen from size and memory, built, and measured before it is used.

Exact search is the rule up to `Tuning.exact_up_to` rows. Above, HNSW is taken if it fits the memory budget, else
IVF-PQ. Its effort is raised until the ten best owners are found as exact search finds them, under no filter and under
filters; where no effort reaches `RECALL_FLOOR`, an automatic choice falls back to exact search, and a choice made by
hand is refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.words import Words
from index.contract import Aggregation, Vectors
from index.grouping import Cosines
from index.layers import Layer, Selection
from index.native import Query, faiss
from index.rounded import Rounded
from index.rows import Backend, Kind, Rows
from index.spaces import SpaceData

RECALL_FLOOR = 0.99
RECALL_ASKED = 0.993
"""What the probes must show: a little more than the floor, because they are a sample."""
RECALL_AT = 10
PROBES = 200
"""Queries that the recall is measured with, for each filter."""
PROBE_COSINE = 0.5
"""How close they are to the vector that they are made from: about as close as a drawing is to its actor's photos."""
PROBE_SHAPED = 0.6
"""How much of the rest varies as the space's own vectors do; what remains points anywhere, as a drawing's may."""
MIXED = 512
"""Vectors that the probes' variation is taken from."""
PROBE_SHARES = (1.0, 0.5, 0.15)
"""Share of owners that the filters let pass under which the recall is measured."""
LINKS = 32
"""Neighbours of a vector in the HNSW graph."""
BUILD_EFFORT = 40
EFFORTS: dict[Kind, tuple[int, ...]] = {
    "hnsw": (64, 128, 256, 512, 1024, 2048),
    "ivfpq": (32, 64, 128, 256, 512, 1024, 2048),
}
APPROXIMATE_FROM = 1000
"""Fewer rows are always searched exactly: there is nothing to gain, and quantisers have nothing to learn from."""
ROUNDED_FROM = 1000
"""Fewer rows are looked at exactly in less time than it takes to say which."""
TRAINED_ON = 100_000
"""Rows at most that quantisers are trained on."""


@dataclass(frozen=True)
class Tuning:
    """What a library's owner may choose about search."""

    backend: Kind | Literal["auto"] = "auto"
    exact_up_to: int = 1_000_000
    """Rows up to which `auto` searches exactly."""
    memory_mb: int = 4096
    """Memory that approximate structures may take."""
    threads: int = 1
    """Threads of one search and of building."""
    aggregation: Aggregation = "centroid"
    """The one that approximate structures are built for; others are answered exactly."""


def wanted_kind(rows: int, dim: int, tuning: Tuning) -> Kind:
    """The back-end for so many rows."""
    if rows < APPROXIMATE_FROM:
        return "flat"
    if tuning.backend != "auto":
        return tuning.backend
    if rows <= tuning.exact_up_to:
        return "flat"
    return "hnsw" if memory_of("hnsw", rows, dim) <= tuning.memory_mb << 20 else "ivfpq"


def memory_of(kind: Kind, rows: int, dim: int) -> int:
    """Bytes that a structure takes beside the memory-mapped vectors."""
    match kind:
        case "flat":
            return 0
        case "hnsw":
            return rows * (dim + 4 * (2 * LINKS + 4) + 16)
        case "ivfpq":
            return rows * ((_half_bytes(dim) + 1) // 2 + 8) + 4 * _lists(rows) * dim


def equip(data: SpaceData, tuning: Tuning) -> tuple[Layer, Any]:
    """A layer over all of `data` with the best back-end that proves itself, and the FAISS structure (or None)."""
    how = tuning.aggregation
    rows = data.centroids if how == "centroid" else data.vectors
    kind = wanted_kind(len(rows), data.dim, tuning)
    if kind == "flat":
        return _layer(data, how, _exactly(rows)), None
    began = time.monotonic()
    structure = build(rows, kind, tuning.threads)
    took = round(time.monotonic() - began, 1)
    truth = list(_truth(Layer(data), how))
    measured = 0.0
    for effort in EFFORTS[kind]:
        backend = Backend(kind, effort, None, "", took)
        layer = _layer(data, how, Rows(rows, backend, structure))
        measured = min(_recall(layer, how, probe) for probe in truth)
        if measured >= RECALL_ASKED:
            proven = replace(backend, recall=round(measured, 4))
            return _layer(data, how, Rows(rows, proven, structure)), structure
    said = f"{kind} finds {measured:.3f} of the ten best owners at effort {EFFORTS[kind][-1]}"
    if tuning.backend != "auto":
        raise NotReadyError(
            Words("space {space}", space=data.name),
            Words("{said}; less than {floor} is not published ({asked} measured).", said=said, floor=RECALL_FLOOR,
                  asked=RECALL_ASKED),
            "Set `index_backend = \"auto\"` (exact search where nothing else will do) or choose another back-end.",
        )  # fmt: skip
    flat = _exactly(rows, Backend("flat", note=f"{said}; exact search instead", build_s=took))
    return _layer(data, how, flat), None


def restore(
    data: SpaceData, how: Aggregation, backend: Backend, structure: Any, rounded: Rounded | None, alive: Any
) -> Layer:
    """A layer as it was published."""
    rows = Rows(data.centroids if how == "centroid" else data.vectors, backend, structure, rounded)
    return _layer(data, how, rows, alive)


def _exactly(rows: Vectors, backend: Backend | None = None) -> Rows:
    return Rows(rows, backend, rounded=Rounded.of(rows) if len(rows) >= ROUNDED_FROM else None)


def build(rows: Vectors, kind: Kind, threads: int = 1) -> Any:
    """A FAISS structure over rows [n, dim]; vectors are kept in it rounded, exact ones stay memory-mapped beside it."""
    library, dim = faiss(), rows.shape[1]
    library.omp_set_num_threads(threads)
    if kind == "hnsw":
        eight_bits = library.ScalarQuantizer.QT_8bit
        structure = library.IndexHNSWSQ(dim, eight_bits, LINKS, library.METRIC_INNER_PRODUCT)
        structure.hnsw.efConstruction = BUILD_EFFORT
    else:
        quantizer = library.IndexFlatIP(dim)
        structure = library.IndexIVFPQFastScan(
            quantizer, dim, _lists(len(rows)), _half_bytes(dim), 4, library.METRIC_INNER_PRODUCT
        )
        quantizer.this.disown()
        structure.own_fields = True
    picked = np.random.default_rng(0).permutation(len(rows))[:TRAINED_ON]
    structure.train(np.ascontiguousarray(rows[np.sort(picked)]))
    structure.add(np.ascontiguousarray(rows))
    return structure


def _half_bytes(dim: int) -> int:
    """Length of a product code: half a byte for four values, or for as many as divide the vector."""
    return next(dim // width for width in (4, 2, 1) if dim % width == 0)


def _lists(rows: int) -> int:
    return max(1, min(int(2 * rows**0.5), rows // 39))


def _layer(data: SpaceData, how: Aggregation, rows: Rows, alive: Any = None) -> Layer:
    if how == "centroid":
        return Layer(data, alive, centroid_rows=rows)
    return Layer(data, alive, source_rows=rows)


@dataclass(frozen=True, eq=False)
class _Probe:
    selection: Selection
    queries: list[Query]
    best: list[Cosines]
    """For each query the scores of the owners that exact search finds."""


def _truth(layer: Layer, how: Aggregation) -> Iterator[_Probe]:
    """Queries near random rows of the layer, and what exact search finds for each under filters of several sizes."""
    data, rng = layer.data, np.random.default_rng(1)
    picked = rng.choice(len(data.sources), min(PROBES, len(data.sources)), replace=False)
    near = np.asarray(data.vectors[np.sort(picked)])
    others = np.asarray(data.vectors[np.sort(rng.choice(len(data.sources), min(MIXED, len(data.sources))))])
    shaped = _unit(rng.standard_normal((len(near), len(others))).astype(np.float32) @ (others - others.mean(axis=0)))
    noise = PROBE_SHAPED * shaped + (1 - PROBE_SHAPED) * _unit(rng.standard_normal(near.shape).astype(np.float32))
    noise -= np.vecdot(noise, near)[:, None] * near
    queries = list(_unit(PROBE_COSINE * near + (1 - PROBE_COSINE**2) ** 0.5 * _unit(noise)))
    for share in PROBE_SHARES:
        passing: npt.NDArray[np.bool_] = rng.random(len(data.owners)) < share
        selection = Selection.of(data, passing)
        yield _Probe(selection, queries, [layer.best(query, RECALL_AT, selection, how).scores for query in queries])


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)


def _recall(layer: Layer, how: Aggregation, probe: _Probe) -> float:
    """Mean share of the best owners that are found; one that ties with the last of them is as good."""
    shares = [
        float((layer.best(query, RECALL_AT, probe.selection, how).scores >= best[-1]).sum()) / len(best)
        for query, best in zip(probe.queries, probe.best, strict=True)
        if len(best)
    ]
    return float(np.mean(shares)) if shares else 1.0
