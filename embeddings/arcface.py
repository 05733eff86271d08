"""ArcFace and its kin through ONNX Runtime, in true batches, equal to what insightface computes one face at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import sha256_file, short_hash
from castoon.words import Words
from embeddings.alignment import LARGE, TEMPLATE_SIDE, align, template
from embeddings.blob import Scaling
from embeddings.contract import RGB, Encoder, Face, FacePicture, Vectors
from embeddings.earlier import LAST, Earlier, read_earlier
from embeddings.glances import GLANCES, WAY_OF_GLANCING
from embeddings.manner import Manner, read_as_drawn
from embeddings.manner_graph import convolutions
from embeddings.runtime import open_model, open_session

Item = TypeVar("Item")

BATCH = 16
"""Faces in one run of a large network, whose weights are then read from memory once for all of them."""
SMALL_BATCH = 4
"""Faces in one run of a small network on a CPU: what its layers hand on stays in the core's cache."""
SMALL_NETWORK = 16 << 20
"""Bytes of weights up to which a network is small."""


@dataclass(frozen=True)
class Feeding:
    """How pixels become the network's input: (value - mean) / std per channel, in the order of `colour`."""

    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    std: tuple[float, float, float] = (127.5, 127.5, 127.5)
    colour: Literal["rgb", "bgr"] = "rgb"

    def scaling(self) -> Scaling:
        """The tables that do it."""
        return Scaling(self.mean, self.std, self.colour)


