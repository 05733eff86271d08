"""What a cast table may say of an actor and of a photo: columns, their types, and what is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from castoon.errors import InputError
from castoon.words import Words

ACTOR_COLUMNS = ("aliases", "gender", "birth_year", "agency", "height_cm", "availability", "tags")
PHOTO_COLUMNS = ("source", "licence", "consent")
REQUIRED = ("name", "photo")
COLUMNS = (*REQUIRED, *ACTOR_COLUMNS, *PHOTO_COLUMNS)
MAX_TEXT = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class ActorFacts:
    """Facts about an actor; None or empty means that nothing was said."""

    name: str
    aliases: tuple[str, ...] = ()
    gender: str | None = None
    birth_year: int | None = None
    agency: str | None = None
    height_cm: float | None = None
    availability: str | None = None
    tags: tuple[str, ...] = ()

    def conflicts(self, other: ActorFacts) -> list[str]:
        """Columns of which both say something, and not the same."""
        return [
            field.name
            for field in fields(self)
            if field.name != "name"
            and getattr(self, field.name) not in (None, ())
            and getattr(other, field.name) not in (None, ())
            and getattr(self, field.name) != getattr(other, field.name)
        ]

    def merged(self, other: ActorFacts) -> ActorFacts:
        """These facts, completed by what only the other knows."""
        known = {f.name: getattr(self, f.name) or getattr(other, f.name) for f in fields(self)}
        return ActorFacts(**known)


@dataclass(frozen=True)
class PhotoFacts:
    """Where a photo comes from and what may be done with it."""

    source: str | None = None
    licence: str | None = None
    consent: str | None = None


def actor_name(text: str, thing: str) -> str:
    """A name as it is stored: NFC, single spaces, printable."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise InputError(thing, "the actor has no name.", "Give one in the column `name`, or name the folder.")
    if len(name) > 200:
        raise InputError(
            thing, Words("the name has {count} characters.", count=len(name)), "Shorten it to 200 or fewer."
        )
    if _CONTROL.search(name):
        raise InputError(thing, "the name holds invisible control characters.", "Type it anew.")
    return name


def actor_facts(row: Mapping[str, str], thing: str) -> ActorFacts:
    """Facts of one table row."""
    return ActorFacts(
        name=actor_name(row.get("name", ""), thing),
        aliases=_list(row, "aliases", thing),
        gender=_text(row, "gender", thing, lower=True),
        birth_year=_birth_year(row, thing),
        agency=_text(row, "agency", thing),
        height_cm=_height(row, thing),
        availability=_text(row, "availability", thing),
        tags=_list(row, "tags", thing),
    )


def photo_facts(row: Mapping[str, str], thing: str) -> PhotoFacts:
    """Facts of the row's photo."""
    return PhotoFacts(*(_text(row, column, thing) for column in PHOTO_COLUMNS))


def _text(row: Mapping[str, str], column: str, thing: str, lower: bool = False) -> str | None:
    text = unicodedata.normalize("NFC", row.get(column, "")).strip()
    if len(text) > MAX_TEXT:
        raise InputError(
            thing,
            Words("`{column}` has {count} characters.", column=column, count=len(text)),
            Words("Shorten it to {most} or fewer.", most=MAX_TEXT),
        )
    return (text.lower() if lower else text) or None


def _list(row: Mapping[str, str], column: str, thing: str) -> tuple[str, ...]:
    text = _text(row, column, thing) or ""
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[;|]", text) if part.strip()))


def _number(row: Mapping[str, str], column: str, thing: str, low: float, high: float) -> float | None:
    text = row.get(column, "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise InputError(
            thing,
            Words(
                "`{column}` is `{text}`, not a number from {low:g} to {high:g}.",
                column=column,
                text=text[:40],
                low=low,
                high=high,
            ),
            "Correct it or leave it empty.",
        )
    return number


def _birth_year(row: Mapping[str, str], thing: str) -> int | None:
    number = _number(row, "birth_year", thing, 1850, datetime.now(UTC).year)
    if number is not None and number != int(number):
        raise InputError(
            thing, Words("`birth_year` is {number}, not a whole year.", number=number), "Correct it or leave it empty."
        )
    return None if number is None else int(number)


def _height(row: Mapping[str, str], thing: str) -> float | None:
    return _number(row, "height_cm", thing, 30, 280)
