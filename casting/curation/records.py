"""Actors and photos of a library as lists show them: searched in words, filtered like a ranking, sorted."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import case, func, select

from casting.catalog import Actor, Photo, PhotoFace
from casting.library import Library
from castoon.errors import InputError
from castoon.words import Words
from index import Facts, filters

Order = Literal["name", "newest", "birth_year", "photos"]
Lack = Literal["consent", "licence", "embedding"]
"""What a record may lack: a photo without consent or licence, or one that the last rebuild could not embed."""
Box = tuple[float, float, float, float]
FACTS = ("name", "aliases", "gender", "birth_year", "agency", "height_cm", "availability", "tags")


@dataclass(frozen=True)
class ActorRecord:
    """One actor with what is known, and how complete their photos are."""

    id: int
    name: str
    aliases: tuple[str, ...]
    gender: str | None
    birth_year: int | None
    agency: str | None
    height_cm: float | None
    availability: str | None
    tags: tuple[str, ...]
    photos: int
    without_consent: int
    without_licence: int
    failed: int
    """Photos that the last rebuild could not embed."""
    portrait: str
    """File of the first photo, relative to the library; empty where there is none."""
    portrait_box: Box | None

    @property
    def facts(self) -> Facts:
        """What filters may ask; the same columns as in an index."""
        return {name: getattr(self, name) for name in FACTS}

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        known = {name: list(value) if isinstance(value, tuple) else value for name, value in self.facts.items()}
        return {
            "id": self.id, **known, "photos": self.photos, "without_consent": self.without_consent,
            "without_licence": self.without_licence, "failed": self.failed,
        }  # fmt: skip


@dataclass(frozen=True)
class PhotoRecord:
    """One photo with where it came from and what may be done with it."""

    id: int
    actor_id: int
    actor: str
    sha256: str
    file: str
    original: str
    width: int
    height: int
    source: str | None
    licence: str | None
    consent: str | None
    failure: str | None
    box: Box | None
    flags: tuple[str, ...]
    """Quality flags of the face, and `several_faces`."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "id": self.id, "actor": self.actor, "sha256": self.sha256, "original": self.original,
            "width": self.width, "height": self.height, "source": self.source, "licence": self.licence,
            "consent": self.consent, "failure": self.failure, "flags": list(self.flags),
        }  # fmt: skip


def actor_records(
    library: Library, *, search: str = "", where: str = "", lacks: Lack | None = None, order: Order = "name"
) -> list[ActorRecord]:
    """Actors whose name, aliases, agency or tags hold the words searched for, and who pass the filter."""
    passes = filters.parse(where, FACTS).passes
    words = _folded(search).split()
    rows = [row for row in _all_actors(library) if passes(row.facts) and _mentions(row, words) and _lacks(row, lacks)]
    return sorted(rows, key=_KEYS[order])


def actor_record(library: Library, actor: int | str) -> ActorRecord:
    """One actor by number or exact name, or `InputError`."""
    found = [row for row in _all_actors(library, actor) if actor in (row.id, row.name)]
    if not found:
        raise InputError(
            Words("actor `{actor}`", actor=actor), "the library does not know them.", "Names are compared exactly."
        )
    return found[0]


def photo_records(
    library: Library, actor_ids: Sequence[int] | None = None, lacks: Lack | None = None
) -> list[PhotoRecord]:
    """Photos of some actors, or of all, by name of the actor and order of arrival."""
    asked = (
        select(Photo, Actor.name, PhotoFace)
        .join(Actor, Photo.actor_id == Actor.id)
        .outerjoin(PhotoFace, PhotoFace.id == _last_face())
        .order_by(Actor.name, Photo.id)
    )
    if actor_ids is not None:
        asked = asked.where(Photo.actor_id.in_(list(actor_ids)))
    match lacks:
        case "consent":
            asked = asked.where(Photo.consent.is_(None))
        case "licence":
            asked = asked.where(Photo.licence.is_(None))
        case "embedding":
            asked = asked.where(Photo.failure.is_not(None))
    with library.database.session() as session:
        return [_photo(photo, name, face) for photo, name, face in session.execute(asked)]


def _photo(photo: Photo, name: str, face: PhotoFace | None) -> PhotoRecord:
    flags = tuple(face.quality.get("flags", ())) if face else ()
    several = ("several_faces",) if face and face.others else ()
    return PhotoRecord(
        photo.id, photo.actor_id, name, photo.sha256, photo.file, photo.original, photo.width, photo.height,
        photo.source, photo.licence, photo.consent, photo.failure, _box(face), (*flags, *several),
    )  # fmt: skip


def _box(face: PhotoFace | None) -> Box | None:
    return (face.box[0], face.box[1], face.box[2], face.box[3]) if face else None


def _last_face() -> Any:
    """The number of the face found last in a photo; a photo may have one by each finder that looked at it."""
    return select(func.max(PhotoFace.id)).where(PhotoFace.photo_id == Photo.id).correlate(Photo).scalar_subquery()


def _all_actors(library: Library, only: int | str | None = None) -> list[ActorRecord]:
    def number_of(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    counts = (
        select(
            Photo.actor_id,
            func.count().label("photos"),
            number_of(Photo.consent.is_(None)).label("without_consent"),
            number_of(Photo.licence.is_(None)).label("without_licence"),
            number_of(Photo.failure.is_not(None)).label("failed"),
            func.min(Photo.id).label("first"),
        )
        .group_by(Photo.actor_id)
        .subquery()
    )
    asked = (
        select(Actor, counts, Photo.file, PhotoFace)
        .outerjoin(counts, counts.c.actor_id == Actor.id)
        .outerjoin(Photo, Photo.id == counts.c.first)
        .outerjoin(PhotoFace, PhotoFace.id == _last_face())
    )
    if only is not None:
        asked = asked.where(Actor.id == only if isinstance(only, int) else Actor.name == only)
    with library.database.session() as session:
        return [
            ActorRecord(
                row.Actor.id, row.Actor.name, tuple(row.Actor.aliases), row.Actor.gender, row.Actor.birth_year,
                row.Actor.agency, row.Actor.height_cm, row.Actor.availability, tuple(row.Actor.tags),
                row.photos or 0, row.without_consent or 0, row.without_licence or 0, row.failed or 0,
                row.file or "", _box(row.PhotoFace),
            )
            for row in session.execute(asked)
        ]  # fmt: skip


def _mentions(row: ActorRecord, words: Sequence[str]) -> bool:
    text = _folded(" ".join((row.name, *row.aliases, row.agency or "", *row.tags)))
    return all(word in text for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _lacks(row: ActorRecord, what: Lack | None) -> bool:
    match what:
        case "consent":
            return row.without_consent > 0
        case "licence":
            return row.without_licence > 0
        case "embedding":
            return row.failed > 0
    return True


_KEYS: Mapping[Order, Callable[[ActorRecord], Any]] = {
    "name": lambda row: row.name.casefold(),
    "newest": lambda row: -row.id,
    "birth_year": lambda row: (row.birth_year is None, -(row.birth_year or 0), row.name.casefold()),
    "photos": lambda row: (-row.photos, row.name.casefold()),
}
