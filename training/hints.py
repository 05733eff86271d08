"""What the teacher's inner maps say about each place of a face: many more figures to learn from than one vector.

A vector says of a whole face where it lies; the maps say of each of 14x14 and 7x7 places what the teacher saw there,
so the lower layers of a student need not find out by themselves what is worth seeing. Maps are computed once for the
training photos, as they are and mirrored, and follow the photo when it is moved or turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.augment import MIDDLE
from training.faces import LEFT, SIDE, WINDOW, Crops, FaceSet, window
from training.paths import shared_dir, var_dir
from training.teacher import PARTS, network_inputs


@dataclass(frozen=True)
class Place:
    """One inner map of a teacher: which network of `PARTS`, which tensor of its graph, its channels and its side."""

    part: int
    tensor: str
    channels: int
    side: int


PLACES = (
    Place(0, "/features/features.11/Add_output_0", 128, 14),
    Place(1, "/stages/stages.1/blocks/blocks.2/Add_3_output_0", 64, 14),
    Place(0, "/features/features.14/Add_output_0", 128, 7),
    Place(1, "/stages/stages.2/blocks/blocks.8/Add_3_output_0", 100, 7),
)


def _opened(part: int, threads: int) -> ort.InferenceSession:
    """The network of `PARTS[part]`, answering with its inner maps."""
    import onnx

    model = onnx.load(str(shared_dir() / "weights" / PARTS[part]))
    del model.graph.output[:]
    names = [place.tensor for place in PLACES if place.part == part]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class MapTeacher:
    """The inner maps of both networks."""

    def __init__(self, threads: int = 1) -> None:
        self._sessions = [_opened(part, threads) for part in range(len(PARTS))]

    def maps(self, windows: Crops) -> list[npt.NDArray[np.float32]]:
        """Maps [n, channels, side, side], in the order of `PLACES`, of RGB uint8 faces [n, 112, 112, 3]."""
        found: dict[str, npt.NDArray[np.float32]] = {}
        for session, blob in zip(self._sessions, network_inputs(windows), strict=True):
            names = [output.name for output in session.get_outputs()]
            found.update(zip(names, session.run(names, {session.get_inputs()[0].name: blob}), strict=True))
        return [found[place.tensor] for place in PLACES]


class Hints:
    """Maps of the training photos in half precision, each channel with mean 0 and deviation 1, kept on disk."""

    def __init__(self, faces: FaceSet, rows: npt.NDArray[np.int64], batch: int = 64) -> None:
        self._place = {int(row): number for number, row in enumerate(rows)}
        self._stores: list[npt.NDArray[np.float16]] = []
        paths = [var_dir("cache") / f"hints_{number}.npy" for number in range(len(PLACES))]
        if not all(path.is_file() for path in paths):
            self._compute(paths, faces, rows, batch)
        self._stores = [np.load(path, mmap_mode="r", allow_pickle=False) for path in paths]

    @staticmethod
    def _compute(paths: list[Path], faces: FaceSet, rows: npt.NDArray[np.int64], batch: int) -> None:
        teacher, partial = MapTeacher(), [path.with_suffix(".partial.npy") for path in paths]
        some = np.sort(np.random.default_rng(29).permutation(rows)[:512])
        first = teacher.maps(window(np.asarray(faces.crops[some])))
        means = [value.mean((0, 2, 3), keepdims=True) for value in first]
        spreads = [value.std((0, 2, 3), keepdims=True) + 1e-6 for value in first]
        stores = [
            np.lib.format.open_memmap(
                path, mode="w+", dtype=np.float16, shape=(len(rows), 2, place.channels, place.side, place.side)
            )
            for path, place in zip(partial, PLACES, strict=True)
        ]
        for start in range(0, len(rows), batch):
            windows = window(np.asarray(faces.crops[rows[start : start + batch]]))
            for mirrored, seen in enumerate((windows, windows[:, :, ::-1])):
                for store, value, mean, spread in zip(stores, teacher.maps(seen), means, spreads, strict=True):
                    store[start : start + batch, mirrored] = np.clip((value - mean) / spread, -8, 8)
        del stores
        for path, finished in zip(partial, paths, strict=True):
            path.rename(finished)

    def of(self, rows: npt.NDArray[np.int64], mirrored: npt.NDArray[np.bool_]) -> list[Tensor]:
        """Maps [n, channels, side, side] of rows of the face set, as they are or mirrored."""
        places = np.array([self._place[int(row)] for row in rows])
        return [torch.from_numpy(store[places, mirrored.astype(int)].astype(np.float32)) for store in self._stores]


def moved(hint: Tensor, grid: Tensor) -> Tensor:
    """A map [n, c, s, s] as it lies after its picture was sampled by `grid` ([n, h, w, 2], -1..1 over the 160 crop)."""
    middle = grid.new_tensor([LEFT + WINDOW / 2 - SIDE / 2, MIDDLE - SIDE / 2]) * (2 / SIDE)
    inside = ((grid - middle) * (SIDE / WINDOW)).permute(0, 3, 1, 2)
    coarse = F.adaptive_avg_pool2d(inside, hint.shape[-1]).permute(0, 2, 3, 1)
    return F.grid_sample(hint, coarse, mode="bilinear", padding_mode="border", align_corners=False)


class HintHeads(nn.Module):
    """Reads the teacher's maps off the student's by one matrix a place of `PLACES`; needed in training only."""

    def __init__(self, widths: dict[int, int]) -> None:
        """`widths`: channels of the student's map of each side."""
        super().__init__()
        self.read = nn.ModuleList(nn.Conv2d(widths[place.side], place.channels, 1) for place in PLACES)

    def loss(self, maps: dict[int, Tensor], hints: list[Tensor]) -> Tensor:
        """The mean share of the teacher's variance that is not read, 1 when nothing is."""
        parts = [
            F.mse_loss(read(maps[place.side][: len(hint)]), hint)
            for read, place, hint in zip(self.read, PLACES, hints, strict=True)
        ]
        return torch.stack(parts).mean()
