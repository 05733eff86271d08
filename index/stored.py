"""The files of an index version, and the manifest that names them all.

    manifest.json                  counts, contracts, back-ends with measured recall, parameters, who and when, and
                                   SHA-256 and size of every file below
    facts.json                     owner -> facts that filters may ask
    <layer>.vectors.npy            float32 [n, dim], memory-mapped by readers
    <layer>.centroids.npy          float32 [owners, dim], memory-mapped as well
    <layer>.rows                   owners, starts, sources and stamps of the rows (`index.arrays.write_columns`)
    <layer>.faiss                  HNSW or IVF-PQ over one of the two, where there is one
    <layer>.rounded.faiss          one of the two with one byte a number (`index.rounded`), where search is exact
    <layer>.rounding.npz           and what these bytes mean
    <space>.gone.npy               which owners of the base layer are replaced or removed

A layer's files are never changed; versions that share a layer share its files through hard links.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.files import sha256_file, short_hash
from castoon.words import Words
from index.arrays import Columns, mapped, read_columns, save, write_columns, write_json
from index.backends import restore
from index.contract import Aggregation, SpaceInfo
from index.facts import FactTable
from index.layers import Layer, LayeredSpace
from index.names import Names
from index.native import faiss
from index.rounded import Rounded
from index.rows import Backend
from index.searching import FaissIndex
from index.spaces import SpaceData

FORMAT = 3
REBUILD = "Run `castoon rebuild`: it writes the index anew from the stored vectors."
FACTS = "facts.json"
LAYER_FILES = ("vectors.npy", "centroids.npy", "rows", "faiss", "rounded.faiss", "rounding.npz")


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
    columns: Columns
    """What its `rows` file holds."""

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> LayerRecord:
        """From the manifest's JSON."""
        columns = tuple((str(name), str(kind), int(length)) for name, kind, length in raw["columns"])
        return cls(**{**raw, "backend": Backend(**raw["backend"]), "columns": columns})


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
            layers = {name: tuple(LayerRecord.parse(one) for one in records) for name, records in raw["layers"].items()}
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
            try:
                found = path.stat().st_size
            except FileNotFoundError:
                raise NotReadyError(str(path), "the file is missing.", REBUILD) from None
            if found != size:
                reason = Words("the file has {found} bytes instead of {size}.", found=found, size=size)
                raise NotReadyError(str(path), reason, REBUILD)

    def same_files(self, other: Manifest, beginning: str) -> bool:
        """Whether both versions have the same files, to the byte, whose names begin so."""
        mine, theirs = (
            {name: entry for name, entry in one.files.items() if name.startswith(beginning)} for one in (self, other)
        )
        return mine == theirs

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
    save(folder / f"{stem}.vectors.npy", np.ascontiguousarray(data.vectors, np.float32))
    save(folder / f"{stem}.centroids.npy", data.centroids)
    owners, sources = data.owners.encoded, data.sources.encoded
    rows = {"owners": owners, "starts": data.starts, "sources": sources, "stamps": data.stamps}
    columns = write_columns(folder / f"{stem}.rows", rows)
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
    return LayerRecord(stem, len(data.sources), len(data.owners), 0, used.backend if used else Backend(), columns)


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
    save(folder / f"{file_stem(space)}.gone.npy", gone)


@dataclass(frozen=True)
class Opened:
    """A version that is open; the next one takes over what they share, instead of opening it again."""

    manifest: Manifest
    index: FaissIndex

    def layer(self, manifest: Manifest, name: str, record: LayerRecord) -> Layer | None:
        """The layer of that record, where this version has the very same files."""
        if self.manifest.parameters["aggregation"] != manifest.parameters["aggregation"]:
            return None
        held = self.manifest.layers.get(name, ())
        for number, one in enumerate(held):
            if one.stem == record.stem and self.manifest.same_files(manifest, f"{one.stem}."):
                return self.index.layered[name].layers[number]
        return None


def read_space(folder: Path, info: SpaceInfo, manifest: Manifest, before: Opened | None) -> LayeredSpace:
    """A space as it was published, memory-mapped."""
    layers = []
    for number, record in enumerate(manifest.layers[info.name]):
        alive = None
        if number == 0 and record.gone:
            alive = ~np.load(folder / f"{file_stem(info.name)}.gone.npy", allow_pickle=False)
        known = before.layer(manifest, info.name, record) if before else None
        layers.append(
            replace(known, alive=alive)
            if known
            else _read_layer(folder, info, record, manifest.parameters["aggregation"], alive)
        )
    return LayeredSpace(layers)


def _read_layer(
    folder: Path, info: SpaceInfo, record: LayerRecord, how: Aggregation, alive: npt.NDArray[np.bool_] | None
) -> Layer:
    vectors = mapped(folder / f"{record.stem}.vectors.npy", (record.vectors, info.dim))
    centroids = mapped(folder / f"{record.stem}.centroids.npy", (record.owners, info.dim))
    rows = read_columns(folder / f"{record.stem}.rows", record.columns)
    data = SpaceData(
        info.name, info.contract, vectors, Names(rows["sources"]), Names(rows["owners"]), rows["starts"],
        rows["stamps"], centroids,
    )  # fmt: skip
    if len(data.sources) != record.vectors or len(data.owners) != record.owners:
        raise ValueError(f"{record.stem}.rows does not fit its manifest")
    structure = None
    if record.backend.kind != "flat":
        structure = faiss().read_index(str(folder / f"{record.stem}.faiss"), faiss().IO_FLAG_MMAP_IFC)
    return restore(data, how, record.backend, structure, Rounded.read(folder / record.stem), alive)


def read_facts(folder: Path, manifest: Manifest, before: Opened | None) -> FactTable:
    """Facts by owner."""
    if before and before.manifest.same_files(manifest, FACTS):
        return before.index.table
    loaded: dict[str, dict[str, Any]] = json.loads((folder / FACTS).read_text("utf-8"))
    return FactTable(
        {
            owner: {column: tuple(value) if isinstance(value, list) else value for column, value in known.items()}
            for owner, known in loaded.items()
        }
    )
