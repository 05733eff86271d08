"""Looking things up by the name that people know them by, with a helpful answer where there is none."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from casting.catalog import Actor, Character, Shortlist
from castoon.errors import InputError
from castoon.words import Words

Named = TypeVar("Named", Actor, Character, Shortlist)
LONGEST_NAME = 200
LONGEST_NOTE = 4000


def by_name(session: Session, kind: type[Named], name: str) -> Named:
    """The row of that name, or an error that suggests close ones."""
    row = session.scalar(select(kind).where(kind.name == name))
    if row is None:
        what = Words(kind.__name__.lower())
        close = get_close_matches(name, list(session.scalars(select(kind.name))), 3, 0.6)
        hint = (
            Words("Did you mean {names}?", names=", ".join(f"`{one}`" for one in close))
            if close
            else "Names are compared exactly."
        )
        raise InputError(Words("{what} `{name}`", what=what, name=name), "the library does not know this name.", hint)
    return row


def clean_name(text: str, what: str) -> str:
    """A name as it is stored: one line, without blanks around it."""
    name = " ".join(text.split())
    if not name:
        raise InputError(what, "it has no name.", "Give it one.")
    if len(name) > LONGEST_NAME:
        raise InputError(
            what,
            Words("the name has {count} letters.", count=len(name)),
            Words("Stay below {most}.", most=LONGEST_NAME),
        )
    return name


def clean_note(text: str) -> str:
    """A note as it is stored."""
    note = text.strip()
    if len(note) > LONGEST_NOTE:
        raise InputError(
            Words("note"),
            Words("it has {count} letters.", count=len(note)),
            Words("Stay below {most}.", most=LONGEST_NOTE),
        )
    return note
