"""What a face network sees before its last layers, beside what it says in the end.

The last layers of a face network are taught to keep what tells photographed people apart and to drop the rest; of a
drawing they drop too much. A map from further up still has it, place by place. Once it is weighed by what stays the
same between photos of one person, and by a bridge, it finds an actor about as often as the vector does, and errs about
others. It costs no second look: both are read in one run of the network.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import atomic_writer, sha256_file, short_hash
from castoon.words import Words

Floats = npt.NDArray[np.float32]

LAST = 2.0
"""How much the vector itself counts in the similarity of two whole faces."""
OUTPUT = "last_and_earlier"


@dataclass(frozen=True, eq=False)
class Earlier:
    """Which map of a network is read, and how it becomes a vector."""

    network: str
    """SHA-256 of the ONNX file that it was found for; no other is read with it."""
    tensor: str
    """Name of the map, [n, c, side, side]."""
    side: int
    grid: int
    """The map is averaged to grid x grid places first."""
    mean: Floats
    """Of photos, [c * grid * grid]."""
    steps: npt.NDArray[np.int8]
    """Axes [k, c * grid * grid] in units of `scale` [k]."""
    scale: Floats
    weight: float = 1.0
    """How much it counts beside the vector's `LAST`."""
    photos: int = 0
    """How many it was found from."""

    @property
    def dim(self) -> int:
        """Length k of its vector."""
        return len(self.steps)

    @property
    def contract(self) -> str:
        """Hash over everything: other axes, other vectors."""
        numbers = (self.mean.astype("<f4"), self.steps, self.scale.astype("<f4"))
        where = repr((self.tensor, self.side, self.grid, LAST, self.weight))
        return short_hash("earlier", self.network, where, *(one.tobytes().hex() for one in numbers))

    def save(self, path: Path) -> None:
        """Write an NPZ file."""
        with atomic_writer(path) as stream:
            np.savez_compressed(stream, **vars(self))

    @classmethod
    def load(cls, path: Path) -> Earlier:
        """Read what `save` wrote."""
        try:
            with np.load(path, allow_pickle=False) as data:
                found = cls(
                    str(data["network"]), str(data["tensor"]), int(data["side"]), int(data["grid"]),
                    np.asarray(data["mean"], np.float32), np.asarray(data["steps"], np.int8),
                    np.asarray(data["scale"], np.float32), float(data["weight"]), int(data["photos"]),
                )  # fmt: skip
            if found.steps.shape != (len(found.scale), len(found.mean)) or not 0 < found.grid <= found.side:
                raise ValueError("its numbers do not fit together")
            return found
        except (OSError, KeyError, ValueError, IndexError, EOFError, zipfile.BadZipFile) as error:
            raise NotReadyError(
                str(path),
                Words("what is to be read before a network's last layers cannot be opened ({why}).", why=error),
                "Run `castoon models verify`: it says which files differ and how to mend them.",
            ) from error


def pooling(side: int, grid: int) -> Floats:
    """What averages side x side places to grid x grid, [side * side, grid * grid]; neighbours share places."""
    rows = np.zeros((side, grid), np.float32)
    for cell in range(grid):
        first, after = cell * side // grid, -(-(cell + 1) * side // grid)
        rows[first:after, cell] = 1 / (after - first)
    return np.asarray(np.einsum("yr,xc->yxrc", rows, rows).reshape(side * side, grid * grid), np.float32)


def read_earlier(path: Path, earlier: Earlier) -> Any:
    """The ONNX model of a face network that answers with its vector and its earlier map, joined to unit length."""
    import onnx

    if earlier.network != sha256_file(path):
        raise NotReadyError(
            str(path),
            "what is read before its last layers was found for another network.",
            "Run `castoon models verify`: it says which files differ and how to mend them.",
        )
    return _Reading(onnx.load(str(path))).joined(earlier)


class _Reading:
    """Nodes at the end of a network."""

    def __init__(self, model: Any) -> None:
        self._model, self._graph = model, model.graph

    def joined(self, earlier: Earlier) -> Any:
        """See `read_earlier`."""
        from onnx import TensorProto, helper

        last = self._graph.output[0]
        batch = last.type.tensor_type.shape.dim[0]
        places = earlier.side * earlier.side
        seen = self._node("Reshape", earlier.tensor, self._number("shape", np.array([0, -1, places], np.int64)))
        seen = self._node("MatMul", seen, self._number("pooling", pooling(earlier.side, earlier.grid)))
        seen = self._node("Sub", self._node("Flatten", seen, axis=1), self._number("mean", earlier.mean[None]))
        axes = earlier.steps.astype(np.float32) * earlier.scale[:, None]
        seen = self._node("MatMul", seen, self._number("axes", np.ascontiguousarray(axes.T)))
        weights = np.array([LAST, earlier.weight])
        shares = np.sqrt(weights / weights.sum()).astype(np.float32)
        parts = [
            self._node(
                "Mul", self._node("LpNormalization", one, axis=1, p=2), self._number(f"share_{place}", share[None])
            )
            for place, (one, share) in enumerate(zip((last.name, seen), shares, strict=True))
        ]
        self._graph.node.append(helper.make_node("Concat", parts, [OUTPUT], axis=1))
        del self._graph.output[:]
        size = batch.dim_value or "n"
        self._graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [size, "values"]))
        return self._model

    def _node(self, kind: str, *inputs: str, **options: Any) -> str:
        from onnx import helper

        output = f"{OUTPUT}_{len(self._graph.node)}"
        self._graph.node.append(helper.make_node(kind, list(inputs), [output], **options))
        return output

    def _number(self, kind: str, values: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"{OUTPUT}_{kind}"
        self._graph.initializer.append(numpy_helper.from_array(np.asarray(values), name))
        return name
