"""Index versions on disk: written beside the live one, verified, published by one atomic rename of a pointer.

    <folder>/
        current                      name of the live version, replaced atomically
        versions/<time>-<hash>/      see `index.stored`

A reader opens the version that the pointer names and keeps it: it sees the old content or the new, never a mixture.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import shutil
import socket
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from castoon.errors import NotReadyError
from castoon.files import PARTIAL, sha256_file, short_hash, sync_folder, write_atomic
from index.backends import Tuning, equip, wanted_kind
from index.contract import Facts, SpaceInfo
from index.layers import Layer, LayeredSpace
from index.rows import faiss
from index.searching import FaissIndex
from index.spaces import SpaceData, joined
from index.stored import (
    FORMAT,
    REBUILD,
    LayerRecord,
    Manifest,
    file_stem,
    link_layer,
    read_facts,
    read_space,
    write_gone,
    write_json,
    write_layer,
)

POINTER = "current"
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


class VersionedIndex:
    """The versions of one index folder: publish, amend, open, list, verify, roll back, prune."""

    def __init__(self, folder: Path, tuning: Tuning | None = None) -> None:
        self.folder = folder
        self.tuning = tuning or Tuning()
        self._opened: FaissIndex | None = None
        self._lock = threading.Lock()

    @property
    def live(self) -> str | None:
        """Name of the live version, or None before the first publication."""
        try:
            return (self.folder / POINTER).read_text("utf-8").strip() or None
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        """Complete versions, oldest first."""
        found = (path.parent.name for path in self.folder.glob("versions/*/manifest.json"))
        return sorted(name for name in found if not name.endswith(PARTIAL))

    def path(self, version: str) -> Path:
        """Folder of a version."""
        return self.folder / "versions" / version

    def publish(
        self,
        spaces: Iterable[SpaceData],
        facts: Mapping[str, Facts],
        catalog_revision: int,
        made_by: str = "",
        keep: int = 3,
        tuning: Tuning | None = None,
    ) -> Manifest:
        """Write a version beside the live one, verify it by reading it back, and switch to it.

        `spaces` may be a generator, so that one space is in memory at a time.
        """
        draft = _Draft(self, tuning or self.tuning)
        with draft:
            for space in spaces:
                draft.whole(space)
            return draft.finish(facts, catalog_revision, made_by, keep)

    def amend(
        self,
        changes: Mapping[str, Change],
        facts: Mapping[str, Facts],
        catalog_revision: int,
        made_by: str = "",
        keep: int = 3,
    ) -> Manifest:
        """Publish the live version with changes: owners added, replaced, removed; what did not change is shared.

        The live version is verified first, so that damage is never carried on.
        """
        live = self.verify()
        index = self.open(live.version)
        draft = _Draft(self, self.tuning)
        with draft:
            for name, held in index.layered.items():
                draft.changed(held, live, changes.get(name))
            for name, change in changes.items():
                if name not in index.layered:
                    draft.whole(change.data)
            return draft.finish(facts, catalog_revision, made_by, keep)

    def switch(self, version: str) -> None:
        """Make a version the live one."""
        if version not in self.names():
            raise NotReadyError(
                f"index version {version}", "it does not exist.", f"There are: {', '.join(self.names()) or 'none'}."
            )
        write_atomic(self.folder / POINTER, f"{version}\n".encode())

    def roll_back(self) -> str:
        """Make the version before the live one live again, if it is sound; returns its name."""
        names, live = self.names(), self.live
        earlier = [name for name in names if live is not None and name < live]
        if not earlier:
            raise NotReadyError("index", "there is no earlier version to go back to.", REBUILD)
        self.verify(earlier[-1])
        self.switch(earlier[-1])
        return earlier[-1]

    def verify(self, version: str | None = None) -> Manifest:
        """Re-read every file of a version against its manifest; names the file that is missing or changed."""
        name = version or self._live_name()
        with self._mending(name):
            manifest = Manifest.read(self.path(name))
            manifest.check_content(self.path(name))
        return manifest

    def open(self, version: str | None = None) -> FaissIndex:
        """A version (the live one by default) ready for search; kept open until another one is asked for."""
        while True:
            name = version or self._live_name()
            with self._lock:
                if self._opened is not None and self._opened.version == name:
                    return self._opened
                try:
                    self._opened = self._open(name)
                    return self._opened
                except NotReadyError:
                    if version is not None or self.live == name:
                        raise

    def prune(self, keep: int) -> None:
        """Delete all but the newest `keep` versions and the live one, and what killed writers left behind."""
        live = self.live
        self._delete(name for name in self.names()[: -max(keep, 1)] if name != live)

    def drop_all_but_live(self) -> None:
        """Delete every version except the live one, so that nothing that was forgotten can be rolled back to."""
        live = self.live
        self._delete(name for name in self.names() if name != live)

    def _delete(self, names: Iterable[str]) -> None:
        """Rename first, so that a kill in the middle leaves no version that looks complete."""
        for name in list(names):
            with contextlib.suppress(OSError):
                self.path(name).rename(self.path(f"{name}{PARTIAL}"))
        for left_over in self.folder.glob(f"versions/*{PARTIAL}"):
            shutil.rmtree(left_over, ignore_errors=True)

    def _open(self, name: str) -> FaissIndex:
        folder = self.path(name)
        with self._mending(name):
            manifest = Manifest.read(folder)
            manifest.check_sizes(folder)
            try:
                how = manifest.parameters["aggregation"]
                spaces = {info.name: read_space(folder, info, manifest.layers[info.name], how)
                          for info in manifest.spaces}  # fmt: skip
                return FaissIndex(name, spaces, read_facts(folder), self.tuning.threads)
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                raise NotReadyError(f"index version {name}", f"it is damaged ({error}).", REBUILD) from error

    @contextlib.contextmanager
    def _mending(self, version: str) -> Iterator[None]:
        """Add to an error what can be done about it now."""
        try:
            yield
        except NotReadyError as error:
            if version == self.live and any(name < version for name in self.names()):
                more = "Until then, `castoon index rollback` returns to an earlier version, if that one is sound."
                raise NotReadyError(error.thing, error.reason, f"{error.next_step} {more}") from error
            raise

    def _live_name(self) -> str:
        live = self.live
        if live is None:
            raise NotReadyError(f"index in {self.folder}", "it has not been built yet.", "Run `castoon rebuild`.")
        return live


class _Draft:
    """A version that is being written; vanishes unless it is finished."""

    def __init__(self, index: VersionedIndex, tuning: Tuning) -> None:
        self.index = index
        self.tuning = tuning
        now = time.time()
        self.created = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f"{now % 1:.3f}"[2:5]
        self.folder = index.path(f"{self.created}{PARTIAL}")
        self.spaces: dict[str, SpaceInfo] = {}
        self.layers: dict[str, tuple[LayerRecord, ...]] = {}
        self.linked: dict[str, tuple[str, int]] = {}

    def __enter__(self) -> _Draft:
        for left_over in self.index.folder.glob(f"versions/*{PARTIAL}"):
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
        rows = sum(len(part.sources) for part in delta) + int(np.diff(base.data.starts)[gone].sum())
        total = len(base.data.sources)
        if change and (change.data.contract != held.contract or total < LAYERED_FROM or rows > CHANGED_SHARE * total):
            self.whole(joined([base.data.only(~gone), *delta]) if change.data.contract == held.contract
                       else change.data)  # fmt: skip
            return
        if self._outgrown(base, records[0], live):
            self.whole(joined([base.data.only(~gone), *delta]))
            return
        self._over(held, records[0], gone, joined(delta) if delta else None, live)

    def _over(
        self, held: LayeredSpace, record: LayerRecord, gone: Any, delta: SpaceData | None, live: Manifest
    ) -> None:
        source = self.index.path(live.version)
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

    def _outgrown(self, base: Layer, record: LayerRecord, live: Manifest) -> bool:
        """Whether the base would be searched otherwise if it were written today."""
        count = len(base.data.owners if self.tuning.aggregation == "centroid" else base.data.sources)
        kind = wanted_kind(count, base.data.dim, self.tuning)
        if kind == "flat" and record.backend.kind == "flat":
            return False
        settled = kind == record.backend.kind or (self.tuning.backend == "auto" and record.backend.note != "")
        return not settled or live.parameters["aggregation"] != self.tuning.aggregation

    def finish(self, facts: Mapping[str, Facts], catalog_revision: int, made_by: str, keep: int) -> Manifest:
        """Complete the version, read back what was written, and make it the live one."""
        write_json(self.folder / "facts.json", facts)
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
        home = self.index.path(version)
        self.folder.rename(home)
        sync_folder(home.parent)
        written = {name: entry for name, entry in files.items() if name not in self.linked}
        try:
            replace(Manifest.read(home), files=written).check_content(home)
            self.index.switch(version)
        except BaseException:
            home.rename(self.folder)
            raise
        self.index.prune(keep)
        return manifest

    def _stem(self, space: str) -> str:
        return f"{file_stem(space)}.{self.created}"

    def _parameters(self, keep: int) -> dict[str, Any]:
        return {**asdict(self.tuning), "keep": keep, "faiss": faiss().__version__, "numpy": np.__version__}


def _who() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):
        return socket.gethostname()
