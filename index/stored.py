"""The files of an index version, and the manifest that names them all.

    manifest.json                  counts, contracts, back-ends with measured recall, parameters, who and when, and
                                   SHA-256 and size of every file below
    facts.json                     owner -> facts that filters may ask
    <layer>.vectors.npy            float32 [n, dim], memory-mapped by readers
    <layer>.centroids.npy          float32 [owners, dim], memory-mapped as well
    <layer>.rows.npz               owners, starts, sources and stamps of the rows
    <layer>.faiss                  HNSW or IVF-PQ over one of the two, where there is one
    <layer>.rounded.faiss          one of the two with one byte a number (`index.rounded`), where search is exact
    <layer>.rounding.npz           and what these bytes mean
    <space>.gone.npy               which owners of the base layer are replaced or removed

A layer's files are never changed; versions that share a layer share its files through hard links.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import sha256_file, short_hash
from castoon.words import Words
from index.backends import restore
from index.contract import Aggregation, Facts, SpaceInfo
from index.layers import Layer, LayeredSpace
from index.names import Names
from index.native import faiss
from index.rounded import Rounded
from index.rows import Backend
from index.spaces import SpaceData

FORMAT = 2
REBUILD = "Run `castoon rebuild`: it writes the index anew from the stored vectors."
PREFAULTED = 1 << 29
"""Bytes of a file up to which its pages are mapped at once when it is opened, not one by one by the searches."""
MADV_POPULATE_READ = 22
"""Linux 5.14 and later; Python has no name for it yet."""
LAYER_FILES = ("vectors.npy", "centroids.npy", "rows.npz", "faiss", "rounded.faiss", "rounding.npz")


@dataclass(frozen=True)
class LayerRecord:
    """What the manifest says of one layer."""

    stem: str
    """What its files' names begin with."""
    vectors: int
    owners: int
    gone: int
    """Owners that were replaced or removed since it was written."""
    backend: Backend


@dataclass(frozen=True)
class Manifest:
    """What a version says of itself."""

    version: str
    format: int
    created: str
    made_by: str
    """The job, and who ran it where."""
    catalog_revision: int
    spaces: tuple[SpaceInfo, ...]
    layers: Mapping[str, tuple[LayerRecord, ...]]
    """Layers of each space, the large one first."""
    parameters: Mapping[str, Any]
    """Settings that shaped the version, and versions of the libraries."""
    files: Mapping[str, tuple[str, int]]
    """File name -> (SHA-256, bytes)."""

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a version's folder."""
        path = folder / "manifest.json"
        try:
            raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
            if raw["format"] != FORMAT:
                raise ValueError(f"its format is {raw['format']}, this Castoon reads {FORMAT}")
            spaces = tuple(SpaceInfo(**space) for space in raw["spaces"])
            layers = {
                name: tuple(LayerRecord(**{**one, "backend": Backend(**one["backend"])}) for one in records)
                for name, records in raw["layers"].items()
            }
            files = {name: (str(entry[0]), int(entry[1])) for name, entry in raw["files"].items()}
            return cls(**{**raw, "spaces": spaces, "layers": layers, "files": files})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotReadyError(str(path), Words("the manifest cannot be read ({why}).", why=error), REBUILD) from error

    def write(self, folder: Path) -> None:
        """Write it into the version's folder."""
        write_json(folder / "manifest.json", asdict(self))

    def check_sizes(self, folder: Path) -> None:
        """Every file is there and as long as it was; cheap enough for each opening."""
        for file, (_, size) in self.files.items():
            path = folder / file
            if not path.is_file():
                raise NotReadyError(str(path), "the file is missing.", REBUILD)
            if path.stat().st_size != size:
                reason = Words(
                    "the file has {st_size} bytes instead of {size}.", st_size=path.stat().st_size, size=size
                )
                raise NotReadyError(str(path), reason, REBUILD)

    def check_content(self, folder: Path) -> None:
        """Every byte is as it was written."""
        self.check_sizes(folder)
        for file, (digest, _) in self.files.items():
            if sha256_file(folder / file) != digest:
                raise NotReadyError(str(folder / file), "the file's content has changed.", REBUILD)


