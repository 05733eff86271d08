"""The catalog's tables: what Castoon knows of actors, photos, faces, characters, shortlists, runs and evaluations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, relationship

from castoon.words import revive, stored


def now() -> datetime:
    """The present moment in UTC, to the second."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


class StoredWords(TypeDecorator[str]):
    """Text that keeps the pattern of `castoon.words.Words`."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else stored(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """From the database."""
        return None if value is None else revive(value)


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Root of all tables."""

    type_annotation_map: ClassVar = {
        dict[str, Any]: JSON, list[str]: JSON, list[float]: JSON, list[list[float]]: JSON, list[dict[str, Any]]: JSON,
    }  # fmt: skip


class Actor(Base):
    """A person of the cast library, with the facts that filters may ask."""

    __tablename__ = "actors"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(unique=True)
    aliases: Mapped[list[str]] = mapped_column(default_factory=list)
    gender: Mapped[str | None] = mapped_column(default=None)
    birth_year: Mapped[int | None] = mapped_column(default=None)
    agency: Mapped[str | None] = mapped_column(default=None)
    height_cm: Mapped[float | None] = mapped_column(default=None)
    availability: Mapped[str | None] = mapped_column(default=None)
    tags: Mapped[list[str]] = mapped_column(default_factory=list)
    created: Mapped[datetime] = mapped_column(default_factory=now)
    photos: Mapped[list[Photo]] = relationship(
        back_populates="actor", cascade="all, delete-orphan", passive_deletes=True, default_factory=list
    )


class Photo(Base):
    """A picture of one actor, stored under its content hash."""

    __tablename__ = "photos"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True, init=False)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the file as it was handed in."""
    pixels: Mapped[str] = mapped_column(String(64), unique=True)
    """Hash of the decoded pixels, so that the same picture with other metadata is taken once."""
    file: Mapped[str] = mapped_column(index=True)
    """Path within the library."""
    original: Mapped[str]
    """Where it came from: path within the imported source."""
    width: Mapped[int]
    height: Mapped[int]
    format: Mapped[str]
    actor: Mapped[Actor] = relationship(back_populates="photos")
    source: Mapped[str | None] = mapped_column(default=None)
    licence: Mapped[str | None] = mapped_column(default=None)
    consent: Mapped[str | None] = mapped_column(default=None)
    added: Mapped[datetime] = mapped_column(default_factory=now)
    failure: Mapped[str | None] = mapped_column(StoredWords, default=None)
    """Why the last rebuild could not embed it; None when it could."""
    faces: Mapped[list[PhotoFace]] = relationship(
        back_populates="photo", cascade="all, delete-orphan", passive_deletes=True, default_factory=list
    )


class PhotoFace(Base):
    """The face of the actor in a photo, as a finder saw it."""

    __tablename__ = "faces"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"), index=True, init=False)
    contract: Mapped[str]
    """Of the finder."""
    box: Mapped[list[float]]
    points: Mapped[list[list[float]]]
    score: Mapped[float]
    kind: Mapped[str]
    photo: Mapped[Photo] = relationship(back_populates="faces")
    quality: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    others: Mapped[int] = mapped_column(default=0)
    """How many more faces the photo shows."""


class Character(Base):
    """A drawn character that actors are ranked for."""

    __tablename__ = "characters"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(unique=True)
    production: Mapped[str | None] = mapped_column(default=None)
    synopsis: Mapped[str | None] = mapped_column(default=None)
    images: Mapped[list[str]] = mapped_column(default_factory=list)
    """Paths within the library."""
    faces: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON, default=None)
    """The face that a person chose on each image: `box` and, where marked by hand, `points`, in pixels; an empty
    entry, or None for all, where nobody chose."""
    created: Mapped[datetime] = mapped_column(default_factory=now)


class Shortlist(Base):
    """Actors under consideration for a character of a production."""

    __tablename__ = "shortlists"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(unique=True)
    production: Mapped[str | None] = mapped_column(default=None)
    created: Mapped[datetime] = mapped_column(default_factory=now)


class ShortlistEntry(Base):
    """One actor on a shortlist."""

    __tablename__ = "shortlist_entries"
    __table_args__ = (UniqueConstraint("shortlist_id", "actor_id", "character_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    shortlist_id: Mapped[int] = mapped_column(ForeignKey("shortlists.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    character_id: Mapped[int | None] = mapped_column(ForeignKey("characters.id", ondelete="SET NULL"), default=None)
    status: Mapped[str] = mapped_column(default="considered")
    note: Mapped[str] = mapped_column(default="", server_default="")
    author: Mapped[str | None] = mapped_column(default=None)
    """Who put the actor there, where people sign in."""
    added: Mapped[datetime] = mapped_column(default_factory=now)


class KeptRanking(Base):
    """A ranking that somebody kept: what was asked, by which versions, and who came out of it."""

    __tablename__ = "kept_rankings"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    character_id: Mapped[int] = mapped_column(ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    index_version: Mapped[str]
    pack: Mapped[str]
    contracts: Mapped[dict[str, Any]]
    weights: Mapped[dict[str, Any]]
    k: Mapped[int]
    where: Mapped[str] = mapped_column("filter", default="")
    match: Mapped[str] = mapped_column(default="")
    gallery_actors: Mapped[int] = mapped_column(default=0)
    author: Mapped[str | None] = mapped_column(default=None)
    kept: Mapped[datetime] = mapped_column(default_factory=now)
    results: Mapped[list[KeptResult]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="KeptResult.rank", default_factory=list
    )


class KeptResult(Base):
    """One actor of a kept ranking; goes when the actor is forgotten."""

    __tablename__ = "kept_results"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("kept_rankings.id", ondelete="CASCADE"), index=True, init=False)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    rank: Mapped[int]
    score: Mapped[float]
    similarity: Mapped[float]


class Feedback(Base):
    """A person's word that an actor is not right for a character."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("character_id", "actor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    character_id: Mapped[int] = mapped_column(ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    author: Mapped[str | None] = mapped_column(default=None)
    given: Mapped[datetime] = mapped_column(default_factory=now)


