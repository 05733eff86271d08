"""Past castings of drawn people, for the demo's own tuning: `python -m training.rehearsal`.

A pack is calibrated on real faces and artists' drawings of them; people drawn by `casting.demo` are another world, in
which it refuses too often. So a studio does what Castoon tells it to: it fits on its own past castings. Here these are
a second cast, one for each actor of the demo, with the same sheet under another name and therefore another face, and
drawn by the same hand. The demo's own actors and characters are not among them.

To be run whenever the encoder or the face finder of the lite pack has changed: writes `casting/demo/data/tuning.npz`
and `casting/demo/data/manners`.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from casting.cli.output import progress
from casting.demo import DATA
from casting.demo.identity import identity_of
from casting.demo.people import Person, everybody
from casting.demo.portrait import render
from casting.demo.shots import shots_of
from casting.demo.tables import portrait_count
from casting.demo.toonstyle import STYLES
from casting.demo.webtoon import draw_character
from casting.demo_library import MANNERS
from casting.engine import Engine
from casting.evaluation import read_truth
from casting.importing import import_cast
from casting.library import Library
from casting.rebuilding import rebuild
from casting.tuning import TUNING_FILE
from casting.tuning.own_fit import OwnFit, fit_own
from training.paths import var_dir

STYLES_EACH, DRAWINGS = 2, 2
"""Styles in which each of them is drawn, and how often in each."""


def understudies() -> list[Person]:
    """Sixty others with the same facts; a face follows from the name."""
    return [replace(who, name=f"{who.name} Understudy", hangul="") for who in everybody()]


def pictures() -> dict[str, tuple[int, str, int]]:
    """Relative path -> number of the understudy, style (empty for a portrait) and number of the picture."""
    found: dict[str, tuple[int, str, int]] = {}
    styles = sorted(STYLES)
    for place, who in enumerate(understudies()):
        for shot in range(portrait_count(place)):
            found[f"photos/{who.slug}/{shot:02d}.png"] = (place, "", shot)
        for style in (styles[(place + turn) % len(styles)] for turn in range(STYLES_EACH)):
            for number in range(1, DRAWINGS + 1):
                found[f"drawings/{who.slug}-{style}-{number}.png"] = (place, style, number)
    return found


def picture(task: tuple[int, str, int]) -> npt.NDArray[np.uint8]:
    """Draw one of `pictures`."""
    place, style, number = task
    who = identity_of(understudies()[place])
    if style:
        return draw_character(who, style, number)
    return render(who, shots_of(who, portrait_count(place))[number])


def draw(folder: Path) -> None:
    """The cast as it would be imported, and who is drawn where; what is there already is kept."""
    people, tasks = understudies(), pictures()
    missing = [path for path in tasks if not (folder / path).is_file()]
    with ProcessPoolExecutor(2) as pool, progress() as bar:
        bar.begin("draw", len(missing))
        for path, pixels in zip(missing, pool.map(picture, [tasks[path] for path in missing]), strict=True):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            partial = (folder / path).with_suffix(".partial")
            Image.fromarray(pixels).save(partial, "PNG")
            partial.rename(folder / path)
            bar.advance()
    photos = [(people[place].name, path) for path, (place, style, _) in tasks.items() if not style]
    drawings = [(path, people[place].name) for path, (place, style, _) in tasks.items() if style]
    for name, header, rows in (("cast.csv", ("name", "photo"), photos), ("truth.csv", ("image", "actor"), drawings)):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)


def fit(folder: Path) -> OwnFit:
    """Import the drawn cast into a library of its own and fit on it; held out by actor as for any studio."""
    shutil.rmtree(folder / "library", ignore_errors=True)
    library = Library.create(folder / "library")
    try:
        engine = Engine.of(library)
        with progress() as bar:
            import_cast(library, folder / "cast.csv", engine.for_workers.finder, bar)
            rebuild(library, engine, bar)
            return fit_own(library, engine, read_truth(folder / "truth.csv"), progress=bar)
    finally:
        library.close()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dry-run", action="store_true", help="measure, and leave the demo as it is")
    given = parser.parse_args()
    folder = var_dir("rehearsal")
    draw(folder)
    done = fit(folder)
    print(json.dumps(done.as_dict(), indent=1))
    if not given.dry_run:
        done.report.tuning.save(DATA / TUNING_FILE)
        shutil.rmtree(DATA / MANNERS, ignore_errors=True)
        for role, manner in done.manners.items():
            manner.save(DATA / MANNERS / f"{role}.npz")
        print(f"written: {DATA / TUNING_FILE}, {DATA / MANNERS}")


if __name__ == "__main__":
    main()
