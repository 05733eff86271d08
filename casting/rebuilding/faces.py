"""Faces of photos that the finder in use has not seen yet, or in which it found none last time."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update

from casting.catalog import Photo, PhotoFace, touch
from casting.engine import Engine
from casting.library import Library
from casting.photo_faces import face_row
from casting.progress import Progress
from castoon.errors import CastoonError, InputError
from castoon.images import read
from castoon.words import Words


def find_missing_faces(
    library: Library,
    engine: Engine,
    progress: Progress,
    stopped: Callable[[], bool],
    failed: Callable[[InputError], None],
) -> None:
    """Look for the actor's face in every photo without one; what cannot be used is recorded and tried again.

    Where the finder itself breaks on photo after photo and has worked on none, it is the finder that is at fault.
    """
    contract = engine.finder.contract
    with library.database.session() as session:
        known = select(PhotoFace.photo_id).where(PhotoFace.contract == contract)
        todo = session.execute(select(Photo.id, Photo.file).where(Photo.id.not_in(known))).all()
    if not todo:
        return
    progress.begin("find faces", len(todo))
    surprises, worked = 0, False
    for photo_id, file in todo:
        if stopped():
            return
        try:
            error = _find(library, engine, photo_id, file, contract)
            worked = True
        except CastoonError:
            raise
        except Exception as unexpected:
            surprises += 1
            if not worked and surprises >= library.settings.batch:
                raise
            error = InputError(
                file,
                Words("looking for a face failed ({kind}: {why}).", kind=type(unexpected).__name__, why=unexpected),
                "It is tried again at the next rebuild; replace the photo if it keeps failing.",
            )  # fmt: skip
        if error is not None:
            note_failure(library, photo_id, error)
            failed(error)
        progress.advance()


def _find(library: Library, engine: Engine, photo_id: int, file: str, contract: str) -> InputError | None:
    try:
        finding = engine.finder.find(read(library.folder / file).pixels, "photo")
        if not finding.faces:
            raise InputError(file, finding.reason, finding.next_step)
    except InputError as error:
        return InputError(file, error.reason, error.next_step)
    with library.database.transaction() as session:
        photo = session.get(Photo, photo_id)
        if photo is not None:
            session.add(face_row(finding.faces[0], contract, len(finding.faces) - 1, photo))
            photo.failure = None
            touch(session)
    return None


def note_failure(library: Library, photo_id: int, error: InputError) -> None:
    """Remember in the catalog why a photo cannot be used."""
    with library.database.transaction() as session:
        session.execute(update(Photo).where(Photo.id == photo_id).values(failure=error.reason))
