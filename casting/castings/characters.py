"""Drawn characters that people keep: their pictures as handed in, and the face that was chosen on each."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from casting.castings.names import by_name, clean_name, clean_note
from casting.catalog import Character
from casting.engine import Engine
from casting.library import Library
from casting.ranking import find_faces, pick_face, rank_faces
from casting.results import Ranking
from castoon.errors import InputError
from castoon.files import sha256_bytes, write_atomic
from castoon.images import RGB, decode, read
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import Face, FacePicture
    from index import FlatIndex

MOST_PICTURES = 24
_SUFFIX = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif", "GIF": ".gif", "HEIF": ".heic"}


@dataclass(frozen=True)
class ChosenFace:
    """Which face of a picture is the character's: marked by a box or five points in its pixels, or by number."""

    box: tuple[float, float, float, float] | None = None
    points: tuple[tuple[float, float], ...] | None = None
    """Left eye, right eye, nose tip, left and right corner of the mouth, as they lie in the picture."""
    number: int = 0
    """Among the faces found, largest first; used where neither box nor points are given."""

    @classmethod
    def of(cls, face: Face) -> ChosenFace:
        """A face that was found or marked."""
        x1, y1, x2, y2 = face.box
        return cls((x1, y1, x2, y2), tuple((float(x), float(y)) for x, y in face.points))

    def on(self, engine: Engine, image: RGB, thing: str) -> Face:
        """The face on its picture."""
        if self.box is None and self.points is None:
            return pick_face(find_faces(engine, image), self.number, thing)
        from embeddings import manual_face

        return manual_face(image, self.box, self.points)

    def as_dict(self) -> dict[str, Any]:
        """For the catalog."""
        points = None if self.points is None else [list(point) for point in self.points]
        return {"box": None if self.box is None else list(self.box), "points": points, "number": self.number}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ChosenFace:
        """From the catalog."""
        box, points = stored.get("box"), stored.get("points")
        return cls(
            None if box is None else (box[0], box[1], box[2], box[3]),
            None if points is None else tuple((x, y) for x, y in points),
            int(stored.get("number", 0)),
        )


@dataclass(frozen=True)
class SavedCharacter:
    """A character as it is kept."""

    id: int
    name: str
    production: str | None
    synopsis: str | None
    images: tuple[str, ...]
    """Paths within the library."""
    faces: tuple[ChosenFace, ...]
    """One an image."""
    created: datetime

    @classmethod
    def of(cls, row: Character) -> SavedCharacter:
        """From the catalog's row."""
        chosen = [ChosenFace.from_dict(one) for one in row.faces or ()]
        chosen += [ChosenFace()] * (len(row.images) - len(chosen))
        return cls(row.id, row.name, row.production, row.synopsis, tuple(row.images), tuple(chosen), row.created)


def every(library: Library) -> list[SavedCharacter]:
    """All characters, by production and name."""
    with library.database.session() as session:
        rows = session.scalars(select(Character).order_by(Character.production, Character.name))
        return [SavedCharacter.of(row) for row in rows]


def get(library: Library, name: str) -> SavedCharacter:
    """One character by name."""
    with library.database.session() as session:
        return SavedCharacter.of(by_name(session, Character, name))


def save(
    library: Library,
    name: str,
    pictures: Sequence[bytes],
    faces: Sequence[ChosenFace] = (),
    *,
    production: str = "",
    synopsis: str = "",
) -> SavedCharacter:
    """Keep a new character with its pictures; a face that nobody chose is the largest one."""
    name = clean_name(name, Words("character"))
    if not pictures:
        raise InputError(Words("character `{name}`", name=name), "it has no picture.", "Give at least one.")
    _check_count(len(pictures))
    images = [
        _store(library, content, Words("picture {place}", place=place)) for place, content in enumerate(pictures, 1)
    ]
    chosen = [*faces, *[ChosenFace()] * (len(pictures) - len(faces))]
    row = Character(
        name=name, production=production.strip() or None, synopsis=clean_note(synopsis) or None, images=images,
        faces=[one.as_dict() for one in chosen],
    )  # fmt: skip
    try:
        with library.database.transaction() as session:
            session.add(row)
    except IntegrityError as error:
        _sweep(library, images)
        step = "Choose another name, or add the pictures to that character."
        raise InputError(Words("character `{name}`", name=name), "there is one of this name already.", step) from error
    return SavedCharacter.of(row)