def file_stem(space: str) -> str:
    """A file name for a space."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", space) + "-" + short_hash(space)[:6]


def write_layer(folder: Path, stem: str, layer: Layer, structure: Any) -> LayerRecord:
    """Write a layer's files, durably."""
    data = layer.data
    _save(folder / f"{stem}.vectors.npy", np.ascontiguousarray(data.vectors, np.float32))
    _save(folder / f"{stem}.centroids.npy", data.centroids)
    with (folder / f"{stem}.rows.npz").open("wb") as handle:
        columns: dict[str, npt.NDArray[Any]] = {
            "owners": data.owners.encoded, "starts": data.starts, "sources": data.sources.encoded,
            "stamps": data.stamps,
        }  # fmt: skip
        np.savez(handle, allow_pickle=False, **columns)
        _sync(handle)
    used = layer.source_rows or layer.centroid_rows
    target = folder / f"{stem}.faiss"
    try:
        if structure is not None:
            faiss().write_index(structure, str(target))
        if used is not None and used.rounded is not None:
            used.rounded.write(folder / stem)
    except RuntimeError as error:
        free = shutil.disk_usage(folder).free >> 20
        raise NotReadyError(
            str(target),
            Words("FAISS could not write it ({free} MB are free).", free=free),
            "Make room on the disk and run again.",
        ) from error
    for part in LAYER_FILES[3:]:
        if (file := folder / f"{stem}.{part}").is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
    return LayerRecord(stem, len(data.sources), len(data.owners), 0, used.backend if used else Backend())


def link_layer(source: Path, folder: Path, stem: str) -> None:
    """Take over a layer's files from another version without copying them, where the file system allows it."""
    for part in LAYER_FILES:
        file = source / f"{stem}.{part}"
        if file.is_file():
            try:
                (folder / file.name).hardlink_to(file)
            except OSError:
                shutil.copy2(file, folder / file.name)


def write_gone(folder: Path, space: str, gone: npt.NDArray[np.bool_]) -> None:
    """Which owners of the base layer no longer count."""
    _save(folder / f"{file_stem(space)}.gone.npy", gone)


def read_space(folder: Path, info: SpaceInfo, records: Sequence[LayerRecord], how: Aggregation) -> LayeredSpace:
    """A space as it was published, memory-mapped."""
    layers = []
    for number, record in enumerate(records):
        alive = None
        if number == 0 and record.gone:
            alive = ~np.load(folder / f"{file_stem(info.name)}.gone.npy", allow_pickle=False)
        layers.append(_read_layer(folder, info, record, how, alive))
    return LayeredSpace(layers)


def _read_layer(
    folder: Path, info: SpaceInfo, record: LayerRecord, how: Aggregation, alive: npt.NDArray[np.bool_] | None
) -> Layer:
    vectors = _mapped(folder / f"{record.stem}.vectors.npy", (record.vectors, info.dim))
    centroids = _mapped(folder / f"{record.stem}.centroids.npy", (record.owners, info.dim))
    with np.load(folder / f"{record.stem}.rows.npz", allow_pickle=False) as rows:
        data = SpaceData(
            info.name, info.contract, vectors, Names(rows["sources"]), Names(rows["owners"]), rows["starts"],
            rows["stamps"], centroids,
        )  # fmt: skip
    if len(data.sources) != record.vectors or len(data.owners) != record.owners:
        raise ValueError(f"{record.stem}.rows.npz does not fit its manifest")
    structure = None
    if record.backend.kind != "flat":
        structure = faiss().read_index(str(folder / f"{record.stem}.faiss"), faiss().IO_FLAG_MMAP_IFC)
    return restore(data, how, record.backend, structure, Rounded.read(folder / record.stem), alive)


def _mapped(path: Path, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    loaded = np.load(path, mmap_mode="r" if shape[0] else None, allow_pickle=False)
    if loaded.shape != shape or loaded.dtype != np.float32:
        raise ValueError(f"{path.name} does not fit its manifest")
    mapping = getattr(loaded, "_mmap", None)
    if mapping is not None and loaded.nbytes <= PREFAULTED:
        with contextlib.suppress(OSError):
            mapping.madvise(MADV_POPULATE_READ)
    return np.asarray(loaded)


def read_facts(folder: Path) -> dict[str, Facts]:
    """Facts by owner."""
    loaded: dict[str, dict[str, Any]] = json.loads((folder / "facts.json").read_text("utf-8"))
    return {
        owner: {column: tuple(value) if isinstance(value, list) else value for column, value in known.items()}
        for owner, known in loaded.items()
    }


def write_json(path: Path, content: object) -> None:
    """A JSON file, durably."""
    with path.open("wb") as handle:
        handle.write(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
        _sync(handle)


def _save(path: Path, array: npt.NDArray[Any]) -> None:
    with path.open("wb") as handle:
        np.save(handle, array, allow_pickle=False)
        _sync(handle)


def _sync(handle: Any) -> None:
    handle.flush()
    os.fsync(handle.fileno())
