"""Pictures as the student sees them, with what both published networks say of those very pictures and see in them.

A student that is told a picture's answer while it sees another (moved, relit, bent) has to guess; one that follows its
teachers on the same picture learns their function (Beyer et al., 2022), and their maps tell it place by place how they
come to it (Romero et al., 2015). Of drawings nothing else is told: not whom they show. What a student was never told it
cannot have learnt by heart, so a bridge may be fitted and judged on all actors.

Made once and kept in `var/`: photos, drawings and mixtures of training people only.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import torch
from torch import Tensor

from embeddings.earlier import pooling
from training.augment import Strength, augment, parts_hidden
from training.drawn import DrawnSet, load_drawn
from training.faces import WINDOW, Crops, FaceSet, load_faces
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
COUNTS = (24_000, 8_000, 2_000, 10_000, 24_000, 22_000)
DRAWN_SHARE = 0.25
"""Of the pictures that are mixed."""
SEEN = Strength(shift=1.8, scale=0.045, turn=4.0, bend=0.2, drawn=0.14, grey=0.08, blur=0.1, hide=0.04)
OVER = Strength(shift=1.8, scale=0.05, turn=4.0, bend=0.65, bend_size=0.14, drawn=0.9, grey=0.15, blur=0.1, hide=0.04)
HIDDEN_SHARE = 0.3
"""Of all pictures, of which a part is hidden as in use: the teachers, too, are asked what they see then."""
BATCH = 64
PART = 3_000
"""Pictures that are made by one process at a time; what is done of them survives a kill."""
FILES = ("faces", "map0", "map1")
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
    crops, first, second = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in FILES)
    return Followed(crops, kinds, rows, vectors, (first, second))


def _make(folder: Path, faces: FaceSet, drawn: DrawnSet) -> None:
    """Every part by whichever processor is free; a run that was killed goes on with those that were not done."""
    kinds, rows = planned(faces)
    count = len(kinds)
    shapes = [(WINDOW, WINDOW, 3), *((channels, grid * grid) for channels, grid in zip(CHANNELS, GRIDS, strict=True))]
    for name, shape, kind in zip(FILES, shapes, (np.uint8, np.float16, np.float16), strict=True):
        path = folder / f"{name}.npy"
        if not path.is_file():
            np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(count, *shape)).flush()
    parts = range(-(-count // PART))
    wanted = [part for part in parts if not _told(folder, part).is_file()]
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as workers:
        for _ in workers.map(_make_part, wanted):
            pass
    vectors = np.concatenate([np.load(_told(folder, part), allow_pickle=False) for part in parts])
    np.savez(folder / "told.npz", kinds=kinds, rows=rows, vectors=vectors)


def planned(faces: FaceSet) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The kind of each picture and the row of the face set that a photo shows, in shuffled passes; -1 for others."""
    rng = np.random.default_rng(100)
    kinds = np.repeat(np.arange(len(COUNTS)), [count // 60 if small() else count for count in COUNTS])
    rng.shuffle(kinds)
    photos, train = np.flatnonzero(np.isin(kinds, (PHOTO, DRAWN_OVER))), faces.rows("train")
    passes = [rng.permutation(train) for _ in range(-(-len(photos) // len(train)))]
    rows = np.full(len(kinds), -1, np.int64)
    rows[photos] = np.concatenate(passes)[: len(photos)]
    return kinds, rows


def _told(folder: Path, part: int) -> Path:
    return folder / f"told-{part:03d}.npy"


@functools.cache
def _tools() -> tuple[FaceSet, DrawnSet, Teachers]:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    return load_faces(), load_drawn(), Teachers(shared_dir())


def _make_part(part: int) -> None:
    """Write the pictures and maps of one part where they belong, then what was told of them: a sign that it is done."""
    faces, drawn, teachers = _tools()
    folder = var_dir("cache", "followed")
    kinds, rows = planned(faces)
    crops, *maps = (np.load(folder / f"{name}.npy", mmap_mode="r+") for name in FILES)
    pictures, vectors = _Pictures(faces, drawn, np.random.default_rng([100, part])), []
    torch.manual_seed(100 + part)
    for start in range(part * PART, min((part + 1) * PART, len(kinds)), BATCH):
        now = slice(start, min(start + BATCH, (part + 1) * PART, len(kinds)))
        shown = torch.from_numpy(pictures.some(kinds[now], rows[now]))
        seen = _moved(shown, torch.from_numpy(kinds[now] == DRAWN_OVER)).permute(0, 2, 3, 1)
        crops[now] = ((seen + 1) * 127.5).round().to(torch.uint8).numpy()
        told, (maps[0][now], maps[1][now]) = teachers.look(crops[now])
        vectors.append(told)
    for one in (crops, *maps):
        one.flush()
    partial = _told(folder, part).with_suffix(".partial.npy")
    np.save(partial, np.concatenate(vectors))
    partial.rename(_told(folder, part))


def _moved(crops: Tensor, over: Tensor) -> Tensor:
    """Crops [n, 160, 160, 3] as faces [n, 3, 112, 112] in -1..1, those marked `over` [n] bent and drawn over."""
    faces = torch.empty(len(crops), 3, WINDOW, WINDOW)
    for chosen, strength in ((~over, SEEN), (over, OVER)):
        if chosen.any():
            faces[chosen] = augment(crops[chosen], strength)
    return parts_hidden(faces, HIDDEN_SHARE)


class _Pictures:
    """160x160 crops of training people by kind."""

    def __init__(self, faces: FaceSet, drawn: DrawnSet, rng: np.random.Generator) -> None:
        train = drawn.part == "train"
        self._faces, self._rows, self._rng = faces.crops, faces.rows("train"), rng
        self._drawings, self._actors = drawn.crops[train & drawn.drawing], drawn.crops[train & ~drawn.drawing]

    def some(self, kinds: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> Crops:
        """Crops [n, 160, 160, 3] of these kinds [n]; of photos, those in these rows [n] of the face set."""
        crops = np.empty((len(kinds), *self._faces.shape[1:]), np.uint8)
        for kind in np.unique(kinds):
            at = np.flatnonzero(kinds == kind)
            if kind in (PHOTO, DRAWN_OVER):
                crops[at] = self._faces[rows[at]]
            elif kind in (DRAWING, ACTOR):
                pool = self._drawings if kind == DRAWING else self._actors
                crops[at] = pool[self._rng.integers(0, len(pool), len(at))]
            else:
                share = DRAWN_SHARE if kind == MIXTURE else 1.0
                crops[at] = mixed(self._rng, self._any(len(at), share), self._any(len(at), share))
        return crops

    def _any(self, count: int, drawn_share: float) -> Crops:
        is_drawn = self._rng.random(count) < drawn_share
        crops = np.empty((count, *self._faces.shape[1:]), np.uint8)
        crops[is_drawn] = self._drawings[self._rng.integers(0, len(self._drawings), int(is_drawn.sum()))]
        crops[~is_drawn] = self._faces[self._rng.choice(self._rows, int((~is_drawn).sum()))]
        return crops
