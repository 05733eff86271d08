"""A version while it is being written: spaces anew, or taken over from the live version with what has changed."""

from __future__ import annotations

import getpass
import json
import shutil
import socket
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from castoon.files import PARTIAL, sha256_file, short_hash, sync_folder
from index.arrays import write_json
from index.backends import Tuning, equip, wanted_kind
from index.contract import Facts, SpaceInfo
from index.layers import Layer, LayeredSpace
from index.native import faiss
from index.spaces import SpaceData, joined
from index.stored import FACTS, FORMAT, LayerRecord, Manifest, file_stem, link_layer, write_gone, write_layer

LAYERED_FROM = 20_000
"""A space with fewer rows is written anew at each change: it takes no time, and stays simple."""
CHANGED_SHARE = 0.1
"""When more of a base layer has changed than this, everything is written anew."""


@dataclass(frozen=True, eq=False)
class Change:
    """What has changed in a space since the live version."""

    data: SpaceData
    """Owners that were added or replaced, each with all its sources."""
    removed: Collection[str] = ()
    """Owners that are gone."""


def moment(ns: int) -> str:
    """A time in nanoseconds since 1970 as the name of a version begins: UTC to the millisecond, later sorts later."""
    seconds, rest = divmod(ns, 1_000_000_000)
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds)) + f"{rest // 1_000_000:03d}"


class Draft:
    """A version that is being written; vanishes unless it is finished."""

    def __init__(self, versions: Path, tuning: Tuning) -> None:
        self.versions = versions
        self.tuning = tuning
        self.created = moment(time.time_ns())
        self.folder = versions / f"{self.created}{PARTIAL}"
        self.spaces: dict[str, SpaceInfo] = {}
        self.layers: dict[str, tuple[LayerRecord, ...]] = {}
        self.linked: dict[str, tuple[str, int]] = {}

    def __enter__(self) -> Draft:
        for left_over in self.versions.glob(f"*{PARTIAL}"):
            shutil.rmtree(left_over, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def whole(self, data: SpaceData) -> None:
        """Write a space anew, as one layer."""
        layer, structure = equip(data, self.tuning)
        record = write_layer(self.folder, self._stem(data.name), layer, structure)
        self.spaces[data.name], self.layers[data.name] = data.info, (record,)

    def changed(self, held: LayeredSpace, live: Manifest, change: Change | None) -> None:
        """Take over a space of the live version, with what has changed in it."""
        base, records = held.layers[0], live.layers[held.name]
        replaced = {*change.removed, *change.data.owners} if change else set()
        gone = base.data.places(replaced)
        gone |= False if base.alive is None else ~base.alive
        delta = [layer.data.only(~layer.data.places(replaced)) for layer in held.layers[1:]]
        delta += [change.data] if change else []
        rows = sum(len(part.sources) for part in delta) + int(base.data.counts[gone].sum())
        total = len(base.data.sources)
        if change and (change.data.contract != held.contract or total < LAYERED_FROM or rows > CHANGED_SHARE * total):
            self.whole(joined([base.data.only(~gone), *delta]) if change.data.contract == held.contract
                       else change.data)  # fmt: skip
            return
        if outgrown(records[0], base.data.dim, live, self.tuning):
            self.whole(joined([base.data.only(~gone), *delta]))
            return
        self._over(held, records[0], gone, joined(delta) if delta else None, live)

    def _over(
        self, held: LayeredSpace, record: LayerRecord, gone: Any, delta: SpaceData | None, live: Manifest
    ) -> None:
        source = self.versions / live.version
        link_layer(source, self.folder, record.stem)
        self.linked |= {name: entry for name, entry in live.files.items() if name.startswith(f"{record.stem}.")}
        records = [replace(record, gone=int(gone.sum()))]
        if gone.any():
            write_gone(self.folder, held.name, gone)
        layers = [replace(held.layers[0], alive=~gone if gone.any() else None)]
        if delta is not None and len(delta.sources):
            layers.append(Layer(delta))
            records.append(write_layer(self.folder, f"{self._stem(held.name)}.changes", layers[1], None))
        self.spaces[held.name], self.layers[held.name] = LayeredSpace(layers).info, tuple(records)

    def finish(self, facts: Mapping[str, Facts], catalog_revision: int, made_by: str, keep: int) -> Manifest:
        """Complete the version under its name, and read back what was written."""
        write_json(self.folder / FACTS, facts)
        files = {
            path.name: self.linked.get(path.name) or (sha256_file(path), path.stat().st_size)
            for path in sorted(self.folder.iterdir())
        }
        version = f"{self.created}-{short_hash(json.dumps(files))[:8]}"
        manifest = Manifest(
            version, FORMAT, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), f"{made_by}, {_who()}",
            catalog_revision, tuple(self.spaces.values()), self.layers, self._parameters(keep), files,
        )  # fmt: skip
        manifest.write(self.folder)
        sync_folder(self.folder)
        written = {name: entry for name, entry in files.items() if name not in self.linked}
        replace(Manifest.read(self.folder), files=written).check_content(self.folder)
        self.folder.rename(self.versions / version)
        sync_folder(self.versions)
        return manifest

    def _stem(self, space: str) -> str:
        return f"{file_stem(space)}.{self.created}"

    def _parameters(self, keep: int) -> dict[str, Any]:
        return {**asdict(self.tuning), "keep": keep, "faiss": faiss().__version__, "numpy": np.__version__}


def outgrown(base: LayerRecord, dim: int, live: Manifest, tuning: Tuning) -> bool:
    """Whether a base layer would be searched otherwise if it were written today."""
    rows = base.owners if tuning.aggregation == "centroid" else base.vectors
    kind = wanted_kind(rows, dim, tuning)
    if kind == "flat" and base.backend.kind == "flat":
        return False
    settled = kind == base.backend.kind or (tuning.backend == "auto" and base.backend.note != "")
    return not settled or live.parameters["aggregation"] != tuning.aggregation


def _who() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):
        return socket.gethostname()
