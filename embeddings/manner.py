"""Reading drawings as drawings: what each layer of a face network answers is brought to where photos have it.

Flat colour and ink shift the mean and spread of every channel, and a network made for photos carries that shift through
all its layers into the vector. A *manner* undoes it where it arises: one scale and one offset a channel behind each
convolution, found from pictures alone, without knowing whom they show (adaptive batch normalisation: Li et al., 2016).
It is used for what is searched for; photos are read by the network as it is. `embeddings.manner_fit` makes one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import atomic_writer, short_hash
from castoon.words import Words

Channels = npt.NDArray[np.float32]
"""One number a channel, [c]."""

MENDED = "_as_drawn"
"""Ending of the names of values that a manner has changed."""


@dataclass(frozen=True, eq=False)
class Manner:
    """Scale and offset of the channels behind each convolution, by the name of the convolution's output."""

    network: str
    """SHA-256 of the ONNX file that it was found for; no other is read with it."""
    layers: Mapping[str, tuple[Channels, Channels]]

    @property
    def contract(self) -> str:
        """Hash over everything: other manner, other vectors of drawings."""
        flat = b"".join(np.stack(pair).astype("<f4").tobytes() for pair in self.layers.values())
        return short_hash("manner", self.network, *self.layers, flat.hex())

    def save(self, path: Path) -> None:
        """Write an NPZ file."""
        arrays: dict[str, Any] = {f"{place:03d}": np.stack(pair) for place, pair in enumerate(self.layers.values())}
        with atomic_writer(path) as stream:
            np.savez_compressed(stream, network=self.network, names=np.array(list(self.layers)), **arrays)

    @classmethod
    def load(cls, path: Path) -> Manner:
        """Read what `save` wrote."""
        try:
            with np.load(path, allow_pickle=False) as data:
                names = data["names"].tolist()
                pairs = [np.asarray(data[f"{place:03d}"], np.float32) for place in range(len(names))]
                network = str(data["network"])
            return cls(network, {str(name): (pair[0], pair[1]) for name, pair in zip(names, pairs, strict=True)})
        except (OSError, KeyError, ValueError, IndexError, EOFError, zipfile.BadZipFile) as error:
            raise NotReadyError(
                str(path),
                Words("how drawings are to be read cannot be opened ({why}).", why=error),
                "A pack's: `castoon models verify`. A library's own: `castoon bridge drop`, then learn it again.",
            ) from error


def convolutions(model: Any) -> dict[str, int]:
    """Names of the outputs of an ONNX model's convolutions, in the order in which they run, with their channels."""
    weights = {weight.name: weight.dims[0] for weight in model.graph.initializer}
    for node in model.graph.node:  # weights that are widened when the file is opened
        if node.op_type == "Cast" and node.input[0] in weights:
            weights[node.output[0]] = weights[node.input[0]]
    return {node.output[0]: int(weights[node.input[1]]) for node in model.graph.node if node.op_type == "Conv"}


def with_manner(model: Any, layers: Mapping[str, tuple[Channels, Channels]]) -> Any:
    """The ONNX model (changed in place) with a scale and an offset behind each of its convolutions named.

    The runtime folds them into the convolutions when it opens the model, so they cost nothing.
    """
    from onnx import helper, numpy_helper

    graph, nodes = model.graph, []
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name in layers:
                node.input[place] = name + MENDED
        nodes.append(node)
        for name in node.output:
            if name not in layers:
                continue
            for kind, values in zip(("scale", "offset"), layers[name], strict=True):
                column = np.asarray(values, np.float32).reshape(-1, 1, 1)
                graph.initializer.append(numpy_helper.from_array(column, f"{name}_{kind}"))
            scaled = f"{name}_scaled"
            nodes.append(helper.make_node("Mul", [name, f"{name}_scale"], [scaled]))
            nodes.append(helper.make_node("Add", [scaled, f"{name}_offset"], [name + MENDED]))
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def read_as_drawn(path: Path, manner: Manner) -> bytes:
    """The ONNX file of a face network, as a model that reads drawings."""
    import onnx

    model = onnx.load(str(path))
    if missing := set(manner.layers) - set(convolutions(model)):
        raise NotReadyError(
            str(path),
            Words("the manner of drawings names {count} layers that it does not have.", count=len(missing)),
            "Pull the pack again, or find the manner anew for this network.",
        )
    changed: bytes = with_manner(model, manner.layers).SerializeToString()
    return changed
