"""What may be wrong with a library, as values; and what people said of it, so that nobody is asked twice."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sqlalchemy import select

from casting.catalog import Decision
from casting.library import Library

Kind = Literal["duplicate", "somebody_else", "same_person"]


@dataclass(frozen=True)
class Duplicate:
    """Two photos that are one picture."""

    photo: int
    """The one to keep, by number: the larger."""
    copy: int
    actor: int
    copy_actor: int
    """Differs from `actor` where the picture is recorded with two people."""
    bits: int
    """Signs in which the pictures' hashes differ, of `casting.curation.likeness.BITS`."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What a decision on it is about."""
        return ("duplicate", None, None, min(self.photo, self.copy), max(self.photo, self.copy))


@dataclass(frozen=True)
class SomebodyElse:
    """A photo that resembles another actor much more than the other photos of its own."""

    photo: int
    actor: int
    resembles: int
    own: float
    """Cosine to its own actor's other photos, the library's mean subtracted."""
    other: float
    """The same to the actor that it resembles."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What a decision on it is about."""
        return ("somebody_else", self.actor, None, self.photo, None)


@dataclass(frozen=True)
class SamePerson:
    """Two actors who look like one."""

    actor: int
    other: int
    cosine: float
    """Between their mean vectors, the library's mean subtracted."""
    strength: float
    """By how many standard deviations this stands out from how each of them resembles everybody."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What a decision on it is about."""
        return ("same_person", min(self.actor, self.other), max(self.actor, self.other), None, None)


Suspicion = Duplicate | SomebodyElse | SamePerson


@dataclass
class Findings:
    """Everything that a review found, the most striking first."""

    duplicates: list[Duplicate] = field(default_factory=list)
    somebody_else: list[SomebodyElse] = field(default_factory=list)
    same_person: list[SamePerson] = field(default_factory=list)
    photos: int = 0
    """Photos looked at."""
    not_indexed: int = 0
    """Photos that could only be compared as pictures, because the live index does not hold them."""
    dismissed: int = 0
    stopped: bool = False

    def all(self) -> list[Suspicion]:
        """Of every kind."""
        return [*self.duplicates, *self.somebody_else, *self.same_person]

    def __len__(self) -> int:
        return len(self.all())

    def as_dict(self) -> dict[str, Any]:
        """For `--json`; actors and photos by number."""
        return asdict(self)


def dismiss(library: Library, suspicion: Suspicion) -> None:
    """Remember that a person found nothing wrong; it is not raised again."""
    if suspicion.key in decided(library):
        return
    kind, actor, other, photo, copy = suspicion.key
    with library.database.transaction() as session:
        session.add(Decision(kind=kind, actor_id=actor, other_actor_id=other, photo_id=photo, other_photo_id=copy))


def decided(library: Library) -> set[tuple[Any, ...]]:
    """Keys of everything dismissed."""
    with library.database.session() as session:
        rows = session.scalars(select(Decision))
        return {(row.kind, row.actor_id, row.other_actor_id, row.photo_id, row.other_photo_id) for row in rows}
