"""A cast library: one folder that holds everything about one cast.

castoon.toml      settings, optional
catalog.sqlite    actors, photos, faces, characters, shortlists, runs
photos/ab/<sha>   pictures as they were handed in, under their content hash
characters/       pictures of saved characters
vectors/          embeddings, content-addressed, so that nothing is computed twice
index/            published index versions
write.lock        held by the one job that writes
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from casting.catalog import Character, Database, Photo
from casting.locks import Holder, writing
from casting.photo_faces import face_of
from casting.settings import SETTINGS_FILE, Settings, load_settings
from castoon.errors import NotReadyError
from castoon.words import Words
from index import Tuning, VersionedIndex

if TYPE_CHECKING:
    from embeddings import Face, VectorStore

CATALOG = "catalog.sqlite"


@dataclass(frozen=True)
class PhotoRef:
    """One photo as pages and reports need it."""

    sha256: str
    actor: str
    file: str
    """Relative to the library."""
    original: str
    """Its name in the source that it was imported from."""
    licence: str | None
    box: tuple[float, float, float, float] | None
    """Around the face, in pixels of the photo."""
    flags: tuple[str, ...]
    """Quality flags of the face, and `several_faces`."""

    @classmethod
    def of(cls, photo: Photo) -> PhotoRef:
        """From the catalog's row."""
        face = photo.faces[-1] if photo.faces else None
        flags = tuple(face.quality.get("flags", ())) if face else ()
        several = ("several_faces",) if face and face.others else ()
        box = (face.box[0], face.box[1], face.box[2], face.box[3]) if face else None
        return cls(photo.sha256, photo.actor.name, photo.file, photo.original, photo.licence, box, (*flags, *several))


class Library:
    """An open library. Cheap to open; models are loaded by `casting.engine`, not here."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.database = Database.in_folder(folder, settings.database)

    @classmethod
    def open(cls, folder: Path | str, **overrides: object) -> Library:
        """Open an existing library."""
        path = Path(folder).expanduser()
        settings = load_settings(path, **overrides)
        if not settings.database and not (path / CATALOG).is_file():
            reason = "there is no library here." if path.is_dir() else "the folder does not exist."
            raise NotReadyError(str(path), reason, "Make one with `castoon import SOURCE --library DIR`.")
        return cls(path, settings)

    @classmethod
    def create(cls, folder: Path | str, **overrides: object) -> Library:
        """Open a library, making it when it is not there."""
        path = Path(folder).expanduser()
        if path.exists() and not path.is_dir():
            raise NotReadyError(str(path), "this is a file, not a folder.", "Choose another folder for the library.")
        try:
            for part in ("photos", "characters", "vectors", "index"):
                (path / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotReadyError(
                str(path), Words("it cannot be made ({why}).", why=error.strerror), "Choose another folder."
            ) from error
        cls._remember_pack(path, overrides.get("pack"))
        return cls(path, load_settings(path, **overrides))

    @staticmethod
    def _remember_pack(path: Path, pack: object) -> None:
        """A new library keeps the pack that it was made with, so that later commands need not name it."""
        file = path / SETTINGS_FILE
        if pack and not file.exists() and not (path / CATALOG).exists():
            given = Path(str(pack)).expanduser()
            kept = str(given.resolve()) if given.is_dir() else str(pack)
            file.write_text(f"pack = {json.dumps(kept, ensure_ascii=False)}\n", "utf-8")

    @cached_property
    def index(self) -> VersionedIndex:
        """The published index versions."""
        chosen = self.settings
        return VersionedIndex(
            self.folder / "index",
            Tuning(chosen.index_backend, chosen.index_exact_up_to, chosen.index_memory_mb, chosen.index_threads,
                   chosen.aggregation),
        )  # fmt: skip

    @cached_property
    def vectors(self) -> VectorStore:
        """Stored embeddings."""
        from embeddings import VectorStore

        return VectorStore(self.folder / "vectors")

    def photos(self, hashes: Sequence[str]) -> dict[str, PhotoRef]:
        """What is known of photos, by content hash; hashes that are not there are left out."""
        with self.database.session() as session:
            wanted = select(Photo).where(Photo.sha256.in_(hashes))
            rows = session.scalars(wanted.options(selectinload(Photo.faces), joinedload(Photo.actor)))
            return {row.sha256: PhotoRef.of(row) for row in rows}

    def characters(self) -> dict[str, list[Path]]:
        """Saved characters and their pictures, by name."""
        with self.database.session() as session:
            rows = session.scalars(select(Character).order_by(Character.production, Character.name))
            return {row.name: [self.folder / image for image in row.images] for row in rows if row.images}

    def photo_file(self, sha256: str, suffix: str) -> Path:
        """Where a picture with this content belongs, relative to the library."""
        return Path("photos") / sha256[:2] / f"{sha256}{suffix}"

    @property
    def manners(self) -> Path:
        """Folder of how its own drawings are read (`casting.tuning.manners`); there is none until one is fitted."""
        return self.folder / "manners"

    @property
    def cache(self) -> Path:
        """Renderings for people to look at; may be deleted at any time."""
        return self.folder / "cache"

    def photo_face(self, file: str) -> Face | None:
        """The actor's face in a photo, by the photo's path within the library."""
        with self.database.session() as session:
            photo = session.scalar(select(Photo).where(Photo.file == file).options(selectinload(Photo.faces)))
            return face_of(photo.faces[-1]) if photo and photo.faces else None

    @contextlib.contextmanager
    def writing(self, what: str) -> Iterator[Holder | None]:
        """Be the only one that writes to this library; yields the writer before, when it died in the middle."""
        with writing(self.folder, what) as dead:
            yield dead

    def close(self) -> None:
        """Give the catalog's connections back."""
        self.database.close()
