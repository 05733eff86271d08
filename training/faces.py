"""The aligned face crops: decoded once into one uint8 array on disk, with a table of who is in them.

A crop is 160x160 RGB; the 112x112 window that face networks read starts at row 28, column 24.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from training.paths import shared_dir, small, var_dir
from training.splits import person_part

SIDE = 160
WINDOW = 112
TOP, LEFT = 28, 24

Crops = npt.NDArray[np.uint8]
"""uint8, [n, 160, 160, 3], RGB."""


@dataclass(frozen=True)
class FaceSet:
    """Crops in the order of `table`, whose columns `part` and `person` say how each may be used."""

    crops: Crops
    table: pd.DataFrame

    def rows(self, part: str) -> npt.NDArray[np.int64]:
        """Row numbers of one part."""
        return np.flatnonzero((self.table["part"] == part).to_numpy())


def load_table(shared: Path) -> pd.DataFrame:
    """`faces/index.csv` with `person` (identity, or the file where none is known) and `part`."""
    table = pd.read_csv(shared / "faces" / "index.csv", dtype={"age": "string", "identity": "string"})
    if small():
        table = table.iloc[::30].reset_index(drop=True)
    table["person"] = table["identity"].fillna(table["file"]).astype(str)
    table["part"] = [person_part(person) for person in table["person"]]
    return table


def window(crops: Crops) -> Crops:
    """The 112x112 windows of 160x160 crops."""
    return crops[..., TOP : TOP + WINDOW, LEFT : LEFT + WINDOW, :]


def decode(data: bytes) -> Crops:
    """One picture as RGB uint8 [h, w, 3]."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.ascontiguousarray(image[..., ::-1]).astype(np.uint8, copy=False)


def cache_crops() -> Path:
    """Decode all shards into `crops.npy`, unless done; returns its path."""
    path = var_dir("cache") / "crops.npy"
    if path.is_file():
        return path
    shared = shared_dir()
    table = load_table(shared)
    partial = path.with_suffix(".partial.npy")
    crops = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=(len(table), SIDE, SIDE, 3))
    for shard, rows in table.groupby("shard").groups.items():
        with zipfile.ZipFile(shared / "faces" / str(shard)) as archive:
            for row in rows:
                crops[row] = decode(archive.read(str(table.at[row, "file"])))
    crops.flush()
    del crops
    partial.rename(path)
    return path


def load_faces() -> FaceSet:
    """All crops (memory-mapped) with their table."""
    crops = np.load(cache_crops(), mmap_mode="r", allow_pickle=False)
    return FaceSet(crops, load_table(shared_dir()))
