"""Looking at a face once more with a part of it hidden.

A caricaturist makes one part of a face larger than life, and strangers look alike by one part: by their eyes, as a
rule. What a face network says of a face without eyes and brows, and of one without nose and mouth, is worse than what
it says of the whole, but it errs about other faces. An actor is found, and a stranger told, better by all three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from castoon.files import short_hash
from embeddings.arcface import ArcFaceEncoder, unit
from embeddings.concat import ConcatEncoder, parts_of
from embeddings.contract import RGB, Encoder, FacePicture, Vectors
from embeddings.earlier import LAST
from embeddings.glances import GLANCES

Mask = npt.NDArray[np.float32]

GREY = 127
"""What a hidden part shows: the middle of what a network takes."""
SOFT = 4 / 112
"""Standard deviation of the edge, in sides of the crop."""
FACE = "face"
"""The view of which nothing is hidden."""
LAYERS = "layers"
"""The same face before the network's last layers, where these are read."""
WHOLE = LAST
"""The weight of the whole face; without a part it has 1."""


@dataclass(frozen=True)
class Hidden:
    """A part of the upright face, a rectangle in sides of the crop."""

    name: str
    """A short word for programs."""
    left: float
    top: float
    right: float
    bottom: float

    def mask(self, side: int) -> Mask:
        """How much each pixel of a crop is hidden, [side, side, 1], 0..1."""
        return _mask(self, side)

    def without(self, crop: RGB) -> RGB:
        """The crop [side, side, 3] with that part grey."""
        mask = self.mask(crop.shape[0])
        return np.asarray(crop * (1 - mask) + GREY * mask, np.uint8)


@lru_cache(maxsize=16)
def _mask(hidden: Hidden, side: int) -> Mask:
    import cv2

    mask: Mask = np.zeros((side, side), np.float32)
    left, top, right, bottom = (round(at * side) for at in (hidden.left, hidden.top, hidden.right, hidden.bottom))
    mask[top:bottom, left:right] = 1.0
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), SOFT * side), np.float32)[..., None]


HIDDEN = (
    Hidden("eyes", 13 / 112, 33 / 112, 100 / 112, 66 / 112),
    Hidden("nose_mouth", 35 / 112, 59 / 112, 78 / 112, 104 / 112),
)
"""What was chosen among some twenty parts; docs/ranking.md has what they were measured at."""


class HidingEncoder:
    """What a face network says of faces of which a part is hidden."""

    def __init__(self, network: ArcFaceEncoder, hidden: Hidden) -> None:
        self._network, self._hidden = network, hidden

    @property
    def name(self) -> str:
        """The network's, and what is hidden."""
        return f"{self._network.name} without {self._hidden.name}"

    @property
    def hidden(self) -> Hidden:
        """What is hidden."""
        return self._hidden

    @property
    def dim(self) -> int:
        """Length of a vector, as the network gives it."""
        return self._network.parts[0]

    @property
    def contract(self) -> str:
        """Hash over the network's and the part."""
        return short_hash("hiding", self._network.contract, repr((self._hidden, GREY, SOFT)))

    @property
    def query_contract(self) -> str:
        """The network's: what is hidden is in the contract."""
        return self._network.query_contract

    def encode_gallery(self, faces: Sequence[FacePicture]) -> Vectors:
        """Unit vectors [n, dim]."""
        network, hidden = self._network, self._hidden
        return network.encode_cut(faces, lambda one: hidden.without(network.cut_out(one.image, one.face)))

    def encode_query(self, faces: Sequence[FacePicture], *, once: bool = False) -> Vectors:
        """Unit vectors [n, dim], each the mean of several glances, or of the first of them."""
        network, hidden, glances = self._network, self._hidden, GLANCES[:1] if once else GLANCES
        seen = [(glance, face) for face in faces for glance in glances]
        rows = network.encode_cut(seen, lambda one: hidden.without(one[0].crop(one[1], network.side)), drawn=True)
        return unit(rows.reshape(len(faces), len(glances), self.dim).mean(axis=1))


def joined(name: str, networks: Sequence[ArcFaceEncoder], hide: bool) -> Encoder:
    """One encoder of all face networks; with `hide` each of them sees a face once more for every part of `HIDDEN`."""
    if not hide:
        return networks[0] if len(networks) == 1 else ConcatEncoder(name, networks)
    parts: list[Encoder] = []
    weights: list[float] = []
    for network in networks:
        parts += [network, *(HidingEncoder(network, hidden) for hidden in HIDDEN)]
        weights += [network.weight, *(1.0 for _ in HIDDEN)]
    return ConcatEncoder(name, parts, weights)


def blocks(encoder: Encoder) -> tuple[str, ...]:
    """What each of `parts_of(encoder)` shows: `FACE`, `LAYERS`, or the name of the part that is hidden."""
    found: list[str] = []
    for part in encoder.encoders if isinstance(encoder, ConcatEncoder) else (encoder,):
        of_network = (FACE, LAYERS)[: len(parts_of(part))]
        found += [part.hidden.name] if isinstance(part, HidingEncoder) else of_network
    return tuple(found)


def views(encoder: Encoder) -> Mapping[str, npt.NDArray[np.bool_]]:
    """Which of its values, [dim], are of each view (see `blocks`); empty where the encoder only sees whole faces."""
    seen = blocks(encoder)
    if set(seen) <= {FACE}:
        return {}
    of_value = np.repeat(seen, parts_of(encoder))
    return {view: of_value == view for view in dict.fromkeys(seen)}


def only(view: str, encoder: Encoder, vectors: Vectors) -> Vectors:
    """Vectors [n, dim] of which one view alone counts; as they are where the encoder only sees whole faces."""
    known = views(encoder)
    return unit(vectors * known[view]) if known else vectors
