"""What explaining one result takes: a drawn character of the demo cast beside the actor it shows, with heat maps.

    python -m bench.explain [--pack lite] [--pairs 8]

A small library is made of some actors of the fictional cast, with the pack's own settings; models are loaded and one
pair is explained before the clock runs. Printed for each pair and in sum: seconds by the clock and of the processor.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import tempfile
import time
from pathlib import Path

import casting.demo
from casting import Engine, Library, explain, import_cast, rebuild
from casting.catalog import Actor
from castoon.images import read

DATA = Path(casting.demo.__file__).parent / "data"


def small_cast(folder: Path, wanted: int) -> dict[str, Path]:
    """A table of the first actors who have a drawing; answers the drawing of each."""
    with (DATA / "truth.csv").open(encoding="utf-8") as table:
        drawings: dict[str, Path] = {}
        for row in csv.DictReader(table):
            if len(drawings) < wanted:
                drawings.setdefault(row["actor"], DATA / row["image"])
    for name in drawings:
        (folder / name).mkdir(parents=True)
    with (DATA / "cast.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["name"] in drawings:
                source = DATA / row["photo"]
                (folder / row["name"] / source.name).write_bytes(source.read_bytes())
    return drawings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default="lite")
    parser.add_argument("--pairs", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        drawings = small_cast(Path(made) / "cast", given.pairs)
        library = Library.create(Path(made) / "library", pack=given.pack)
        engine = Engine(library.settings)
        import_cast(library, Path(made) / "cast", engine.finder)
        rebuild(library, engine)
        with library.database.session() as session:
            known = {actor.name: actor.id for actor in session.query(Actor)}
        took: list[tuple[float, float]] = []
        for number, (name, file) in enumerate([next(iter(drawings.items())), *drawings.items()]):
            pixels = read(file).pixels
            picture = engine.face_picture(pixels, engine.finder.find(pixels).faces[0])
            cpu, clock = time.process_time(), time.perf_counter()
            told = explain(library, engine, picture, known[name])
            if number:
                took.append((time.perf_counter() - clock, time.process_time() - cpu))
                print(f"{name}: rank {told.rank} of {told.gallery_actors}, {took[-1][0]:.2f} s by the clock, "
                      f"{took[-1][1]:.2f} s of processor", flush=True)  # fmt: skip
    clocks, spent = zip(*took, strict=True)
    print(f"{len(took)} pairs with {given.pack}, {library.settings.threads} threads: median "
          f"{statistics.median(clocks):.2f} s by the clock, longest {max(clocks):.2f}; "
          f"{statistics.median(spent):.2f} s of processor")  # fmt: skip


if __name__ == "__main__":
    main()
