"""Pictures handed over in memory - dropped on a page, attached to a request - imported as `castoon import` imports.

A ZIP among them is read as a cast of its own; loose pictures belong to the actor named, or to the folder in their name.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from casting.importing import ImportReport, import_cast
from casting.importing.facts import ActorFacts, PhotoFacts, actor_facts, photo_facts
from casting.importing.files import Files, ZipFiles, inside
from casting.importing.sources import Cast, Entry, with_table
from casting.library import Library
from casting.progress import Progress
from castoon.errors import InputError
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import FaceFinder

ZIP_MAGIC = b"PK\x03\x04"
TABLES = (".csv", ".tsv")


@dataclass(frozen=True)
class Upload:
    """One file as it was handed over; a folder in the name says whose picture it is."""

    name: str
    content: bytes


def add_photos(
    library: Library,
    finder: FaceFinder,
    uploads: Sequence[Upload],
    *,
    actor: str = "",
    facts: Mapping[str, str] | None = None,
    rights: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import uploads; one report over all of them.

    With `actor`, every picture is theirs, those inside ZIPs too, and `facts` are told of them. `rights` (source,
    licence, consent) hold for pictures whose table says nothing of their own.
    """
    told = photo_facts(dict(rights or {}), Words("rights"))
    owner = actor_facts({**(facts or {}), "name": actor}, Words("actor")) if actor.strip() else None
    total = ImportReport()
    for opened in _sources(uploads, total):
        try:
            source: Cast = _OneActor(opened, owner) if owner else with_table(opened)
            report = import_cast(library, _WithRights(source, told), finder, progress)
        except InputError as error:
            total.refused.append(error)
            continue
        total.photos += report.photos
        total.actors += report.actors
        total.present += report.present
        total.took_s += report.took_s
        total.refused += report.refused
        if report.stopped:
            total.stopped = True
            break
    return total


def _sources(uploads: Sequence[Upload], report: ImportReport) -> Iterator[Files]:
    """Loose files together, then each ZIP; what cannot be opened is refused alone."""
    zips = [one for one in uploads if one.content.startswith(ZIP_MAGIC)]
    loose = {one.name: one.content for one in uploads if not one.content.startswith(ZIP_MAGIC)}
    if loose:
        yield MemoryFiles("upload", loose)
    for one in zips:
        try:
            yield ZipFiles(Path(one.name), io.BytesIO(one.content))
        except InputError as error:
            report.refused.append(error)


class MemoryFiles:
    """Files held in memory; see `casting.importing.files.Files`."""

    def __init__(self, label: str, contents: Mapping[str, bytes]) -> None:
        self.label = label
        self._contents = contents

    def names(self) -> Iterator[str | InputError]:
        """Every file, sorted; an error in the place of a name that leaves the upload."""
        for name in sorted(self._contents):
            try:
                yield inside(name, name)
            except InputError as error:
                yield error

    def read(self, name: str) -> bytes:
        """Content of a file, or `InputError`."""
        if name not in self._contents:
            raise InputError(name, "it was not handed over.", "Add the picture beside its table.")
        return self._contents[name]


@dataclass(frozen=True)
class _OneActor:
    """Files that all show one actor, whatever their folders are called."""

    files: Files
    actor: ActorFacts

    def entries(self) -> Iterator[Entry | InputError]:
        for name in self.files.names():
            if isinstance(name, InputError):
                yield name
            elif PurePosixPath(name).suffix.lower() in TABLES:
                yield InputError(name, "a table says whose photos these are, and one actor was chosen.",
                                 "Choose no actor to import the table, or leave the table out.")  # fmt: skip
            else:
                yield Entry(name, name, self.actor, PhotoFacts())

    def read(self, entry: Entry) -> bytes:
        return self.files.read(entry.file)


@dataclass(frozen=True)
class _WithRights:
    """A cast whose photos have these rights where nothing else is said."""

    cast: Cast
    rights: PhotoFacts

    def entries(self) -> Iterator[Entry | InputError]:
        for entry in self.cast.entries():
            if isinstance(entry, InputError):
                yield entry
                continue
            own, told = entry.photo, self.rights
            rights = PhotoFacts(own.source or told.source, own.licence or told.licence, own.consent or told.consent)
            yield replace(entry, photo=rights)

    def read(self, entry: Entry) -> bytes:
        return self.cast.read(entry)
