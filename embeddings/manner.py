"""Reading drawings as drawings: what each layer of a face network answers is brought to where photos have it.

Flat colour and ink shift the mean and spread of every channel, and a network made for photos carries that shift through
all its layers into the vector. A *manner* undoes it where it arises, behind each convolution: it knows the mean and
spread that photos have there and those that drawings have, found from pictures alone, without knowing whom they show
(adaptive batch normalisation: Li et al., 2016). Of a style that it has never seen a picture says something itself: to a
share the figures of drawings are those of the picture that is read. A manner is used for what is searched for; photos
are read by the network as it is. `embeddings.manner_fit` makes one.
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
from embeddings.manner_graph import Channels, Reading, convolutions, read_through

ROWS = 4
"""Numbers that are kept of each channel."""


@dataclass(frozen=True, eq=False)
class Layer:
    """What is known of the channels [c] behind one convolution."""

    mean: Channels
    variance: Channels
    """Of photos."""
    drawn_mean: Channels
    drawn_variance: Channels
    """Of drawings, with all earlier layers mended."""
    own: float = 0.0
    """Share of the picture that is read in the figures of drawings."""

    def reading(self, share: float) -> Reading:
        """How this layer is mended, `share` of the way from photos to drawings."""
        return Reading(
            self.mean, self.variance,
            (1 - share) * self.mean + share * (1 - self.own) * self.drawn_mean,
            (1 - share) * self.variance + share * (1 - self.own) * self.drawn_variance,
            share * self.own,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Manner:
    """How one network reads drawings: its layers by the name of the convolution's output, in the order they run."""

    network: str
    """SHA-256 of the ONNX file that it was found for; no other is read with it."""
    layers: Mapping[str, Layer]
    share: float
    """How far the mean and variance that are undone lie from those of photos to those of drawings."""
    drawings: int = 0
    """How many it was found from."""

    @property
    def contract(self) -> str:
        """Hash over everything: other manner, other vectors of drawings."""
        flat = b"".join(_table(layer).astype("<f4").tobytes() for layer in self.layers.values())
        shares = repr([self.share, *(layer.own for layer in self.layers.values())])
        return short_hash("manner", self.network, *self.layers, flat.hex(), shares)

    def save(self, path: Path) -> None:
        """Write an NPZ file."""
        arrays: dict[str, Any] = {f"{place:03d}": _table(layer) for place, layer in enumerate(self.layers.values())}
        own = np.array([layer.own for layer in self.layers.values()])
        with atomic_writer(path) as stream:
            np.savez_compressed(
                stream,
                network=self.network,
                names=np.array(list(self.layers)),
                own=own,
                share=self.share,
                drawings=self.drawings,
                **arrays,
            )

    @classmethod
    def load(cls, path: Path) -> Manner:
        """Read what `save` wrote."""
        try:
            with np.load(path, allow_pickle=False) as data:
                names, own = data["names"].tolist(), data["own"].tolist()
                tables = [np.asarray(data[f"{place:03d}"], np.float32) for place in range(len(names))]
                network, share, count = str(data["network"]), float(data["share"]), int(data["drawings"])
            if any(table.shape[0] != ROWS for table in tables):
                raise ValueError("it was written by another version of Castoon")
            layers = {
                str(name): Layer(table[0], table[1], table[2], table[3], mine)
                for name, table, mine in zip(names, tables, own, strict=True)
            }
            return cls(network, layers, share, count)
        except (OSError, KeyError, ValueError, IndexError, EOFError, zipfile.BadZipFile) as error:
            raise NotReadyError(
                str(path),
                Words("how drawings are to be read cannot be opened ({why}).", why=error),
                "A pack's: `castoon models verify`. A library's own: `castoon bridge drop`, then learn it again.",
            ) from error


def _table(layer: Layer) -> npt.NDArray[np.float32]:
    return np.stack([layer.mean, layer.variance, layer.drawn_mean, layer.drawn_variance])


def with_manner(model: Any, layers: Mapping[str, Layer], share: float) -> Any:
    """The ONNX model (changed in place) with the layers named mended, `share` of the way to drawings."""
    return read_through(model, {name: layer.reading(share) for name, layer in layers.items()})


def read_as_drawn(path: Path, manner: Manner, model: Any = None) -> bytes:
    """The ONNX file of a face network (or what `model` has made of it), as a model that reads drawings."""
    import onnx

    model = model or onnx.load(str(path))
    if missing := set(manner.layers) - set(convolutions(model)):
        raise NotReadyError(
            str(path),
            Words("the manner of drawings names {count} layers that it does not have.", count=len(missing)),
            "Pull the pack again, or find the manner anew for this network.",
        )
    changed: bytes = with_manner(model, manner.layers, manner.share).SerializeToString()
    return changed