class ArcFaceEncoder:
    """One face network of one ONNX file. What is searched for is glanced at several times (`embeddings.glances`), and
    read as a drawing where a `manner` is given (`embeddings.manner`). With `earlier` its vectors also hold what it sees
    before its last layers (`embeddings.earlier`).

    On a CPU, `threads` batches run side by side with one thread each: small networks gain little from many threads
    within one batch. `batch` is the faces in one run; 0 chooses by the size of the network.

    With `mirror` every face is read twice, as it is and mirrored, and the two vectors are averaged: a little better,
    twice the time.
    """

    def __init__(
        self,
        path: Path,
        feeding: Feeding | None = None,
        *,
        name: str = "arcface",
        mirror: bool = False,
        threads: int = 1,
        providers: Sequence[str] | None = None,
        batch: int = 0,
        manner: Manner | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        self._name, self._mirror, self._path, self._earlier = name, mirror, path, earlier
        self._feeding = feeding or Feeding()
        self._scaling = self._feeding.scaling()
        self._kept = _Kept()
        self._session = self._opened(providers)
        self._manner, self._providers, self._opening = manner, providers, threading.Lock()
        self._reader = self._session if manner is None else None
        on_cpu = self._session.get_providers()[0] == "CPUExecutionProvider"
        self._workers = max(1, threads) if on_cpu else 1
        usual = SMALL_BATCH if on_cpu and path.stat().st_size <= SMALL_NETWORK else BATCH
        taken = self._session.get_inputs()[0]
        self._input = taken.name
        self._output = self._session.get_outputs()[0].name
        shape = list(taken.shape)
        is_one_vector = len(self._session.get_outputs()) == 1 and len(self._session.get_outputs()[0].shape) == 2
        sides = [side if isinstance(side, int) else TEMPLATE_SIDE for side in shape[2:]]
        if len(sides) != 2 or sides[0] != sides[1] or not is_one_vector:
            raise NotReadyError(
                str(path),
                Words("it does not turn a square face crop into one vector (input {shape}).", shape=shape),
                "Name the face recognition model instead.",
            )
        self._side = sides[0]
        self._batch = int(shape[0]) if isinstance(shape[0], int) and shape[0] > 0 else batch or usual
        self._is_fixed = isinstance(shape[0], int) and shape[0] > 0
        self._dim = int(self._run(np.zeros((1, 3, self._side, self._side), np.float32), self._session).shape[1])
        digest = sha256_file(path)
        if manner is not None and manner.network != digest:
            raise NotReadyError(
                str(path), "the manner of drawings beside it was found for another network.", "Pull the pack again."
            )
        self._contract = short_hash(
            "arcface", repr(LARGE), digest, repr(self._feeding), repr(template(self._side).round(4).tolist()),
            str(mirror), *([earlier.contract] if earlier else []),
        )  # fmt: skip

    def _opened(self, providers: Sequence[str] | None) -> Any:
        """The session that reads photos."""
        if self._earlier is None or not self._path.is_file():
            return open_session(self._path, 1, providers)
        return open_model(read_earlier(self._path, self._earlier).SerializeToString(), self._path, 1, providers)

    @property
    def name(self) -> str:
        """First half of the names of its spaces."""
        return self._name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def parts(self) -> tuple[int, ...]:
        """Lengths of what the network says in the end and, if it is read, of what it sees before."""
        return (self._dim - self._earlier.dim, self._earlier.dim) if self._earlier else (self._dim,)

    @property
    def weight(self) -> float:
        """How much the whole face counts beside one with a part hidden, whose weight is 1."""
        return LAST + (self._earlier.weight if self._earlier else 0.0)

    @property
    def contract(self) -> str:
        """Hash over weights, preprocessing, alignment template and mirror setting."""
        return self._contract

    @property
    def query_contract(self) -> str:
        """Hash over the glances and the manner of drawings."""
        return short_hash(WAY_OF_GLANCING, self._manner.contract if self._manner else "")

    @property
    def manner(self) -> Manner | None:
        """How it reads drawings; None where they are read as photos are."""
        return self._manner

    @property
    def network(self) -> Path:
        """The ONNX file."""
        return self._path

    @property
    def feeding(self) -> Feeding:
        """How pixels become its input."""
        return self._feeding

    @property
    def convolutions(self) -> int:
        """How many layers a manner would mend."""
        import onnx

        return len(convolutions(onnx.load(str(self._path))))

    def cut_out(self, image: RGB, face: Face) -> RGB:
        """An aligned face as the network sees it, [side, side, 3]."""
        return align(image, face.points, self._side)

    @property
    def side(self) -> int:
        """Side of the aligned crops in pixels."""
        return self._side

    def encode_gallery(self, faces: Sequence[FacePicture]) -> Vectors:
        """Unit vectors [n, dim]."""
        return self._in_batches(faces, lambda face: align(face.image, face.face.points, self._side))

    def encode_query(self, faces: Sequence[FacePicture], *, once: bool = False) -> Vectors:
        """Unit vectors [n, dim], each the mean of several glances, or of the first of them."""
        glances = GLANCES[:1] if once else GLANCES
        seen = [(glance, face) for face in faces for glance in glances]
        rows = self._in_batches(seen, lambda one: one[0].crop(one[1], self._side), self._drawing_reader())
        return unit(rows.reshape(len(faces), len(glances), self._dim).mean(axis=1))

    def _drawing_reader(self) -> Any:
        """The session that reads drawings, opened when first asked for."""
        with self._opening:
            if self._reader is None and self._manner is not None:
                whole = read_earlier(self._path, self._earlier) if self._earlier else None
                drawn = read_as_drawn(self._path, self._manner, whole)
                self._reader = open_model(drawn, self._path, 1, self._providers)
            return self._reader

    def encode_cut(self, items: Sequence[Item], cut: Callable[[Item], RGB], drawn: bool = False) -> Vectors:
        """What the network says in the end, unit vectors [n, parts[0]], of what `cut` makes of each item: upright
        crops, read as photos or as drawings."""
        rows = self._in_batches(items, cut, self._drawing_reader() if drawn else None)
        return unit(rows[:, : self.parts[0]])

    def encode_crops(self, crops: Sequence[npt.NDArray[np.uint8]]) -> Vectors:
        """Unit vectors [n, dim] of RGB crops that are aligned already, [side, side, 3] each."""
        return self._in_batches(crops, lambda crop: crop)

    def _in_batches(
        self, items: Sequence[Item], crop: Callable[[Item], npt.NDArray[np.uint8]], session: Any = None
    ) -> Vectors:
        """Cut out, feed and run batches, several of them at a time."""
        session = session or self._session
        rows = np.empty((len(items), self._dim), np.float32)
        size = self._batch if self._is_fixed else min(self._batch, max(1, -(-len(items) // self._workers)))

        def work(start: int) -> None:
            part = items[start : start + size]
            memory = self._kept.input_of(size, self._side)[: len(part)]
            blob = self._scaling.blob([crop(item) for item in part], memory)
            raw = self._run(blob, session)
            if self._mirror:
                raw = unit(raw) + unit(self._run(np.ascontiguousarray(blob[..., ::-1]), session))
            rows[start : start + len(raw)] = unit(raw)

        starts = range(0, len(items), size)
        if self._workers == 1 or len(starts) < 2:
            for start in starts:
                work(start)
        else:
            with ThreadPoolExecutor(self._workers, thread_name_prefix="castoon-encode") as pool:
                list(pool.map(work, starts))
        return rows

    def _run(self, blob: npt.NDArray[np.float32], session: Any) -> npt.NDArray[np.float32]:
        count = len(blob)
        if self._is_fixed and count < self._batch:
            blob = np.concatenate([blob, np.zeros((self._batch - count, *blob.shape[1:]), np.float32)])
        answer: npt.NDArray[Any] = session.run([self._output], {self._input: blob})[0]
        rows: npt.NDArray[np.float32] = answer.reshape(len(blob), -1)[:count].astype(np.float32, copy=False)
        return rows


def networks(encoder: Encoder) -> tuple[ArcFaceEncoder, ...]:
    """The face networks of an encoder, or of those that are joined in it."""
    from embeddings.concat import ConcatEncoder

    parts = encoder.encoders if isinstance(encoder, ConcatEncoder) else (encoder,)
    return tuple(part for part in parts if isinstance(part, ArcFaceEncoder))


class _Kept(threading.local):
    """The input of one thread's batches, always in the same memory: fresh memory costs more than filling it."""

    memory: npt.NDArray[np.float32] | None = None

    def input_of(self, size: int, side: int) -> npt.NDArray[np.float32]:
        """Room for `size` faces at least, [n, 3, side, side]."""
        if self.memory is None or len(self.memory) < size:
            self.memory = np.empty((size, 3, side, side), np.float32)
        return self.memory


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays one."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = (rows / np.maximum(length, 1e-12)).astype(np.float32, copy=False)
    return scaled
