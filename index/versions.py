"""Index versions on disk: written beside the live one, verified, published by one atomic rename of a pointer.

    <folder>/
        current                      name of the live version, replaced atomically
        versions/<time>-<hash>/      see `index.stored`

A reader opens the version that the pointer names and keeps it: it sees the old content or the new, never a mixture.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from castoon.errors import NotReadyError
from castoon.files import PARTIAL, write_atomic
from castoon.words import Words
from index.backends import Tuning
from index.contract import Facts
from index.drafts import Change, Draft, outgrown
from index.searching import FaissIndex
from index.spaces import SpaceData
from index.stored import REBUILD, Manifest, Opened, read_facts, read_space

POINTER = "current"


class VersionedIndex:
    """The versions of one index folder: publish, amend, open, list, verify, roll back, prune."""

    def __init__(self, folder: Path, tuning: Tuning | None = None) -> None:
        self.folder = folder
        self.tuning = tuning or Tuning()
        self._opened: Opened | None = None
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
        with Draft(self.folder / "versions", tuning or self.tuning) as draft:
            for space in spaces:
                draft.whole(space)
            return self._go_live(draft.finish(facts, catalog_revision, made_by, keep), keep)

    def amend(
        self,
        changes: Mapping[str, Change],
        facts: Mapping[str, Facts],
        catalog_revision: int,
        made_by: str = "",
        keep: int = 3,
        dropped: Collection[str] = (),
    ) -> Manifest:
        """Publish the live version with changes: owners added, replaced, removed; what did not change is shared.

        `dropped` names spaces to be left out. Call `verify` before, so that damage is never carried on.
        """
        live = Manifest.read(self.path(self._live_name()))
        index = self.open(live.version)
        with Draft(self.folder / "versions", self.tuning) as draft:
            for name, held in index.layered.items():
                if name not in dropped:
                    draft.changed(held, live, changes.get(name))
            for name, change in changes.items():
                if name not in index.layered:
                    draft.whole(change.data)
            return self._go_live(draft.finish(facts, catalog_revision, made_by, keep), keep)

    def outgrown(self) -> bool:
        """Whether a space of the live version would get another back-end if it were written today."""
        live = Manifest.read(self.path(self._live_name()))
        dims = {info.name: info.dim for info in live.spaces}
        return any(outgrown(records[0], dims[name], live, self.tuning) for name, records in live.layers.items())

    def switch(self, version: str) -> None:
        """Make a version the live one."""
        if version not in self.names():
            raise NotReadyError(
                Words("index version {version}", version=version),
                "it does not exist.",
                Words("There are: {names}.", names=", ".join(self.names()) or "none"),
            )
        write_atomic(self.folder / POINTER, f"{version}\n".encode())

    def roll_back(self, version: str | None = None) -> str:
        """Make a version (the one before the live one by default) live again, if it is sound; returns its name."""
        names, live = self.names(), self.live
        earlier = [name for name in names if live is not None and name < live]
        if version is None and not earlier:
            raise NotReadyError(Words("index"), "there is no earlier version to go back to.", REBUILD)
        name = version or earlier[-1]
        if name in names:
            self.verify(name)
        self.switch(name)
        return name

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
                if self._opened is not None and self._opened.manifest.version == name:
                    return self._opened.index
                try:
                    self._opened = self._open(name, self._opened)
                    return self._opened.index
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

    def _go_live(self, manifest: Manifest, keep: int) -> Manifest:
        try:
            self.switch(manifest.version)
        except BaseException:
            if self.live != manifest.version:
                self._delete([manifest.version])
            raise
        self.prune(keep)
        return manifest

    def delete(self) -> None:
        """Delete every version, the live one too: nothing can be searched until the next publication."""
        (self.folder / POINTER).unlink(missing_ok=True)
        self.drop_all_but_live()

    def _delete(self, names: Iterable[str]) -> None:
        """Rename first, so that a kill in the middle leaves no version that looks complete."""
        for name in list(names):
            with contextlib.suppress(OSError):
                self.path(name).rename(self.path(f"{name}{PARTIAL}"))
        for left_over in self.folder.glob(f"versions/*{PARTIAL}"):
            shutil.rmtree(left_over, ignore_errors=True)

    def _open(self, name: str, before: Opened | None) -> Opened:
        folder = self.path(name)
        with self._mending(name):
            manifest = Manifest.read(folder)
            manifest.check_sizes(folder)
            try:
                spaces = {info.name: read_space(folder, info, manifest, before) for info in manifest.spaces}
                facts = read_facts(folder, manifest, before)
                return Opened(manifest, FaissIndex(name, spaces, facts, self.tuning.threads))
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                raise NotReadyError(
                    Words("index version {name}", name=name), Words("it is damaged ({why}).", why=error), REBUILD
                ) from error

    @contextlib.contextmanager
    def _mending(self, version: str) -> Iterator[None]:
        """Add to an error what can be done about it now."""
        try:
            yield
        except NotReadyError as error:
            if version == self.live and any(name < version for name in self.names()):
                more = Words(
                    "Until then, `castoon index rollback` returns to an earlier version, if that one is sound."
                )
                raise NotReadyError(
                    error.thing, error.reason, Words("{next_step} {more}", next_step=error.next_step, more=more)
                ) from error
            raise

    def _live_name(self) -> str:
        live = self.live
        if live is None:
            raise NotReadyError(
                Words("index in {folder}", folder=self.folder), "it has not been built yet.", "Run `castoon rebuild`."
            )
        return live
