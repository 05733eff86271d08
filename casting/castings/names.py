"""Looking things up by the name that people know them by, with a helpful answer where there is none."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from casting.catalog import Actor, Character, Shortlist
from castoon.errors import InputError

Named = TypeVar("Named", Actor, Character, Shortlist)
LONGEST_NAME = 200
LONGEST_NOTE = 4000


def by_name(session: Session, kind: type[Named], name: str) -> Named:
    """The row of that name, or an error that suggests close ones."""
    row = session.scalar(select(kind).where(kind.name == name))
    if row is None:
        what = kind.__name__.lower()
        close = get_close_matches(name, list(session.scalars(select(kind.name))), 3, 0.6)
        hint = f"Did you mean {', '.join(f'`{one}`' for one in close)}?" if close else "Names are compared exactly."
        raise InputError(f"{what} `{name}`", "the library does not know this name.", hint)
    return row


def clean_name(text: str, what: str) -> str:
    """A name as it is stored: one line, without blanks around it."""
    name = " ".join(text.split())
    if not name:
        raise InputError(what, "it has no name.", "Give it one.")
    if len(name) > LONGEST_NAME:
        raise InputError(what, f"the name has {len(name)} letters.", f"Stay below {LONGEST_NAME}.")
    return name


def clean_note(text: str) -> str:
    """A note as it is stored."""
    note = text.strip()
    if len(note) > LONGEST_NOTE:
        raise InputError("note", f"it has {len(note)} letters.", f"Stay below {LONGEST_NOTE}.")
    return note
