"""How many photos a second an import and a rebuild from nothing take, over the same work in a plain loop.

    python -m bench.rebuild [--pack lite] [--rounds 3] [--threads 2] [--limit 276]

The cast is that of the demo. Three jobs are timed: the import, which looks for the faces; a rebuild after it, which
embeds them in every space; and a rebuild that must look for the faces as well, as after a change of the detector. The
plain loop reads, finds and embeds the same photos one after another with one thread, and keeps nothing; so a ratio of
two on two cores means that the job itself costs nothing. Models are loaded before the clock starts; the best round
counts.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import delete

from casting import Engine, Library, import_cast, rebuild
from casting.catalog import PhotoFace
from casting.demo import DATA
from castoon.images import read
from embeddings import Encoder, FaceFinder, FacePicture, load_encoders, load_finder

BATCH = 16


def demo_cast(folder: Path, limit: int) -> list[Path]:
    """The demo's photos with their table, in a folder of their own."""
    with (DATA / "cast.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))[:limit]
    files = []
    for row in rows:
        files.append(folder / row["photo"])
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DATA / row["photo"], files[-1])
    with (folder / "cast.csv").open("w", encoding="utf-8", newline="") as handle:
        table = csv.DictWriter(handle, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return files


def plain(files: list[Path], finder: FaceFinder, encoders: list[Encoder]) -> None:
    """Read, find and embed, with nothing around it."""
    for start in range(0, len(files), BATCH):
        faces = []
        for file in files[start : start + BATCH]:
            image = read(file).pixels
            faces += [FacePicture(image, face) for face in finder.find(image, "photo").faces[:1]]
        for encoder in encoders:
            encoder.encode_gallery(faces)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def forget_vectors(library: Library, faces: bool) -> None:
    """Back to what an import leaves, without faces where they are to be found again."""
    shutil.rmtree(library.folder / "vectors")
    shutil.rmtree(library.folder / "index")
    for name in ("vectors", "index"):
        (library.folder / name).mkdir()
        library.__dict__.pop(name, None)
    if faces:
        with library.database.transaction() as session:
            session.execute(delete(PhotoFace))


def jobs(cast: Path, folder: Path, pack: str, threads: int, engine: Engine | None) -> tuple[Engine, dict[str, float]]:
    """Seconds of each job in a new library."""
    library = Library.create(folder, pack=pack, threads=threads)
    engine = engine or Engine.of(library)
    took = {"import": timed(lambda: import_cast(library, cast / "cast.csv", engine.for_workers.finder))}
    for what, without_faces in (("rebuild", False), ("rebuild, faces too", True)):
        forget_vectors(library, without_faces)
        took[what] = timed(lambda: rebuild(library, engine))
    library.close()
    return engine, took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default="lite")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=10_000)
    arguments = parser.parse_args()
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as made:
        files = demo_cast(Path(made) / "cast", arguments.limit)
        engine: Engine | None = None
        finder: FaceFinder | None = None
        for number in range(arguments.rounds + 1):
            engine, took = jobs(
                Path(made) / "cast", Path(made) / f"{number}", arguments.pack, arguments.threads, engine
            )
            finder = finder or load_finder(engine.pack)
            encoders = load_encoders(engine.pack)
            names = sorted({name.partition(":")[0] for name in engine.spaces_to_build})
            chosen = [encoders[name] for name in names]
            took["plain: find and embed"] = timed(partial(plain, files, finder, chosen))
            if number:
                best = {what: min(seconds, best.get(what, seconds)) for what, seconds in took.items()}
    print(f"{len(files)} photos, pack {arguments.pack}, {arguments.threads} threads, {', '.join(names)}")
    for what, seconds in best.items():
        print(f"  {what}: {len(files) / seconds:.1f} photos/s ({seconds:.2f} s)", flush=True)
    whole = best["plain: find and embed"]
    print(f"  the plain loop takes {whole / best['rebuild, faces too']:.2f} times as long as a rebuild with faces")


if __name__ == "__main__":
    main()
