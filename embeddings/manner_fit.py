"""Finding the manner of drawings for a face network: aligned photos and aligned drawings in, `Manner` out.

Layer by layer: with all earlier layers mended already, the mean and spread of each channel over the drawings is brought
to what photos have there. Nobody's name is needed, so any drawings in the style that is searched for will do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.files import sha256_file
from embeddings.arcface import Feeding
from embeddings.contract import RGB
from embeddings.manner import Channels, Manner, convolutions, with_manner
from embeddings.runtime import open_model

SHARE = 0.75
"""How far the mean and variance that are undone lie from those of photos to those of drawings; chosen on actors that no
encoder saw, where anything from a half to one is about as good."""
BATCH = 32

Moments = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Mean and variance of each channel."""


def find_manner(
    path: Path,
    feeding: Feeding,
    photos: Sequence[RGB],
    drawings: Sequence[RGB],
    share: float = SHARE,
    threads: int = 1,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Manner:
    """The manner of aligned `drawings` for the network in `path`, against aligned `photos`; crops [side, side, 3]."""
    import onnx

    names = list(convolutions(onnx.load(str(path))))
    usual = _moments(path, _asked(path, {}, names), feeding, photos, threads)
    layers: dict[str, tuple[Channels, Channels]] = {}
    for place, name in enumerate(names):
        (mean, variance), seen = (
            usual[place],
            _moments(path, _asked(path, layers, [name]), feeding, drawings, threads)[0],
        )
        layers[name] = _mending(mean, variance, seen, share)
        told(place + 1, len(names))
    return Manner(sha256_file(path), layers)


def _mending(
    mean: npt.NDArray[np.float64], variance: npt.NDArray[np.float64], seen: Moments, share: float
) -> tuple[Channels, Channels]:
    between = (1 - share) * mean + share * seen[0], (1 - share) * variance + share * seen[1]
    scale = np.sqrt((variance + 1e-8) / (between[1] + 1e-8))
    return scale.astype(np.float32), (mean - scale * between[0]).astype(np.float32)


def _asked(path: Path, layers: dict[str, tuple[Channels, Channels]], names: Sequence[str]) -> bytes:
    """The network with its first layers mended, answering with the layers named, before they are mended."""
    import onnx
    from onnx import TensorProto, helper

    model = with_manner(onnx.load(str(path)), layers)
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    data: bytes = model.SerializeToString()
    return data


def _moments(path: Path, model: bytes, feeding: Feeding, crops: Sequence[RGB], threads: int) -> list[Moments]:
    """Mean and variance of each channel of each output over all crops and places."""
    session: Any = open_model(model, path, threads, ["CPUExecutionProvider"])
    name, outputs = session.get_inputs()[0].name, len(session.get_outputs())
    scaling, sums = feeding.scaling(), [[0.0, 0.0, 0] for _ in range(outputs)]
    side = crops[0].shape[0]
    for start in range(0, len(crops), BATCH):
        part = crops[start : start + BATCH]
        blob = scaling.blob(part, np.empty((len(part), 3, side, side), np.float32))
        for total, answer in zip(sums, session.run(None, {name: blob}), strict=True):
            values = answer.astype(np.float64)
            total[0] += values.sum(axis=(0, 2, 3))
            total[1] += np.square(values).sum(axis=(0, 2, 3))
            total[2] += values.shape[0] * values.shape[2] * values.shape[3]
    found = []
    for first, second, count in sums:
        mean = np.asarray(first) / count
        found.append((mean, np.maximum(np.asarray(second) / count - mean**2, 0.0)))
    return found
