"""Rankings worth keeping: what was asked, of which versions, who came out; and what today's index says to the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from casting.castings.characters import rank_character
from casting.castings.names import by_name
from casting.catalog import Actor, Character, KeptRanking, KeptResult
from casting.engine import Engine
from casting.library import Library
from casting.results import RankedActor, Ranking
from castoon.errors import InputError
from castoon.words import Words

if TYPE_CHECKING:
    from index import FlatIndex


@dataclass(frozen=True)
class KeptActor:
    """One row of a kept ranking."""

    actor_id: int
    actor: str
    rank: int
    score: float


@dataclass(frozen=True)
class Kept:
    """A kept ranking. Actors who have been forgotten since are not in it any more."""

    id: int
    character: str
    kept: datetime
    author: str | None
    index_version: str
    pack: str
    contracts: Mapping[str, str]
    weights: Mapping[str, float]
    where: str
    k: int
    match: str
    gallery_actors: int
    results: tuple[KeptActor, ...]


@dataclass(frozen=True)
class Change:
    """One actor then and now; None where the actor is not among those shown."""

    actor_id: int
    actor: str
    was: int | None
    now: int | None
    score_was: float | None
    score_now: float | None

    @property
    def moved(self) -> int | None:
        """Places gained (positive) or lost; None for those who came or went."""
        return None if self.was is None or self.now is None else self.was - self.now


@dataclass(frozen=True)
class Difference:
    """A kept ranking beside the same question put to today's index."""

    kept: Kept
    today: Ranking
    changes: tuple[Change, ...]
    """By today's rank, then those who are gone."""

    @property
    def same_models(self) -> bool:
        """Whether scores may be compared: both were made by the same models."""
        return dict(self.kept.contracts) == self.today.contracts

    @property
    def unchanged(self) -> bool:
        """Whether the same actors stand in the same places."""
        return all(change.was == change.now for change in self.changes)


def keep(library: Library, ranking: Ranking, character: str, *, k: int, author: str | None = None) -> int:
    """Keep a ranking of a saved character; returns its number."""
    with library.database.transaction() as session:
        row = KeptRanking(
            character_id=by_name(session, Character, character).id,
            index_version=ranking.index_version,
            pack=ranking.pack,
            contracts=ranking.contracts,
            weights=dict(ranking.weights),
            k=k,
            where=ranking.where,
            match=str(getattr(ranking, "match", "")),
            gallery_actors=ranking.gallery_actors,
            author=author,
        )
        row.results = [
            KeptResult(
                actor_id=one.actor_id, rank=one.rank, score=one.score, similarity=getattr(one, "similarity", one.score)
            )
            for one in ranking.results
        ]
        session.add(row)
        session.flush()
        return row.id


def every(library: Library, character: str | None = None) -> list[Kept]:
    """Kept rankings, the latest first; of one character, or of all."""
    wanted = _wanted().order_by(KeptRanking.id.desc())
    return _read(library, wanted if character is None else wanted.where(Character.name == character))


def get(library: Library, number: int) -> Kept:
    """One kept ranking by its number."""
    found = _read(library, _wanted().where(KeptRanking.id == number))
    if not found:
        raise InputError(
            Words("kept ranking {number}", number=number),
            "there is none of this number.",
            "See `castoon history list`.",
        )
    return found[0]


def delete(library: Library, number: int) -> None:
    """Delete a kept ranking."""
    get(library, number)
    with library.database.transaction() as session:
        session.delete(session.get_one(KeptRanking, number))


def again(library: Library, engine: Engine, number: int, index: FlatIndex | None = None) -> Difference:
    """Put a kept ranking's question to today's index and models, and compare."""
    kept = get(library, number)
    live = index or library.index.open()
    weights = {name: weight for name, weight in kept.weights.items() if name in live.spaces} or None
    today = rank_character(
        library, engine, kept.character, k=kept.k, where=kept.where, weights=weights, index=live
    )  # fmt: skip
    return Difference(kept, today, compare(kept.results, today.results))


def compare(before: tuple[KeptActor, ...], today: tuple[RankedActor, ...]) -> tuple[Change, ...]:
    """Every actor of either ranking, by today's rank, then those who are gone by their old one."""
    was = {row.actor_id: row for row in before}
    now = {row.actor_id: row for row in today}
    here = [
        Change(
            row.actor_id, row.actor, was[row.actor_id].rank if row.actor_id in was else None, row.rank,
            was[row.actor_id].score if row.actor_id in was else None, row.score,
        )
        for row in today
    ]  # fmt: skip
    gone = [
        Change(row.actor_id, row.actor, row.rank, None, row.score, None) for row in before if row.actor_id not in now
    ]
    return (*here, *gone)


def _wanted() -> Select[KeptRanking, str]:
    joined = select(KeptRanking, Character.name).join(Character, Character.id == KeptRanking.character_id)
    return joined.options(selectinload(KeptRanking.results))


def _read(library: Library, wanted: Select[KeptRanking, str]) -> list[Kept]:
    with library.database.session() as session:
        rows = [(row, character) for row, character in session.execute(wanted)]
        ids = {result.actor_id for row, _ in rows for result in row.results}
        names = {row.id: row.name for row in session.execute(select(Actor.id, Actor.name).where(Actor.id.in_(ids)))}
        return [_kept(row, character, names) for row, character in rows]


def _kept(row: KeptRanking, character: str, names: Mapping[int, str]) -> Kept:
    results = tuple(
        KeptActor(one.actor_id, names[one.actor_id], one.rank, one.score)
        for one in row.results
        if one.actor_id in names
    )
    return Kept(
        row.id, character, row.kept, row.author, row.index_version, row.pack, row.contracts, row.weights, row.where,
        row.k, row.match, row.gallery_actors, results,
    )  # fmt: skip
