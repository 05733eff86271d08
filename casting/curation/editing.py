"""Correcting a library: facts, names, rights of photos, photos with the wrong person, one person recorded twice.

What an index is made of changes here in the catalog; the live index follows with the next rebuild, which computes
nothing that it knows already. `casting.curation.pending` says how far behind it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casting.catalog import Actor, Feedback, KeptResult, Note, Photo, ShortlistEntry, touch
from casting.importing.facts import ACTOR_COLUMNS, PHOTO_COLUMNS, actor_facts, actor_name, photo_facts
from casting.library import Library
from castoon.errors import InputError
from castoon.words import Words

_ONCE_PER: Mapping[type[ShortlistEntry | Feedback | KeptResult], tuple[str, ...]] = {
    ShortlistEntry: ("shortlist_id", "character_id"),
    Feedback: ("character_id",),
    KeptResult: ("ranking_id",),
}
"""Tables that hold an actor once for each value of these columns."""
Value = str | int | float | Sequence[str] | None


def edit_actor(library: Library, actor: int | str, facts: Mapping[str, Value]) -> bool:
    """Set facts of an actor; None or an empty text erases one. Answers whether anything changed.

    Values are judged as those of a cast table are: see `casting.importing.facts`.
    """
    unknown = [name for name in facts if name not in ACTOR_COLUMNS]
    if unknown:
        raise InputError(
            Words("fact `{column}`", column=unknown[0]),
            "there is no such column.",
            Words("Columns are: {names}.", names=", ".join(ACTOR_COLUMNS)),
        )
    with library.database.transaction() as session:
        row = _actor(session, actor)
        told = asdict(actor_facts({name: _text(value) for name, value in facts.items()} | {"name": row.name}, row.name))
        changes = {name: list(told[name]) if isinstance(told[name], tuple) else told[name] for name in facts}
        changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            touch(session)
    return bool(changed)


def rename_actor(library: Library, actor: int | str, name: str) -> str:
    """Give an actor another name; answers the name as it is stored."""
    new = actor_name(name, Words("name"))
    with library.database.transaction() as session:
        row = _actor(session, actor)
        if row.name == new:
            return new
        if session.scalar(select(Actor.id).where(Actor.name == new)) is not None:
            raise InputError(
                Words("name `{new}`", new=new),
                "another actor has it already.",
                "Merge the two, or choose another name.",
            )
        row.name = new
        touch(session)
    return new


def set_rights(library: Library, photos: Sequence[int], rights: Mapping[str, str | None]) -> int:
    """Set `source`, `licence` or `consent` of photos by number; None or empty erases it. Answers how many."""
    unknown = [name for name in rights if name not in PHOTO_COLUMNS]
    if unknown:
        raise InputError(
            Words("column `{column}`", column=unknown[0]),
            "photos do not have it.",
            Words("They have {names}.", names=", ".join(PHOTO_COLUMNS)),
        )
    told = asdict(photo_facts({name: value or "" for name, value in rights.items()}, Words("rights")))
    with library.database.transaction() as session:
        _photos(session, photos)
        values = {name: told[name] for name in rights}
        session.execute(update(Photo).where(Photo.id.in_(list(photos))).values(**values))
        touch(session)
    return len(set(photos))


def move_photos(library: Library, photos: Sequence[int], to: str) -> str:
    """Give photos to another actor, who is made where the library does not know the name; answers the name stored.

    An actor left without photos stays: facts and shortlists are not thrown away with a mistake.
    """
    name = actor_name(to, Words("name"))
    with library.writing("castoon photos move"), library.database.transaction() as session:
        rows = _photos(session, photos)
        owner = session.scalar(select(Actor).where(Actor.name == name))
        if owner is None:
            owner = Actor(name=name)
            session.add(owner)
            session.flush()
        for row in rows:
            row.actor = owner
        touch(session)
    return name


def remove_photos(library: Library, photos: Sequence[int]) -> int:
    """Take photos out: row, file, vectors and renderings. Answers how many there were.

    Older index versions keep their vectors until they are pruned; to erase a person for good, `forget` them.
    """
    with library.writing("castoon photos remove"):
        with library.database.transaction() as session:
            rows = _photos(session, photos)
            gone = [(row.sha256, row.file) for row in rows]
            for row in rows:
                session.delete(row)
            touch(session)
        library.vectors.forget([sha256 for sha256, _ in gone])
        for _, file in gone:
            (library.folder / file).unlink(missing_ok=True)
        shutil.rmtree(library.cache / "styles", ignore_errors=True)
    return len(gone)


def merge_actors(library: Library, keep: int | str, drop: int | str) -> str:
    """Make one record of two that show the same person; answers the name kept.

    Photos, notes and shortlist entries go over; facts that only the other knows are taken; the other name becomes an
    alias.
    """
    with library.writing("castoon actors merge"), library.database.transaction() as session:
        kept, other = _actor(session, keep), _actor(session, drop)
        if kept.id == other.id:
            raise InputError(
                Words("actor `{actor}`", actor=kept.name), "it cannot be merged with itself.", "Name two actors."
            )
        for column in ACTOR_COLUMNS:
            if getattr(kept, column) in (None, []):
                setattr(kept, column, getattr(other, column))
        kept.aliases = _joined(kept.aliases, [other.name, *other.aliases], kept.name)
        kept.tags = _joined(kept.tags, other.tags)
        for photo in list(other.photos):
            photo.actor = kept
        _hand_over(session, other.id, kept.id)
        session.flush()
        session.expire(other, ["photos"])
        session.delete(other)
        touch(session)
        return kept.name


def _hand_over(session: Session, old: int, new: int) -> None:
    """What refers to one actor refers to another; where the other has the like already, it goes with the record."""
    session.execute(update(Note).where(Note.actor_id == old).values(actor_id=new))
    for table, once_per in _ONCE_PER.items():
        columns = [getattr(table, name) for name in once_per]
        there = {tuple(row) for row in session.execute(select(*columns).where(table.actor_id == new))}
        rows: Sequence[Any] = session.scalars(select(table).where(table.actor_id == old)).all()
        for row in rows:
            if tuple(getattr(row, name) for name in once_per) not in there:
                row.actor_id = new


def _joined(mine: Sequence[str], others: Sequence[str], but: str = "") -> list[str]:
    return [one for one in dict.fromkeys((*mine, *others)) if one != but]


def _actor(session: Session, actor: int | str) -> Actor:
    row = session.scalar(select(Actor).where(Actor.id == actor if isinstance(actor, int) else Actor.name == actor))
    if row is None:
        raise InputError(
            Words("actor `{actor}`", actor=actor), "the library does not know them.", "Names are compared exactly."
        )
    return row


def _photos(session: Session, numbers: Sequence[int]) -> list[Photo]:
    rows = list(session.scalars(select(Photo).where(Photo.id.in_(list(numbers)))))
    missing = set(numbers) - {row.id for row in rows}
    if missing or not rows:
        thing = Words("photo {number}", number=min(missing)) if missing else Words("photos")
        raise InputError(thing, "the library does not hold it.", "See `castoon photos list`.")
    return rows


def _text(value: Any) -> str:
    """A value as a cast table would hold it."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "; ".join(str(part) for part in value)
    return str(value)
