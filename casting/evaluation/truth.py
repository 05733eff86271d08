"""Known answers: drawings and the actor each of them shows."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from castoon.errors import InputError
from castoon.files import short_hash
from castoon.words import Words

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".heic"})


@dataclass(frozen=True)
class Truth:
    """One drawing and the actor who is right for it."""

    image: Path
    actor: str
    group: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Other columns of the table, such as a drawing style or what is known of the actor, to compare groups by."""


def read_truth(path: Path | str) -> list[Truth]:
    """Known answers from a CSV, or from a folder with one sub-folder of drawings an actor.

    Columns of the CSV: `image` (relative to it), `actor`, and if you like `group` and others to compare groups by.
    """
    place = Path(path).expanduser()
    rows = _from_folder(place) if place.is_dir() else _from_table(place)
    if not rows:
        raise InputError(str(place), "it holds no rows.", "Add one row a drawing: image,actor.")
    return rows


def truth_hash(truth: Sequence[Truth]) -> str:
    """Identity of a set of known answers: which drawings, which actors."""
    return short_hash(*sorted(f"{row.image.name}|{row.actor}" for row in truth))


def _from_folder(folder: Path) -> list[Truth]:
    return [
        Truth(image, home.name)
        for home in sorted(path for path in folder.iterdir() if path.is_dir())
        for image in sorted(home.iterdir())
        if image.suffix.lower() in PICTURES
    ]


def _from_table(path: Path) -> list[Truth]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            columns = [name.strip().lower() for name in reader.fieldnames or []]
            if not {"image", "actor"} <= set(columns):
                raise InputError(
                    str(path), "the columns `image` and `actor` are needed.", "Columns: image,actor[,group]"
                )
            reader.fieldnames = columns
            return [_row(path, row) for row in reader if row["image"] and row["actor"]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(path), Words("it cannot be read ({why}).", why=error), "Save it as UTF-8 CSV.") from error


def _row(path: Path, row: Mapping[str, str]) -> Truth:
    facts = {
        name: value.strip()
        for name, value in row.items()
        if isinstance(value, str) and name not in {"image", "actor", "group"} and value.strip()
    }
    return Truth(path.parent / row["image"].strip(), row["actor"].strip(), (row.get("group") or "").strip(), facts)
