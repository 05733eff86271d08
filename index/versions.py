"""Index versions on disk: written beside the live one, verified, published by one atomic rename of a pointer.

    <folder>/
        current                      name of the live version, replaced atomically
        versions/<time>-<hash>/
            manifest.json            counts, contracts, parameters, SHA-256 and size of every file below
            facts.json               owner -> facts that filters may ask
            <space>.npy              vectors, float32 [n, dim], memory-mapped by readers
            <space>.json             owners, starts and sources of the rows

A reader opens the version that the pointer names and keeps it: it sees the old content or the new, never a mixture.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from castoon.errors import NotReadyError
from castoon.files import PARTIAL, sha256_file, short_hash, sync_folder, write_atomic
from index.contract import Facts, SpaceInfo
from index.flat import FlatIndex
from index.spaces import SpaceData

POINTER = "current"
REBUILD = "Run `castoon rebuild` to build it again from the stored vectors."
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What a version says of itself."""

    version: str
    format: int
    created: str
    made_by: str
    catalog_revision: int
    spaces: tuple[SpaceInfo, ...]
    files: Mapping[str, tuple[str, int]]
    """File name -> (SHA-256, bytes)."""

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a version's folder."""
        path = folder / "manifest.json"
        try:
            raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return cls(
                **{**raw, "spaces": tuple(SpaceInfo(**space) for space in raw["spaces"])}
                | {"files": {name: (str(entry[0]), int(entry[1])) for name, entry in raw["files"].items()}}
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotReadyError(str(path), f"the manifest cannot be read ({error}).", REBUILD) from error


class VersionedIndex:
    """The versions of one index folder: publish, open, list, verify, roll back, prune."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def live(self) -> str | None:
        """Name of the live version, or None before the first publication."""
        try:
            return (self.folder / POINTER).read_text("utf-8").strip() or None
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        """Complete versions, oldest first."""
        return sorted(path.parent.name for path in self.folder.glob("versions/*/manifest.json"))

    def path(self, version: str) -> Path:
        """Folder of a version."""
        return self.folder / "versions" / version

    def publish(
        self,
        spaces: Sequence[SpaceData],
        facts: Mapping[str, Facts],
        catalog_revision: int,
        made_by: str = "",
        keep: int = 3,
    ) -> Manifest:
        """Write a version beside the live one, verify it by reading it back, and switch to it."""
        created = time.strftime("%Y%m%dT%H%M%S", time.gmtime()) + f"{time.time() % 1:.3f}"[2:]
        folder = self.path(f"{created}{PARTIAL}")
        folder.mkdir(parents=True)
        for space in spaces:
            _write_space(folder, space)
        _write_json(folder / "facts.json", facts)
        files = {path.name: (sha256_file(path), path.stat().st_size) for path in sorted(folder.iterdir())}
        version = f"{created}-{short_hash(json.dumps(files))[:8]}"
        manifest = Manifest(
            version, FORMAT, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), made_by, catalog_revision,
            tuple(space.info for space in spaces), files,
        )  # fmt: skip
        _write_json(folder / "manifest.json", asdict(manifest))
        sync_folder(folder)
        folder.rename(self.path(version))
        sync_folder(self.folder / "versions")
        self.verify(version)
        self.switch(version)
        self.prune(keep)
        return manifest

    def switch(self, version: str) -> None:
        """Make a version the live one."""
        if version not in self.names():
            raise NotReadyError(
                f"index version {version}", "it does not exist.", f"There are: {', '.join(self.names()) or 'none'}."
            )
        write_atomic(self.folder / POINTER, f"{version}\n".encode())

    def roll_back(self) -> str:
        """Make the version before the live one live again; returns its name."""
        names, live = self.names(), self.live
        earlier = [name for name in names if live is not None and name < live]
        if not earlier:
            raise NotReadyError("index", "there is no earlier version to go back to.", REBUILD)
        self.switch(earlier[-1])
        return earlier[-1]

    def verify(self, version: str | None = None) -> Manifest:
        """Re-read every file of a version against its manifest; names the file that is missing or changed."""
        name = version or self._live_name()
        folder = self.path(name)
        manifest = Manifest.read(folder)
        for file, (digest, size) in manifest.files.items():
            path = folder / file
            if not path.is_file():
                raise NotReadyError(str(path), "the file is missing.", _mend(name, self.live))
            if path.stat().st_size != size:
                reason = f"the file has {path.stat().st_size} bytes instead of {size}."
                raise NotReadyError(str(path), reason, _mend(name, self.live))
            if sha256_file(path) != digest:
                raise NotReadyError(str(path), "the file's content has changed.", _mend(name, self.live))
        return manifest

    def open(self, version: str | None = None) -> FlatIndex:
        """Open a version (the live one by default) for search; vectors are memory-mapped."""
        name = version or self._live_name()
        folder = self.path(name)
        manifest = Manifest.read(folder)
        try:
            facts = {owner: _facts(known) for owner, known in _read_json(folder / "facts.json").items()}
            spaces = {space.name: _read_space(folder, space) for space in manifest.spaces}
        except (OSError, ValueError, KeyError) as error:
            raise NotReadyError(f"index version {name}", f"it is damaged ({error}).", _mend(name, self.live)) from error
        return FlatIndex(name, spaces, facts)

    def prune(self, keep: int) -> None:
        """Delete all but the newest `keep` versions and the live one, and what killed writers left behind."""
        live = self.live
        for name in self.names()[: -max(keep, 1)]:
            if name != live:
                shutil.rmtree(self.path(name), ignore_errors=True)
        for left_over in self.folder.glob(f"versions/*{PARTIAL}"):
            shutil.rmtree(left_over, ignore_errors=True)

    def drop_all_but_live(self) -> None:
        """Delete every version except the live one, so that nothing that was forgotten can be rolled back to."""
        self.prune(keep=1)
        for name in self.names():
            if name != self.live:
                shutil.rmtree(self.path(name))

    def _live_name(self) -> str:
        live = self.live
        if live is None:
            raise NotReadyError(f"index in {self.folder}", "it has not been built yet.", "Run `castoon rebuild`.")
        return live


def _mend(version: str, live: str | None) -> str:
    return (
        f"{REBUILD} Until then, `castoon index rollback` returns to an earlier version." if version == live else REBUILD
    )


def _file_stem(space: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", space) + "-" + short_hash(space)[:6]


def _write_space(folder: Path, space: SpaceData) -> None:
    stem = _file_stem(space.name)
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(space.vectors, np.float32), allow_pickle=False)
    _write(folder / f"{stem}.npy", buffer.getvalue())
    _write_json(
        folder / f"{stem}.json",
        {"owners": space.owners, "starts": space.starts.tolist(), "sources": space.sources},
    )


def _read_space(folder: Path, info: SpaceInfo) -> SpaceData:
    stem = _file_stem(info.name)
    rows = _read_json(folder / f"{stem}.json")
    vectors = np.load(folder / f"{stem}.npy", mmap_mode="r", allow_pickle=False)
    if vectors.shape != (info.vectors, info.dim) or len(rows["sources"]) != info.vectors:
        raise ValueError(f"{stem}.npy does not fit its manifest")
    starts = np.array(rows["starts"], np.int64)
    return SpaceData(info.name, info.contract, vectors, tuple(rows["sources"]), tuple(rows["owners"]), starts)


def _facts(known: Mapping[str, Any]) -> Facts:
    return {column: tuple(value) if isinstance(value, list) else value for column, value in known.items()}


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _write_json(path: Path, content: object) -> None:
    _write(path, json.dumps(content, ensure_ascii=False, sort_keys=True).encode())


def _read_json(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded
