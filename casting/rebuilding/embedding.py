"""Photos that lack a face or vectors, taken through the pipeline; the catalog is told what became of each.

A photo that cannot be read, or that a model refuses, is recorded and tried again next time; it never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from casting.catalog import Photo, PhotoFace, touch
from casting.engine import Engine
from casting.library import Library
from casting.photo_faces import face_of, face_row
from casting.progress import Progress
from casting.spaces import PHOTO, Space
from castoon.errors import InputError
from castoon.images import RGB, read
from embeddings.pipeline import Group, Lane, Source, run
from embeddings.pipeline import Progress as PipelineProgress

ROWS_AT_A_TIME = 256


@dataclass(frozen=True, eq=False)
class PhotoSource(Source):
    """A photo of the catalog on its way through the pipeline."""

    id: int = 0


def photos_without_face(library: Library, finder: str) -> list[int]:
    """Photos, by id, in which the finder of that contract has not looked yet, or found nothing last time."""
    known = select(PhotoFace.photo_id).where(PhotoFace.contract == finder)
    with library.database.session() as session:
        return list(session.scalars(select(Photo.id).where(Photo.id.not_in(known)).order_by(Photo.id)))


@dataclass
class Embedder:
    """Finds and embeds what is missing."""

    library: Library
    engine: Engine
    """With models for several workers."""
    progress: Progress
    stopped: Callable[[], bool]
    spaces: Sequence[Space]
    """Spaces to fill."""
    anew: bool = False
    """Whether vectors that are there already are computed once more."""
    computed: int = 0
    new_faces: int = 0
    of_new_faces: int = 0
    """How many of the vectors computed belong to faces that were found just now."""
    failed: list[InputError] = field(default_factory=list)

    def run(self, photos: Sequence[int]) -> None:
        """See to these photos, by id: look for the face where none is known, compute the vectors that are not there."""
        self.progress.begin("embed", len(photos))
        settings = self.library.settings
        run(
            self._sources(photos), self.engine.finder, [self._lane(space) for space in self.spaces],
            self.library.vectors, total=len(photos), batch=settings.batch, threads=settings.threads, anew=self.anew,
            on_group=self._note, on_progress=self._advance(), stopped=self.stopped,
        )  # fmt: skip

    def _lane(self, space: Space) -> Lane:
        rendering = self.engine.rendering(space)
        render = None if space.rendering == PHOTO else partial(self.engine.render, space.rendering)
        return Lane(self.engine.encoder(space.encoder), rendering.fingerprint, render, str(space))

    def _sources(self, photos: Sequence[int]) -> Iterator[PhotoSource]:
        contract = self.engine.finder.contract
        for start in range(0, len(photos), ROWS_AT_A_TIME):
            part = photos[start : start + ROWS_AT_A_TIME]
            with self.library.database.session() as session:
                wanted = select(Photo).where(Photo.id.in_(part)).options(selectinload(Photo.faces))
                rows = list(session.scalars(wanted.order_by(Photo.id)))
            for row in rows:
                mine = [face for face in row.faces if face.contract == contract]
                face = face_of(max(mine, key=lambda one: one.id)) if mine else None
                load = partial(_pixels, self.library.folder, row.file)
                yield PhotoSource(row.sha256, load, face, row.file, row.id)

    def _advance(self) -> Callable[[PipelineProgress], None]:
        before = 0

        def tell(progress: PipelineProgress) -> None:
            nonlocal before
            if progress.done > before:
                self.progress.advance(progress.done - before)
            before = progress.done

        return tell

    def _note(self, group: Group[PhotoSource]) -> None:
        """Keep the faces that were found, and what is wrong with photos that failed."""
        new = [(one.source, one.finding) for one in group.faces if one.finding is not None and one.finding.faces]
        bad = [(one.source, one.failure) for one in group.faces if one.failure is not None]
        good = [one.source.id for one in group.faces if one.failure is None]
        contract = self.engine.finder.contract
        with self.library.database.transaction() as session:
            session.execute(update(Photo).where(Photo.id.in_(good), Photo.failure.is_not(None)).values(failure=None))
            for source, failure in bad:
                session.execute(update(Photo).where(Photo.id == source.id).values(failure=failure.reason))
            for source, finding in new:
                photo = session.get(Photo, source.id)
                if photo is not None:
                    session.add(face_row(finding.faces[0], contract, len(finding.faces) - 1, photo))
            if new:
                touch(session)
        found = {source.photo for source, _ in new}
        self.computed += len(group.vectors)
        self.new_faces += len(new)
        self.of_new_faces += sum(key.photo in found for key in group.vectors)
        self.failed += [failure for _, failure in bad]


def _pixels(folder: Path, file: str) -> RGB:
    try:
        return read(folder / file).pixels
    except InputError as error:
        raise InputError(file, error.reason, error.next_step) from error
