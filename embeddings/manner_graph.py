"""Face networks as graphs: which layers a manner mends, and the nodes that do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Channels = npt.NDArray[np.float32]
"""One number a channel, [c]."""

MENDED = "_as_drawn"
"""Ending of the names of values that a manner has changed."""
AXES_ARE_INPUT = 18
"""ONNX operator set from which the axes of a mean are an input."""
EPS = 1e-8


@dataclass(frozen=True, eq=False)
class Reading:
    """How the channels [c] behind one convolution are mended.

    Mean and variance that are undone are `from_*` plus `own` times those of the picture that is read; `to_*` is what
    they become.
    """

    to_mean: Channels
    to_variance: Channels
    from_mean: Channels
    from_variance: Channels
    own: float


def convolutions(model: Any) -> dict[str, int]:
    """Names of the outputs of an ONNX model's convolutions, in the order in which they run, with their channels."""
    weights = {weight.name: weight.dims[0] for weight in model.graph.initializer}
    for node in model.graph.node:  # weights that are widened when the file is opened
        if node.op_type == "Cast" and node.input[0] in weights:
            weights[node.output[0]] = weights[node.input[0]]
    return {node.output[0]: int(weights[node.input[1]]) for node in model.graph.node if node.op_type == "Conv"}


def read_through(model: Any, readings: Mapping[str, Reading]) -> Any:
    """The ONNX model (changed in place) with the outputs named mended before anything reads them.

    Where nothing depends on the picture it is one scale and one offset a channel, which the runtime folds into the
    convolution when it opens the model, so that it costs nothing.
    """
    graph, nodes = model.graph, []
    axes_are_input = next(one.version for one in model.opset_import if one.domain in {"", "ai.onnx"}) >= AXES_ARE_INPUT
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name in readings:
                node.input[place] = name + MENDED
        nodes.append(node)
        for name in node.output:
            if name in readings:
                mending = _Mending(name, axes_are_input)
                mending.by(readings[name])
                nodes += mending.nodes
                graph.initializer.extend(mending.numbers)
    del graph.node[:]
    graph.node.extend(nodes)
    return model


class _Mending:
    """The nodes and numbers behind one convolution."""

    def __init__(self, name: str, axes_are_input: bool) -> None:
        self._name, self._axes_are_input = name, axes_are_input
        self.nodes: list[Any] = []
        self.numbers: list[Any] = []

    def by(self, reading: Reading) -> None:
        """Turn `name` into `name_as_drawn`."""
        if reading.own:
            self._by_picture(reading)
            return
        scale = np.sqrt((reading.to_variance + EPS) / (reading.from_variance + EPS))
        scaled = self._node("Mul", self._name, self._number("scale", scale))
        self._answer(scaled, self._number("offset", reading.to_mean - scale * reading.from_mean))

    def _by_picture(self, reading: Reading) -> None:
        own = self._number("own", np.full(1, reading.own))
        mean = self._mean(self._name)
        around = self._node("Sub", self._name, mean)
        variance = self._mean(self._node("Mul", around, around))
        undone = self._node("Add", self._number("mean", reading.from_mean), self._node("Mul", own, mean))
        floor = self._number("variance", reading.from_variance + EPS)
        spread = self._node("Sqrt", self._node("Add", floor, self._node("Mul", own, variance)))
        scale = self._node("Div", self._number("spread", np.sqrt(reading.to_variance + EPS)), spread)
        moved = self._node("Mul", scale, self._node("Sub", mean, undone))
        self._answer(self._node("Mul", around, scale), self._node("Add", moved, self._number("usual", reading.to_mean)))

    def _node(self, kind: str, *inputs: str, **options: Any) -> str:
        from onnx import helper

        output = f"{self._name}{MENDED}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **options))
        return output

    def _mean(self, of: str) -> str:
        """Over all places of each channel of each picture."""
        if not self._axes_are_input:
            return self._node("ReduceMean", of, axes=[2, 3], keepdims=1)
        return self._node("ReduceMean", of, self._array("axes", np.array([2, 3], np.int64)), keepdims=1)

    def _answer(self, one: str, other: str) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node("Add", [one, other], [self._name + MENDED]))

    def _number(self, kind: str, values: npt.NDArray[Any]) -> str:
        return self._array(kind, np.asarray(values, np.float32).reshape(-1, 1, 1))

    def _array(self, kind: str, values: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"{self._name}{MENDED}_{kind}"
        if all(one.name != name for one in self.numbers):
            self.numbers.append(numpy_helper.from_array(values, name))
        return name
