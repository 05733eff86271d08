"""Pictures as the student sees them, with what both published networks say of those very pictures and see in them.

A student that is told a picture's answer while it sees another (moved, relit, bent) has to guess; one that follows its
teachers on the same picture learns their function (Beyer et al., 2022), and their maps tell it place by place how they
come to it (Romero et al., 2015). Of drawings nothing else is told: not whom they show. What a student was never told it
cannot have learnt by heart, so a bridge may be fitted and judged on all actors.

Made once and kept in `var/`: photos, drawings and mixtures of training people only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import torch
from torch import Tensor

from embeddings.earlier import pooling
from training.augment import Strength, augment, parts_hidden
from training.drawn import DrawnSet
from training.faces import WINDOW, Crops, FaceSet
from training.mixtures import mixed
from training.paths import shared_dir, small, var_dir
from training.teacher import LAYERS, PARTS, Vectors, blobs, unit

Maps = npt.NDArray[np.float16]

CHANNELS = (128, 192)
"""Of the map of each network that is read before its last layers."""
GRIDS = (7, 4)
"""Places a side of these maps; the student's is averaged to the second."""
PHOTO, DRAWING, ACTOR, MIXTURE, DRAWN_MIXTURE, DRAWN_OVER = range(6)
"""Kinds of pictures: training people's photos, training actors' drawings and photos, two pictures in one (three of four
of them photos), two drawings in one, photos that are bent and drawn over."""
COUNTS = (24_000, 4_400, 1_200, 10_000, 16_000, 20_000)
DRAWN_SHARE = 0.25
"""Of the pictures that are mixed."""
SEEN = Strength(shift=1.8, scale=0.045, turn=4.0, bend=0.2, drawn=0.14, grey=0.08, blur=0.1, hide=0.04)
OVER = Strength(shift=1.8, scale=0.05, turn=4.0, bend=0.65, bend_size=0.14, drawn=0.9, grey=0.15, blur=0.1, hide=0.04)
HIDDEN_SHARE = 0.3
"""Of all pictures, of which a part is hidden as in use: the teachers, too, are asked what they see then."""
BATCH = 64
AT_ONCE = 4
"""Faces in one run of a published network, so that its layers stay in the processor's cache."""


class Teachers:
    """Both published networks, asked for their vectors and for the maps before their last layers."""

    def __init__(self, shared: Path, threads: int = 1) -> None:
        self._sessions = [
            _mapped(shared / "weights" / part, layer, threads) for part, layer in zip(PARTS, LAYERS, strict=True)
        ]

    def look(self, faces: Crops) -> tuple[Vectors, tuple[Maps, Maps]]:
        """Of RGB faces [n, 112, 112, 3] the vectors [n, 640], as `training.teacher`, and the maps [n, c, places]."""
        parts = [self._few(faces[start : start + AT_ONCE]) for start in range(0, len(faces), AT_ONCE)]
        vectors = np.concatenate([vectors for vectors, _ in parts]) / np.float32(np.sqrt(2))
        first, second = (np.concatenate([maps[at] for _, maps in parts]) for at in (0, 1))
        return np.asarray(vectors, np.float32), (first, second)

    def _few(self, faces: Crops) -> tuple[Vectors, list[Maps]]:
        vectors, maps = [], []
        for session, blob, grid in zip(self._sessions, blobs(faces), GRIDS, strict=True):
            vector, seen = session.run(None, {session.get_inputs()[0].name: blob})
            vectors.append(unit(vector))
            side = seen.shape[2]
            places = seen.reshape(*seen.shape[:2], -1)
            maps.append(np.asarray(places if side == grid else places @ pooling(side, grid), np.float16))
        return np.concatenate(vectors, axis=1), maps


def _mapped(path: Path, layer: str, threads: int) -> ort.InferenceSession:
    import onnx
    from onnx import helper

    model = onnx.load(str(path))
    model.graph.output.append(helper.make_tensor_value_info(layer, onnx.TensorProto.FLOAT, None))
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True, eq=False)
class Followed:
    """Pictures and what the teachers make of them."""

    faces: Crops
    """[n, 112, 112, 3], moved, relit, bent, drawn and mixed as they are."""
    kinds: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    """Row of the face set that a photo, drawn over or not, was made of; -1 for the others."""
    vectors: Vectors
    """[n, 640]."""
    maps: tuple[Maps, Maps]
    """[n, 128, 49] and [n, 192, 16]."""


