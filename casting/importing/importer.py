"""Importing a cast: each photo is judged alone, and everything good is kept in small, durable transactions.

A photo's file is written under its content hash before its row is committed, and rows are committed in batches. A kill
at any moment therefore leaves a library that opens; the next import passes over what is there and finishes the rest.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
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
from castoon.images import Picture, decode
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import FaceFinder, Finding

BATCH = 16
DECODERS = 2
SUFFIX = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif", "GIF": ".gif", "HEIF": ".heic"}


@dataclass(frozen=True, eq=False)
class _Decoded:
    entry: Entry
    content: bytes
    sha256: str
    picture: Picture | None
    """None where the library holds the file already."""


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
        decoded = self._decoded(entries)
        finished = False
        while not finished and not progress.stopped:
            batch = list(itertools.islice(decoded, BATCH))
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

    def _decoded(self, entries: list[Entry]) -> Iterator[_Decoded | InputError]:
        """Decode a little ahead on threads; memory stays bounded by the window."""
        with ThreadPoolExecutor(DECODERS) as pool:
            window: deque[Future[_Decoded | InputError]] = deque()
            rest = iter(entries)
            try:
                for entry in rest:
                    window.append(pool.submit(self._decode, entry))
                    if len(window) > 2 * DECODERS:
                        yield window.popleft().result()
                while window:
                    yield window.popleft().result()
            finally:
                for future in window:
                    future.cancel()

    def _decode(self, entry: Entry) -> _Decoded | InputError:
        try:
            content = self.source.read(entry)
            sha256 = sha256_bytes(content)
            known = sha256 in self.by_file
            limit = int(self.library.settings.max_megapixels * 1e6)
            return _Decoded(entry, content, sha256, None if known else decode(content, entry.label, limit))
        except InputError as error:
            return error

    def _take(self, session: Session, item: _Decoded | InputError) -> None:
        try:
            if isinstance(item, InputError):
                raise item
            self._keep(session, item)
        except InputError as error:
            self.report.refused.append(error)

    def _keep(self, session: Session, item: _Decoded) -> None:
        entry, picture = item.entry, item.picture
        if picture is None or item.sha256 in self.by_file:
            self._check_owner(entry, self.by_file[item.sha256])
            self._complete_facts(session, entry)
            self.report.present += 1
            return
        pixels = sha256_bytes(f"{picture.width}x{picture.height}".encode() + picture.pixels.tobytes())
        if pixels in self.by_pixels:
            self._check_owner(entry, self.by_pixels[pixels])
            self._complete_facts(session, entry)
            self.report.present += 1
            return
        finding = self._find(entry, picture)
        actor = self._actor(session, entry)
        file = self.library.photo_file(item.sha256, SUFFIX.get(picture.format, ".img"))
        write_atomic(self.library.folder / file, item.content)
        photo = Photo(
            sha256=item.sha256, pixels=pixels, file=file.as_posix(), original=entry.file, width=picture.width,
            height=picture.height, format=picture.format, actor=actor, **asdict(entry.photo),
        )  # fmt: skip
        session.add(photo)
        session.add(face_row(finding.faces[0], self.finder.contract, len(finding.faces) - 1, photo))
        session.flush()
        self.by_file[item.sha256] = self.by_pixels[pixels] = actor.name
        self.report.photos += 1

    def _find(self, entry: Entry, picture: Picture) -> Finding:
        try:
            finding = self.finder.find(picture.pixels, "photo")
        except InputError as error:
            raise InputError(
                entry.label, Words("{thing}: {reason}", thing=error.thing, reason=error.reason), error.next_step
            ) from error
        if not finding.faces:
            step = finding.next_step or "Use a picture that shows the face."
            raise InputError(entry.label, finding.reason or "no face was found.", step)
        return finding

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
