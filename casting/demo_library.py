"""The demo library: the fictional cast that ships with Castoon, imported and indexed once.

Its own tuning was fitted on past castings of a second drawn cast, as a studio fits on its own (`training.rehearsal`).
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from casting.catalog import Actor, Character
from casting.engine import Engine
from casting.importing import import_cast
from casting.library import Library
from casting.progress import Progress
from casting.rebuilding import rebuild
from casting.tuning import TUNING_FILE
from casting.tuning.active import library_tuning
from casting.tuning.manners import drop
from castoon.files import write_atomic

MANNERS = "manners"
"""Folder of the demo's data with how its characters are drawn."""


def prepare(folder: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Make the demo library where it is missing or unfinished; does nothing when it is ready."""
    from casting.demo import DATA

    library = Library.create(folder)
    engine = Engine.of(library)
    with library.database.session() as session:
        actors = session.scalar(select(func.count()).select_from(Actor)) or 0
        characters = session.scalar(select(func.count()).select_from(Character)) or 0
    report = None
    if not actors or not characters or library.index.live is None or _outdated(library, engine):
        report = import_cast(library, DATA / "cast.csv", engine.for_workers.finder, progress)
        _add_characters(library, DATA)
        rebuild(library, engine, progress)
    give_tuning(library, anew=report is not None)
    with library.database.session() as session:
        actors = session.scalar(select(func.count()).select_from(Actor)) or 0
    return {
        "library": str(folder),
        "actors": actors,
        "index": library.index.live,
        "refused": [error.as_dict() for error in report.refused] if report else [],
    }


def give_tuning(library: Library, anew: bool) -> None:
    """Put the demo's tuning into its library where it has none, or where its vectors were made `anew`."""
    from casting.demo import DATA

    own = library_tuning(library)
    if anew or not own.is_file():
        drop(library)
        for manner in sorted((DATA / MANNERS).glob("*.npz")):
            write_atomic(library.manners / manner.name, manner.read_bytes())
        write_atomic(own, (DATA / TUNING_FILE).read_bytes())


def _outdated(library: Library, engine: Engine) -> bool:
    from casting.ranking import check_contracts
    from castoon.errors import CastoonError

    try:
        check_contracts(library.index.open(), engine, list(engine.spaces))
    except CastoonError:
        return True
    return False


def _add_characters(library: Library, data: Path) -> None:
    """Take over the characters' drawings; several rows of one name are several pictures of one character."""
    with (data / "characters.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    with library.database.transaction() as session:
        known = {row.name: row for row in session.scalars(select(Character))}
        for row in rows:
            target = library.folder / "characters" / Path(row["image"]).name
            shutil.copyfile(data / row["image"], target)
            image = target.relative_to(library.folder).as_posix()
            character = known.get(row["character"])
            if character is None:
                character = Character(
                    name=row["character"],
                    production=row.get("production") or None,
                    synopsis=row.get("synopsis") or None,
                )
                session.add(character)
                known[character.name] = character
            if image not in character.images:
                character.images = [*character.images, image]
