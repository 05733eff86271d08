"""Importing a cast: each photo is judged alone, and everything good is kept in small, durable transactions.

A photo's file is written under its content hash before its row is committed, and rows are committed in batches. A kill
at any moment therefore leaves a library that opens; the next import passes over what is there and finishes the rest.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casting.catalog import Actor, Photo, touch
from casting.importing.facts import ACTOR_COLUMNS, ActorFacts
from casting.importing.report import ImportReport
from casting.importing.sources import Cast, Entry, open_source
from casting.library import Library
from casting.photo_faces import face_row
from casting.progress import Progress, Silent
from casting.runs import logged_run
from castoon.errors import InputError
from castoon.files import PARTIAL, sha256_bytes, write_atomic
from castoon.images import RGB, decode
from castoon.words import Words
from embeddings.pipeline import Found, find

if TYPE_CHECKING:
    from embeddings import Face, FaceFinder

BATCH = 16
"""Photos of one transaction; as many are read and judged ahead of it."""
SUFFIX = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif", "GIF": ".gif", "HEIF": ".heic"}


class _Offer:
    """One photo on its way in: read and judged by a worker, see `embeddings.pipeline.Readable`."""

    face: Face | None = None

    def __init__(self, entry: Entry, coming: _Import) -> None:
        self.entry = entry
        self.content, self.sha256, self.pixels = b"", "", ""
        self.width = self.height = 0
        self.format = ""
        self._coming = coming

    @property
    def label(self) -> str:
        """The entry's."""
        return self.entry.label

    def load(self) -> RGB | None:
        """Its pixels; None where the library holds the file, or its very pixels in another file, already."""
        coming = self._coming
        self.content = coming.source.read(self.entry)
        self.sha256 = sha256_bytes(self.content)
        if self.sha256 in coming.by_file:
            return None
        picture = decode(self.content, self.label, int(coming.library.settings.max_megapixels * 1e6))
        self.width, self.height, self.format = picture.width, picture.height, picture.format
        self.pixels = sha256_bytes(f"{self.width}x{self.height}".encode() + picture.pixels.tobytes())
        return None if self.pixels in coming.by_pixels else picture.pixels


def import_cast(
    library: Library, source: Path | str | Cast, finder: FaceFinder, progress: Progress | None = None
) -> ImportReport:
    """Import a folder with one sub-folder an actor, a CSV, a ZIP of either, or a cast opened by other means."""
    opened = open_source(Path(source).expanduser()) if isinstance(source, Path | str) else source
    with library.writing("castoon import"), logged_run(library.database, "import", progress or Silent()) as log:
        for partial in (library.folder / "photos").rglob(f"*{PARTIAL}"):
            partial.unlink(missing_ok=True)
        report = _Import(library, opened, finder).run(log)
        log.detail |= {"photos": report.photos, "actors": report.actors, "refused": len(report.refused)}
    return report


class _Import:
    def __init__(self, library: Library, source: Cast, finder: FaceFinder) -> None:
        self.library = library
        self.source = source
        self.finder = finder
        self.report = ImportReport()
        with library.database.session() as session:
            owners = session.execute(select(Photo.sha256, Photo.pixels, Actor.name).join(Actor)).all()
        self.by_file = {row.sha256: row.name for row in owners}
        self.by_pixels = {row.pixels: row.name for row in owners}

    def run(self, progress: Progress) -> ImportReport:
        began = time.monotonic()
        entries: list[Entry] = []
        for entry in self.source.entries():
            if isinstance(entry, InputError):
                self.report.refused.append(entry)
            else:
                entries.append(entry)
        progress.begin("import", len(entries))
        offers = (_Offer(entry, self) for entry in entries)
        finished = False
        with contextlib.closing(
            find(offers, self.finder, batch=BATCH, threads=self.library.settings.threads)
        ) as judged:
            while not finished and not progress.stopped:
                batch = list(itertools.islice(judged, BATCH))
                finished = len(batch) < BATCH
                with self.library.database.transaction() as session:
                    before = self.report.photos
                    for item in batch:
                        self._take(session, item)
                    if self.report.photos > before:
                        touch(session)
                progress.advance(len(batch))
        self.report.stopped = not finished
        self.report.took_s = time.monotonic() - began
        return self.report

    def _take(self, session: Session, item: Found[_Offer]) -> None:
        try:
            self._keep(session, item)
        except InputError as error:
            self.report.refused.append(error)

    def _keep(self, session: Session, item: Found[_Offer]) -> None:
        offer, entry = item.source, item.source.entry
        owner = self.by_file.get(offer.sha256) or self.by_pixels.get(offer.pixels)
        if owner is not None:
            self._check_owner(entry, owner)
            self._complete_facts(session, entry)
            self.report.present += 1
            return
        if item.failure is not None:
            raise item.failure
        assert item.finding is not None, "a picture that is new was looked at"
        actor = self._actor(session, entry)
        file = self.library.photo_file(offer.sha256, SUFFIX.get(offer.format, ".img"))
        write_atomic(self.library.folder / file, offer.content)
        photo = Photo(
            sha256=offer.sha256, pixels=offer.pixels, file=file.as_posix(), original=entry.file, width=offer.width,
            height=offer.height, format=offer.format, actor=actor, **asdict(entry.photo),
        )  # fmt: skip
        session.add(photo)
        session.add(face_row(item.finding.faces[0], self.finder.contract, len(item.finding.faces) - 1, photo))
        session.flush()
        self.by_file[offer.sha256] = self.by_pixels[offer.pixels] = actor.name
        self.report.photos += 1

    def _check_owner(self, entry: Entry, owner: str) -> None:
        if owner != entry.actor.name:
            raise InputError(
                entry.label,
                Words(
                    "the same picture already belongs to `{owner}`, not to `{actor}`.",
                    owner=owner,
                    actor=entry.actor.name,
                ),
                "Keep it with the person it shows.",
            )

    def _actor(self, session: Session, entry: Entry) -> Actor:
        actor = self._complete_facts(session, entry)
        if actor is None:
            actor = Actor(name=entry.actor.name, **_columns(entry.actor))
            session.add(actor)
            session.flush()
            self.report.actors += 1
        return actor

    def _complete_facts(self, session: Session, entry: Entry) -> Actor | None:
        """Fill in what the table knows and the catalog does not; refuse what contradicts the catalog."""
        actor = session.scalar(select(Actor).where(Actor.name == entry.actor.name))
        if actor is None:
            return None
        known = ActorFacts(
            actor.name, tuple(actor.aliases), actor.gender, actor.birth_year, actor.agency, actor.height_cm,
            actor.availability, tuple(actor.tags),
        )  # fmt: skip
        if different := known.conflicts(entry.actor):
            raise InputError(
                entry.label,
                Words(
                    "the library knows `{actor}` with other data in {names}.",
                    actor=actor.name,
                    names=", ".join(different),
                ),
                "Correct the row, or the actor in the library.",
            )
        for column, value in _columns(known.merged(entry.actor)).items():
            if getattr(actor, column) != value:
                setattr(actor, column, value)
        return actor


def _columns(facts: ActorFacts) -> dict[str, Any]:
    known = {column: getattr(facts, column) for column in ACTOR_COLUMNS}
    return {column: list(value) if isinstance(value, tuple) else value for column, value in known.items()}
