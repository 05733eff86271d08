"""Known answers handed over in memory - a ZIP, or drawings with their table - and those that are at hand already.

They are kept in the library's cache, which forgetting an actor deletes: a table of known answers holds names.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from casting.curation.adding import ZIP_MAGIC, MemoryFiles, Upload
from casting.curation.records import actor_records
from casting.importing.files import Files, ZipFiles
from casting.library import Library
from castoon.errors import InputError
from castoon.files import sha256_bytes, short_hash, write_atomic
from castoon.images import SUFFIXES
from castoon.words import Words

if TYPE_CHECKING:
    from casting.evaluation import Truth

MOST_KEPT = 12


@dataclass(frozen=True)
class TruthSet:
    """Known answers that can be evaluated now."""

    name: str
    path: Path
    """A table, or a folder with one sub-folder of drawings an actor."""

    def read(self) -> list[Truth]:
        """The drawings and their actors."""
        from casting.evaluation import read_truth

        return read_truth(self.path)


def truth_sets(library: Library) -> list[TruthSet]:
    """Those of the demo cast where it is the library's, then what was handed over, the latest first."""
    from casting.demo import DATA

    found = []
    demo = TruthSet("demo", DATA / "truth.csv")
    names = {row.name for row in actor_records(library)}
    if demo.path.is_file() and any(row.actor in names for row in demo.read()):
        found.append(demo)
    kept = sorted(_home(library).glob("*/*"), key=lambda path: -path.stat().st_mtime)
    return found + [TruthSet(path.name, _entry(path)) for path in kept if path.is_dir()]


def keep_truth(library: Library, uploads: Sequence[Upload]) -> TruthSet:
    """Unpack what was handed over into the library's cache; `InputError` where no drawing has an actor."""
    if not uploads:
        raise InputError(
            Words("known answers"), "no file was handed over.", "Give a ZIP, or drawings with their table."
        )
    name = Path(uploads[0].name).stem[:60] if len(uploads) == 1 else "upload"
    mark = short_hash(*sorted(sha256_bytes(one.content) for one in uploads))
    folder = _home(library) / mark / name
    files: list[Files] = [
        ZipFiles(Path(one.name), io.BytesIO(one.content)) for one in uploads if one.content.startswith(ZIP_MAGIC)
    ]
    loose = {one.name: one.content for one in uploads if not one.content.startswith(ZIP_MAGIC)}
    files += [MemoryFiles("upload", loose)] if loose else []
    try:
        for source in files:
            _unpack(source, folder)
        if not folder.is_dir():
            step = "Give a ZIP with one folder of drawings an actor, or drawings with their table."
            raise InputError(uploads[0].name, "it holds neither drawings nor a table.", step)
        kept = TruthSet(name, _entry(folder))
        kept.read()
    except InputError:
        shutil.rmtree(folder.parent, ignore_errors=True)
        raise
    _sweep(library, folder.parent)
    return kept


def _unpack(source: Files, folder: Path) -> None:
    """Pictures and tables only; names were checked by `Files`, so nothing is written outside the folder."""
    for name in source.names():
        if isinstance(name, InputError):
            continue
        if PurePosixPath(name).suffix.lower() in {*SUFFIXES, ".csv"}:
            write_atomic(folder / name, source.read(name))


def _entry(folder: Path) -> Path:
    """The table, or the folder of folders, inside what was unpacked; one folder around everything is looked into."""
    place = folder
    while True:
        tables = sorted(place.glob("*.csv"))
        if tables:
            return tables[0]
        inside = list(place.iterdir()) if place.is_dir() else []
        if len(inside) == 1 and inside[0].is_dir() and any(path.is_dir() for path in inside[0].iterdir()):
            place = inside[0]
            continue
        return place


def _home(library: Library) -> Path:
    return library.cache / "truth"


def _sweep(library: Library, newest: Path) -> None:
    kept = sorted(_home(library).iterdir(), key=lambda path: -path.stat().st_mtime)
    for old in [path for path in kept if path != newest][MOST_KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