def add_picture(library: Library, name: str, content: bytes, face: ChosenFace | None = None) -> SavedCharacter:
    """Add a picture to a character."""
    image = _store(library, content, Words("picture"))
    with library.database.transaction() as session:
        row = by_name(session, Character, name)
        if image not in row.images:
            _check_count(len(row.images) + 1)
            known = SavedCharacter.of(row)
            row.images = [*known.images, image]
            row.faces = [one.as_dict() for one in (*known.faces, face or ChosenFace())]
        return SavedCharacter.of(row)


def choose_face(library: Library, name: str, place: int, face: ChosenFace) -> SavedCharacter:
    """Set which face of the character's picture number `place` (from 0) counts."""
    with library.database.transaction() as session:
        row = by_name(session, Character, name)
        known = SavedCharacter.of(row)
        if not 0 <= place < len(known.images):
            raise InputError(
                Words("picture {place} of `{name}`", place=place, name=name),
                Words("there are {count}, counted from 0.", count=len(known.images)),
                "",
            )
        row.faces = [(face if at == place else one).as_dict() for at, one in enumerate(known.faces)]
        return SavedCharacter.of(row)


def describe(library: Library, name: str, *, production: str, synopsis: str) -> SavedCharacter:
    """Change production and synopsis."""
    with library.database.transaction() as session:
        row = by_name(session, Character, name)
        row.production, row.synopsis = production.strip() or None, clean_note(synopsis) or None
        return SavedCharacter.of(row)


def remove(library: Library, name: str) -> None:
    """Delete a character, its kept rankings and its pictures; shortlist entries stay without a character."""
    with library.database.transaction() as session:
        row = by_name(session, Character, name)
        images = list(row.images)
        session.delete(row)
    _sweep(library, images)


def pictures(library: Library, character: SavedCharacter) -> list[RGB]:
    """The character's pictures, decoded."""
    most = int(library.settings.max_megapixels * 1e6)
    return [read(library.folder / image, most).pixels for image in character.images]


def face_pictures(library: Library, engine: Engine, character: SavedCharacter) -> list[FacePicture]:
    """The chosen faces of a character, as encoders read them."""
    shown = pictures(library, character)
    return [
        engine.face_picture(image, chosen.on(engine, image, Path(file).name))
        for image, chosen, file in zip(shown, character.faces, character.images, strict=True)
    ]


def rank_character(
    library: Library,
    engine: Engine,
    name: str,
    *,
    k: int = 20,
    where: str = "",
    weights: Mapping[str, float] | None = None,
    index: FlatIndex | None = None,
) -> Ranking:
    """Rank actors for a kept character; its pictures are averaged."""
    faces = face_pictures(library, engine, get(library, name))
    return rank_faces(library, engine, faces, k=k, where=where, weights=weights, index=index, label=name)


def _check_count(count: int) -> None:
    if count > MOST_PICTURES:
        raise InputError(
            Words("pictures"),
            Words("a character has at most {most}.", most=MOST_PICTURES),
            "Choose the most telling ones.",
        )


def _store(library: Library, content: bytes, thing: str) -> str:
    """Keep a picture as it was handed in, under its hash; returns its path within the library."""
    picture = decode(content, thing, int(library.settings.max_megapixels * 1e6))
    file = Path("characters") / f"{sha256_bytes(content)[:32]}{_SUFFIX.get(picture.format, '.bin')}"
    if not (library.folder / file).exists():
        write_atomic(library.folder / file, content)
    return file.as_posix()


def _sweep(library: Library, images: Sequence[str]) -> None:
    """Delete pictures that no character has any more."""
    with library.database.session() as session:
        used = {image for images in session.scalars(select(Character.images)) for image in images}
    for image in set(images) - used:
        with contextlib.suppress(OSError):
            (library.folder / image).unlink(missing_ok=True)
