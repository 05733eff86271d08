"""Vectors of faces, batch by batch: decoded side by side, embedded space by space, stored before the next batch begins.

A photo that cannot be read, or that a model refuses, is recorded and tried again next time; it never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from casting.catalog import Photo
from casting.engine import Engine
from casting.library import Library
from casting.photo_faces import face_of
from casting.progress import Progress
from casting.rebuilding.faces import note_failure
from casting.spaces import Space
from castoon.errors import CastoonError, InputError
from castoon.images import read
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import Face, FacePicture, VectorKey

    Batch = dict[int, FacePicture]
"""Photo -> its face, as encoders see it."""
Vector = npt.NDArray[np.float32]


@dataclass
class Embedder:
    """Computes and stores what is missing."""

    library: Library
    engine: Engine
    progress: Progress
    stopped: Callable[[], bool]
    replace: bool = False
    """Whether vectors that are there already are computed anew."""
    computed: int = 0
    failed: list[InputError] = field(default_factory=list)
    _good_photos: int = 0

    def run(self, missing: Mapping[int, Sequence[tuple[Space, VectorKey]]]) -> None:
        """Compute the vectors that each photo (by id) lacks."""
        self.progress.begin("embed", len(missing))
        photos, size = list(missing), self.library.settings.batch
        with ThreadPoolExecutor(self.library.settings.threads) as readers:
            for start in range(0, len(photos), size):
                if self.stopped():
                    return
                chunk = photos[start : start + size]
                self._batch(self._read(chunk, readers), {photo: missing[photo] for photo in chunk})
                self.progress.advance(len(chunk))

    def _read(self, photos: Sequence[int], readers: ThreadPoolExecutor) -> Batch:
        contract = self.engine.finder.contract
        with self.library.database.session() as session:
            wanted = select(Photo).where(Photo.id.in_(photos)).options(selectinload(Photo.faces))
            faces = [
                (row.id, row.file, face_of(max(mine, key=lambda face: face.id)))
                for row in session.scalars(wanted.order_by(Photo.id))
                if (mine := [face for face in row.faces if face.contract == contract])
            ]
        return {photo: picture for photo, picture in readers.map(self._picture, *zip(*faces, strict=True)) if picture} \
            if faces else {}  # fmt: skip

    def _picture(self, photo: int, file: str, face: Face) -> tuple[int, FacePicture | None]:
        from embeddings import FacePicture

        try:
            return photo, FacePicture(read(self.library.folder / file).pixels, face)
        except InputError as error:
            self._fail(photo, InputError(file, error.reason, error.next_step))
            return photo, None

    def _batch(self, pictures: Batch, needs: Mapping[int, Sequence[tuple[Space, VectorKey]]]) -> None:
        vectors: dict[VectorKey, Vector] = {}
        failed: set[int] = set()
        for space in sorted({space for photo in pictures for space, _ in needs[photo]}):
            keys = {photo: key for photo in pictures if photo not in failed
                    for wanted, key in needs[photo] if wanted == space}  # fmt: skip
            found = self._encode(space, {photo: pictures[photo] for photo in keys})
            failed |= set(keys) - set(found)
            vectors |= {keys[photo]: vector for photo, vector in found.items()}
        self.library.vectors.add(vectors, replace=self.replace)
        self.computed += len(vectors)
        with self.library.database.transaction() as session:
            recovered = [photo for photo in pictures if photo not in failed]
            session.execute(
                update(Photo).where(Photo.id.in_(recovered), Photo.failure.is_not(None)).values(failure=None)
            )

    def _encode(self, space: Space, pictures: Batch) -> dict[int, Vector]:
        """Vectors by photo. When a batch fails, its photos are tried one by one to find those at fault."""
        try:
            found = dict(zip(pictures, self.engine.encode_gallery(space, list(pictures.values())), strict=True))
            self._good_photos += len(found)
            return found
        except Exception as error:
            if len(pictures) > 1:
                alone = [self._encode(space, {photo: picture}) for photo, picture in pictures.items()]
                return {photo: vector for one in alone for photo, vector in one.items()}
            if self._no_photo_works(error):
                raise
            (photo,) = pictures
            self._fail(photo, self._blamed(photo, space, error))
            return {}

    def _no_photo_works(self, error: Exception) -> bool:
        """Whether the models rather than the photos are at fault: nothing has worked, and much has failed."""
        if isinstance(error, CastoonError) and not isinstance(error, InputError):
            return True
        return not self._good_photos and len(self.failed) >= self.library.settings.batch

    def _blamed(self, photo: int, space: Space, error: Exception) -> InputError:
        with self.library.database.session() as session:
            file = session.scalar(select(Photo.file).where(Photo.id == photo)) or Words("photo {photo}", photo=photo)
        if isinstance(error, CastoonError):
            return InputError(file, error.reason, error.next_step)
        return InputError(
            file,
            Words("it could not be embedded in {space} ({kind}: {why}).", space=space, kind=type(error).__name__,
                  why=error),
            "It is tried again at the next rebuild; replace the photo if it keeps failing.",
        )  # fmt: skip

    def _fail(self, photo: int, error: InputError) -> None:
        self.failed.append(error)
        note_failure(self.library, photo, error)
