"""Actors under consideration: lists per production, each entry with a status and a note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from casting.castings.names import by_name, clean_name, clean_note
from casting.catalog import Actor, Character, Photo, Shortlist, ShortlistEntry
from casting.library import Library
from castoon.errors import InputError
from castoon.words import Words

if TYPE_CHECKING:
    import pandas as pd

STATUSES = ("considered", "approached", "audition", "offered", "cast", "declined")
"""How far things are with an actor, in the order in which they happen."""


@dataclass(frozen=True)
class Summary:
    """A shortlist without its entries."""

    name: str
    production: str | None
    entries: int


@dataclass(frozen=True)
class Entry:
    """One actor on a shortlist."""

    id: int
    actor_id: int
    actor: str
    character: str | None
    status: str
    note: str
    author: str | None
    added: datetime
    photo: str
    """A photo of the actor, relative to the library; empty when there is none."""


def every(library: Library) -> list[Summary]:
    """All shortlists, by production and name."""
    with library.database.session() as session:
        rows = session.execute(
            select(Shortlist.name, Shortlist.production, func.count(ShortlistEntry.id))
            .outerjoin(ShortlistEntry, ShortlistEntry.shortlist_id == Shortlist.id)
            .group_by(Shortlist.id)
            .order_by(Shortlist.production, Shortlist.name)
        )
        return [Summary(name, production, entries) for name, production, entries in rows]


def create(library: Library, name: str, production: str = "") -> None:
    """Begin a shortlist."""
    name = clean_name(name, Words("shortlist"))
    try:
        with library.database.transaction() as session:
            session.add(Shortlist(name=name, production=production.strip() or None))
    except IntegrityError as error:
        raise InputError(
            Words("shortlist `{name}`", name=name), "there is one of this name already.", "Use that one."
        ) from error


def entries(library: Library, shortlist: str) -> list[Entry]:
    """Who is on a shortlist, in the order they were added."""
    first_photo = select(func.min(Photo.id)).where(Photo.actor_id == Actor.id).correlate(Actor).scalar_subquery()
    with library.database.session() as session:
        row = by_name(session, Shortlist, shortlist)
        rows = session.execute(
            select(ShortlistEntry, Actor.name, Character.name, Photo.file)
            .join(Actor, Actor.id == ShortlistEntry.actor_id)
            .outerjoin(Character, Character.id == ShortlistEntry.character_id)
            .outerjoin(Photo, Photo.id == first_photo)
            .where(ShortlistEntry.shortlist_id == row.id)
            .order_by(ShortlistEntry.id)
        )
        return [
            Entry(one.id, one.actor_id, actor, character, one.status, one.note, one.author, one.added, photo or "")
            for one, actor, character, photo in rows
        ]


def entry(library: Library, shortlist: str, number: int) -> Entry:
    """One entry by its number."""
    found = next((one for one in entries(library, shortlist) if one.id == number), None)
    if found is None:
        step = Words("See `castoon shortlist show {shortlist}`.", shortlist=shortlist)
        raise InputError(
            Words("entry {number} of `{shortlist}`", number=number, shortlist=shortlist),
            "there is none of this number.",
            step,
        )
    return found


def add(
    library: Library,
    shortlist: str,
    actor: str,
    *,
    character: str | None = None,
    note: str = "",
    author: str | None = None,
) -> None:
    """Put an actor on a shortlist, for a character or for none; an entry that is there gets the note."""
    note = clean_note(note)
    with library.database.transaction() as session:
        place = by_name(session, Shortlist, shortlist).id
        person = by_name(session, Actor, actor).id
        part = by_name(session, Character, character).id if character else None
        known = session.scalar(
            select(ShortlistEntry).where(
                ShortlistEntry.shortlist_id == place,
                ShortlistEntry.actor_id == person,
                ShortlistEntry.character_id.is_(None) if part is None else ShortlistEntry.character_id == part,
            )
        )
        if known is None:
            session.add(
                ShortlistEntry(shortlist_id=place, actor_id=person, character_id=part, note=note, author=author)
            )
        elif note:
            known.note = f"{known.note}\n{note}" if known.note else note


def change(library: Library, seen: Entry, *, status: str | None = None, note: str | None = None) -> None:
    """Change an entry as it was last seen; refused when somebody else has changed it since."""
    if status is not None and status not in STATUSES:
        raise InputError(
            Words("status `{status}`", status=status),
            "there is no such status.",
            Words("Statuses are: {names}.", names=", ".join(STATUSES)),
        )
    values = {"status": status or seen.status, "note": seen.note if note is None else clean_note(note)}
    with library.database.transaction() as session:
        changed = session.execute(
            update(ShortlistEntry)
            .where(ShortlistEntry.id == seen.id, ShortlistEntry.status == seen.status, ShortlistEntry.note == seen.note)
            .values(**values)
            .returning(ShortlistEntry.id)
        ).first()
    if changed is None:
        reason = "somebody else has changed or removed it meanwhile."
        raise InputError(Words("entry of {actor}", actor=seen.actor), reason, "Look at it again, then change it.")


def drop(library: Library, seen: Entry) -> None:
    """Take an entry off its shortlist."""
    with library.database.transaction() as session:
        row = session.get(ShortlistEntry, seen.id)
        if row is not None:
            session.delete(row)


def delete(library: Library, name: str) -> None:
    """Delete a shortlist with its entries."""
    with library.database.transaction() as session:
        session.delete(by_name(session, Shortlist, name))


def frame(library: Library, shortlist: str) -> pd.DataFrame:
    """A shortlist as a table."""
    import pandas as pd

    columns = ["actor", "character", "status", "note", "author", "added"]
    rows = [[getattr(one, column) for column in columns] for one in entries(library, shortlist)]
    return pd.DataFrame(rows, columns=columns)
