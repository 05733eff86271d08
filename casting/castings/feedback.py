"""A person's word on a result: this actor is not right for this character, and why.

Such an actor is left out of the character's rankings until the word is withdrawn. Ranks are not changed by it: the
others keep the place that similarity gave them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select

from casting.castings.names import by_name, clean_note
from casting.catalog import Actor, Character, Feedback
from casting.library import Library
from casting.results import Ranking
from castoon.errors import InputError
from castoon.words import Words

REASONS = ("not_alike", "wrong_person", "not_for_the_part")
"""Does not look like the character; the photos show somebody else; right look, wrong for the part."""


@dataclass(frozen=True)
class Word:
    """One actor set aside for one character."""

    actor_id: int
    actor: str
    reason: str
    note: str
    author: str | None
    given: datetime


def give(
    library: Library, character: str, actor: str, reason: str, *, note: str = "", author: str | None = None
) -> None:
    """Set an actor aside for a character; said again, the later word counts."""
    if reason not in REASONS:
        raise InputError(
            Words("reason `{reason}`", reason=reason),
            "there is no such reason.",
            Words("Reasons are: {names}.", names=", ".join(REASONS)),
        )
    with library.database.transaction() as session:
        part, person = by_name(session, Character, character).id, by_name(session, Actor, actor).id
        session.execute(delete(Feedback).where(Feedback.character_id == part, Feedback.actor_id == person))
        session.add(
            Feedback(character_id=part, actor_id=person, reason=reason, note=clean_note(note), author=author)
        )  # fmt: skip


def withdraw(library: Library, character: str, actor: str) -> None:
    """Let an actor appear again in a character's rankings."""
    with library.database.transaction() as session:
        part, person = by_name(session, Character, character).id, by_name(session, Actor, actor).id
        session.execute(delete(Feedback).where(Feedback.character_id == part, Feedback.actor_id == person))


def of_character(library: Library, character: str) -> list[Word]:
    """Who is set aside for a character."""
    with library.database.session() as session:
        rows = session.execute(
            select(Feedback, Actor.name)
            .join(Actor, Actor.id == Feedback.actor_id)
            .join(Character, Character.id == Feedback.character_id)
            .where(Character.name == character)
            .order_by(Feedback.id)
        )
        return [Word(one.actor_id, actor, one.reason, one.note, one.author, one.given) for one, actor in rows]


def without(ranking: Ranking, actors: Collection[int], k: int) -> Ranking:
    """The first `k` of a ranking whose actors are not set aside; ranks stay as they are."""
    left = tuple(row for row in ranking.results if row.actor_id not in actors)
    return replace(ranking, results=left[:k])