def load_followed(faces: FaceSet, drawn: DrawnSet) -> Followed:
    """The pictures, memory-mapped."""
    folder = var_dir("cache", "followed")
    if not (folder / "told.npz").is_file():
        _make(folder, faces, drawn)
    with np.load(folder / "told.npz", allow_pickle=False) as data:
        kinds, rows, vectors = (np.asarray(data[name]) for name in ("kinds", "rows", "vectors"))
    crops, first, second = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("faces", "map0", "map1"))
    return Followed(crops, kinds, rows, vectors, (first, second))


def _make(folder: Path, faces: FaceSet, drawn: DrawnSet) -> None:
    rng, teachers = np.random.default_rng(100), Teachers(shared_dir())
    kinds = np.repeat(np.arange(len(COUNTS)), [count // 60 if small() else count for count in COUNTS])
    rng.shuffle(kinds)
    pictures, count = _Pictures(faces, drawn, rng), len(kinds)
    crops = _file(folder / "faces.npy", np.uint8, (count, WINDOW, WINDOW, 3))
    maps = [
        _file(folder / f"map{at}.npy", np.float16, (count, channels, grid * grid))
        for at, (channels, grid) in enumerate(zip(CHANNELS, GRIDS, strict=True))
    ]
    rows, vectors = np.full(count, -1, np.int64), np.empty((count, 640), np.float32)
    with torch.random.fork_rng():
        torch.manual_seed(100)
        for start in range(0, count, BATCH):
            part = slice(start, min(start + BATCH, count))
            shown, rows[part] = pictures.some(kinds[part])
            seen = _moved(torch.from_numpy(shown), torch.from_numpy(kinds[part] == DRAWN_OVER)).permute(0, 2, 3, 1)
            now: Crops = ((seen + 1) * 127.5).round().to(torch.uint8).numpy()
            crops[part] = now
            vectors[part], (maps[0][part], maps[1][part]) = teachers.look(now)
    for one in (crops, *maps):
        one.flush()
    np.savez(folder / "told.npz", kinds=kinds, rows=rows, vectors=vectors)


def _moved(crops: Tensor, over: Tensor) -> Tensor:
    """Crops [n, 160, 160, 3] as faces [n, 3, 112, 112] in -1..1, those marked `over` [n] bent and drawn over."""
    faces = torch.empty(len(crops), 3, WINDOW, WINDOW)
    for chosen, strength in ((~over, SEEN), (over, OVER)):
        if chosen.any():
            faces[chosen] = augment(crops[chosen], strength)
    return parts_hidden(faces, HIDDEN_SHARE)


def _file(path: Path, kind: type, shape: tuple[int, ...]) -> np.memmap[tuple[int, ...], np.dtype[np.generic]]:
    return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)


class _Pictures:
    """160x160 crops of training people by kind; photos in shuffled passes."""

    def __init__(self, faces: FaceSet, drawn: DrawnSet, rng: np.random.Generator) -> None:
        train = drawn.part == "train"
        self._faces, self._rows, self._rng = faces.crops, faces.rows("train"), rng
        self._drawings, self._actors = drawn.crops[train & drawn.drawing], drawn.crops[train & ~drawn.drawing]
        self._order = np.zeros(0, np.int64)

    def some(self, kinds: npt.NDArray[np.int64]) -> tuple[Crops, npt.NDArray[np.int64]]:
        """Crops [n, 160, 160, 3] of these kinds [n], and the rows [n] of the face set that photos have there."""
        crops, rows = np.empty((len(kinds), *self._faces.shape[1:]), np.uint8), np.full(len(kinds), -1, np.int64)
        for kind in np.unique(kinds):
            at = np.flatnonzero(kinds == kind)
            if kind in (PHOTO, DRAWN_OVER):
                rows[at] = self._next(len(at))
                crops[at] = self._faces[rows[at]]
            elif kind in (DRAWING, ACTOR):
                pool = self._drawings if kind == DRAWING else self._actors
                crops[at] = pool[self._rng.integers(0, len(pool), len(at))]
            else:
                share = DRAWN_SHARE if kind == MIXTURE else 1.0
                crops[at] = mixed(self._rng, self._any(len(at), share), self._any(len(at), share))
        return crops, rows

    def _next(self, count: int) -> npt.NDArray[np.int64]:
        while len(self._order) < count:
            self._order = np.concatenate([self._order, self._rng.permutation(self._rows)])
        taken, self._order = self._order[:count], self._order[count:]
        return taken

    def _any(self, count: int, drawn_share: float) -> Crops:
        is_drawn = self._rng.random(count) < drawn_share
        crops = np.empty((count, *self._faces.shape[1:]), np.uint8)
        crops[is_drawn] = self._drawings[self._rng.integers(0, len(self._drawings), int(is_drawn.sum()))]
        crops[~is_drawn] = self._faces[self._rng.choice(self._rows, int((~is_drawn).sum()))]
        return crops
