"""The teacher: two published face networks whose unit vectors are joined; vectors are computed once and kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from training.faces import Crops

Vectors = npt.NDArray[np.float32]
IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32) * 255
PARTS = ("insightface-small/w_mobilefacenet_128.onnx", "recognition/edgeface_xs_512.onnx")
NETWORKS = (128, 512)
"""Values that each of them answers."""
LAYERS = ("/features/features.14/Add_output_0", "/stages/stages.3/blocks/blocks.2/Add_4_output_0")
"""What is read of each before its last layers: the last sum of a block."""


def unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    """Rows scaled to length one."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def blobs(windows: Crops) -> tuple[Vectors, Vectors]:
    """RGB uint8 faces [n, 112, 112, 3] as each network takes them, [n, 3, 112, 112]."""
    pixels = windows.astype(np.float32)
    first, second = (
        np.ascontiguousarray(values.transpose(0, 3, 1, 2), np.float32)
        for values in ((pixels - IMAGENET_MEAN) / IMAGENET_STD, pixels / 127.5 - 1)
    )
    return first, second


class Teacher:
    """MobileFaceNet (128) and EdgeFace-XS (512), each of unit length, joined to 640 values of unit length."""

    def __init__(self, shared: Path, threads: int = 2) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self._sessions = [
            ort.InferenceSession(str(shared / "weights" / part), options, providers=["CPUExecutionProvider"])
            for part in PARTS
        ]

    def encode(self, windows: Crops) -> Vectors:
        """Vectors [n, 640] of RGB uint8 faces [n, 112, 112, 3]."""
        vectors = [
            unit(session.run(None, {session.get_inputs()[0].name: blob})[0])
            for session, blob in zip(self._sessions, blobs(windows), strict=True)
        ]
        return np.concatenate(vectors, axis=1) / np.float32(np.sqrt(2))


def encode_cached(
    teacher: Teacher, path: Path, count: int, windows: Callable[[int, int], Crops], batch: int = 64
) -> Vectors:
    """Vectors [count, 640] kept in `path`, computed in batches; an interrupted run goes on where it stopped."""
    partial = path.with_suffix(".partial.npy")
    if not path.is_file():
        if not partial.is_file():
            np.lib.format.open_memmap(partial, mode="w+", dtype=np.float32, shape=(count, 640)).flush()
        store = np.lib.format.open_memmap(partial, mode="r+")
        for start in range(0, count, batch):
            stop = min(start + batch, count)
            if not store[stop - 1].any():
                store[start:stop] = teacher.encode(windows(start, stop))
        store.flush()
        del store
        partial.rename(path)
    return np.asarray(np.load(path, allow_pickle=False), np.float32)