class Note(Base):
    """Something a person wrote about an actor, a character or a shortlist."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    text: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), default=None, index=True)
    character_id: Mapped[int | None] = mapped_column(ForeignKey("characters.id", ondelete="CASCADE"), default=None)
    shortlist_id: Mapped[int | None] = mapped_column(ForeignKey("shortlists.id", ondelete="CASCADE"), default=None)
    author: Mapped[str | None] = mapped_column(default=None)
    written: Mapped[datetime] = mapped_column(default_factory=now)


class Run(Base):
    """One import, rebuild or other long job: what it is doing, or how it ended."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_by_kind", "kind", "started"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="running")
    """running, done, stopped, failed; or lost, for a run whose process died."""
    pid: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    started: Mapped[datetime] = mapped_column(default_factory=now)
    ended: Mapped[datetime | None] = mapped_column(default=None)
    detail: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class Evaluation(Base):
    """A measured evaluation and everything needed to know what was measured."""

    __tablename__ = "evaluations"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    truth: Mapped[str]
    index_version: Mapped[str]
    metrics: Mapped[dict[str, Any]]
    measured: Mapped[datetime] = mapped_column(default_factory=now)


class Decision(Base):
    """What a person said of a suspicion of `casting.curation`, so that it is not raised again.

    It names what it is about by id only, and goes with it: forgetting an actor leaves no decision behind.
    """

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kind: Mapped[str]
    """What was suspected: see `casting.curation.findings.Kind`."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), default=None, index=True)
    other_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), default=None)
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"), default=None)
    other_photo_id: Mapped[int | None] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"), default=None)
    made: Mapped[datetime] = mapped_column(default_factory=now)


class Meta(Base):
    """Facts about the catalog itself, such as its revision."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
