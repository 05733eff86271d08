"""The CSV files of the demo: the cast as an importer wants it, the characters, the answers, the productions."""

from __future__ import annotations

import csv
import io

from casting.demo.people import Person, everybody
from casting.demo.roles import PRODUCTIONS, Role, everyone

CAST_COLUMNS = [
    "name",
    "photo",
    "aliases",
    "gender",
    "birth_year",
    "agency",
    "height_cm",
    "availability",
    "tags",
    "source",
    "licence",
    "consent",
]
SOURCE = "drawn by casting.demo"
LICENCE = "Apache-2.0"
CONSENT = "fictional person"


def portrait_count(number: int) -> int:
    """Four to six portraits, by the actor's place in the list."""
    return (4, 5, 4, 4, 6)[number % 5]


def photo_path(who: Person, shot: int) -> str:
    """Path of a portrait, relative to the data folder."""
    return f"photos/{who.slug}/{shot:02d}.webp"


def drawing_path(role: Role, number: int) -> str:
    """Path of a character's drawing, relative to the data folder."""
    return f"characters/{role.slug}-{number}.webp"


def _text(header: list[str], rows: list[list[str]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue().encode()


def cast_csv() -> bytes:
    """One row a portrait; the facts repeat."""
    rows = []
    for number, who in enumerate(everybody()):
        facts = [
            who.hangul,
            who.gender,
            str(who.birth_year),
            who.agency,
            str(who.height_cm),
            who.availability,
            who.tags,
        ]
        for shot in range(1, portrait_count(number) + 1):
            rows.append([who.name, photo_path(who, shot), *facts, SOURCE, LICENCE, CONSENT])
    return _text(CAST_COLUMNS, rows)


def characters_csv() -> bytes:
    """One row a drawing; `actor` is empty where it is based on nobody."""
    rows = [
        [drawing_path(role, number), role.name, role.production, role.style, role.actor, role.synopsis]
        for role in everyone()
        for number in (1, 2)
    ]
    return _text(["image", "character", "production", "style", "actor", "synopsis"], rows)


def truth_csv() -> bytes:
    """The answers: drawings with an actor, grouped by character."""
    rows = [[drawing_path(role, n), role.actor, role.name] for role in everyone() if role.actor for n in (1, 2)]
    return _text(["image", "actor", "group"], rows)


def productions_csv() -> bytes:
    """Titles and loglines."""
    rows = [[one.title, one.hangul, one.style, one.genre, one.logline] for one in PRODUCTIONS]
    return _text(["title", "aliases", "style", "genre", "logline"], rows)
