"""Finding how an earlier map of a face network becomes a vector: aligned photos of known people in, `Earlier` out.

The map is averaged to a few places and brought to the directions in which photos differ most; these are weighed by what
stays the same between photos of one person (within-class covariance normalisation: Hatch et al., 2006). A bridge does
the rest for drawings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import InputError, NotReadyError
from castoon.files import sha256_file
from castoon.words import Words
from embeddings.alignment import TEMPLATE_SIDE
from embeddings.arcface import Feeding
from embeddings.contract import RGB
from embeddings.earlier import Earlier, Floats, pooling
from embeddings.runtime import open_model

SIZE = 256
"""Values that are kept of a map; half as many lose two points of R@1."""
GRID = 4
"""Places a side that it is averaged to, where it has more."""
SHRINKAGE = 0.4
"""Of the scatter within people, towards a multiple of the identity."""
BATCH = 32


def find_earlier(
    path: Path,
    feeding: Feeding,
    photos: Sequence[RGB],
    people: npt.NDArray[np.str_],
    tensor: str,
    *,
    weight: float = 1.0,
    size: int = SIZE,
    grid: int = GRID,
    threads: int = 1,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Earlier:
    """How the map `tensor` of the network in `path` is read, from aligned `photos` [side, side, 3] of `people` [n]."""
    if len(np.unique(people)) == len(people):
        raise InputError(
            Words("{count} photos", count=len(photos)), "none of them shows a person whom another shows too.",
            "Give several photos of each person.",
        )  # fmt: skip
    seen, side, grid = _maps(path, feeding, photos, tensor, grid, threads, told)
    mean = seen.mean(axis=0)
    seen -= mean
    directions = _directions(seen, min(size, len(photos) - 1))
    found = seen @ directions.T
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
    axes = np.linalg.cholesky(np.linalg.inv(_within(found, people))).T @ directions
    scale = np.abs(axes).max(axis=1) / 127
    steps = np.asarray(np.round(axes / scale[:, None]), np.int8)
    return Earlier(sha256_file(path), tensor, side, grid, mean, steps, scale.astype(np.float32), weight, len(photos))


def last_sum(path: Path) -> str:
    """Name of the last square map that is a sum: in networks of residual blocks, where the last of these ends."""
    import onnx

    model = onnx.load(str(path))
    sums = [str(node.output[0]) for node in model.graph.node if node.op_type == "Add"]
    side = next((dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim[2:]), 0) or TEMPLATE_SIDE
    session = _asked(path, sums, 1) if sums else None
    batch = model.graph.input[0].type.tensor_type.shape.dim[0].dim_value or 1
    blank = np.zeros((batch, 3, side, side), np.float32)
    seen = session.run(None, {session.get_inputs()[0].name: blank}) if session else []
    maps = [name for name, one in zip(sums, seen, strict=True) if _is_map(one)]
    if not maps:
        raise NotReadyError(str(path), "it has no block that ends in a sum.", "Name the layer that is to be read.")
    return maps[-1]


def _is_map(values: npt.NDArray[Any]) -> bool:
    return values.ndim == 4 and values.shape[2] == values.shape[3] >= 2


def _maps(
    path: Path,
    feeding: Feeding,
    photos: Sequence[RGB],
    tensor: str,
    grid: int,
    threads: int,
    told: Callable[[int, int], None],
) -> tuple[Floats, int, int]:
    """The map of every photo, averaged to grid x grid places, [n, c * grid * grid]; its side; the grid it allows."""
    session = _asked(path, [tensor], threads)
    taken, scaling, rows, side = session.get_inputs()[0], feeding.scaling(), [], 0
    fixed = taken.shape[0] if isinstance(taken.shape[0], int) and taken.shape[0] > 0 else 0
    for start in range(0, len(photos), fixed or BATCH):
        part = photos[start : start + (fixed or BATCH)]
        blob = np.zeros((fixed or len(part), 3, *part[0].shape[:2]), np.float32)
        scaling.blob(part, blob[: len(part)])
        seen = session.run(None, {taken.name: blob})[0][: len(part)]
        if not _is_map(seen):
            raise NotReadyError(
                str(path),
                Words("`{tensor}` is no square map (shape {shape}).", tensor=tensor, shape=list(seen.shape)),
                "Name a layer before the vector, such as the last sum of a block.",
            )
        side, grid = seen.shape[2], min(grid, seen.shape[2])
        places = seen.reshape(len(part), seen.shape[1], -1) @ pooling(side, grid)
        rows.append(places.reshape(len(part), -1).astype(np.float32))
        told(start + len(part), len(photos))
    return np.concatenate(rows), side, grid


def _asked(path: Path, tensors: Sequence[str], threads: int) -> Any:
    """A session that answers with these maps."""
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(str(path))
    known = {name for node in model.graph.node for name in node.output}
    for tensor in tensors:
        if tensor not in known:
            raise NotReadyError(
                str(path), Words("it has no layer `{tensor}`.", tensor=tensor), "Look the names up in the file."
            )
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(one, TensorProto.FLOAT, None) for one in tensors)
    return open_model(model.SerializeToString(), path, threads, ["CPUExecutionProvider"])


def _directions(centred: Floats, size: int) -> Floats:
    """The `size` directions [size, values] in which rows [n, values] differ most."""
    count, values = centred.shape
    if values <= count:
        vectors = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :size]
        return np.ascontiguousarray(vectors.T)
    found = np.linalg.eigh(centred @ centred.T)[1][:, ::-1][:, :size].T @ centred
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def _within(rows: Floats, people: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
    """Shrunk scatter of rows [n, k] around their person's mean; people seen once say nothing."""
    _, place, counts = np.unique(people, return_inverse=True, return_counts=True)
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, place, rows)
    around = (rows - sums[place] / counts[place][:, None])[counts[place] > 1]
    scatter = around.T.astype(np.float64) @ around / max(len(around), 1)
    even = np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    return np.asarray((1 - SHRINKAGE) * scatter + SHRINKAGE * even, np.float64)
