"""How far the live index is behind the catalog, in things that people did."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from casting.catalog import Photo
from casting.library import Library
from casting.rebuilding import index_facts, owner_key
from castoon.errors import NotReadyError
from index import FaissIndex


@dataclass(frozen=True)
class Pending:
    """Changes that the next rebuild will bring into the index."""

    new_photos: int = 0
    gone_photos: int = 0
    moved_photos: int = 0
    """Photos that belong to another actor now."""
    changed_actors: int = 0
    """Actors whose name or facts are others now, and actors who are new or gone."""
    no_index: bool = False

    def __bool__(self) -> bool:
        return self.no_index or self.total > 0

    @property
    def total(self) -> int:
        """All changes."""
        return self.new_photos + self.gone_photos + self.moved_photos + self.changed_actors


def pending(library: Library, index: FaissIndex | None = None) -> Pending:
    """Compare the catalog with the live index, or with one that is open already.

    Photos that the last rebuild could not embed are no changes: the next one will hardly fare better.
    """
    with library.database.session() as session:
        rows = session.execute(select(Photo.sha256, Photo.actor_id, Photo.failure)).all()
    embeddable = {row.sha256: owner_key(row.actor_id) for row in rows if row.failure is None}
    try:
        live = index or library.index.open()
    except NotReadyError:
        return Pending(new_photos=len(embeddable), no_index=True)
    held: dict[str, str] = {}
    for name in live.spaces:
        space = live.space(name)
        for place, owner in enumerate(space.owners):
            held |= dict.fromkeys(space.sources[space.rows(place)], owner)
    there = {row.sha256 for row in rows}
    facts = index_facts(library)
    return Pending(
        new_photos=len(embeddable.keys() - held.keys()),
        gone_photos=len(held.keys() - there),
        moved_photos=sum(held[photo] != owner for photo, owner in embeddable.items() if photo in held),
        changed_actors=sum(live.facts.get(owner) != facts.get(owner) for owner in live.facts.keys() | facts.keys()),
    )
