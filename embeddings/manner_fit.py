"""Finding the manner of drawings for a face network: aligned photos and aligned drawings in, `Manner` out.

Layer by layer: with all earlier layers mended already, the mean and spread of each channel over the drawings is brought
to what photos have there. Nobody's name is needed, so any drawings in the style that is searched for will do - of
different characters, or what one face looks like is taken for the style.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.files import sha256_file
from embeddings.arcface import Feeding
from embeddings.contract import RGB
from embeddings.manner import Layer, Manner, with_manner
from embeddings.manner_graph import convolutions
from embeddings.runtime import open_model

SHARE = 0.75
"""How far the mean and variance that are undone lie from those of photos to those of drawings; chosen on actors that no
encoder saw, where anything from a half to one is about as good."""
OWN = 0.2
"""Share of the picture itself in the figures of drawings, in a manner for drawings of every style: it changes nothing
for the styles that it was found from, and others are read far better (docs/ranking.md)."""
WORTH = 5
"""Drawings as which an earlier manner counts where one is found from a few."""
BATCH = 32

Moments = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], int]
"""Mean and variance of each channel, and how many places of a picture they are taken over."""


def find_manner(
    path: Path,
    feeding: Feeding,
    photos: Sequence[RGB],
    drawings: Sequence[RGB],
    share: float = SHARE,
    own: float = 0.0,
    prior: Manner | None = None,
    threads: int = 1,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Manner:
    """The manner of aligned `drawings` for the network in `path`, against aligned `photos`; crops [side, side, 3].

    A `prior` for the same network counts as some drawings more, and its figures stand for photos where none are given.
    """
    import onnx

    names = list(convolutions(onnx.load(str(path))))
    if photos:
        usual = _moments(path, _asked(path, {}, share, names), feeding, photos, threads)
    elif prior is not None:
        usual = [(_double(prior.layers[name].mean), _double(prior.layers[name].variance), 0) for name in names]
    else:
        raise ValueError("a manner is found against photos, or against an earlier manner")
    layers: dict[str, Layer] = {}
    for place, name in enumerate(names):
        seen = _moments(path, _asked(path, layers, share, [name]), feeding, drawings, threads)[0]
        mean, variance, drawn_mean, drawn_variance = (one.astype(np.float32) for one in (*usual[place][:2], *seen[:2]))
        found = Layer(mean, variance, drawn_mean, drawn_variance, own if seen[2] > 1 else 0.0)
        layers[name] = found if prior is None else _beside(found, prior.layers[name], len(drawings))
        told(place + 1, len(names))
    return Manner(sha256_file(path), layers, share, len(drawings))


def _beside(found: Layer, prior: Layer, count: int) -> Layer:
    """A layer found from `count` drawings, beside what was known: both say what drawings look like."""
    told = count / (count + WORTH)
    own = (1 - told) * prior.own
    fixed = 1 - told - own

    def mixed(new: npt.NDArray[np.float32], old: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.asarray((told * new + fixed * old) / (told + fixed), np.float32)

    return Layer(
        found.mean, found.variance,
        mixed(found.drawn_mean, prior.drawn_mean), mixed(found.drawn_variance, prior.drawn_variance), own,
    )  # fmt: skip


def _double(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return values.astype(np.float64)


def _asked(path: Path, layers: Mapping[str, Layer], share: float, names: Sequence[str]) -> bytes:
    """The network with its first layers mended, answering with the layers named, before they are mended."""
    import onnx
    from onnx import TensorProto, helper

    model = with_manner(onnx.load(str(path)), layers, share)
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    data: bytes = model.SerializeToString()
    return data


def _moments(path: Path, model: bytes, feeding: Feeding, crops: Sequence[RGB], threads: int) -> list[Moments]:
    """Mean and variance of each channel of each output over all crops and places."""
    session: Any = open_model(model, path, threads, ["CPUExecutionProvider"])
    name, outputs = session.get_inputs()[0].name, len(session.get_outputs())
    scaling, sums = feeding.scaling(), [[0.0, 0.0, 0, 0] for _ in range(outputs)]
    side = crops[0].shape[0]
    for start in range(0, len(crops), BATCH):
        part = crops[start : start + BATCH]
        blob = scaling.blob(part, np.empty((len(part), 3, side, side), np.float32))
        for total, answer in zip(sums, session.run(None, {name: blob}), strict=True):
            values = answer.astype(np.float64)
            total[0] += values.sum(axis=(0, 2, 3))
            total[1] += np.square(values).sum(axis=(0, 2, 3))
            total[3] = values.shape[2] * values.shape[3]
            total[2] += values.shape[0] * total[3]
    found = []
    for first, second, count, places in sums:
        mean = np.asarray(first) / count
        found.append((mean, np.maximum(np.asarray(second) / count - mean**2, 0.0), int(places)))
    return found
